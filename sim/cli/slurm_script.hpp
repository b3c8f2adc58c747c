#pragma once

#include "sim/cli/sweep_work.hpp"
#include "sim/slurm/submission.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// What Slurm runs for each task.
std::string batch_script(const SweepWork& work, const std::filesystem::path& submission);

/// The command that submits the script, which is in the submission's directory, as so many tasks.
std::vector<std::string> sbatch_command(const SweepWork& work, const std::filesystem::path& submission,
                                        const std::string& name, std::size_t tasks);
inline constexpr const char* kBatchScript = "task.sh";

/// How so many points would be submitted.
void print_slurm_plan(const SweepWork& work, std::size_t points);

}  // namespace descent
