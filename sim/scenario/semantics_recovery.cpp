// What failures, recovery and strategies have against each other.
#include "algorithms/strategies/strategy.hpp"
#include "sim/scenario/semantics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace descent {
namespace {

/// "sgd, parameter-server": those of the catalogue that can.
template <class Can>
std::string strategies_that(const Can& can) {
  std::vector<std::string_view> names;
  for (const StrategyRow& row : strategy_rows()) {
    if (can(row.tolerance)) {
      names.emplace_back(row.entry.name);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Line of the first element by which messages are lost, and its name; 0: there is none.
std::pair<int, std::string_view> first_loss(const Scenario& scenario) {
  if (!scenario.link_outages.empty()) {
    return {scenario.link_outages.front().line, "link-outage"};
  }
  if (!scenario.network_partitions.empty()) {
    return {scenario.network_partitions.front().line, "network-partition"};
  }
  if (!scenario.message_losses.empty()) {
    return {scenario.message_losses.front().line, "message-loss"};
  }
  return {};
}

}  // namespace

std::vector<Diagnostic> check_recovery(const Scenario& scenario) {
  std::vector<Diagnostic> problems;
  const auto add = [&](int line, std::string what) {
    problems.push_back({scenario.file.string(), line, std::move(what)});
  };
  const StrategyRow& strategy = find_strategy(scenario.strategy.kind);
  const auto [line_of_loss, loss] = first_loss(scenario);
  if (line_of_loss > 0 && !(scenario.recovery && scenario.recovery->timeout_s)) {
    add(line_of_loss,
        fmt::format("<{}>: messages are lost here, and strategy '{}' has no <recovery timeout> after which ranks go on "
                    "without them; strategies that take one: {}",
                    loss, scenario.strategy.kind, strategies_that([](Tolerance t) { return t.losses; })));
  }
  if (!scenario.recovery) {
    if (!scenario.failures.empty()) {
      add(scenario.failures.front().line,
          fmt::format("ranks die here, and strategy '{}' has no element <recovery> that says what to do; "
                      "strategies that take one: {}",
                      scenario.strategy.kind, strategies_that([](Tolerance t) { return t.losses || t.checkpoints; })));
    }
    return problems;
  }
  const RecoverySettings& recovery = *scenario.recovery;
  const int ways = (recovery.automatic ? 1 : 0) + (recovery.every_updates ? 1 : 0) + (recovery.every_s ? 1 : 0);
  if (ways > 1) {
    add(recovery.line, "<recovery> takes one of checkpoint, checkpoint-every and checkpoint-time; several given");
  }
  if (ways > 0 && !strategy.tolerance.checkpoints) {
    add(recovery.line, fmt::format("<recovery>: strategy '{}' writes no checkpoints; those that do: {}",
                                   scenario.strategy.kind, strategies_that([](Tolerance t) { return t.checkpoints; })));
  }
  if (recovery.timeout_s && !strategy.tolerance.losses) {
    add(recovery.line, fmt::format("<recovery> timeout: strategy '{}' cannot go on without a rank; those that "
                                   "can: {}",
                                   scenario.strategy.kind, strategies_that([](Tolerance t) { return t.losses; })));
  }
  if (recovery.least_workers && !(strategy.tolerance.agreement && recovery.timeout_s)) {
    add(recovery.line,
        fmt::format(
            "<recovery> least-workers: only where workers agree who is left, by a timeout; strategies where they "
            "do: {}",
            strategies_that([](Tolerance t) { return t.agreement; })));
  }
  const std::string needs =
      strategy.tolerance_needs ? strategy.tolerance_needs(scenario.strategy.settings) : std::string();
  if (recovery.timeout_s && strategy.tolerance.losses && !needs.empty()) {
    add(recovery.line, fmt::format("<recovery> timeout: strategy '{}' cannot go on without a rank with these settings; "
                                   "allowed: {}",
                                   scenario.strategy.kind, needs));
  }
  if (recovery.timeout_s && strategy.tolerance.of_anybody &&
      (scenario.stop.target_loss || scenario.stop.target_accuracy)) {
    add(recovery.line,
        fmt::format("<recovery> timeout: any rank of strategy '{}' may be lost, so none can watch "
                    "target-loss and target-accuracy; allowed in <stop>: iterations, epochs, samples and "
                    "time",
                    scenario.strategy.kind));
  }
  if (recovery.give_up_s && !recovery.timeout_s) {
    add(recovery.line, "<recovery> give-up: without a timeout nobody waits for anything else; add timeout");
  }
  const bool random = std::any_of(scenario.failures.begin(), scenario.failures.end(),
                                  [](const FailureSettings& failures) { return failures.mtbf_s > 0; });
  if (recovery.automatic && !random) {
    add(recovery.line,
        "<recovery> checkpoint=\"auto\" goes by the mean time between failures, and there is no "
        "<failures> in <disturbances>; allowed: checkpoint-every, checkpoint-time");
  }
  return problems;
}

}  // namespace descent
