#include "algorithms/collectives/summation.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

/// Elements that are summed at a time: a partial sum stays in the cache.
constexpr std::size_t kBlock = 4096;

}  // namespace

SumOrder::SumOrder(const Schedule& schedule, int ranks) {
  // What each rank holds of each chunk, as the number of an expression: below `count` that rank's own vector, else a
  // sum of two expressions.
  const auto count = static_cast<std::size_t>(ranks);
  const std::size_t chunks = schedule.chunks();
  std::vector<std::uint32_t> held(count * chunks);
  for (std::size_t i = 0; i < held.size(); ++i) {
    held[i] = static_cast<std::uint32_t>(i / chunks);
  }
  struct Change {
    std::size_t place;
    std::uint32_t expression;
  };
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sums;
  std::vector<Change> changes;
  RoundPart part;
  for (std::size_t round = 0; round < schedule.rounds(); ++round) {
    // A rank sends what it held when the round began.
    changes.clear();
    for (std::size_t rank = 0; rank < count; ++rank) {
      part.clear();
      schedule.at(round, static_cast<int>(rank), part);
      const std::size_t before = changes.size();
      for (const Reception& reception : part.receives) {
        const std::size_t place = rank * chunks + reception.chunk;
        const std::uint32_t theirs = held[static_cast<std::size_t>(reception.peer) * chunks + reception.chunk];
        const auto changed = std::find_if(changes.begin() + static_cast<std::ptrdiff_t>(before), changes.end(),
                                          [&](const Change& change) { return change.place == place; });
        std::uint32_t result = theirs;
        if (reception.then == Reception::Then::add) {
          result = static_cast<std::uint32_t>(count + sums.size());
          sums.emplace_back(changed == changes.end() ? held[place] : changed->expression, theirs);
        }
        if (changed == changes.end()) {
          changes.push_back({place, result});
        } else {
          changed->expression = result;
        }
      }
    }
    for (const Change& change : changes) {
      held[change.place] = change.expression;
    }
  }
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    first_.push_back(steps_.size());
    append(held[chunk], sums, count);
  }
  first_.push_back(steps_.size());
}

/// Addition is commutative to the bit, so the longer side may come first: then a chain needs one partial sum only.
void SumOrder::append(std::size_t node, std::span<const std::pair<std::uint32_t, std::uint32_t>> sums,
                      std::size_t ranks) {
  struct Visit {
    std::size_t node;
    bool merges;
  };
  std::vector<Visit> stack{{node, false}};
  const auto is_rank = [&](std::size_t n) { return n < ranks; };
  const std::size_t begin = steps_.size();
  // Written backwards, the last step first.
  while (!stack.empty()) {
    const std::size_t at = stack.back().node;
    stack.pop_back();
    if (is_rank(at)) {
      steps_.emplace_back(Step::push, at);
      continue;
    }
    const auto [left, right] = sums[at - ranks];
    if (is_rank(left) || is_rank(right)) {
      const std::size_t leaf = is_rank(right) ? right : left;
      steps_.emplace_back(Step::add, leaf);
      stack.push_back({leaf == right ? left : right, false});
    } else {
      steps_.emplace_back(Step::merge, 0);
      stack.push_back({left, false});
      stack.push_back({right, false});
    }
  }
  std::reverse(steps_.begin() + static_cast<std::ptrdiff_t>(begin), steps_.end());
}

void SumOrder::add(std::span<const Snapshot> addends, std::size_t begin, std::size_t end, Buffer& sum) const {
  const std::size_t size = addends.front().size();
  const std::size_t chunks = first_.size() - 1;
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const Part whole = part_of(size, chunks, chunk);
    const std::size_t last = std::min(end, whole.begin + whole.count);
    const std::span<const Step> steps(steps_.data() + first_[chunk], first_[chunk + 1] - first_[chunk]);
    for (std::size_t at = std::max(begin, whole.begin); at < last; at += kBlock) {
      const Part block{at, std::min(kBlock, last - at)};
      with_real(sum.precision(), [&](auto real) { add_block<decltype(real)>(steps, addends, block, sum); });
    }
  }
}

template <class Real>
void SumOrder::add_block(std::span<const Step> steps, std::span<const Snapshot> addends, Part where,
                         Buffer& sum) const {
  const auto count = static_cast<Eigen::Index>(where.count);
  const auto of = [&](std::uint32_t rank) {
    return addends[rank].as<Real>().segment(static_cast<Eigen::Index>(where.begin), count);
  };
  thread_local std::vector<Vector<Real>> partial;
  std::size_t depth = 0;
  for (const Step& step : steps) {
    switch (step.what) {
      case Step::push:
        if (partial.size() <= depth) {
          partial.emplace_back(static_cast<Eigen::Index>(kBlock));
        }
        partial[depth++].head(count) = of(step.rank);
        break;
      case Step::add:
        partial[depth - 1].head(count) += of(step.rank);
        break;
      case Step::merge:
        --depth;
        partial[depth - 1].head(count) += partial[depth].head(count);
        break;
    }
  }
  sum.as<Real>().segment(static_cast<Eigen::Index>(where.begin), count) = partial.front().head(count);
}

}  // namespace descent
