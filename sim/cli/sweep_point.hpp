#pragma once

#include "sim/cli/options.hpp"

#include <filesystem>

namespace descent {

/// What a child of a sweep does: `descent run` that leaves its results in `directory`, with a scenario.xml that is
/// meant for a file in `home`. Returns the exit code: kCannotWrite where there are results that cannot be written.
/// Throws RunError.
int run_point(RunOptions run, const std::filesystem::path& directory, const std::filesystem::path& home);

/// As `descent check`. Returns the exit code.
int check_point(const RunOptions& run);

}  // namespace descent
