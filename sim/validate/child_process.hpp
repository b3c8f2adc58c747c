#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// Keeps signals that would end this process, and that of a child's end, until they are asked for. Those that are
/// ignored stay so.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals() { release(); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  /// The mask as it was.
  const sigset_t& before() const { return before_; }
  /// The next signal, or 0 where none comes in time.
  int next(std::chrono::nanoseconds longest) const;
  void release() const { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t held_{};
  sigset_t before_{};
};

/// A program that runs in a process group of its own, so that it is ended with all that it has started. To be waited
/// for; what ends this process meanwhile ends the program first.
class ChildProcess {
 public:
  /// Starts a program, found on PATH, with all that it prints going to the file `log`. Throws RunError where it cannot.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log);

  /// Its status, as waitpid tells it; nothing where it took more seconds than that: then it has been ended.
  std::optional<int> wait(double longest_s);

 private:
  using Clock = std::chrono::steady_clock;
  /// The child's status, or a signal; nothing, where the time is over.
  struct Woken {
    std::optional<int> status = {};
    int signal = 0;
  };
  Woken sleep_until(Clock::time_point deadline) const;
  void end() const;

  HeldSignals signals_;
  pid_t pid_ = 0;
};

}  // namespace descent
