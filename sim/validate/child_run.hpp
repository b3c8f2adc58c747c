#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// Runs a program, found on PATH, to its end, with all that it prints going to the file `log`. Returns "" where it
/// exits with 0, else what it says about its failure: its first line that is no ornament. Throws RunError where it
/// cannot be started.
std::string run_child(const std::vector<std::string>& command, const std::filesystem::path& log);

/// Of what a program printed before it failed: the first line that says something.
std::string first_message(const std::string& printed);

}  // namespace descent
