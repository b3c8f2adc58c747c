#include "sim/sweep/fork_pool.hpp"

#include "algorithms/core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace descent {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::chrono::milliseconds kMemoryLook(20);

void redirect_output(const std::filesystem::path& log) {
  const int input = open("/dev/null", O_RDONLY);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (input < 0 || output < 0) {
    _exit(1);
  }
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  close(input);
  close(output);
}

[[noreturn]] void be_child(pid_t parent, const std::function<int()>& program, const std::filesystem::path& log) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(1);  // it has died before it was told what that means
  }
  redirect_output(log);
  int code = 1;
  try {
    code = program();
  } catch (const std::exception& error) {
    fmt::print(stderr, "descent: {}\n", error.what());
  }
  std::fflush(nullptr);
  _exit(code);
}

/// Bytes; 0 of a process that has ended.
std::uint64_t resident_memory(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/statm", pid));
  std::uint64_t pages = 0;
  in >> pages >> pages;
  return in ? pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

ForkPool::ForkPool(ChildLimits limits) : limits_(limits) {
  std::signal(SIGCHLD, SIG_DFL);  // where it was ignored, children would leave no status
}

ForkPool::~ForkPool() {
  for (const Child& child : children_) {
    kill(-child.pid, SIGKILL);
  }
  for (const Child& child : children_) {
    waitpid(child.pid, nullptr, 0);
  }
}

void ForkPool::start(std::size_t id, const std::function<int()>& program, const std::filesystem::path& log) {
  std::fflush(nullptr);  // or the child would print it again
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    throw RunError(fmt::format("cannot start a run: {}", std::strerror(errno)));
  }
  if (pid == 0) {
    signals_.release();
    be_child(parent, program, log);
  }
  setpgid(pid, pid);  // whoever of both is first
  children_.push_back({id, pid, Clock::now()});
}

std::optional<ChildEnd> ForkPool::take_ended() {
  for (auto child = children_.begin(); child != children_.end(); ++child) {
    rusage usage{};
    int status = 0;
    if (wait4(child->pid, &status, WNOHANG, &usage) == child->pid) {
      kill(-child->pid, SIGKILL);  // what it has started and left
      const ChildEnd end{child->id, status, Seconds(Clock::now() - child->begin).count(),
                         static_cast<std::uint64_t>(usage.ru_maxrss) * 1024, child->cause};
      children_.erase(child);
      return end;
    }
  }
  return std::nullopt;
}

ForkPool::Clock::time_point ForkPool::enforce_limits() {
  const Clock::time_point now = Clock::now();
  Clock::time_point next = limits_.bytes && !children_.empty() ? now + kMemoryLook : Clock::time_point::max();
  for (Child& child : children_) {
    if (child.cause != ChildEnd::Cause::own) {
      continue;
    }
    if (limits_.seconds && Seconds(now - child.begin).count() >= *limits_.seconds) {
      child.cause = ChildEnd::Cause::time_limit;
    } else if (limits_.bytes && resident_memory(child.pid) > *limits_.bytes) {
      child.cause = ChildEnd::Cause::memory_limit;
    }
    if (child.cause != ChildEnd::Cause::own) {
      kill(-child.pid, SIGKILL);
    } else if (limits_.seconds) {
      // No clock counts further than some centuries.
      constexpr double kLongest = 1e9;
      const Seconds longest(std::min(*limits_.seconds, kLongest));
      next = std::min(next, child.begin + std::chrono::duration_cast<Clock::duration>(longest));
    }
  }
  return next;
}

ForkPool::Woken ForkPool::wait(Clock::time_point until) {
  for (;;) {
    if (std::optional<ChildEnd> end = take_ended()) {
      return {end, 0};
    }
    const Clock::time_point next = std::min(until, enforce_limits());
    const auto left = std::max(next - Clock::now(), Clock::duration::zero());
    const int signal = signals_.next(left);
    if (signal != 0 && signal != SIGCHLD) {
      return {std::nullopt, signal};
    }
    if (signal == 0 && Clock::now() >= until) {
      return {take_ended(), 0};
    }
  }
}

}  // namespace descent
