#pragma once

#include <limits>
#include <span>
#include <vector>

namespace descent {

/// From `start` to before `end`, in seconds since the start of the run, something is `factor` times what it is else.
struct Period {
  double start = 0;
  double end = std::numeric_limits<double>::infinity();
  double factor = 1;
};

/// A factor over time, piecewise constant: the product of the periods that hold. 1 where none does.
class Course {
 public:
  /// From `time` on it is `factor`.
  struct Step {
    double time = 0;
    double factor = 1;
  };

  Course() = default;
  explicit Course(std::span<const Period> periods);

  /// Where it changes, in the order of time; the first at or after 0. Empty: 1 throughout.
  const std::vector<Step>& steps() const { return steps_; }
  double at(double time) const;
  /// When what takes `amount` seconds at a factor of 1 and begins at `begin` ends: the t with ∫ factor = amount from
  /// `begin` to t. All factors are above 0.
  double end(double begin, double amount) const;

 private:
  std::vector<Step> steps_;
};

}  // namespace descent
