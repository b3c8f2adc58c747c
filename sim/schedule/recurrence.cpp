#include "sim/schedule/recurrence.hpp"

#include <algorithm>

namespace descent {
namespace {

/// Seconds of each member's transfer in one round; 0 for one that sends nothing.
class Costs {
 public:
  Costs(const CollectivePlan& plan, std::span<const double> bytes, const Interconnect& interconnect)
      : plan_(plan), schedule_(*plan.schedule), interconnect_(interconnect) {
    // Chunks have a size or two: of each it is known which.
    for (const double one : bytes) {
      const auto known = std::find(sizes_.begin(), sizes_.end(), one);
      size_of_.push_back(static_cast<std::size_t>(known - sizes_.begin()));
      if (known == sizes_.end()) {
        sizes_.push_back(one);
      }
    }
  }

  const std::vector<double>& of(std::size_t round, const Exchange& exchange) {
    if (sizes_.size() == 1) {
      return of_pattern(schedule_.pattern(round), exchange);
    }
    costs_.assign(exchange.to.size(), 0);
    if (schedule_.cyclic()) {
      shift(round, exchange);
    } else {
      read(round, exchange);
    }
    return costs_;
  }

 private:
  /// Where all chunks have one size, rounds with the same peers have the same costs.
  const std::vector<double>& of_pattern(std::size_t pattern, const Exchange& exchange) {
    by_pattern_.resize(std::max(by_pattern_.size(), pattern + 1));
    std::vector<double>& costs = by_pattern_[pattern];
    if (costs.empty()) {
      for (std::size_t member = 0; member < exchange.to.size(); ++member) {
        costs.push_back(cost(exchange.routes[member], exchange.bytes[member]));
      }
    }
    return costs;
  }

  /// Of a cyclic schedule: members send neighbouring chunks.
  void shift(std::size_t round, const Exchange& exchange) {
    const std::size_t pattern = schedule_.pattern(round);
    if (by_size_.empty() || pattern != newest_) {
      newest_ = pattern;
      by_size_.assign(sizes_.size(), {});
      for (std::size_t size = 0; size < sizes_.size(); ++size) {
        for (const Route* route : exchange.routes) {
          by_size_[size].push_back(cost(route, sizes_[size]));
        }
      }
    }
    const std::size_t members = exchange.to.size();
    const std::size_t first = sent(round, 0).begin;
    for (std::size_t member = 0; member < members; ++member) {
      const std::size_t chunk = first + member < members ? first + member : first + member - members;
      costs_[member] = by_size_[size_of_[chunk]][member];
    }
  }

  void read(std::size_t round, const Exchange& exchange) {
    for (std::size_t member = 0; member < exchange.to.size(); ++member) {
      if (exchange.routes[member] != nullptr) {
        costs_[member] = cost(exchange.routes[member], static_cast<double>(plan_.bytes(sent(round, member))));
      }
    }
  }

  double cost(const Route* route, double bytes) {
    if (route == nullptr) {
      return 0;
    }
    if (bytes != factors_bytes_) {
      factors_bytes_ = bytes;
      latency_factor_ = interconnect_.latency_factor(bytes);
      rate_factor_ = interconnect_.rate_factor(bytes);
    }
    return route->latency * latency_factor_ + bytes / (route->rate * rate_factor_);
  }

  ChunkRange sent(std::size_t round, std::size_t member) {
    part_.clear();
    schedule_.at(round, static_cast<int>(member), part_);
    return part_.sends.front().chunks;
  }

  const CollectivePlan& plan_;
  const Schedule& schedule_;
  const Interconnect& interconnect_;
  /// Bytes that chunks have, and which of them each has.
  std::vector<double> sizes_;
  std::vector<std::size_t> size_of_;
  std::vector<std::vector<double>> by_pattern_;
  /// For the newest pattern: by size, then by member.
  std::vector<std::vector<double>> by_size_;
  std::size_t newest_ = 0;
  std::vector<double> costs_;
  RoundPart part_;
  /// The model's factors for a message of so many bytes: the newest asked for.
  double factors_bytes_ = -1;
  double latency_factor_ = 1;
  double rate_factor_ = 1;
};

/// All ranks in one round after the other. Arrays are by rank.
class Rounds {
 public:
  explicit Rounds(std::span<const double> arrivals)
      : entered_(arrivals.begin(), arrivals.end()),
        busy_(arrivals.size(), 0),
        starts_(arrivals.size()),
        ends_(arrivals.size()) {}

  void next(const Exchange& exchange, const double* costs) {
    const std::size_t ranks = entered_.size();
    if (!exchange.rotation) {
      begin({0, ranks}, costs, [to = exchange.to.data()](std::size_t i) { return to[i]; });
      end({0, ranks}, [from = exchange.from.data()](std::size_t i) { return from[i]; });
      return;
    }
    // Two stretches with the peer at a fixed distance: as fast as vectors can be read.
    const std::size_t distance = *exchange.rotation;
    begin({0, ranks - distance}, costs, [=](std::size_t i) { return i + distance; });
    begin({ranks - distance, ranks}, costs, [=](std::size_t i) { return i + distance - ranks; });
    end({0, distance}, [=](std::size_t i) { return i + ranks - distance; });
    end({distance, ranks}, [=](std::size_t i) { return i - distance; });
  }

  Passage take() && { return {std::move(entered_), std::move(busy_)}; }

 private:
  struct Stretch {
    std::size_t begin;
    std::size_t end;
  };

  template <class Peer>
  void begin(Stretch ranks, const double* costs, Peer to) {
    const double* const entered = entered_.data();
    double* const start = starts_.data();
    double* const ends = ends_.data();
#pragma GCC ivdep
    for (std::size_t i = ranks.begin; i < ranks.end; ++i) {
      start[i] = std::max(entered[i], entered[to(i)]);
      ends[i] = start[i] + costs[i];
    }
  }

  /// A rank that takes nothing has itself before it: its own transfer counts once, as two that overlap entirely.
  template <class Peer>
  void end(Stretch ranks, Peer from) {
    const double* const start = starts_.data();
    const double* const ends = ends_.data();
    double* const entered = entered_.data();
    double* const busy = busy_.data();
#pragma GCC ivdep
    for (std::size_t i = ranks.begin; i < ranks.end; ++i) {
      const double first_end = std::min(ends[i], ends[from(i)]);
      const double last_start = std::max(start[i], start[from(i)]);
      const double first_start = std::min(start[i], start[from(i)]);
      const double last_end = std::max(ends[i], ends[from(i)]);
      entered[i] = last_end;
      busy[i] += (last_end - first_start) - std::max(last_start - first_end, 0.0);
    }
  }

  std::vector<double> entered_;
  /// Seconds with a transfer under way.
  std::vector<double> busy_;
  std::vector<double> starts_;
  std::vector<double> ends_;
};

}  // namespace

Passage play_recurrence(const CollectivePlan& plan, std::span<const Exchange> exchanges, std::span<const double> bytes,
                        const Interconnect& interconnect, std::span<const double> arrivals) {
  Costs costs(plan, bytes, interconnect);
  Rounds rounds(arrivals);
  const Schedule& schedule = *plan.schedule;
  const std::size_t count = schedule.rounds();
  for (std::size_t round = 0; round < count; ++round) {
    const Exchange& exchange = exchanges[schedule.pattern(round)];
    rounds.next(exchange, costs.of(round, exchange).data());
  }
  return std::move(rounds).take();
}

}  // namespace descent
