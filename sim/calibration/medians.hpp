#pragma once

#include "sim/calibration/points.hpp"

#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace descent {

/// Precondition: there are values.
double median_of(std::vector<double> values);

/// The medians of measurements that repeat each other.
class Medians {
 public:
  /// Of one round, or of all.
  Medians(const std::vector<Point>& points, std::optional<int> round = {});

  std::optional<double> seconds(Pattern pattern, int from, int to, std::uint64_t bytes) const;
  /// One of each kind, its round aside, in the order of pattern, ranks and bytes.
  const std::vector<Point>& all() const { return all_; }

 private:
  using Kind = std::tuple<Pattern, int, int, std::uint64_t>;
  std::map<Kind, double> seconds_;
  std::vector<Point> all_;
};

}  // namespace descent
