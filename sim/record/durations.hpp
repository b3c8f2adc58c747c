#pragma once

#include <cstdint>
#include <map>

namespace descent {

/// How long things of one kind took, in memory that does not grow with their number: durations that differ by about a
/// hundredth share a bin, of which only their number and their sum are kept.
class Durations {
 public:
  struct Bin {
    std::uint64_t count = 0;
    double sum_s = 0;
  };

  /// `seconds` ≥ 0.
  void add(double seconds);
  /// Those of a bin of another one.
  void add(int bin, const Bin& those);
  void add(const Durations& others);

  std::uint64_t count() const;
  /// Precondition of these two: there are some.
  double mean() const;
  /// By nearest rank, 0 < q ≤ 1: the mean of the bin that it is in. So within 1.1 % of it, and exact, up to rounding,
  /// where the bin's durations are alike.
  double quantile(double q) const;

  /// By the logarithm of the durations in them.
  const std::map<int, Bin>& bins() const { return bins_; }

 private:
  std::map<int, Bin> bins_;
};

}  // namespace descent
