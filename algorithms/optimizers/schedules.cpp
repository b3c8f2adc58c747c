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

std::unique_ptr<LearningRateSchedule> make_inverse_time(const Settings& settings) {
  return schedule_of(
      [k = settings.real("decay")](std::uint64_t step) { return 1 / (1 + k * static_cast<double>(step)); });
}

std::unique_ptr<LearningRateSchedule> make_cosine(const Settings& settings) {
  return schedule_of([steps = settings.integer("steps"), final = settings.real("final")](std::uint64_t step) {
    const double progress = static_cast<double>(std::min(step, steps)) / static_cast<double>(steps);
    return final + (1 - final) * 0.5 * (1 + std::cos(std::numbers::pi * progress));
  });
}

Parameter warmup() {
  return {.name = "warmup",
          .type = ParameterType::integer,
          .fallback = "0",
          .meaning = "steps of linear rise from 1/warmup to 1, before the schedule begins to count",
          .least = 0};
}

Parameter every() {
  return {.name = "every", .type = ParameterType::integer, .meaning = "N: steps between two falls", .least = 1};
}

Parameter gamma() {
  return {.name = "gamma",
          .type = ParameterType::real,
          .fallback = "0.1",
          .meaning = "γ: factor of each fall",
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

std::vector<ScheduleRow> make_schedule_rows() {
  std::vector<ScheduleRow> rows;
  rows.push_back({{"constant", "1", "", {warmup()}}, make_constant});
  rows.push_back({{"step",
                   "γ^⌊t/N⌋",
                   "Goyal et al. 2017, Accurate, large minibatch SGD, section 5.1",
                   {every(), gamma(), warmup()}},
                  make_step});
  rows.push_back(
      {{"inverse-time", "1/(1 + kt)", "Robbins & Monro 1951, A stochastic approximation method", {decay(), warmup()}},
       make_inverse_time});
  rows.push_back({{"cosine",
                   "f + (1 − f)·½(1 + cos(πt/T))",
                   "Loshchilov & Hutter 2017, SGDR, equation 5",
                   {steps(), final_factor(), warmup()}},
                  make_cosine});
  return rows;
}

}  // namespace

std::span<const ScheduleRow> schedule_rows() {
  static const std::vector<ScheduleRow> rows = make_schedule_rows();
  return rows;
}

std::unique_ptr<LearningRateSchedule> make_schedule(std::string_view name, const Settings& settings) {
  std::vector<std::string> known;
  for (const ScheduleRow& row : schedule_rows()) {
    if (row.entry.name == name) {
      return schedule_of([warmup = settings.integer("warmup"), inner = row.make(settings)](std::uint64_t step) {
        return step < warmup ? static_cast<double>(step + 1) / static_cast<double>(warmup)
                             : inner->factor(step - warmup);
      });
    }
    known.push_back(row.entry.name);
  }
  throw InputError(
      fmt::format("schedule '{}' is unknown{}; known: {}", name, did_you_mean(name, known), fmt::join(known, ", ")));
}

}  // namespace descent
