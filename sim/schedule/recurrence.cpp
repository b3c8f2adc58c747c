#include "sim/schedule/recurrence.hpp"

#include <algorithm>

namespace descent {
namespace {

/// Seconds of each rank's transfer in one round; 0 for a rank that sends nothing.
class Costs {
 public:
  Costs(const Schedule& schedule, std::span<const double> bytes, const Interconnect& interconnect)
      : schedule_(schedule),
        bytes_(bytes),
        interconnect_(interconnect),
        uniform_(std::all_of(bytes.begin(), bytes.end(), [&](double b) { return b == bytes.front(); })) {}

  /// The same as in the round before where neither peers nor bytes have changed.
  const std::vector<double>& of(std::size_t round, const Exchange& exchange) {
    const std::size_t pattern = schedule_.pattern(round);
    if (!uniform_ || costs_.empty() || pattern != newest_) {
      newest_ = pattern;
      find(round, exchange);
    }
    return costs_;
  }

 private:
  void find(std::size_t round, const Exchange& exchange) {
    costs_.assign(exchange.to.size(), 0);
    for (std::size_t rank = 0; rank < costs_.size(); ++rank) {
      const Route* route = exchange.routes[rank];
      if (route == nullptr) {
        continue;
      }
      double bytes = bytes_.front();
      if (!uniform_) {
        part_.clear();
        schedule_.at(round, static_cast<int>(rank), part_);
        bytes = bytes_[part_.sends.front().chunk];
      }
      if (bytes != sized_) {
        sized_ = bytes;
        latency_factor_ = interconnect_.latency_factor(bytes);
        rate_factor_ = interconnect_.rate_factor(bytes);
      }
      costs_[rank] = route->latency * latency_factor_ + bytes / (route->rate * rate_factor_);
    }
  }

  const Schedule& schedule_;
  std::span<const double> bytes_;
  const Interconnect& interconnect_;
  bool uniform_;
  std::vector<double> costs_;
  std::size_t newest_ = 0;
  /// The factors are for messages of so many bytes.
  double sized_ = -1;
  double latency_factor_ = 1;
  double rate_factor_ = 1;
  RoundPart part_;
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

Passage play_recurrence(const Schedule& schedule, std::span<const Exchange> exchanges, std::span<const double> bytes,
                        const Interconnect& interconnect, std::span<const double> arrivals) {
  Costs costs(schedule, bytes, interconnect);
  Rounds rounds(arrivals);
  const std::size_t count = schedule.rounds();
  for (std::size_t round = 0; round < count; ++round) {
    const Exchange& exchange = exchanges[schedule.pattern(round)];
    rounds.next(exchange, costs.of(round, exchange).data());
  }
  return std::move(rounds).take();
}

}  // namespace descent
