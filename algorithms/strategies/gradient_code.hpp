#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

/// Which linear combinations of P partitions' gradients P workers send, so that their sum can be had from any P − s of
/// them (Tandon et al. 2017, Gradient coding). Every worker has s + 1 partitions.
class GradientCode {
 public:
  enum class Scheme {
    /// s + 1 groups, each of which has all partitions once; every coefficient is one (section 3.1). P is a multiple of
    /// s + 1.
    fractional_repetition,
    /// Worker i has partitions i … i + s, with coefficients from a random matrix (section 4, algorithm 2). Any P.
    cyclic_repetition,
  };

  /// 0 ≤ s < P.
  GradientCode(Scheme scheme, int workers, int stragglers, std::uint64_t seed);

  struct Term {
    int partition;
    double coefficient;
  };
  /// What worker `worker` sends is Σ coefficient · gradient.
  const std::vector<Term>& row(int worker) const { return rows_[static_cast<std::size_t>(worker)]; }

  /// Weights of the messages of these workers, in ascending order, whose weighted sum is the sum of all gradients;
  /// nothing where they do not suffice. Some weights may be zero.
  std::optional<std::vector<double>> decode(std::span<const int> workers) const;

 private:
  void make_cyclic(int stragglers, std::uint64_t seed);

  Scheme scheme_;
  int group_ = 0;
  std::vector<std::vector<Term>> rows_;
};

}  // namespace descent
