#include "sim/scenario/scenario.hpp"

#include <fmt/format.h>

namespace descent {

std::string describe(const NetworkSettings& network) {
  std::string text = fmt::format("{} crosstraffic={} tcp-gamma={:g}", network.model,
                                 network.crosstraffic ? "yes" : "no", network.tcp_gamma);
  if (network.latency_factor) {
    text += fmt::format(" latency-factor={:g}", *network.latency_factor);
  }
  if (network.bandwidth_factor) {
    text += fmt::format(" bandwidth-factor={:g}", *network.bandwidth_factor);
  }
  return text;
}

}  // namespace descent
