#include "algorithms/core/error.hpp"
#include "sim/simgrid/operations.hpp"
#include "sim/simgrid/simgrid_communicator.hpp"

#include <fmt/format.h>

#include <xbt/config.hpp>

#include <algorithm>

namespace descent::simulated {
namespace {

namespace s4u = simgrid::s4u;

/// Those that stand still now; seldom any. Kept because not every processor model can be asked for its speed, and here
/// because the engine's callbacks outlive every world.
std::vector<const s4u::Host*> stopped_hosts;
std::vector<const s4u::Link*> stopped_links;
std::vector<const s4u::Link*> dead_links;

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

const s4u::Link* first_on_route(const std::vector<const s4u::Link*>& wanted, const s4u::Host* from,
                                const s4u::Host* to) {
  if (wanted.empty()) {
    return nullptr;
  }
  std::vector<s4u::Link*> links;
  from->route_to(to, links, nullptr);
  const auto found = std::find_if(links.begin(), links.end(), [&](const auto* link) { return contains(wanted, link); });
  return found == links.end() ? nullptr : *found;
}

RunError stopped(const char* what, const std::string& name, const char* state) {
  return RunError(
      fmt::format("a profile stops {0} {1} at {2:.9g} s while it is in use, which SimGrid cannot simulate; "
                  "give {0} a small {3} instead of 0, or a state profile that turns it off",
                  what, name, clock_now(), state));
}

}  // namespace

void refuse_stopped(const s4u::Host& host) {
  if (contains(stopped_hosts, &host)) {
    throw stopped("host", host.get_name(), "speed");
  }
}

void refuse_stopped_links(const s4u::Host* from, const s4u::Host* to) {
  if (const s4u::Link* link = first_on_route(stopped_links, from, to)) {
    throw stopped("link", link->get_name(), "bandwidth");
  }
}

bool is_cut(const s4u::Host* from, const s4u::Host* to) {
  // With cross-traffic the acknowledgements' way back counts too.
  return first_on_route(dead_links, from, to) ||
         (!dead_links.empty() && simgrid::config::get_value<bool>("network/crosstraffic") &&
          first_on_route(dead_links, to, from));
}

void watch_profiles(Cluster& cluster) {
  s4u::Host::on_speed_change_cb([&cluster](const s4u::Host& host) {
    std::erase(stopped_hosts, &host);
    if (host.get_available_speed() > 0) {
      return;
    }
    stopped_hosts.push_back(&host);
    const auto computes_there = [&](const auto& node) { return node->host == &host && node->tasks > 0; };
    if (std::any_of(cluster.nodes.begin(), cluster.nodes.end(), computes_there)) {
      cluster.fail(std::make_exception_ptr(stopped("host", host.get_name(), "speed")));
    }
  });
  s4u::Link::on_state_change_cb([](const s4u::Link& link) {
    std::erase(dead_links, &link);
    if (!link.is_on()) {
      dead_links.push_back(&link);
    }
  });
  s4u::Link::on_bandwidth_change_cb([&cluster](const s4u::Link& link) {
    std::erase(stopped_links, &link);
    if (link.get_bandwidth() <= 0) {
      stopped_links.push_back(&link);
      if (link.is_used()) {
        cluster.fail(std::make_exception_ptr(stopped("link", link.get_name(), "bandwidth")));
      }
    }
  });
}

}  // namespace descent::simulated
