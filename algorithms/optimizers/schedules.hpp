#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace descent {

struct ScheduleRow {
  /// Every schedule has the parameter `warmup`: so many steps in which the factor rises linearly from 1/warmup
  /// to 1, before the schedule itself begins to count.
  Entry entry;
  /// The schedule without its warm-up.
  std::unique_ptr<LearningRateSchedule> (*make)(const Settings& settings);
};

/// All schedules, in the order of `descent list`.
std::span<const ScheduleRow> schedule_rows();

/// The schedule of this name with checked settings, warm-up included. Throws InputError for an unknown name.
std::unique_ptr<LearningRateSchedule> make_schedule(std::string_view name, const Settings& settings);

}  // namespace descent
