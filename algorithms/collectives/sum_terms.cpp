#include "algorithms/collectives/sum_terms.hpp"

#include <algorithm>

namespace descent {

SumTerms::SumTerms(std::uint32_t ranks) : ranks_(ranks), nodes_{{kLeaf, kLeaf, 0}}, needs_{1} {}

SumTerm SumTerms::sum(SumTerm a, SumTerm b) {
  // One of the two ways round, whichever way they come: the lower node first, and of twins the one that the other
  // follows at the shorter distance.
  const auto distance = [&](SumTerm from, SumTerm to) { return (to.turn + ranks_ - from.turn) % ranks_; };
  const std::array there{a.node, b.node, distance(a, b), a.turn};
  const std::array back{b.node, a.node, distance(b, a), b.turn};
  if (back < there) {
    std::swap(a, b);
  }
  const Sides sides{a.node, b.node, distance(a, b)};
  const auto [known, is_new] = known_.try_emplace(sides, static_cast<std::uint32_t>(nodes_.size()));
  if (is_new) {
    const std::uint32_t need = std::max(needs_[a.node], needs_[b.node]);
    const bool keeps_one = needs_[a.node] == needs_[b.node] && a.node != kLeaf && b.node != kLeaf;
    nodes_.push_back(sides);
    needs_.push_back(need + (keeps_one ? 1 : 0));
  }
  return {known->second, a.turn};
}

std::pair<SumTerm, SumTerm> SumTerms::sides(SumTerm sum) const {
  const auto& [first, second, distance] = nodes_[sum.node];
  const SumTerm a{first, sum.turn};
  const SumTerm b = turned({second, sum.turn}, distance);
  // A rank's vector is added to a partial sum without a place of its own.
  const bool other_way = is_rank(a) ? !is_rank(b) : needs_[second] > needs_[first];
  return other_way ? std::pair(b, a) : std::pair(a, b);
}

namespace {

/// What each rank holds of each chunk while a schedule is played. Of a cyclic one rank 0 tells all.
class Holdings {
 public:
  Holdings(const Schedule& schedule, std::uint32_t ranks, const SumTerms& terms)
      : terms_(terms),
        chunks_(static_cast<std::uint32_t>(schedule.chunks())),
        rows_(schedule.cyclic() ? 1 : ranks),
        cyclic_(schedule.cyclic()) {
    held_.reserve(std::size_t{rows_} * chunks_);
    for (std::uint32_t rank = 0; rank < rows_; ++rank) {
      held_.insert(held_.end(), chunks_, terms.rank(rank));
    }
  }

  /// Ranks to be followed: the first so many.
  std::uint32_t rows() const { return rows_; }
  SumTerm of(std::uint32_t rank, std::uint32_t chunk) const {
    return cyclic_ ? terms_.turned(held_[(chunk + chunks_ - rank) % chunks_], rank) : held_[place(rank, chunk)];
  }
  std::size_t place(std::uint32_t row, std::size_t chunk) const { return std::size_t{row} * chunks_ + chunk; }
  SumTerm& at(std::size_t place) { return held_[place]; }
  /// All ranks have the same in the end; each chunk is asked of the rank for which it costs least.
  SumTerm result(std::uint32_t chunk) const { return of(cyclic_ ? chunk : 0, chunk); }

 private:
  const SumTerms& terms_;
  std::uint32_t chunks_;
  std::uint32_t rows_;
  bool cyclic_;
  std::vector<SumTerm> held_;
};

/// Things that a round changes, which take effect together: a rank sends what it held when the round began.
class Changes {
 public:
  explicit Changes(Holdings& holdings) : holdings_(holdings) {}

  void begin_rank() { first_ = changes_.size(); }
  /// What the rank will hold at a place after what it has received so far.
  SumTerm& at(std::size_t place) {
    const auto known = std::find_if(changes_.begin() + static_cast<std::ptrdiff_t>(first_), changes_.end(),
                                    [&](const auto& change) { return change.first == place; });
    return known != changes_.end() ? known->second : changes_.emplace_back(place, holdings_.at(place)).second;
  }
  void take_effect() {
    for (const auto& [place, term] : changes_) {
      holdings_.at(place) = term;
    }
    changes_.clear();
  }

 private:
  Holdings& holdings_;
  std::vector<std::pair<std::size_t, SumTerm>> changes_;
  std::size_t first_ = 0;
};

}  // namespace

std::vector<SumTerm> sums_of(const Schedule& schedule, int ranks, SumTerms& terms) {
  Holdings holdings(schedule, static_cast<std::uint32_t>(ranks), terms);
  Changes changes(holdings);
  RoundPart part;
  for (std::size_t round = 0; round < schedule.rounds(); ++round) {
    for (std::uint32_t rank = 0; rank < holdings.rows(); ++rank) {
      part.clear();
      schedule.at(round, static_cast<int>(rank), part);
      changes.begin_rank();
      for (const Reception& reception : part.receives) {
        const SumTerm theirs =
            holdings.of(static_cast<std::uint32_t>(reception.peer), static_cast<std::uint32_t>(reception.chunk));
        SumTerm& mine = changes.at(holdings.place(rank, reception.chunk));
        mine = reception.then == Reception::Then::add ? terms.sum(mine, theirs) : theirs;
      }
    }
    changes.take_effect();
  }
  std::vector<SumTerm> results;
  for (std::size_t chunk = 0; chunk < schedule.chunks(); ++chunk) {
    results.push_back(holdings.result(static_cast<std::uint32_t>(chunk)));
  }
  return results;
}

}  // namespace descent
