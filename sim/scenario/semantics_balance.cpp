// What the division of work has against strategies and what else is in a scenario.
#include "algorithms/strategies/strategy.hpp"
#include "sim/scenario/semantics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <utility>

namespace descent {
namespace {

std::string strategies_with_balance() {
  std::vector<std::string_view> names;
  for (const StrategyRow& row : strategy_rows()) {
    if (row.balance_needs) {
      names.emplace_back(row.entry.name);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::vector<Diagnostic> check_balance(const Scenario& scenario) {
  std::vector<Diagnostic> problems;
  const BalanceSettings& balance = scenario.balance;
  if (balance.kind == "none") {
    return problems;
  }
  const auto add = [&](std::string what) {
    problems.push_back({scenario.file.string(), balance.line, "<balance>: " + std::move(what)});
  };
  const StrategyRow& strategy = find_strategy(scenario.strategy.kind);
  const std::string needs = strategy.balance_needs ? strategy.balance_needs(scenario.strategy.settings) : "";
  if (!strategy.balance_needs) {
    add(fmt::format("strategy '{}' does not divide its work by speed; those that do: {}", scenario.strategy.kind,
                    strategies_with_balance()));
  } else if (!needs.empty()) {
    add(fmt::format(
        "updates without some of the workers' gradients would prefer what the others have seen; allowed: {}", needs));
  }
  if (scenario.recovery) {
    add("no update is complete without all workers, so none may be lost; allowed: no <recovery>");
  }
  if (scenario.compression && scenario.compression->settings.has("majority-vote") &&
      scenario.compression->settings.text("majority-vote") == "yes") {
    add("a majority vote counts workers, not their samples; allowed: majority-vote=\"no\"");
  }
  if (balance.kind == "adaptive" && scenario.cost.compute_free) {
    add("gradients that take no time have no speed; allowed: kind=\"static\", or no compute=\"free\"");
  }
  if (balance.of == "shards" && !scenario.data) {
    add(fmt::format("model '{}' has no data, so there are no shards; allowed: of=\"batches\"", scenario.model.kind));
  }
  const bool replicas = strategy.needs_collective;
  if (balance.of == "shards" && balance.kind == "adaptive" && replicas && scenario.network.fidelity == "schedule") {
    add("shards move between replicas while others may be in a sum still, which fidelity=\"schedule\" does not see; "
        "allowed: fidelity=\"message\"");
  }
  return problems;
}

}  // namespace descent
