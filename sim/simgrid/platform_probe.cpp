#include "sim/simgrid/platform_probe.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <simgrid/s4u.hpp>
#include <sstream>

namespace descent {
namespace {

using nlohmann::json;
namespace s4u = simgrid::s4u;

/// A platform that takes longer to read than this is broken: SimGrid loops on some bad files.
constexpr unsigned kPatienceSeconds = 120;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
      throw RunError("cannot make a pipe");
    }
    read_end = ends[0];
    write_end = ends[1];
  }
};

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 65536> block{};
  for (ssize_t count = 0; (count = read(descriptor, block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  close(descriptor);
  return text;
}

void write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(descriptor, text.data() + done, text.size() - done);
    if (count <= 0) {
      return;
    }
    done += static_cast<std::size_t>(count);
  }
}

/// In the child: a line of JSON with the hosts, then a line per pair before its route is asked for, then "ok".
void tell(const std::filesystem::path& file, int out,
          const std::function<std::vector<std::pair<std::string, std::string>>(const std::vector<HostInfo>&)>& routes) {
  std::string name = "descent";
  char* argv[] = {name.data(), nullptr};
  int argc = 1;
  s4u::Engine* engine = s4u::Engine::get_instance(&argc, argv);
  engine->load_platform(file.string());
  std::vector<HostInfo> hosts;
  for (const s4u::Host* host : engine->get_all_hosts()) {
    hosts.push_back({host->get_name(), host->get_speed(), host->get_core_count()});
  }
  json list = json::array();
  for (const HostInfo& host : hosts) {
    list.push_back({host.name, host.speed, host.cores});
  }
  write_all(out, list.dump() + "\n");
  for (const auto& [from, to] : routes(hosts)) {
    write_all(out, from + " to " + to + "\n");
    std::vector<s4u::Link*> links;
    double latency = 0;
    engine->host_by_name(from)->route_to(engine->host_by_name(to), links, &latency);
    if (links.empty() && from != to) {
      return;
    }
  }
  write_all(out, "ok\n");
}

/// SimGrid's message without its decoration: what stands after the last "] ", of the first line that says something.
std::string message_of(const std::string& log) {
  std::istringstream lines(log);
  std::string best;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.rfind("] ");
    std::string text = end == std::string::npos ? line : line.substr(end + 2);
    if (text.empty() || text.find("Configuration change") != std::string::npos ||
        text.find("Aborted") != std::string::npos || text.find("Backtrace") != std::string::npos) {
      continue;
    }
    if (best.empty() || text.find("rror") != std::string::npos) {
      best = text;
      if (text.find("rror") != std::string::npos) {
        break;
      }
    }
  }
  return best.empty() ? "no reason given" : best;
}

}  // namespace

ProbedPlatform probe_platform(
    const std::filesystem::path& file,
    const std::function<std::vector<std::pair<std::string, std::string>>(const std::vector<HostInfo>&)>& routes) {
  if (!std::ifstream(file)) {
    throw InputError(fmt::format("{}: cannot be read", file.string()));
  }
  Pipe facts;
  FILE* log = std::tmpfile();
  if (log == nullptr) {
    throw RunError("cannot make a temporary file");
  }
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    close(facts.read_end);
    dup2(fileno(log), STDERR_FILENO);
    dup2(fileno(log), STDOUT_FILENO);
    alarm(kPatienceSeconds);
    signal(SIGABRT, SIG_DFL);
    int code = 0;
    try {
      tell(file, facts.write_end, routes);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      code = 1;
    }
    std::fflush(stderr);
    _exit(code);
  }
  close(facts.write_end);
  const std::string told = read_all(facts.read_end);
  int status = 0;
  waitpid(child, &status, 0);
  std::fseek(log, 0, SEEK_SET);
  std::string words;
  std::array<char, 4096> block{};
  for (std::size_t count = 0; (count = std::fread(block.data(), 1, block.size(), log)) > 0;) {
    words.append(block.data(), count);
  }
  std::fclose(log);

  std::istringstream lines(told);
  std::string first;
  if (!std::getline(lines, first)) {
    throw InputError(fmt::format("{}: SimGrid refuses this platform: {}", file.string(), message_of(words)));
  }
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    last = line;
  }
  if (last != "ok") {
    throw InputError(fmt::format("{}: there is no route from {}", file.string(), last));
  }
  ProbedPlatform platform;
  for (const auto& host : json::parse(first)) {
    platform.hosts.push_back({host[0], host[1], host[2]});
  }
  return platform;
}

}  // namespace descent
