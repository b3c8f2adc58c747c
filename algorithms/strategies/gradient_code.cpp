#include "algorithms/strategies/gradient_code.hpp"

#include "algorithms/core/random.hpp"

#include <boost/random/normal_distribution.hpp>

#include <Eigen/QR>

#include <algorithm>
#include <cstddef>

namespace descent {

GradientCode::GradientCode(Scheme scheme, int workers, int stragglers, std::uint64_t seed)
    : scheme_(scheme), rows_(static_cast<std::size_t>(workers)) {
  if (scheme == Scheme::cyclic_repetition) {
    make_cyclic(stragglers, seed);
    return;
  }
  group_ = workers / (stragglers + 1);
  for (int worker = 0; worker < workers; ++worker) {
    const int first = worker % group_ * (stragglers + 1);
    for (int i = 0; i <= stragglers; ++i) {
      rows_[static_cast<std::size_t>(worker)].push_back({first + i, 1});
    }
  }
}

/// H is s × P, random, with H·1 = 0; row i of the code is in the null space of H and has support {i, …, i + s}, its
/// first coefficient one. So the rows span a space of dimension P − s that holds 1, and almost surely any P − s of them
/// do.
void GradientCode::make_cyclic(int stragglers, std::uint64_t seed) {
  const auto count = static_cast<Eigen::Index>(rows_.size());
  const Eigen::Index s = stragglers;
  RandomStream random(seed, Purpose::graph, 1);
  boost::random::normal_distribution<double> normal;
  Eigen::MatrixXd h(s, count);
  for (double& element : h.reshaped()) {
    element = normal(random);
  }
  if (s > 0) {
    h.col(count - 1) = -h.leftCols(count - 1).rowwise().sum();
  }
  for (Eigen::Index worker = 0; worker < count; ++worker) {
    Eigen::MatrixXd others(s, s);
    for (Eigen::Index i = 0; i < s; ++i) {
      others.col(i) = h.col((worker + 1 + i) % count);
    }
    std::vector<Term>& row = rows_[static_cast<std::size_t>(worker)];
    row.push_back({static_cast<int>(worker), 1});
    if (s > 0) {
      const Eigen::VectorXd solution = others.colPivHouseholderQr().solve(-h.col(worker));
      for (Eigen::Index i = 0; i < s; ++i) {
        row.push_back({static_cast<int>((worker + 1 + i) % count), solution(i)});
      }
    }
  }
}

std::optional<std::vector<double>> GradientCode::decode(std::span<const int> workers) const {
  std::vector<double> weights(workers.size(), 0);
  if (scheme_ == Scheme::fractional_repetition) {
    // One message for each block of partitions: the first that there is.
    std::vector<bool> has(static_cast<std::size_t>(group_), false);
    for (std::size_t i = 0; i < workers.size(); ++i) {
      const auto block = static_cast<std::size_t>(workers[i] % group_);
      weights[i] = has[block] ? 0 : 1;
      has[block] = true;
    }
    const bool all = std::find(has.begin(), has.end(), false) == has.end();
    return all ? std::optional(weights) : std::nullopt;
  }
  if (workers.size() + row(0).size() <= rows_.size()) {
    return std::nullopt;
  }
  // aᵀ B = 1ᵀ over the rows that there are.
  Eigen::MatrixXd code =
      Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(rows_.size()), static_cast<Eigen::Index>(workers.size()));
  for (std::size_t i = 0; i < workers.size(); ++i) {
    for (const Term& term : row(workers[i])) {
      code(term.partition, static_cast<Eigen::Index>(i)) = term.coefficient;
    }
  }
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(code.rows());
  const Eigen::VectorXd solution = code.colPivHouseholderQr().solve(ones);
  constexpr double kTolerance = 1e-8;
  if ((code * solution - ones).norm() > kTolerance * ones.norm()) {
    return std::nullopt;
  }
  std::copy(solution.begin(), solution.end(), weights.begin());
  return weights;
}

}  // namespace descent
