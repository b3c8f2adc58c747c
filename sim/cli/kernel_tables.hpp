#pragma once

#include "sim/calibration/kernel_points.hpp"
#include "sim/scenario/scenario.hpp"

#include <filesystem>
#include <vector>

namespace descent {

/// A scenario whose kernels are to be measured: its platform and deployment do not matter. Throws InputError.
Scenario load_to_measure(const std::filesystem::path& file);

/// Writes what every rank of a run has measured, given in the order of ranks.
void write_kernel_table(const std::filesystem::path& file, const std::vector<std::string>& hosts,
                        const std::vector<std::vector<KernelPoint>>& of_ranks);

}  // namespace descent
