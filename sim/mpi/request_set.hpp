#pragma once

#include "sim/mpi/implementation.hpp"

#include <mpi.h>

#include <functional>
#include <vector>

namespace descent::mpi {

/// The requests of one line that MPI has not yet ended, in one array as MPI wants them, each with what is to be
/// done then. All memory that a request reads or writes must be kept alive by its `Then`.
class RequestSet {
 public:
  using Then = std::function<void(const MPI_Status&)>;

  void add(MPI_Request request, Then then);

  /// Handles all that have ended, those included that were begun meanwhile.
  void progress();
  /// Gives the processor away until something may have ended, after at most `longest` seconds; see Rest.
  void rest(bool moving, double longest);
  /// A new wait begins.
  void restart() { rest_.restart(); }

  std::size_t size() const { return requests_.size(); }

 private:
  bool progress_once();
  Then remove(std::size_t index);

  Rest rest_;
  std::vector<MPI_Request> requests_;
  std::vector<Then> thens_;
  // Room for MPI's answers, kept between calls.
  std::vector<int> indices_;
  std::vector<MPI_Status> statuses_;
};

}  // namespace descent::mpi
