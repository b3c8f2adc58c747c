#pragma once

#include <string>
#include <vector>

namespace descent {

/// Runs a program, found on PATH, and waits for it. Returns its exit code; 128 + the signal's number where one ended
/// it. Throws RunError where it cannot be run.
int run_child(const std::vector<std::string>& command);

}  // namespace descent
