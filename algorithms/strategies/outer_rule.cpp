#include "algorithms/strategies/outer_rule.hpp"

#include "algorithms/optimizers/optimizers.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace descent {
namespace {

std::shared_ptr<const Optimizer> optimizer_with(const char* name, const char* parameter, std::string value) {
  return make_optimizer(name, Settings(std::map<std::string, std::string>{{parameter, std::move(value)}}));
}

}  // namespace

OuterRule::OuterRule(const Settings& settings) : slow_momentum_(settings.text("outer") == "slowmo") {
  if (settings.text("outer") == "average") {
    optimizer_ = optimizer_with("sgd", "weight-decay", "0");
    return;
  }
  optimizer_ = optimizer_with(slow_momentum_ ? "momentum" : "nesterov", "momentum", settings.text("outer-momentum"));
  rate_ = settings.real("outer-rate");
}

Learner::Rule OuterRule::along_sum(int differences, double learning_rate) const {
  const double mean = 1.0 / differences;
  if (slow_momentum_) {
    return {optimizer_, rate_ * learning_rate, mean / learning_rate};
  }
  return {optimizer_, rate_, mean};
}

std::vector<Parameter> outer_rule_parameters() {
  return {
      {.name = "outer",
       .type = ParameterType::choice,
       .fallback = "average",
       .meaning = "average: of the workers; slowmo: heavy ball on the mean difference (Wang et al. 2020); "
                  "nesterov: with adamw as the optimizer, DiLoCo (Douillard et al. 2023)",
       .choices = {"average", "slowmo", "nesterov"}},
      {.name = "outer-rate",
       .type = ParameterType::real,
       .fallback = "",
       .meaning = "alpha of slowmo, or the learning rate of nesterov (DiLoCo: 0.7)",
       .least = 0,
       .above = true},
      {.name = "outer-momentum",
       .type = ParameterType::real,
       .fallback = "",
       .meaning = "beta of slowmo, or the momentum of nesterov (DiLoCo: 0.9)",
       .least = 0,
       .most = 0.9999999},
  };
}

std::vector<std::string> outer_rule_faults(const Settings& settings) {
  std::vector<std::string> faults;
  const bool average = settings.text("outer") == "average";
  for (const char* name : {"outer-rate", "outer-momentum"}) {
    if (average && settings.has(name)) {
      faults.push_back(fmt::format("outer=\"average\" has no {}; slowmo and nesterov have", name));
    } else if (!average && !settings.has(name)) {
      faults.push_back(fmt::format("outer=\"{}\" needs the attribute '{}'", settings.text("outer"), name));
    }
  }
  return faults;
}

}  // namespace descent
