#pragma once

#include "sim/cli/options.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace descent {

std::filesystem::path beside_this_program(const char* name);

/// mpirun with so many ranks of descent-mpi, whose arguments are to follow.
std::vector<std::string> mpirun_command(std::size_t ranks, const std::optional<std::filesystem::path>& hostfile);

/// Checks the scenario, then replaces this process by mpirun (or smpirun) with as many ranks of descent-mpi as the
/// deployment has. Returns only by an exception.
int launch_mpi(const RunOptions& options);

}  // namespace descent
