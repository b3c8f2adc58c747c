#include "sim/disturbance/slowdown.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/random.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/lognormal_distribution.hpp>

#include <fmt/format.h>
#include <cmath>
#include <utility>

namespace descent {
namespace {

constexpr const char* kExponential = "exponential";
constexpr const char* kLogNormal = "log-normal";

double draw(const SlowdownSettings& slowdown, RandomStream& stream) {
  if (slowdown.distribution == kExponential) {
    return boost::random::exponential_distribution<double>(1 / slowdown.mean)(stream);
  }
  const double mu = std::log(slowdown.mean) - slowdown.sigma * slowdown.sigma / 2;
  return boost::random::lognormal_distribution<double>(mu, slowdown.sigma)(stream);
}

}  // namespace

Slowdown::Slowdown(std::vector<SlowdownSettings> settings, std::uint64_t seed, int rank)
    : settings_(std::move(settings)), seed_(seed), rank_(static_cast<std::uint64_t>(rank)) {
  for (const SlowdownSettings& slowdown : settings_) {
    if (slowdown.distribution != kExponential && slowdown.distribution != kLogNormal) {
      throw InputError(fmt::format("slowdown distribution '{}' is not known; allowed: {}, {}", slowdown.distribution,
                                   kExponential, kLogNormal));
    }
  }
}

double Slowdown::operator()(const std::optional<std::uint64_t>& step) const {
  if (!step || settings_.empty()) {
    return 1;
  }
  RandomStream stream(seed_, Purpose::slowdown, rank_, *step);
  double factor = 1;
  for (const SlowdownSettings& slowdown : settings_) {
    factor *= draw(slowdown, stream);
  }
  return factor;
}

}  // namespace descent
