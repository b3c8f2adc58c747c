#pragma once

#include "sim/cli/options.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace descent {

std::filesystem::path beside_this_program(const char* name);

/// mpirun with so many ranks, of a program that is to follow.
std::vector<std::string> mpirun_command(std::size_t ranks);
/// The same with rank i on the i-th of these machines; `file` is written to say so.
std::vector<std::string> mpirun_command(const std::vector<std::string>& machines, const std::filesystem::path& file);

/// Checks the scenario, then replaces this process by mpirun (or smpirun) with as many ranks of descent-mpi as the
/// deployment has. Returns only by an exception.
int launch_mpi(const RunOptions& options);

}  // namespace descent
