#include "sim/disturbance/outages.hpp"

#include "algorithms/core/random.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/weibull_distribution.hpp>

#include <cmath>
#include <utility>

namespace descent {
namespace {

/// FNV-1a: a host draws the same whatever other hosts there are.
std::uint64_t number_of(const std::string& name) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  return hash;
}

double draw(double mean, double shape, RandomStream& stream) {
  if (shape == 1) {
    return boost::random::exponential_distribution<double>(1 / mean)(stream);
  }
  return boost::random::weibull_distribution<double>(shape, mean / std::tgamma(1 + 1 / shape))(stream);
}

}  // namespace

Outages::Outages(FailureSettings settings, const std::string& host, std::size_t cause, std::uint64_t seed)
    : settings_(std::move(settings)), owner_(number_of(host) + cause), seed_(seed) {}

std::optional<Outage> Outages::next() {
  if (settings_.at_s) {
    if (drawn_++ > 0) {
      return std::nullopt;
    }
    return Outage{*settings_.at_s, *settings_.at_s + settings_.repair_s};
  }
  RandomStream stream(seed_, Purpose::failure, owner_, drawn_++);
  Outage outage;
  outage.begin = end_ + draw(settings_.mtbf_s, settings_.shape, stream);
  outage.end =
      outage.begin + (settings_.repair_s > 0 && std::isfinite(settings_.repair_s) ? draw(settings_.repair_s, 1, stream)
                                                                                  : settings_.repair_s);
  end_ = outage.end;
  return std::isfinite(outage.begin) ? std::optional(outage) : std::nullopt;
}

HostFailures failures_of(const Scenario& scenario, const std::string& host, const std::vector<std::size_t>& causes) {
  HostFailures found;
  for (const std::size_t cause : causes) {
    const FailureSettings& failures = scenario.failures[cause];
    if (failures.at_step) {
      found.crashes.push_back({*failures.at_step, failures.repair_s});
    } else {
      found.outages.emplace_back(failures, host, cause, scenario.seed);
    }
  }
  return found;
}

}  // namespace descent
