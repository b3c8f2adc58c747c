#pragma once

#include "algorithms/comm/sharing.hpp"

#include <mpi.h>

#include <vector>

namespace descent::mpi {

/// The ranks that see the same memory. Ends before MPI does.
class Machine final : public Sharing {
 public:
  /// Collective over `world`.
  explicit Machine(MPI_Comm world);
  ~Machine() override;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  bool makes() const override { return rank_ == 0; }
  std::shared_ptr<const std::byte> share(std::size_t bytes, const std::function<void(std::byte*)>& fill) override;

 private:
  MPI_Comm ranks_ = MPI_COMM_NULL;
  int rank_ = 0;
  /// Released by all ranks at the same time, which MPI asks for.
  std::vector<std::shared_ptr<std::byte>> held_;
};

}  // namespace descent::mpi
