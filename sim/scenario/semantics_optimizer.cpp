// What optimizers, constraints, regularizers and strategies have against each other.
#include "algorithms/constraints/constraint.hpp"
#include "algorithms/constraints/regularizer.hpp"
#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/strategies/strategy.hpp"
#include "sim/scenario/semantics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <utility>

namespace descent {
namespace {

/// Names of the rows that `suits` takes.
template <class Rows, class Suits>
std::string names_of(const Rows& rows, const Suits& suits) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) {
    if (suits(row)) {
      names.emplace_back(row.entry.name);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string optimizers_along(Direction direction) {
  return names_of(optimizer_rows(), [&](const OptimizerRow& row) { return row.direction == direction; });
}

/// Which optimizers solve which problems with a constraint or a regularizer: see Direction in optimizers.hpp.
class CompositeCheck {
 public:
  explicit CompositeCheck(const Scenario& scenario)
      : scenario_(scenario),
        training_(scenario.training),
        optimizer_(find_optimizer(training_.optimizer.kind)),
        strategy_(find_strategy(scenario.strategy.kind)) {}

  std::vector<Diagnostic> run() {
    if (training_.constraint) {
      check_bounds(*training_.constraint);
    }
    if (strategy_.splits_composite) {
      check_split();
      return std::move(problems_);
    }
    if (training_.constraint) {
      check_constraint(*training_.constraint);
    } else if (optimizer_.direction == Direction::conditional) {
      add(training_.optimizer.line,
          fmt::format("optimizer '{}' needs an element <constraint>; allowed: {}", optimizer_.entry.name, bounded()));
    }
    if (training_.regularizer) {
      check_regularizer(*training_.regularizer);
    }
    if (training_.constraint || training_.regularizer) {
      check_strategy();
    }
    return std::move(problems_);
  }

 private:
  void add(int line, std::string what) { problems_.push_back({scenario_.file.string(), line, std::move(what)}); }

  static std::string bounded() {
    return names_of(constraint_rows(), [](const ConstraintRow& row) { return row.bounded; });
  }

  void check_bounds(const Choice& constraint) {
    const Settings& settings = constraint.settings;
    if (constraint.kind == "box" && settings.real("lower") > settings.real("upper")) {
      add(constraint.line, fmt::format("<constraint>: the box from {} to {} is empty; allowed: lower <= upper",
                                       settings.text("lower"), settings.text("upper")));
    }
  }

  void check_constraint(const Choice& constraint) {
    const ConstraintRow& row = find_constraint(constraint.kind);
    if (optimizer_.direction == Direction::conditional && !row.bounded) {
      add(constraint.line, fmt::format("optimizer '{}' needs a bounded constraint, which '{}' is not; allowed: {}",
                                       optimizer_.entry.name, row.entry.name, bounded()));
    } else if (optimizer_.direction == Direction::rescaled && row.coupled) {
      add(constraint.line,
          fmt::format("optimizer '{}' scales coordinates, so that projected onto '{}' it would come to rest elsewhere "
                      "than at the solution; allowed with it: {}; with this constraint: {}, {}, {}",
                      optimizer_.entry.name, row.entry.name,
                      names_of(constraint_rows(), [](const ConstraintRow& other) { return !other.coupled; }),
                      optimizers_along(Direction::gradient), optimizers_along(Direction::multiple),
                      optimizers_along(Direction::conditional)));
    }
  }

  void check_regularizer(const Choice& regularizer) {
    if (optimizer_.direction != Direction::gradient) {
      add(regularizer.line,
          fmt::format("<regularizer>: with optimizer '{}', whose steps are not along the gradient itself, it would "
                      "not weigh what it says; allowed: {}",
                      optimizer_.entry.name, optimizers_along(Direction::gradient)));
    }
    check_norm(regularizer);
    check_weights(regularizer);
  }

  void check_norm(const Choice& regularizer) {
    const RegularizerRow& row = find_regularizer(regularizer.kind);
    if (row.sparse && training_.constraint && training_.constraint->kind == "simplex") {
      add(regularizer.line,
          fmt::format("<regularizer>: the l1 norm in '{}' is the same on all of the simplex; allowed with it: {}",
                      row.entry.name,
                      names_of(regularizer_rows(), [](const RegularizerRow& other) { return !other.sparse; })));
    }
  }

  /// Whatever the optimizer's steps are, they are none towards a constraint or a regularizer.
  void check_split() {
    if (optimizer_.direction == Direction::conditional) {
      add(training_.optimizer.line,
          fmt::format("strategy '{}' keeps the constraint itself, so optimizer '{}' has none to move in; allowed: {}",
                      strategy_.entry.name, optimizer_.entry.name,
                      names_of(optimizer_rows(),
                               [](const OptimizerRow& row) { return row.direction != Direction::conditional; })));
    }
    if (training_.regularizer) {
      check_norm(*training_.regularizer);
    }
  }

  void check_strategy() {
    const auto composite_needs = strategy_.composite_needs;
    std::string needs = composite_needs ? composite_needs(scenario_.strategy.settings) : "";
    if (needs.empty() && composite_needs && scenario_.compression) {
      needs = "no <compression>, which here is of parameters' differences";
    }
    if (needs.empty()) {
      return;
    }
    const bool constrained = training_.constraint.has_value();
    add((constrained ? training_.constraint : training_.regularizer)->line,
        fmt::format("<{}>: strategy '{}' would make parameters that are neither the optimizer's nor means of them, {}; "
                    "allowed: {}",
                    constrained ? "constraint" : "regularizer", strategy_.entry.name,
                    constrained ? "and so leave it" : "for which it would not weigh what it says", needs));
  }

  /// Where gradients weigh less than 1 and the learning rate stays, a regularizer would weigh more than it says.
  void check_weights(const Choice& regularizer) {
    const Settings& strategy = scenario_.strategy.settings;
    if (strategy.has("consistency") && strategy.text("consistency") == "ssp") {
      add(regularizer.line,
          "<regularizer>: consistency=\"ssp\" gives each gradient the weight 1/P, but not each step of the "
          "regularizer; "
          "allowed: any other consistency");
    }
    if (strategy.has("staleness-scaling")) {
      add(regularizer.line,
          "<regularizer>: staleness-scaling weighs gradients, but not the steps of the regularizer; leave it out");
    }
  }

  const Scenario& scenario_;
  const TrainingSettings& training_;
  const OptimizerRow& optimizer_;
  const StrategyRow& strategy_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

std::vector<Diagnostic> check_composite(const Scenario& scenario) {
  return CompositeCheck(scenario).run();
}

std::vector<Diagnostic> check_parts(const Scenario& scenario, const Plan& plan) {
  std::vector<Diagnostic> problems;
  const std::string holder = find_strategy(scenario.strategy.kind).workers_hold_parts ? "worker" : "server";
  const std::size_t holders = plan.count(holder);
  if (holders < 2) {
    return problems;
  }
  const Choice& optimizer = scenario.training.optimizer;
  if (find_optimizer(optimizer.kind).layerwise) {
    problems.push_back(
        {scenario.file.string(), optimizer.line,
         fmt::format("optimizer '{0}' needs whole tensors, of which each of {1} {2}s holds parts; allowed: "
                     "one {2}, or an elementwise optimizer ({3})",
                     optimizer.kind, holders, holder,
                     names_of(optimizer_rows(), [](const OptimizerRow& row) { return !row.layerwise; }))});
  }
  const auto& constraint = scenario.training.constraint;
  if (constraint && find_constraint(constraint->kind).coupled) {
    problems.push_back(
        {scenario.file.string(), constraint->line,
         fmt::format("constraint '{0}' couples all parameters, of which each of {1} {2}s holds a part; "
                     "allowed: one {2}, or {3}",
                     constraint->kind, holders, holder,
                     names_of(constraint_rows(), [](const ConstraintRow& row) { return !row.coupled; }))});
  }
  return problems;
}

}  // namespace descent
