#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace descent {

struct ScheduleRow {
  Entry entry;
  std::unique_ptr<LearningRateSchedule> (*make)(const Settings& settings);
};
std::span<const ScheduleRow> schedule_rows();

/// With `warmup` steps the factor first grows linearly from 1/warmup to 1 (Goyal et al. 2017), and the schedule
/// counts its steps from there. Precondition: the name is in the table and the settings are checked.
std::unique_ptr<LearningRateSchedule> make_schedule(std::string_view name, const Settings& settings);

}  // namespace descent
