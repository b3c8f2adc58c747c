#pragma once

#include "algorithms/strategies/learner.hpp"
#include "sim/calibration/kernel_points.hpp"
#include "sim/run/kernels.hpp"

#include <vector>

namespace descent {

/// Measures the kernels of a training while all ranks compute at once: the gradient by batches of up to twice the
/// training's own, each followed by an exchange with another rank, its update, combinations and reductions of vectors
/// of up to its size, and durable memory. The program of one rank; all run it. Steps follow each other as in a run, so
/// that what is in caches is what would be there. Returns what this rank has measured, in the order of time.
std::vector<KernelPoint> probe_kernels(Communicator& communicator, const Training& training, const KernelNames& names,
                                       int rounds);

}  // namespace descent
