#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// How long a program runs at most, where nobody says otherwise: seconds.
inline constexpr double kLongestRun = 3600;

/// Runs a program, found on PATH, to its end, with all that it prints going to the file `log`. Returns "" where it
/// exits with 0, else what it says about its failure: its first line that is no ornament. One that takes more than
/// `longest_s` seconds is ended, with the processes that it has started, and has failed. Throws RunError where it
/// cannot be started.
std::string run_child(const std::vector<std::string>& command, const std::filesystem::path& log,
                      double longest_s = kLongestRun);

/// Of what a program printed before it failed: the first line that says something.
std::string first_message(const std::string& printed);

}  // namespace descent
