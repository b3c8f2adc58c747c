#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace descent {

struct ScheduleRow {
  /// Every schedule has the parameters `warmup` and `scale`:
  /// - `scale` linear: all factors are s = k times as large for k workers, sqrt: s = √k (Krizhevsky 2014), none: s = 1.
  ///   The optimizer's learning rate η is then that of one worker's batch, whatever the number of workers.
  /// - `warmup` W: so many steps in which the factor rises linearly before the schedule itself begins to count. Without
  ///   scaling it is (t + 1)/W at step t = 0 … W − 1: it ends at 1. With scaling it is 1 + (s − 1)t/W, from η at the
  ///   first step to sη at step W (gradual warm-up: Goyal et al. 2017, section 2.2); with one worker that is no
  ///   warm-up.
  Entry entry;
  /// The schedule without warm-up and scaling.
  std::unique_ptr<LearningRateSchedule> (*make)(const Settings& settings);
};

/// All schedules, in the order of `descent list`.
std::span<const ScheduleRow> schedule_rows();

/// The schedule of this name with checked settings, warm-up and scaling for so many workers included. Throws InputError
/// for an unknown name.
std::unique_ptr<LearningRateSchedule> make_schedule(std::string_view name, const Settings& settings,
                                                    std::size_t workers = 1);

}  // namespace descent
