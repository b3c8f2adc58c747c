#pragma once

#include "sim/validate/child_process.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace descent {

/// What a child may take.
struct ChildLimits {
  std::optional<double> seconds;
  /// Of resident memory, looked at every 20 ms. Not of address space, as setrlimit knows it: the stacks of simulated
  /// ranks take a hundred times what they touch.
  std::optional<std::uint64_t> bytes;
};

/// How a child came to its end.
struct ChildEnd {
  /// As it was started with.
  std::size_t id = 0;
  /// As waitpid tells it.
  int status = 0;
  double wall_s = 0;
  std::uint64_t peak_bytes = 0;
  enum class Cause { own, time_limit, memory_limit } cause = Cause::own;
};

/// Functions that run in forked children, several at a time: each a process group of its own, which is ended with all
/// that it has started. Children die with this process. It must have no other threads. While there is a pool, signals
/// that would end this process are held back, and `wait` tells them.
class ForkPool {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ForkPool(ChildLimits limits);
  /// Ends all children.
  ~ForkPool();
  ForkPool(const ForkPool&) = delete;
  ForkPool& operator=(const ForkPool&) = delete;

  std::size_t running() const { return children_.size(); }

  /// Runs `program` in a child, whose exit code it returns, with all that it prints going to the file `log`. Throws
  /// RunError where there can be no child.
  void start(std::size_t id, const std::function<int()>& program, const std::filesystem::path& log);

  struct Woken {
    std::optional<ChildEnd> end;
    /// One that asks this process to end; 0: none.
    int signal = 0;
  };
  /// The next end of a child, or a signal; nothing of both when the time has come.
  Woken wait(Clock::time_point until);

 private:
  struct Child {
    std::size_t id = 0;
    pid_t pid = 0;
    Clock::time_point begin;
    ChildEnd::Cause cause = ChildEnd::Cause::own;
  };

  std::optional<ChildEnd> take_ended();
  /// Ends children that are over a limit. Returns when the next one may be.
  Clock::time_point enforce_limits();

  HeldSignals signals_;
  ChildLimits limits_;
  std::vector<Child> children_;
};

}  // namespace descent
