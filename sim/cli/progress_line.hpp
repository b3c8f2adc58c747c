#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace descent {

/// One line on a terminal's standard error that is written over; nothing elsewhere.
class ProgressLine {
 public:
  /// `wanted`: the user has not asked for silence.
  explicit ProgressLine(bool wanted);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Whether anybody sees it.
  bool wanted() const { return on_; }
  /// Whether the line is due for a refresh: a few times a second.
  bool due();
  void show(const std::string& text);

 private:
  bool on_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace descent
