#pragma once

#include "sim/cli/progress_line.hpp"
#include "sim/sweep/run_points.hpp"

#include <chrono>
#include <string>

namespace descent {

/// How a sweep gets on: on a terminal one line that is written over, elsewhere a line of standard error every ten
/// seconds.
class SweepProgressDisplay {
 public:
  SweepProgressDisplay(std::string name, bool wanted) : name_(std::move(name)), wanted_(wanted), line_(wanted) {}
  void show(const SweepProgress& progress);

 private:
  std::string name_;
  bool wanted_;
  ProgressLine line_;
  std::chrono::steady_clock::time_point shown_ = std::chrono::steady_clock::now();
};

/// "nets: 512 of 1000 done, 3 failed, 41.2 runs/s, 12 s left".
std::string progress_text(const std::string& name, const SweepProgress& progress);

}  // namespace descent
