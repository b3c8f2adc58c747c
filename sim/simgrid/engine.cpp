#include "sim/simgrid/engine.hpp"

#include "sim/simgrid/message_costs.hpp"

#include <malloc.h>
#include <simgrid/s4u.hpp>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace descent::simulated {
namespace {

namespace s4u = simgrid::s4u;

#if defined(DESCENT_SANITIZE)
// The sanitizer must know every stack, and knows those of threads.
constexpr const char* kContexts = "--cfg=contexts/factory:thread";
#else
constexpr const char* kContexts = "--cfg=contexts/factory:raw";
#endif
/// KiB. Kernels run on the pool's threads, so a rank's own stack holds protocol code only.
constexpr int kStackSize = 128;

void configure(const NetworkSettings& network) {
  s4u::Engine::set_config("contexts/stack-size", kStackSize);
  // Another host model would bring its own network; SimGrid's traces are written where we stand, ours by --trace.
  s4u::Engine::set_config("host/model", std::string("compound"));
  s4u::Engine::set_config("tracing", false);
  s4u::Engine::set_config("network/model", network.model);
  s4u::Engine::set_config("network/crosstraffic", network.crosstraffic);
  s4u::Engine::set_config("network/TCP-gamma", network.tcp_gamma);
  if (network.latency_factor) {
    s4u::Engine::set_config("network/latency-factor", *network.latency_factor);
  }
  if (network.bandwidth_factor) {
    s4u::Engine::set_config("network/bandwidth-factor", *network.bandwidth_factor);
  }
}

}  // namespace

s4u::Engine& make_engine(const NetworkSettings& network) {
  // SimGrid tells of a deadlock at length, SimGridWorld in our terms. What it says else is why it ends the process.
  // How it switches between ranks, it takes from here only.
  static std::array<std::string, 6> arguments = {"descent",
                                                 kContexts,
                                                 "--log=root.thresh:critical",
                                                 "--log=no_loc",
                                                 "--log=root.fmt:SimGrid%egives%eup:%e%m%n",
                                                 "--log=ker_engine.add:0"};
  static std::array<char*, 7> argv{};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    argv[i] = arguments[i].data();
  }
  int argc = static_cast<int>(arguments.size());
  s4u::Engine& engine = *s4u::Engine::get_instance(&argc, argv.data());
  declare_message_costs();
  configure(network);
  return engine;
}

void make_room_for_stacks(std::size_t lines) {
  constexpr std::size_t kMostGuarded = 15000;
  if (lines <= kMostGuarded) {
    return;
  }
  s4u::Engine::set_config("contexts/guard-size", 0);
  // Stacks come from calloc then. Mapped one by one they take only the memory that they touch; as parts of the heap,
  // which has no room for one if it is as large as this, they would be written from end to end.
  constexpr int kLargeStack = 512;
  s4u::Engine::set_config("contexts/stack-size", kLargeStack);
  mallopt(M_MMAP_THRESHOLD, kLargeStack * 1024);
  mallopt(M_MMAP_MAX, std::numeric_limits<int>::max());
  malloc_trim(0);
}

void join_wifi(s4u::Host* from, s4u::Host* to) {
  std::vector<s4u::Link*> links;
  double latency = 0;
  from->route_to(to, links, &latency);
  if (links.empty()) {
    return;
  }
  for (const auto& [host, link] : {std::pair(from, links.front()), std::pair(to, links.back())}) {
    if (link->get_sharing_policy() == s4u::Link::SharingPolicy::WIFI) {
      link->set_host_wifi_rate(host, 0);
    }
  }
}

}  // namespace descent::simulated
