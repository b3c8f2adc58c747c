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

}  // namespace

Passage play_recurrence(const Schedule& schedule, std::span<const Exchange> exchanges, std::span<const double> bytes,
                        const Interconnect& interconnect, std::span<const double> arrivals) {
  const std::size_t ranks = arrivals.size();
  Costs costs(schedule, bytes, interconnect);
  std::vector<double> entered(arrivals.begin(), arrivals.end());
  std::vector<double> communicating(ranks, 0);
  std::vector<double> starts(ranks);
  std::vector<double> ends(ranks);
  const std::size_t rounds = schedule.rounds();
  for (std::size_t round = 0; round < rounds; ++round) {
    const Exchange& exchange = exchanges[schedule.pattern(round)];
    const double* const cost = costs.of(round, exchange).data();
    const int* const to = exchange.to.data();
    const int* const from = exchange.from.data();
    double* const enter = entered.data();
    double* const start = starts.data();
    double* const end = ends.data();
    double* const busy = communicating.data();
    for (std::size_t i = 0; i < ranks; ++i) {
      start[i] = std::max(enter[i], enter[to[i]]);
      end[i] = start[i] + cost[i];
    }
    // A rank that takes nothing has `from` itself: its own transfer counts once, as two that overlap entirely.
#pragma GCC ivdep
    for (std::size_t i = 0; i < ranks; ++i) {
      const double their_start = start[from[i]];
      const double their_end = end[from[i]];
      enter[i] = std::max(end[i], their_end);
      const double both = std::min(end[i], their_end) - std::max(start[i], their_start);
      busy[i] += (end[i] - start[i]) + (their_end - their_start) - std::max(both, 0.0);
    }
  }
  return {std::move(entered), std::move(communicating)};
}

}  // namespace descent
