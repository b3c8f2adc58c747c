#include "algorithms/strategies/averaging_period.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace descent {

std::vector<Parameter> period_parameters() {
  return {{.name = "period",
           .type = ParameterType::integer,
           .fallback = std::nullopt,
           .meaning = "H: local steps between two averages; with adapt-every those of the first rounds",
           .least = 1},
          {.name = "post-local",
           .type = ParameterType::integer,
           .fallback = "0",
           .meaning = "steps at the beginning that are averaged one by one (post-local SGD, Lin et al. 2020)",
           .least = 0},
          {.name = "adapt-every",
           .type = ParameterType::integer,
           .fallback = "0",
           .meaning = "local steps after which the period is chosen anew, H sqrt(F(x)/F(x0)) or half of what it was "
                      "(AdaComm, Wang & Joshi 2019); 0 for never",
           .least = 0},
          {.name = "adapt-samples",
           .type = ParameterType::integer,
           .fallback = "1000",
           .meaning = "training samples on which it estimates F for that, the first so many",
           .least = 1}};
}

PeriodRule period_rule(const Settings& settings) {
  return {settings.integer("period"), settings.integer("post-local"), settings.integer("adapt-every"),
          settings.integer("adapt-samples")};
}

std::vector<std::string> period_faults(const Settings& settings) {
  if (settings.integer("post-local") > 0 && settings.integer("adapt-every") > 0) {
    return {"post-local lengthens the period once and adapt-every shortens it; allowed: one of them"};
  }
  return {};
}

std::uint64_t AveragingPeriod::next(std::uint64_t steps, const Snapshot& x) {
  if (steps < rule_.post_local) {
    return 1;
  }
  if (rule_.adapt_every > 0 && steps >= next_choice_) {
    const std::optional<double> loss = learner_.training_loss(x, rule_.adapt_samples);
    if (steps == 0) {
      initial_loss_ = loss.value_or(0);
    } else if (loss) {
      choose(*loss);
    }
    next_choice_ = steps - steps % rule_.adapt_every + rule_.adapt_every;
  }
  return period_;
}

void AveragingPeriod::choose(double loss) {
  const double wanted = std::ceil(static_cast<double>(rule_.first) * std::sqrt(loss / initial_loss_));
  // Not where it is not finite, as after a divergence.
  const bool shorter = wanted < static_cast<double>(period_);
  period_ = std::max<std::uint64_t>(1, shorter ? static_cast<std::uint64_t>(wanted) : (period_ + 1) / 2);
}

}  // namespace descent
