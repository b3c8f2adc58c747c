#include "sim/cli/sweep_progress.hpp"

#include "algorithms/core/units.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace descent {

std::string progress_text(const std::string& name, const SweepProgress& progress) {
  std::string text = fmt::format("{}: {} of {} done", name, progress.done, progress.total);
  if (progress.failed > 0) {
    text += fmt::format(", {} failed", progress.failed);
  }
  if (progress.run > 0 && progress.elapsed_s > 0) {
    const double rate = static_cast<double>(progress.run) / progress.elapsed_s;
    const auto left = static_cast<double>(progress.total - progress.done - progress.failed);
    constexpr double kSlow = 0.1;
    text += rate > kSlow ? fmt::format(", {:.3g} runs/s", rate) : fmt::format(", {:.3g} runs/h", 3600 * rate);
    text += fmt::format(", {} left", format_seconds(left / rate));
  }
  return text;
}

void SweepProgressDisplay::show(const SweepProgress& progress) {
  constexpr std::chrono::seconds kBetweenLines(10);
  if (line_.wanted()) {
    if (line_.due()) {
      line_.show(progress_text(name_, progress));
    }
  } else if (wanted_ && std::chrono::steady_clock::now() - shown_ >= kBetweenLines) {
    shown_ = std::chrono::steady_clock::now();
    fmt::print(stderr, "{}\n", progress_text(name_, progress));
  }
}

}  // namespace descent
