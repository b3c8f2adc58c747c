#include "sim/mpi/machine.hpp"

#include "sim/mpi/implementation.hpp"
#include "sim/mpi/wait_for_all.hpp"

#include <cstdint>

namespace descent::mpi {

Machine::Machine(MPI_Comm world) : ranks_(ranks_of_machine(world)) {
  MPI_Comm_rank(ranks_, &rank_);
}

Machine::~Machine() {
  held_.clear();
  MPI_Comm_free(&ranks_);
}

std::shared_ptr<const std::byte> Machine::share(std::size_t bytes, const std::function<void(std::byte*)>& fill) {
  wait_for_all(ranks_, [] {});  // until the maker has loaded
  std::uint64_t size = bytes;
  MPI_Bcast(&size, 1, MPI_UINT64_T, 0, ranks_);
  const std::shared_ptr<std::byte> memory = memory_of_machine(ranks_, size);
  if (makes()) {
    fill(memory.get());
  }
  wait_for_all(ranks_, [] {});
  held_.push_back(memory);
  return memory;
}

}  // namespace descent::mpi
