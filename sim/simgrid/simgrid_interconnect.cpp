#include "sim/simgrid/simgrid_interconnect.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>
#include <xbt/config.hpp>

namespace descent::simulated {
namespace {

namespace s4u = simgrid::s4u;

/// Of each byte of a message, what the acknowledgements put on the way back (SimGrid's `network/crosstraffic`).
constexpr double kAcknowledgements = 0.05;

double setting(const char* name) {
  return simgrid::config::get_value<double>(name);
}

}  // namespace

SimGridInterconnect::SimGridInterconnect(std::vector<s4u::Host*> hosts)
    : hosts_(std::move(hosts)),
      latency_factor_(factor("network/latency-factor", "smpi/lat-factor")),
      rate_factor_(factor("network/bandwidth-factor", "smpi/bw-factor")) {}

/// The model SMPI has its factors by size, as "bytes:factor;…": each holds above its bytes, and below the first it
/// is 1.
SimGridInterconnect::Factor SimGridInterconnect::factor(const char* constant, const char* by_size) {
  if (simgrid::config::get_value<std::string>("network/model") != "SMPI") {
    return [value = setting(constant)](double) { return value; };
  }
  std::vector<std::pair<double, double>> steps;
  std::istringstream text(simgrid::config::get_value<std::string>(by_size));
  for (std::string step; std::getline(text, step, ';');) {
    const std::size_t colon = step.find(':');
    steps.emplace_back(std::strtod(step.c_str(), nullptr), std::strtod(step.c_str() + colon + 1, nullptr));
  }
  std::sort(steps.begin(), steps.end());
  return [steps](double bytes) {
    double value = 1;
    for (const auto& [above, factor] : steps) {
      value = bytes > above ? factor : value;
    }
    return value;
  };
}

Route SimGridInterconnect::route(int from, int to) {
  const s4u::Host* source = hosts_[static_cast<std::size_t>(from)];
  const s4u::Host* destination = hosts_[static_cast<std::size_t>(to)];
  Route route;
  std::vector<s4u::Link*> way;
  source->route_to(destination, way, &route.latency);
  double penalty = route.latency;
  for (const s4u::Link* link : way) {
    if (link->get_sharing_policy() == s4u::Link::SharingPolicy::WIFI) {
      throw InputError(
          fmt::format("link {} is Wi-Fi, whose stations fidelity=\"schedule\" does not know; use "
                      "fidelity=\"message\"",
                      link->get_name()));
    }
    route.rate = std::min(route.rate, link->get_bandwidth());
    penalty += setting("network/weight-S") / link->get_bandwidth();
  }
  // SimGrid sets the penalty when a latency has been paid.
  route.penalty = route.latency > 0 ? penalty : 1;
  const double window = setting("network/TCP-gamma");
  if (window > 0 && route.latency > 0) {
    route.rate = std::min(route.rate, window / (2 * route.latency));
  }
  use(way, 1, route);
  if (simgrid::config::get_value<bool>("network/crosstraffic")) {
    std::vector<s4u::Link*> back;
    destination->route_to(source, back, nullptr);
    use(back, kAcknowledgements, route);
  }
  return route;
}

void SimGridInterconnect::use(const std::vector<s4u::Link*>& way, double share, Route& route) {
  for (const s4u::Link* link : way) {
    if (link->get_sharing_policy() == s4u::Link::SharingPolicy::FATPIPE) {
      continue;  // as wide for each as for one
    }
    const auto next = static_cast<int>(links_.size());
    const int number = numbers_.emplace(link, next).first->second;
    if (number == next) {
      links_.push_back(link);
    }
    const auto used =
        std::find_if(route.uses.begin(), route.uses.end(), [&](const LinkUse& one) { return one.link == number; });
    if (used == route.uses.end()) {
      route.uses.push_back({number, share});
    } else {
      used->share += share;
    }
  }
}

}  // namespace descent::simulated
