#pragma once

#include "algorithms/collectives/collectives.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace descent::test {

/// A collective with parameters, for so many ranks; `per_node` of them, one after the other, on each node.
struct CollectiveCase {
  std::string name;
  std::map<std::string, std::string> parameters = {};
  int per_node = 1;

  CollectiveChoice choose(int ranks) const {
    std::vector<int> nodes(static_cast<std::size_t>(ranks));
    for (int rank = 0; rank < ranks; ++rank) {
      nodes[static_cast<std::size_t>(rank)] = rank / per_node;
    }
    return choose_collective(name, parameters, std::move(nodes));
  }
  std::shared_ptr<const Schedule> schedule(int ranks, std::uint64_t bytes,
                                           CollectiveOperation operation = CollectiveOperation::allreduce) const {
    return schedule_of(choose(ranks), operation, Group::first(ranks), bytes);
  }
  /// "torus rows=2"
  std::string describe() const {
    std::string text = name;
    for (const auto& [parameter, value] : parameters) {
      text.append(" ").append(parameter).append("=").append(value);
    }
    return text + (per_node > 1 ? " on nodes of " + std::to_string(per_node) : "");
  }
};

/// Every collective that has a closed form, with its parameters at several values.
inline std::vector<CollectiveCase> collective_cases(int ranks) {
  std::vector<CollectiveCase> cases = {{"ring"},
                                       {"recursive-doubling"},
                                       {"halving-doubling"},
                                       {"tree"},
                                       {"double-tree"},
                                       {"double-tree", {{"segment-bytes", "1GB"}}},
                                       {"double-tree", {{"segment-bytes", "200kB"}}},
                                       {"double-tree", {{"segment-bytes", "1MB"}}},
                                       {"two-level"},
                                       {"two-level", {}, 3},
                                       {"two-level", {{"between", "recursive-doubling"}}, 2},
                                       {"two-level", {{"between", "halving-doubling"}}, 2},
                                       {"two-level", {{"between", "tree"}}, 4},
                                       {"two-level", {{"between", "direct"}}, 2},
                                       {"two-level", {{"between", "coordinator"}}, 2},
                                       {"torus"},
                                       {"direct"},
                                       {"coordinator"}};
  for (const int rows : {1, 2, 3, ranks}) {
    if (ranks % rows == 0) {
      cases.push_back({"torus", {{"rows", std::to_string(rows)}}});
    }
  }
  return cases;
}

inline std::vector<CollectiveOperation> operations_of(const CollectiveCase& which) {
  std::vector<CollectiveOperation> all;
  for (const CollectiveOperation operation :
       {CollectiveOperation::allreduce, CollectiveOperation::reduce_scatter, CollectiveOperation::all_gather,
        CollectiveOperation::reduce, CollectiveOperation::broadcast}) {
    if (fault_of(find_collective(which.name), operation).empty()) {
      all.push_back(operation);
    }
  }
  return all;
}

/// For tests that need any schedule of an allreduce with default parameters.
inline std::shared_ptr<const Schedule> allreduce_schedule(const std::string& name, int ranks, std::uint64_t bytes = 0) {
  return schedule_of(choose_collective(name), CollectiveOperation::allreduce, Group::first(ranks), bytes);
}

/// Rounds in which the busiest link carries so many bytes.
struct Stage {
  double rounds;
  double bytes;
};

/// What is known of a collective beforehand.
struct ClosedForm {
  std::vector<Stage> stages;
  /// Sent by the rank that sends most.
  double largest_bytes = 0;

  double rounds() const {
    double sum = 0;
    for (const Stage& stage : stages) {
      sum += stage.rounds;
    }
    return sum;
  }
  /// Where all ranks begin together, a message takes alpha + beta · bytes, and only ranks' own links are shared.
  double seconds(double alpha, double beta) const {
    double sum = 0;
    for (const Stage& stage : stages) {
      sum += stage.rounds * (alpha + beta * stage.bytes);
    }
    return sum;
  }
};

inline int ceil_log2(int ranks) {
  return static_cast<int>(std::bit_width(static_cast<unsigned>(ranks - 1)));
}

/// Of a vector of n bytes whose chunks are all equal.
class ClosedForms {
 public:
  ClosedForms(CollectiveCase which, int ranks, double bytes)
      : which_(std::move(which)), ranks_(ranks), p_(ranks), n_(bytes) {}

  ClosedForm of(CollectiveOperation operation) const {
    if (ranks_ == 1) {
      return {};
    }
    return of(which_.name, operation);
  }

 private:
  ClosedForm of(const std::string& name, CollectiveOperation operation) const {
    const bool whole = operation == CollectiveOperation::allreduce;
    const double ways = whole ? 2 : 1;
    const double each = ways * n_ * (p_ - 1) / p_;
    if (name == "ring") {
      return {{{ways * (p_ - 1), n_ / p_}}, each};
    }
    if (name == "recursive-doubling") {
      // With a fold, a rank of the core also tells the sum to the one beyond it.
      return {{{log2_ + (folds() ? 2.0 : 0), n_}}, n_ * (log2_ + (folds() ? 1 : 0))};
    }
    if (name == "halving-doubling") {
      return halving_doubling(operation);
    }
    const double levels = ceil_log2(ranks_);
    if (name == "tree") {
      return {{{ways * levels, n_}}, operation == CollectiveOperation::reduce ? n_ : n_ * levels};
    }
    if (name == "double-tree") {
      const double segments = std::max(1.0, std::ceil(n_ / 2 / quantity("segment-bytes")));
      // Of both halves down the tree a rank with two children sends n bytes, as it did up, one with one n/2.
      const double down = ranks_ == 2 ? 0 : ranks_ == 3 ? n_ / 2 : n_;
      return {{{ways * 2 * (levels + segments - 1), n_ / 2 / segments}}, whole ? n_ + down : n_};
    }
    if (name == "two-level") {
      return two_level();
    }
    if (name == "torus") {
      const auto given = which_.parameters.find("rows");
      const double rows = given != which_.parameters.end() ? std::stod(given->second) : most_square();
      const double columns = p_ / rows;
      return {{{ways * (columns - 1), n_ / columns}, {ways * (rows - 1), n_ / p_}}, each};
    }
    if (name == "direct") {
      return {{{ways, n_ * (p_ - 1) / p_}}, each};
    }
    // The coordinator's link carries all P−1 vectors, one way and then the other.
    return {{{ways, n_ * (p_ - 1)}}, operation == CollectiveOperation::reduce ? n_ : n_ * (p_ - 1)};
  }

  bool folds() const { return std::exp2(log2_) != p_; }

  ClosedForm halving_doubling(CollectiveOperation operation) const {
    const bool whole = operation == CollectiveOperation::allreduce;
    const double core = std::exp2(log2_);
    const double most = n_ * (core - 1) / core;
    ClosedForm form;
    for (double part = 2; part <= core; part *= 2) {
      form.stages.push_back({whole ? 2.0 : 1.0, n_ / part});
    }
    form.largest_bytes = whole ? 2 * most : most;
    if (!folds()) {
      return form;
    }
    // A rank beyond the core sends its vector before, and is told the sum after; as a half of it, it shares a part.
    form.stages.push_back({whole ? 2.0 : 1.0, n_});
    if (!whole) {
      form.stages.push_back({1, n_ / core / 2});
    }
    form.largest_bytes = operation == CollectiveOperation::reduce_scatter ? n_ : form.largest_bytes + n_;
    return form;
  }

  /// Ranks are on their nodes one after the other.
  ClosedForm two_level() const {
    const int nodes = (ranks_ + which_.per_node - 1) / which_.per_node;
    const double inside = ceil_log2(std::min(ranks_, which_.per_node));
    const auto given = which_.parameters.find("between");
    const CollectiveCase between{given != which_.parameters.end() ? given->second : "ring"};
    ClosedForm form = ClosedForms(between, nodes, n_).of(CollectiveOperation::allreduce);
    form.stages.push_back({2 * inside, n_});
    form.largest_bytes = std::max(form.largest_bytes + n_ * inside, ranks_ > nodes ? n_ : 0);
    return form;
  }

  double quantity(const std::string& parameter) const { return which_.choose(ranks_).settings.quantity(parameter); }

  double most_square() const {
    double rows = std::floor(std::sqrt(p_));
    while (std::fmod(p_, rows) != 0) {
      --rows;
    }
    return rows;
  }

  CollectiveCase which_;
  int ranks_;
  double p_;
  double n_;
  /// Rounded down.
  double log2_ = std::floor(std::log2(p_));
};

}  // namespace descent::test
