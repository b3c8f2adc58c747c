#pragma once

#include <mpi.h>

#include <functional>

namespace descent::mpi {

/// A barrier that leaves the processor to others while it waits; `meanwhile` is done again and again.
void wait_for_all(MPI_Comm communicator, const std::function<void()>& meanwhile);

}  // namespace descent::mpi
