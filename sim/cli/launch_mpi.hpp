#pragma once

#include "sim/cli/options.hpp"

namespace descent {

/// Checks the scenario, then replaces this process by mpirun (or smpirun) with as many ranks of descent-mpi as the
/// deployment has. Returns only by an exception.
int launch_mpi(const RunOptions& options);

}  // namespace descent
