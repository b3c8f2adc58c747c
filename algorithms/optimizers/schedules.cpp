#include "algorithms/optimizers/schedules.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>
#include <vector>

namespace descent {
namespace {

class Constant final : public LearningRateSchedule {
 public:
  double factor(std::uint64_t /*step*/) const override { return 1; }
};

class Steps final : public LearningRateSchedule {
 public:
  explicit Steps(const Settings& settings) : every_(settings.integer("every")), gamma_(settings.real("gamma")) {}
  double factor(std::uint64_t step) const override { return std::pow(gamma_, static_cast<double>(step / every_)); }

 private:
  std::uint64_t every_;
  double gamma_;
};

class InverseTime final : public LearningRateSchedule {
 public:
  explicit InverseTime(const Settings& settings) : decay_(settings.real("decay")) {}
  double factor(std::uint64_t step) const override { return 1 / (1 + decay_ * static_cast<double>(step)); }

 private:
  double decay_;
};

/// Loshchilov & Hutter 2017, equation 5, without restarts.
class Cosine final : public LearningRateSchedule {
 public:
  explicit Cosine(const Settings& settings) : steps_(settings.integer("steps")), last_(settings.real("final")) {}
  double factor(std::uint64_t step) const override {
    const double done = static_cast<double>(std::min(step, steps_)) / static_cast<double>(steps_);
    return last_ + (1 - last_) * 0.5 * (1 + std::cos(std::numbers::pi * done));
  }

 private:
  std::uint64_t steps_;
  double last_;
};

class WarmUp final : public LearningRateSchedule {
 public:
  WarmUp(std::uint64_t steps, std::unique_ptr<LearningRateSchedule> after) : steps_(steps), after_(std::move(after)) {}
  double factor(std::uint64_t step) const override {
    return step < steps_ ? static_cast<double>(step + 1) / static_cast<double>(steps_) : after_->factor(step - steps_);
  }

 private:
  std::uint64_t steps_;
  std::unique_ptr<LearningRateSchedule> after_;
};

template <class S>
std::unique_ptr<LearningRateSchedule> make(const Settings& settings) {
  if constexpr (std::is_default_constructible_v<S>) {
    return std::make_unique<S>();
  } else {
    return std::make_unique<S>(settings);
  }
}

Parameter warmup() {
  return {.name = "warmup",
          .type = ParameterType::integer,
          .fallback = "0",
          .meaning = "steps of linear warm-up before the schedule begins (Goyal et al. 2017)",
          .least = 0};
}

const std::vector<ScheduleRow>& table() {
  static const std::vector<ScheduleRow> rows = {
      {{"constant", "eta_t = eta", "", {warmup()}}, make<Constant>},
      {{"step",
        "eta_t = eta gamma^floor(t / every)",
        "He et al. 2016",
        {{.name = "every",
          .type = ParameterType::integer,
          .fallback = std::nullopt,
          .meaning = "steps between two reductions",
          .least = 1},
         {.name = "gamma",
          .type = ParameterType::real,
          .fallback = "0.1",
          .meaning = "factor of each reduction",
          .least = 0,
          .above = true},
         warmup()}},
       make<Steps>},
      {{"inverse-time",
        "eta_t = eta / (1 + k t)",
        "Robbins & Monro 1951",
        {{.name = "decay", .type = ParameterType::real, .fallback = std::nullopt, .meaning = "k, per step", .least = 0},
         warmup()}},
       make<InverseTime>},
      {{"cosine",
        "eta_t = eta (final + (1 - final) (1 + cos(pi t / steps)) / 2)",
        "Loshchilov & Hutter 2017, eq. 5",
        {{.name = "steps",
          .type = ParameterType::integer,
          .fallback = std::nullopt,
          .meaning = "steps from eta to its final value",
          .least = 1},
         {.name = "final",
          .type = ParameterType::real,
          .fallback = "0",
          .meaning = "final value as a part of eta",
          .least = 0,
          .most = 1},
         warmup()}},
       make<Cosine>},
  };
  return rows;
}

}  // namespace

std::span<const ScheduleRow> schedule_rows() {
  return table();
}

std::unique_ptr<LearningRateSchedule> make_schedule(std::string_view name, const Settings& settings) {
  const auto& rows = table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such schedule");
  }
  auto schedule = row->make(settings);
  const std::uint64_t warmup_steps = settings.integer("warmup");
  return warmup_steps > 0 ? std::make_unique<WarmUp>(warmup_steps, std::move(schedule)) : std::move(schedule);
}

}  // namespace descent
