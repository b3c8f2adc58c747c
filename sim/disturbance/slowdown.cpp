#include "sim/disturbance/slowdown.hpp"

#include "algorithms/core/random.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <utility>

namespace descent {

Slowdown::Slowdown(const std::vector<RankSlowdown>& slowdowns, std::uint64_t seed, int rank)
    : seed_(seed), rank_(static_cast<std::uint64_t>(rank)) {
  parts_.reserve(slowdowns.size());
  for (const RankSlowdown& slowdown : slowdowns) {
    const Choice& distribution = slowdown.settings.distribution;
    const DistributionRow& row = find_distribution(distribution.kind);
    Part part;
    if (row.make) {
      part.draw = row.make(distribution.settings);
    } else {
      part.replay = replay(slowdown, seed_, rank_);
    }
    part.seconds = slowdown.settings.tells_seconds();
    if (slowdown.settings.shared) {
      part.shared = slowdown.number;
    }
    parts_.push_back(std::move(part));
  }
}

/// From the first row of a column of its own, else from one that is drawn, for each rank or for all who share it.
Replay Slowdown::replay(const RankSlowdown& slowdown, std::uint64_t seed, std::uint64_t rank) {
  if (slowdown.column) {
    return {slowdown.trace, *slowdown.column, 0};
  }
  const bool shared = slowdown.settings.shared;
  RandomStream stream(seed, shared ? Purpose::shared_trace_offset : Purpose::trace_offset,
                      shared ? slowdown.number : rank);
  return {slowdown.trace, 0,
          boost::random::uniform_int_distribution<std::size_t>(0, slowdown.trace->rows() - 1)(stream)};
}

Charge Slowdown::operator()(const std::optional<std::uint64_t>& step) const {
  if (!step || parts_.empty()) {
    return 1;
  }
  RandomStream own(seed_, Purpose::slowdown, rank_, *step);
  Charge charge(1);
  for (const Part& part : parts_) {
    const double drawn = value(part, *step, own);
    if (part.seconds) {
      charge.seconds = drawn;
    } else {
      charge.factor *= drawn;
    }
  }
  if (charge.seconds) {
    *charge.seconds *= charge.factor;
  }
  return charge;
}

double Slowdown::value(const Part& part, std::uint64_t step, RandomStream& own) const {
  if (part.replay) {
    return part.replay->at(step);
  }
  if (part.shared) {
    RandomStream shared(seed_, Purpose::shared_slowdown, *part.shared, step);
    return part.draw(shared);
  }
  return part.draw(own);
}

}  // namespace descent
