#include "algorithms/optimizers/schedules.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace descent {
namespace {

/// A schedule given by its formula.
template <class Formula>
class FormulaSchedule final : public LearningRateSchedule {
 public:
  explicit FormulaSchedule(Formula formula) : formula_(std::move(formula)) {}
  double factor(std::uint64_t step) const override { return formula_(step); }

 private:
  Formula formula_;
};

template <class Formula>
std::unique_ptr<LearningRateSchedule> schedule_of(Formula formula) {
  return std::make_unique<FormulaSchedule<Formula>>(std::move(formula));
}

std::unique_ptr<LearningRateSchedule> make_constant(const Settings& /*settings*/) {
  return schedule_of([](std::uint64_t /*step*/) { return 1.0; });
}

std::unique_ptr<LearningRateSchedule> make_step(const Settings& settings) {
  return schedule_of([every = settings.integer("every"), gamma = settings.real("gamma")](std::uint64_t step) {
    const std::uint64_t drops = step / every;
    return std::pow(gamma, static_cast<double>(drops));
  });
}

std::unique_ptr<LearningRateSchedule> make_exponential(const Settings& settings) {
  return schedule_of(
      [gamma = settings.real("gamma")](std::uint64_t step) { return std::pow(gamma, static_cast<double>(step)); });
}

std::unique_ptr<LearningRateSchedule> make_inverse_time(const Settings& settings) {
  return schedule_of(
      [k = settings.real("decay")](std::uint64_t step) { return 1 / (1 + k * static_cast<double>(step)); });
}

std::unique_ptr<LearningRateSchedule> make_inverse_sqrt(const Settings& /*settings*/) {
  return schedule_of([](std::uint64_t step) { return 1 / std::sqrt(static_cast<double>(step) + 1); });
}

/// t/T, and 1 after step T.
double progress(std::uint64_t step, std::uint64_t steps) {
  return static_cast<double>(std::min(step, steps)) / static_cast<double>(steps);
}

std::unique_ptr<LearningRateSchedule> make_polynomial(const Settings& settings) {
  return schedule_of([steps = settings.integer("steps"), power = settings.real("power"),
                      final = settings.real("final")](std::uint64_t step) {
    return final + (1 - final) * std::pow(1 - progress(step, steps), power);
  });
}

std::unique_ptr<LearningRateSchedule> make_cosine(const Settings& settings) {
  return schedule_of([steps = settings.integer("steps"), final = settings.real("final")](std::uint64_t step) {
    return final + (1 - final) * 0.5 * (1 + std::cos(std::numbers::pi * progress(step, steps)));
  });
}

Parameter warmup() {
  return {.name = "warmup",
          .type = ParameterType::integer,
          .fallback = "0",
          .meaning =
              "W: steps of linear rise before the schedule begins to count: (t + 1)/W at step t; with a scale s, "
              "1 + (s − 1)t/W, from one worker's rate to s times that",
          .least = 0};
}

Parameter scale() {
  return {.name = "scale",
          .type = ParameterType::choice,
          .fallback = "none",
          .meaning =
              "multiplies all factors by s, so that the learning rate is for the batch of one worker of k: "
              "linear: s = k; sqrt: s = √k; none: s = 1",
          .choices = {"none", "linear", "sqrt"}};
}

/// The schedule's own parameters and those that all have.
std::vector<Parameter> with_common(std::vector<Parameter> own) {
  own.push_back(warmup());
  own.push_back(scale());
  return own;
}

Parameter every() {
  return {.name = "every", .type = ParameterType::integer, .meaning = "N: steps between two falls", .least = 1};
}

Parameter gamma(std::optional<std::string> fallback, std::string meaning) {
  return {.name = "gamma",
          .type = ParameterType::real,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning),
          .least = 0,
          .above = true};
}

Parameter decay() {
  return {.name = "decay", .type = ParameterType::real, .meaning = "k, per step", .least = 0};
}

Parameter steps() {
  return {.name = "steps",
          .type = ParameterType::integer,
          .meaning = "T: steps until the final factor, warm-up not counted",
          .least = 1};
}

Parameter final_factor() {
  return {.name = "final",
          .type = ParameterType::real,
          .fallback = "0",
          .meaning = "f: factor at step T and after",
          .least = 0,
          .most = 1};
}

Parameter power() {
  return {.name = "power",
          .type = ParameterType::real,
          .fallback = "1",
          .meaning = "p; 1: a straight line",
          .least = 0,
          .above = true};
}

std::vector<ScheduleRow> make_schedule_rows() {
  std::vector<ScheduleRow> rows;
  rows.push_back({{"constant", "1", "", with_common({})}, make_constant});
  rows.push_back({{"step", "γ^⌊t/N⌋", "Goyal et al. 2017, Accurate, large minibatch SGD, section 5.1",
                   with_common({every(), gamma("0.1", "γ: factor of each fall")})},
                  make_step});
  rows.push_back(
      {{"exponential", "γᵗ", "", with_common({gamma(std::nullopt, "γ: factor of each step")})}, make_exponential});
  rows.push_back({{"inverse-time", "1/(1 + kt)", "Robbins & Monro 1951, A stochastic approximation method",
                   with_common({decay()})},
                  make_inverse_time});
  rows.push_back({{"inverse-sqrt", "1/√(t + 1)",
                   "Nesterov 2004, Introductory lectures on convex optimization, section 3.2.3; that of Spark's MLlib",
                   with_common({})},
                  make_inverse_sqrt});
  rows.push_back({{"polynomial", "f + (1 − f)(1 − t/T)ᵖ",
                   "You, Gitman & Ginsburg 2017, Large batch training of convolutional networks, section 5: p = 2",
                   with_common({steps(), power(), final_factor()})},
                  make_polynomial});
  rows.push_back({{"cosine", "f + (1 − f)·½(1 + cos(πt/T))", "Loshchilov & Hutter 2017, SGDR, equation 5",
                   with_common({steps(), final_factor()})},
                  make_cosine});
  return rows;
}

/// What `scale` names, for so many workers.
double scale_of(const Settings& settings, std::size_t workers) {
  const auto k = static_cast<double>(workers);
  const std::string& scale = settings.text("scale");
  return scale == "linear" ? k : scale == "sqrt" ? std::sqrt(k) : 1;
}

/// A schedule after its warm-up, all s times as large. Without scaling the warm-up begins at 1/W, with it at 1, the
/// rate that one worker would have, and ends at s.
class WarmedUpSchedule final : public LearningRateSchedule {
 public:
  WarmedUpSchedule(std::unique_ptr<LearningRateSchedule> inner, std::uint64_t warmup, bool scaled, double scale)
      : inner_(std::move(inner)), warmup_(warmup), scaled_(scaled), scale_(scale) {}

  double factor(std::uint64_t step) const override {
    if (step >= warmup_) {
      return scale_ * inner_->factor(step - warmup_);
    }
    const auto length = static_cast<double>(warmup_);
    return scaled_ ? 1 + (scale_ - 1) * static_cast<double>(step) / length : static_cast<double>(step + 1) / length;
  }

 private:
  std::unique_ptr<LearningRateSchedule> inner_;
  std::uint64_t warmup_;
  bool scaled_;
  double scale_;
};

}  // namespace

std::span<const ScheduleRow> schedule_rows() {
  static const std::vector<ScheduleRow> rows = make_schedule_rows();
  return rows;
}

std::unique_ptr<LearningRateSchedule> make_schedule(std::string_view name, const Settings& settings,
                                                    std::size_t workers) {
  std::vector<std::string> known;
  for (const ScheduleRow& row : schedule_rows()) {
    if (row.entry.name == name) {
      return std::make_unique<WarmedUpSchedule>(row.make(settings), settings.integer("warmup"),
                                                settings.text("scale") != "none", scale_of(settings, workers));
    }
    known.push_back(row.entry.name);
  }
  throw InputError(
      fmt::format("schedule '{}' is unknown{}; known: {}", name, did_you_mean(name, known), fmt::join(known, ", ")));
}

}  // namespace descent
