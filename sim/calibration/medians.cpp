#include "sim/calibration/medians.hpp"

#include <algorithm>

namespace descent {

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) {
    return *middle;
  }
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

Medians::Medians(const std::vector<Point>& points, std::optional<int> round) {
  std::map<Kind, std::vector<double>> values;
  for (const Point& point : points) {
    if (!round || point.round == *round) {
      values[{point.pattern, point.from, point.to, point.bytes}].push_back(point.seconds);
    }
  }
  all_.reserve(values.size());
  for (auto& [kind, seconds] : values) {
    const double median = median_of(std::move(seconds));
    seconds_.emplace(kind, median);
    const auto& [pattern, from, to, bytes] = kind;
    all_.push_back({pattern, from, to, bytes, 0, median});
  }
}

std::optional<double> Medians::seconds(Pattern pattern, int from, int to, std::uint64_t bytes) const {
  const auto found = seconds_.find({pattern, from, to, bytes});
  return found == seconds_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace descent
