#include "sim/simgrid/platform_probe.hpp"

#include "algorithms/core/error.hpp"
#include "sim/scenario/load.hpp"
#include "sim/simgrid/engine.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <simgrid/s4u.hpp>
#include <sstream>
#include <xbt/config.hpp>

namespace descent {
namespace {

using nlohmann::json;
namespace s4u = simgrid::s4u;

/// A platform that takes longer to read than this is broken: SimGrid loops on some bad files. These are seldom XML.
constexpr unsigned kPatienceSeconds = 120;
constexpr unsigned kPatienceWithMalformedSeconds = 10;
/// Routes are asked for no longer than this: between 10,000 hosts Dijkstra's take minutes, and a sample finds what a
/// zone misses.
constexpr std::chrono::seconds kRoutesPatience{10};

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

// The child writes lines of JSON: {"line": …} where SimGrid stopped reading, {"hosts": …, "holds": …} when it has read
// all, {"links": …} if they are asked for, {"from": …, "to": …} before it asks for a route, "ok".

/// Where the facts go, for the handler of SIGABRT.
int facts_descriptor = -1;

/// Tells the line that SimGrid's parser has reached, if this SimGrid has it under a name that we know.
void tell_line() {
  const int* line = nullptr;
  for (const char* name : {"surf_parse_lineno", "simgrid_parse_lineno"}) {
    line = line ? line : static_cast<const int*>(dlsym(RTLD_DEFAULT, name));
  }
  if (line) {
    write_all(facts_descriptor, json{{"line", *line}}.dump() + "\n");
  }
}

void on_abort(int /*signal*/) {
  std::signal(SIGABRT, SIG_DFL);  // The heap may be what is broken.
  tell_line();
  _exit(1);
}

/// Whether SimGrid takes the file's value, or has it already. Names that it does not know are refused by its parser.
bool holds(const PlatformSetting& setting) {
  try {
    return simgrid::config::is_default(setting.name.c_str()) ||
           simgrid::config::get_value<std::string>(setting.name) == setting.value;
  } catch (const std::out_of_range&) {
    return true;
  } catch (const std::exception&) {
    return false;  // Settled, and no string.
  }
}

void load(s4u::Engine& engine, const std::string& file) {
  std::signal(SIGABRT, on_abort);
  try {
    engine.load_platform(file);
  } catch (const std::exception&) {
    tell_line();
    throw;
  }
  std::signal(SIGABRT, SIG_DFL);
}

/// By the name of the kernel.
json rate_properties(const s4u::Host& host) {
  json rates = json::object();
  for (const auto& [name, value] : *host.get_properties()) {
    if (name.starts_with(kRateProperty)) {
      rates[name.substr(std::strlen(kRateProperty))] = value;
    }
  }
  return rates;
}

void tell_links(s4u::Engine& engine) {
  json list = json::array();
  for (const s4u::Link* link : engine.get_all_links()) {
    list.push_back({link->get_name(), link->get_sharing_policy() == s4u::Link::SharingPolicy::WIFI});
  }
  try {
    write_all(facts_descriptor, json{{"links", list}}.dump() + "\n");
  } catch (const json::type_error&) {
    throw InputError("a link's name is not in UTF-8");
  }
}

void tell_routes(s4u::Engine& engine, const std::vector<std::pair<std::string, std::string>>& routes) {
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& [from, to] : routes) {
    if (std::chrono::steady_clock::now() - begin > kRoutesPatience) {
      return;
    }
    write_all(facts_descriptor, json{{"from", from}, {"to", to}}.dump() + "\n");
    std::vector<s4u::Link*> links;
    double latency = 0;
    engine.host_by_name(from)->route_to(engine.host_by_name(to), links, &latency);
    if (links.empty() && latency <= 0) {  // Vivaldi's routes are a latency without links.
      throw InputError("");
    }
    for (const s4u::Link* link : links) {
      if (link->get_bandwidth() <= 0) {
        throw InputError(fmt::format("link {} on it has no bandwidth", link->get_name()));
      }
    }
  }
}

void tell(const Scenario& scenario, const std::vector<PlatformSetting>& settings, const RoutesWanted& routes) {
  s4u::Engine& engine = simulated::make_engine(scenario.network);
  std::signal(SIGSEGV, SIG_DFL);
  json taken = json::array();
  for (const PlatformSetting& setting : settings) {
    taken.push_back(holds(setting));
  }
  load(engine, scenario.platform.string());
  std::vector<HostInfo> hosts;
  json list = json::array();
  for (const s4u::Host* host : engine.get_all_hosts()) {
    hosts.push_back({host->get_name(), host->get_speed(), host->get_core_count()});
    list.push_back({hosts.back().name, hosts.back().speed, hosts.back().cores, rate_properties(*host),
                    host->get_property(kOverlapProperty) == nullptr ? "yes" : host->get_property(kOverlapProperty)});
  }
  try {
    write_all(facts_descriptor, json{{"hosts", list}, {"holds", taken}}.dump() + "\n");
  } catch (const json::type_error&) {
    throw InputError("a host's name is not in UTF-8");
  }
  if (!scenario.link_changes.empty() || !scenario.link_outages.empty()) {
    tell_links(engine);
  }
  if (!hosts.empty()) {
    engine.seal_platform();  // Routes are computed here.
    tell_routes(engine, routes(hosts));
  }
  write_all(facts_descriptor, "\"ok\"\n");
}

/// What a child said, and how it ended.
struct Testimony {
  std::string facts;
  std::string log;
  int status = 0;
};

template <class Child>
Testimony ask_child(unsigned patience_s, Child child_main) {
  Pipe facts;
  FILE* log = std::tmpfile();
  if (log == nullptr) {
    throw RunError("cannot make a temporary file");
  }
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    close(facts.read_end);
    facts_descriptor = facts.write_end;
    dup2(fileno(log), STDERR_FILENO);
    dup2(fileno(log), STDOUT_FILENO);
    alarm(patience_s);
    int code = 0;
    try {
      child_main();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      code = 1;
    }
    std::fflush(stderr);
    _exit(code);
  }
  close(facts.write_end);
  Testimony testimony;
  testimony.facts = read_all(facts.read_end);
  waitpid(child, &testimony.status, 0);
  std::fseek(log, 0, SEEK_SET);
  std::array<char, 4096> block{};
  for (std::size_t count = 0; (count = std::fread(block.data(), 1, block.size(), log)) > 0;) {
    testimony.log.append(block.data(), count);
  }
  std::fclose(log);
  return testimony;
}

void drop_prefix(std::string& text, const std::string& prefix) {
  if (text.starts_with(prefix)) {
    text.erase(0, prefix.size());
  }
}

/// SimGrid's message on one line, without what it puts before it and the calls that it lists after it.
std::string message_of(const std::string& log, const std::string& file) {
  constexpr std::size_t kMost = 500;
  std::istringstream lines(log);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("acktrace") != std::string::npos) {
      break;
    }
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    line.erase(line.find_last_not_of(" \t\r") + 1);
    text += (text.empty() || line.empty() ? "" : " ") + line;
  }
  drop_prefix(text, "SimGrid gives up: ");
  for (const char* listing : {" Existing config keys:", " Existing hosts:"}) {
    text.erase(std::min(text.find(listing), text.size()));
  }
  if (text.starts_with("Parse error at " + file + ":")) {
    text.erase(0, text.find(": ", std::string("Parse error at ").size() + file.size()) + 2);
  }
  return text.size() > kMost ? text.substr(0, kMost) + "..." : text;
}

std::string reason_of(const Testimony& testimony, const std::string& file, unsigned patience_s) {
  if (WIFSIGNALED(testimony.status) && WTERMSIG(testimony.status) == SIGALRM) {
    return fmt::format("SimGrid has not read it after {} s; it loops on some malformed files", patience_s);
  }
  const std::string message = message_of(testimony.log, file);
  if (WIFSIGNALED(testimony.status)) {
    return fmt::format("SimGrid crashes on it (signal {}){}{}", WTERMSIG(testimony.status), message.empty() ? "" : ": ",
                       message);
  }
  return "SimGrid refuses this platform: " + (message.empty() ? "no reason given" : message);
}

/// What SimGrid's words leave unsaid.
std::string hint(const std::string& reason, const std::filesystem::path& file, const PlatformText& text) {
  std::ifstream in(file, std::ios::binary);
  std::string start(3, '\0');
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  if (start.starts_with("\x1f\x8b")) {
    return " (the file is compressed by gzip; allowed: plain XML)";
  }
  if (start == "\xef\xbb\xbf") {
    return " (the file begins with a byte order mark; allowed: UTF-8 without it)";
  }
  if (reason.ends_with("in prolog.") && !text.malformed) {
    return " (a platform begins with <?xml version=\"1.0\"?> and <!DOCTYPE platform SYSTEM "
           "\"https://simgrid.org/simgrid.dtd\">)";
  }
  if (reason.ends_with(" stod") || reason.ends_with(" stoi")) {
    return " (a number was expected, in an attribute or in the profile that it names)";
  }
  return "";
}

}  // namespace

ProbedPlatform probe_platform(const Scenario& scenario, const RoutesWanted& routes) {
  const std::string file = scenario.platform.string();
  const auto at_scenario = [&](const std::string& what) {
    return InputError(to_string({scenario.file.string(), scenario.platform_line, file + ": " + what}));
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(scenario.platform, ignored)) {
    throw at_scenario("is a directory; expected a platform file");
  }
  if (!std::ifstream(file)) {
    throw at_scenario("cannot be read");
  }
  const PlatformText text = read_platform_text(scenario.platform);
  const unsigned patience_s = text.malformed ? kPatienceWithMalformedSeconds : kPatienceSeconds;
  const Testimony testimony = ask_child(patience_s, [&] { tell(scenario, text.settings, routes); });

  json hosts;
  json links = json::array();
  json pair;
  std::optional<int> line;
  bool complete = false;
  std::istringstream facts(testimony.facts);
  for (std::string fact; std::getline(facts, fact);) {
    const json said = json::parse(fact);
    if (said.is_string()) {
      complete = true;
    } else if (said.contains("hosts")) {
      hosts = said;
    } else if (said.contains("links")) {
      links = said["links"];
    } else if (said.contains("line")) {
      line = said["line"].get<int>();
    } else {
      pair = said;
    }
  }
  if (hosts.is_null()) {
    const std::string reason = reason_of(testimony, file, patience_s);
    const std::string what = reason + hint(reason, scenario.platform, text);
    if (WIFSIGNALED(testimony.status) && text.malformed) {
      throw InputError(to_string(*text.malformed));
    }
    throw line ? InputError(to_string({file, *line, what})) : at_scenario(what);
  }
  if (!text.problems.empty()) {
    throw InputError(to_string(text.problems.front()));
  }
  if (!complete && (pair.is_null() || WIFSIGNALED(testimony.status))) {
    throw at_scenario(reason_of(testimony, file, patience_s));
  }
  if (!complete) {
    const std::string message = message_of(testimony.log, file);
    throw at_scenario(fmt::format("there is no route from {} to {}{}", pair["from"].get<std::string>(),
                                  pair["to"].get<std::string>(), message.empty() ? "" : ": " + message));
  }
  ProbedPlatform platform;
  platform.changing_link = text.changing_link;
  for (const auto& host : hosts["hosts"]) {
    const auto profiled = text.profiled_hosts.find(host[0]);
    platform.hosts.push_back({host[0], host[1], host[2], profiled == text.profiled_hosts.end() ? 0 : profiled->second});
    platform.hosts.back().overlaps = host[4] != "no";
    if (host[4] != "no" && host[4] != "yes") {
      throw at_scenario(fmt::format("host {}, property {}: \"{}\" is neither; allowed: yes, no",
                                    platform.hosts.back().name, kOverlapProperty, host[4].get<std::string>()));
    }
    for (const auto& [kernel, rate] : host[3].items()) {
      try {
        platform.hosts.back().rates.emplace(kernel, rate_from_text(rate));
      } catch (const InputError& error) {
        throw at_scenario(
            fmt::format("host {}, property {}{}: {}", platform.hosts.back().name, kRateProperty, kernel, error.what()));
      }
    }
  }
  for (const auto& link : links) {
    const auto profiled = text.profiled_links.find(link[0]);
    platform.links.push_back({link[0], link[1], profiled == text.profiled_links.end() ? 0 : profiled->second});
  }
  for (std::size_t i = 0; i < text.settings.size(); ++i) {
    if (!text.settings[i].name.starts_with("tracing/")) {  // Details of what is off.
      (hosts["holds"][i].get<bool>() ? platform.settings : platform.overruled).push_back(text.settings[i]);
    }
  }
  return platform;
}

}  // namespace descent
