#include "sim/disturbance/course.hpp"

#include <algorithm>
#include <cmath>

namespace descent {

Course::Course(std::span<const Period> periods) {
  std::vector<double> times;
  times.reserve(2 * periods.size());
  for (const Period& period : periods) {
    times.insert(times.end(), {period.start, period.end});
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  double before = 1;
  for (const double time : times) {
    double factor = 1;
    for (const Period& period : periods) {
      factor *= period.start <= time && time < period.end ? period.factor : 1;
    }
    if (factor != before && std::isfinite(time)) {
      steps_.push_back({time, factor});
      before = factor;
    }
  }
}

double Course::at(double time) const {
  const auto next = std::upper_bound(steps_.begin(), steps_.end(), time,
                                     [](double wanted, const Step& step) { return wanted < step.time; });
  return next == steps_.begin() ? 1 : std::prev(next)->factor;
}

double Course::end(double begin, double amount) const {
  double factor = at(begin);
  for (const Step& step : steps_) {
    if (step.time <= begin) {
      continue;
    }
    const double done = (step.time - begin) * factor;
    if (done >= amount) {
      break;
    }
    amount -= done;
    begin = step.time;
    factor = step.factor;
  }
  return begin + amount / factor;
}

}  // namespace descent
