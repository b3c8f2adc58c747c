#pragma once

namespace descent {

/// `descent-mpi calibrate`: measures the network between its ranks; rank 0 writes the table. Returns the exit code.
int calibrate_over_mpi(int argc, char** argv);

}  // namespace descent
