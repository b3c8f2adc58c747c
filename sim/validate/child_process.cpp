#include "sim/validate/child_process.hpp"

#include "algorithms/core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace descent {

HeldSignals::HeldSignals() {
  sigemptyset(&held_);
  sigaddset(&held_, SIGCHLD);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) {
      sigaddset(&held_, signal);
    }
  }
  pthread_sigmask(SIG_BLOCK, &held_, &before_);
}

int HeldSignals::next(std::chrono::nanoseconds longest) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  timespec time{};
  time.tv_sec = seconds.count();
  time.tv_nsec = (longest - seconds).count();
  return std::max(0, sigtimedwait(&held_, nullptr, &time));
}

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::vector<std::string> words = command;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &signals_.before());
  const int error = posix_spawnp(&pid_, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw RunError(fmt::format("cannot run {}: {}", command[0], std::strerror(error)));
  }
}

std::optional<int> ChildProcess::wait(double longest_s) {
  // No clock counts further than some centuries.
  constexpr double kLongest = 1e9;
  const std::chrono::duration<double> longest(std::min(longest_s, kLongest));
  const Woken woken = sleep_until(Clock::now() + std::chrono::duration_cast<Clock::duration>(longest));
  if (woken.status) {
    return woken.status;
  }
  end();
  if (woken.signal != 0) {
    signals_.release();
    std::raise(woken.signal);
  }
  return std::nullopt;
}

ChildProcess::Woken ChildProcess::sleep_until(Clock::time_point deadline) const {
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended < 0) {
      throw RunError(fmt::format("cannot wait for a run: {}", std::strerror(errno)));
    }
    if (ended == pid_) {
      return {.status = status};
    }
    const auto left = deadline - Clock::now();
    if (left <= Clock::duration::zero()) {
      return {};
    }
    if (const int signal = signals_.next(left); signal != 0 && signal != SIGCHLD) {
      return {.signal = signal};
    }
  }
}

void ChildProcess::end() const {
  // mpirun ends its ranks, which are in groups of their own, if it is asked.
  constexpr std::chrono::seconds kGrace(10);
  kill(-pid_, SIGTERM);
  if (!sleep_until(Clock::now() + kGrace).status) {
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

}  // namespace descent
