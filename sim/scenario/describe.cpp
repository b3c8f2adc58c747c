#include "algorithms/strategies/strategy.hpp"
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

bool race_free(const Scenario& scenario) {
  const bool fails = !scenario.failures.empty() || scenario.loses_messages();
  const bool gives_up = scenario.recovery && scenario.recovery->timeout_s;
  const bool measures = scenario.balance.kind == "adaptive";
  const StopSettings& stop = scenario.stop;
  const bool has_target = stop.target_loss || stop.target_accuracy;
  const bool ends_by_time = stop.time_s || (has_target && scenario.observe.every_s);
  return find_strategy(scenario.strategy.kind).race_free.met_by(scenario.strategy.settings) && !fails && !gives_up &&
         !measures && !ends_by_time;
}

}  // namespace descent
