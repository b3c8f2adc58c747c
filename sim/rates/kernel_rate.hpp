#pragma once

#include <map>
#include <string>
#include <vector>

namespace descent {

/// How long a kernel takes by its flops, as measured at some amounts of them: linear in between, and at the rate of the
/// nearest beyond.
class KernelRate {
 public:
  struct Point {
    double flops = 0;
    /// flop/s.
    double rate = 0;
  };

  /// Ascending in flops, at least one; all numbers are positive.
  explicit KernelRate(std::vector<Point> points);

  const std::vector<Point>& points() const { return points_; }
  double seconds(double flops) const;

 private:
  std::vector<Point> points_;
};

/// By the name of the kernel.
using KernelRates = std::map<std::string, KernelRate>;

/// What the property of a host begins with that has the rate of a kernel.
inline constexpr const char* kRateProperty = "rate.";

/// And the one that says whether its ranks send and receive while they compute: yes or no.
inline constexpr const char* kOverlapProperty = "overlap";

/// "flops:flop/s;flops:flop/s", and back. Throws InputError: what is wrong, and what is allowed.
std::string to_text(const KernelRate& rate);
KernelRate rate_from_text(const std::string& text);

}  // namespace descent
