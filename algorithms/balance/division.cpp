#include "algorithms/balance/division.hpp"

#include "algorithms/balance/apportion.hpp"
#include "algorithms/math/vector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace descent {
namespace {

bool has_data(const Load& load) {
  return std::any_of(load.shard_sizes.begin(), load.shard_sizes.end(), [](std::size_t size) { return size > 0; });
}

Division divide_batches(const Load& load, const Division& before, std::span<const double> speeds) {
  std::vector<Bounds> bounds;
  bounds.reserve(load.workers);
  for (const std::vector<std::size_t>& shards : before.shards) {
    bounds.push_back({std::max(std::size_t{1}, shards.size()), most_drawn(shards, load)});
  }
  return {apportion(load.samples, speeds, bounds), before.shards};
}

Division divide_shards(const Load& load, const Division& before, std::span<const double> speeds) {
  const std::size_t all = load.shard_sizes.size();
  const std::vector<Bounds> bounds(load.workers, {1, all});
  const std::vector<std::size_t> counts = apportion(all, speeds, bounds);
  Division after{{}, before.shards};
  after.batches.reserve(load.workers);
  std::vector<std::size_t> moving;
  for (std::size_t worker = 0; worker < load.workers; ++worker) {
    std::vector<std::size_t>& mine = after.shards[worker];
    while (mine.size() > counts[worker]) {
      moving.push_back(mine.back());
      mine.pop_back();
    }
  }
  auto next = moving.begin();
  for (std::size_t worker = 0; worker < load.workers; ++worker) {
    std::vector<std::size_t>& mine = after.shards[worker];
    while (mine.size() < counts[worker]) {
      mine.push_back(*next++);
    }
    after.batches.push_back(mine.size() * samples_of_shard(load));
  }
  return after;
}

}  // namespace

Division equal_division(const Load& load) {
  Division division;
  division.batches.reserve(load.workers);
  division.shards.reserve(load.workers);
  for (std::size_t worker = 0; worker < load.workers; ++worker) {
    const Part mine = part_of(load.shard_sizes.size(), load.workers, worker);
    std::vector<std::size_t> shards(mine.count);
    std::iota(shards.begin(), shards.end(), mine.begin);
    division.shards.push_back(std::move(shards));
    division.batches.push_back(load.samples / load.workers);
  }
  return division;
}

/// Of b samples from n shards, the first b mod n give one more (part_of).
std::size_t most_drawn(std::span<const std::size_t> shards, const Load& load) {
  std::size_t most = load.samples;
  if (has_data(load)) {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      most = std::min(most, shards.size() * load.shard_sizes[shards[i]] + i);
    }
  }
  return most;
}

Division divide(Balanced what, const Load& load, const Division& before, std::span<const double> speeds) {
  return what == Balanced::batches ? divide_batches(load, before, speeds) : divide_shards(load, before, speeds);
}

std::vector<ShardMove> moves_between(const Division& before, const Division& after) {
  std::map<std::size_t, std::size_t> owners;
  for (std::size_t worker = 0; worker < before.shards.size(); ++worker) {
    for (const std::size_t shard : before.shards[worker]) {
      owners[shard] = worker;
    }
  }
  std::vector<ShardMove> moves;
  for (std::size_t worker = 0; worker < after.shards.size(); ++worker) {
    for (const std::size_t shard : after.shards[worker]) {
      if (owners.at(shard) != worker) {
        moves.push_back({shard, owners.at(shard), worker});
      }
    }
  }
  return moves;
}

std::string fault_of(Balanced what, const Load& load) {
  const std::size_t all = load.shard_sizes.size();
  if (what == Balanced::batches) {
    const Division equal = equal_division(load);
    const std::size_t most = std::accumulate(
        equal.shards.begin(), equal.shards.end(), std::size_t{0},
        [&](std::size_t sum, const std::vector<std::size_t>& shards) { return sum + most_drawn(shards, load); });
    if (load.samples < std::max(all, load.workers)) {
      return fmt::format("a round of {} samples cannot be drawn from {} shards; allowed: at least a sample of each",
                         load.samples, all);
    }
    return load.samples <= most ? ""
                                : fmt::format(
                                      "a round of {} samples is more than the {} that the shards give; "
                                      "allowed: a smaller batch",
                                      load.samples, most);
  }
  if (all <= load.workers) {
    return fmt::format(
        "{} shards for {} workers: none can move; allowed: <partition shards=\"...\"> several times the workers", all,
        load.workers);
  }
  if (load.samples % all != 0) {
    return fmt::format(
        "a round of {} samples is no multiple of the {} shards, so shards would not weigh the same; allowed: a batch "
        "with which it is",
        load.samples, all);
  }
  const auto smallest = std::min_element(load.shard_sizes.begin(), load.shard_sizes.end());
  return samples_of_shard(load) <= *smallest
             ? ""
             : fmt::format("a round draws {} samples from each shard, and shard {} has {}; allowed: a smaller batch",
                           samples_of_shard(load), smallest - load.shard_sizes.begin(), *smallest);
}

}  // namespace descent
