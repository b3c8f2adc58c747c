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

/// What a rank holds of each chunk while a schedule is played: runs of neighbouring chunks with the same sum. Messages
/// of many chunks so cost no more than one.
class Holding {
 public:
  Holding(std::size_t chunks, SumTerm term) : chunks_(chunks), runs_{{0, term}} {}

  SumTerm of(std::size_t chunk) const { return runs_[run_of(chunk)].term; }
  /// Calls f(chunks, term) for each run in `range`.
  template <class F>
  void each(ChunkRange range, F&& f) const {
    for (std::size_t run = range.count > 0 ? run_of(range.begin) : runs_.size();
         run < runs_.size() && runs_[run].begin < range.end(); ++run) {
      const std::size_t begin = std::max(range.begin, runs_[run].begin);
      f(ChunkRange{begin, std::min(range.end(), end_of(run)) - begin}, runs_[run].term);
    }
  }
  void store(ChunkRange range, SumTerm term) {
    const std::size_t first = cut_at(range.begin);
    const std::size_t last = cut_at(range.end());
    const auto at = [&](std::size_t run) { return runs_.begin() + static_cast<std::ptrdiff_t>(run); };
    runs_.erase(at(first + 1), at(last));
    runs_[first].term = term;
  }
  void add(ChunkRange range, SumTerm term, SumTerms& terms) {
    const std::size_t first = cut_at(range.begin);
    const std::size_t last = cut_at(range.end());
    for (std::size_t run = first; run < last; ++run) {
      runs_[run].term = terms.sum(runs_[run].term, term);
    }
  }

 private:
  struct Run {
    std::size_t begin;
    SumTerm term;
  };

  std::size_t end_of(std::size_t run) const { return run + 1 < runs_.size() ? runs_[run + 1].begin : chunks_; }
  std::size_t run_of(std::size_t chunk) const {
    const auto after = std::upper_bound(runs_.begin(), runs_.end(), chunk,
                                        [](std::size_t at, const Run& run) { return at < run.begin; });
    return static_cast<std::size_t>(after - runs_.begin()) - 1;
  }
  /// The run that begins at this chunk, or the end.
  std::size_t cut_at(std::size_t chunk) {
    if (chunk == chunks_) {
      return runs_.size();
    }
    const std::size_t run = run_of(chunk);
    if (runs_[run].begin == chunk) {
      return run;
    }
    runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(run) + 1, {chunk, runs_[run].term});
    return run + 1;
  }

  std::size_t chunks_;
  std::vector<Run> runs_;
};

/// The holdings of all ranks. Of a cyclic schedule rank 0 tells all.
class Holdings {
 public:
  Holdings(const Schedule& schedule, std::uint32_t ranks, SumTerms& terms)
      : terms_(terms), chunks_(schedule.chunks()), cyclic_(schedule.cyclic()) {
    for (std::uint32_t rank = 0; rank < (cyclic_ ? 1 : ranks); ++rank) {
      held_.emplace_back(chunks_, terms.rank(rank));
    }
  }

  void play(const Schedule& schedule, std::size_t round) {
    for (std::size_t rank = 0; rank < held_.size(); ++rank) {
      part_.clear();
      schedule.at(round, static_cast<int>(rank), part_);
      for (const Reception& reception : part_.receives) {
        collect(rank, reception);
      }
    }
    // Together, because a rank sends what it held when the round began.
    for (const Change& change : changes_) {
      if (change.then == Reception::Then::add) {
        held_[change.rank].add(change.chunks, change.theirs, terms_);
      } else {
        held_[change.rank].store(change.chunks, change.theirs);
      }
    }
    changes_.clear();
  }

  /// Appends what `rank` holds of `chunks`.
  void tell(int rank, ChunkRange chunks, std::vector<SumSection>& sections) const {
    const auto append = [&](ChunkRange run, SumTerm term) { sections.push_back({run, term}); };
    held_[static_cast<std::size_t>(rank)].each(chunks, append);
  }
  /// Of a cyclic schedule: what rank 0 has of one chunk, and ranks after it have of those that follow.
  void tell_in_turn(std::size_t chunk, std::vector<SumSection>& sections) const {
    const SumTerm first = held_.front().of(chunk);
    for (std::size_t i = 0; i < chunks_; ++i) {
      sections.push_back({{i}, terms_.turned(first, static_cast<std::uint32_t>((i + chunks_ - chunk) % chunks_))});
    }
  }

 private:
  /// What a reception does to the chunks that a rank holds.
  struct Change {
    std::size_t rank;
    ChunkRange chunks;
    SumTerm theirs;
    Reception::Then then;
  };

  void collect(std::size_t rank, const Reception& reception) {
    const auto peer = static_cast<std::size_t>(reception.peer);
    if (cyclic_) {
      const std::size_t theirs = (reception.chunks.begin + chunks_ - peer) % chunks_;
      const SumTerm term = terms_.turned(held_.front().of(theirs), static_cast<std::uint32_t>(peer));
      changes_.push_back({rank, reception.chunks, term, reception.then});
      return;
    }
    const auto take = [&](ChunkRange chunks, SumTerm term) {
      changes_.push_back({rank, chunks, term, reception.then});
    };
    held_[peer].each(reception.chunks, take);
  }

  SumTerms& terms_;
  std::size_t chunks_;
  bool cyclic_;
  std::vector<Holding> held_;
  std::vector<Change> changes_;
  RoundPart part_;
};

std::vector<SumSection> joined(std::vector<SumSection> sections) {
  std::sort(sections.begin(), sections.end(),
            [](const auto& a, const auto& b) { return a.chunks.begin < b.chunks.begin; });
  std::vector<SumSection> all;
  for (const SumSection& section : sections) {
    if (!all.empty() && all.back().term == section.term) {
      all.back().chunks.count += section.chunks.count;
    } else {
      all.push_back(section);
    }
  }
  return all;
}

}  // namespace

/// Owners have the sums where the halves meet; without halves, all ranks have them in the end.
std::vector<SumSection> sums_of(const Schedule& schedule, int ranks, SumTerms& terms) {
  Holdings holdings(schedule, static_cast<std::uint32_t>(ranks), terms);
  const std::optional<std::size_t> meeting = schedule.meeting();
  const std::size_t rounds = meeting.value_or(schedule.rounds());
  for (std::size_t round = 0; round < rounds; ++round) {
    holdings.play(schedule, round);
  }
  std::vector<SumSection> sections;
  if (schedule.cyclic()) {
    holdings.tell_in_turn(meeting ? schedule.owned(0).begin : 0, sections);
  } else if (meeting) {
    for (int rank = 0; rank < ranks; ++rank) {
      holdings.tell(rank, schedule.owned(rank), sections);
    }
  } else {
    holdings.tell(0, {0, schedule.chunks()}, sections);
  }
  return joined(std::move(sections));
}

}  // namespace descent
