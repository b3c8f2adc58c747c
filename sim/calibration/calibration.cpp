#include "sim/calibration/calibration.hpp"

#include "algorithms/comm/message.hpp"
#include "algorithms/core/error.hpp"
#include "sim/calibration/links.hpp"
#include "sim/calibration/piecewise.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace descent {
namespace {

/// What a size's factors are, at most and at least: far beyond what measurements tell.
constexpr double kLeastFactor = 1e-3;
constexpr double kMostFactor = 1e3;

class Calibrator {
 public:
  explicit Calibrator(const Measurements& measurements)
      : measurements_(measurements),
        hosts_(measurements),
        medians_(measurements.points),
        links_(fit_links(hosts_, medians_)) {}

  Calibration run() {
    fit_send_costs();
    fit_sizes();
    find_eager();
    find_overlap();
    describe_hosts();
    return std::move(result_);
  }

 private:
  void fit_send_costs() {
    std::vector<Observed> calls;
    for (const Point& point : medians_.all()) {
      if (point.pattern == Pattern::send_call && point.seconds > 0) {
        const auto bytes = static_cast<double>(point.bytes);
        calls.push_back({bytes, 1, bytes, point.seconds});
      }
    }
    if (calls.empty()) {
      return;
    }
    std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    constexpr std::size_t kMostPieces = 3;
    for (const Piece& piece : fit_pieces(calls, kMostPieces)) {
      result_.send_costs.push_back({static_cast<std::uint64_t>(piece.above), piece.a, piece.c});
    }
    // What was not measured is not extrapolated.
    const double largest = calls.back().key;
    result_.send_costs.push_back({static_cast<std::uint64_t>(largest), send_cost(largest), 0});
  }

  double send_cost(double bytes) const {
    double seconds = 0;
    for (const SendCost& cost : result_.send_costs) {
      seconds = bytes > static_cast<double>(cost.above) ? cost.seconds + cost.seconds_per_byte * bytes : seconds;
    }
    return seconds;
  }

  bool within_one_host() const { return hosts_.names.size() == 1; }

  double latency(int from, int to) const {
    return within_one_host() ? *links_.own_latency : links_.latency_between(hosts_.of(from), hosts_.of(to));
  }
  double rate(int from, int to) const {
    return within_one_host() ? *links_.own_bandwidth : links_.rate[hosts_.of(from)][hosts_.of(to)];
  }

  /// Ranks that shift at once do so at one rate, with a link of their own each.
  bool shifts_are_even() const {
    if (hosts_.names.size() != hosts_.of_rank.size()) {
      return false;
    }
    double least = std::numeric_limits<double>::infinity();
    double most = 0;
    for (int rank = 0; rank < static_cast<int>(hosts_.of_rank.size()); ++rank) {
      const double one = rate(rank, (rank + 1) % static_cast<int>(hosts_.of_rank.size()));
      least = std::min(least, one);
      most = std::max(most, one);
    }
    constexpr double kEven = 1.1;
    return most < kEven * least;
  }

  /// One message each way, or one way only, as latency and bytes/bandwidth.
  std::vector<Observed> transfers() const {
    const bool even = shifts_are_even();
    std::vector<Observed> all;
    for (const Point& point : medians_.all()) {
      const bool counts = point.pattern == Pattern::round_trip || point.pattern == Pattern::exchange ||
                          (point.pattern == Pattern::shift && even);
      if (!counts || (hosts_.together(point) && !within_one_host())) {
        continue;
      }
      const auto bytes = static_cast<double>(point.bytes);
      double seconds = point.seconds - send_cost(bytes);
      double bandwidth = rate(point.from, point.to);
      if (point.pattern == Pattern::round_trip) {
        const auto small = medians_.seconds(Pattern::round_trip, point.from, point.to, control_bytes);
        seconds -= small.value_or(0) / 2;
      } else {
        bandwidth = std::min(bandwidth, rate(point.to, point.from));
      }
      if (seconds > 0) {
        all.push_back({bytes, latency(point.from, point.to), bytes / bandwidth, seconds});
      }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    return all;
  }

  /// By how much messages take longer than bytes/rate: between hosts the largest, because what they share with others
  /// is what links carry; within a host those of the fastest size.
  double slowness(const std::vector<Observed>& all, const std::vector<Piece>& pieces) const {
    double least = std::numeric_limits<double>::infinity();
    if (within_one_host()) {
      for (const Piece& piece : pieces) {
        least = piece.c > 0 && piece.above > 0 ? std::min(least, piece.c) : least;
      }
    }
    if (std::isfinite(least)) {
      return least;
    }
    constexpr double kLarge = 0.25;
    std::vector<double> slow;
    for (const Observed& one : all) {
      if (one.key >= kLarge * all.back().key) {
        slow.push_back((one.y - pieces.back().a * one.u) / one.v);
      }
    }
    return median_of(slow);
  }

  /// A link carries no more than its bandwidth, whatever the factors say: they are at most 1. Where a size seems faster
  /// (its first bytes passed a buffer), it has the latency that is left.
  void fit_sizes() {
    const std::vector<Observed> all = transfers();
    constexpr std::size_t kMostPieces = 5;
    std::vector<Piece> pieces = fit_pieces(all, kMostPieces);
    inverse_rate_ = slowness(all, pieces);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      Piece& piece = pieces[i];
      if (piece.c < inverse_rate_) {
        const double end = i + 1 < pieces.size() ? pieces[i + 1].above : std::numeric_limits<double>::infinity();
        std::vector<double> left;
        for (const Observed& one : all) {
          if (one.key > piece.above && one.key <= end && one.u > 0) {
            left.push_back((one.y - inverse_rate_ * one.v) / one.u);
          }
        }
        piece = {piece.above, left.empty() ? piece.a : median_of(left), inverse_rate_};
      }
      result_.segments.push_back({static_cast<std::uint64_t>(piece.above),
                                  std::clamp(piece.a, kLeastFactor, kMostFactor),
                                  std::clamp(inverse_rate_ / piece.c, kLeastFactor, 1.0)});
    }
  }

  /// A message that was sent long before its receiver asks is there at once, or on its way only then. Once is enough:
  /// receivers are held up by other things too.
  void find_eager() {
    constexpr std::uint64_t kAll = std::numeric_limits<int>::max();
    std::map<std::uint64_t, double> least;
    for (const Point& point : measurements_.points) {
      if (point.pattern == Pattern::late && (within_one_host() || !hosts_.together(point))) {
        const double whole =
            latency(point.from, point.to) + static_cast<double>(point.bytes) / rate(point.from, point.to);
        const auto [known, fresh] = least.emplace(point.bytes, point.seconds / whole);
        known->second = std::min(known->second, point.seconds / whole);
      }
    }
    const auto waits = std::find_if(least.begin(), least.end(), [](const auto& size) { return size.second > 0.5; });
    if (waits != least.end()) {
      result_.eager_below = waits == least.begin() ? 0 : std::prev(waits)->first + 1;
    } else if (!least.empty()) {
      result_.eager_below = kAll;
    }
  }

  void find_overlap() {
    for (const Point& left : medians_.all()) {
      const bool whole_exchange = left.pattern == Pattern::overlap && left.from < left.to;
      const auto whole = whole_exchange ? exchange_between(left) : std::nullopt;
      if (whole) {
        result_.overlap[left.bytes] = std::clamp(1 - left.seconds / *whole, 0.0, 1.0);
      }
    }
  }

  /// Of the same size, by these ranks or, where they were not measured, by any that are as far from each other.
  std::optional<double> exchange_between(const Point& ends) const {
    for (const Point& point : medians_.all()) {
      if (point.pattern == Pattern::exchange && point.bytes == ends.bytes &&
          hosts_.together(point) == hosts_.together(ends)) {
        return point.seconds;
      }
    }
    return std::nullopt;
  }

  void describe_hosts() {
    std::vector<Links> rounds;
    std::set<int> numbers;
    for (const Point& point : measurements_.points) {
      numbers.insert(point.round);
    }
    if (numbers.size() < 2) {
      throw InputError("the measurements are of one round, which does not tell how much they vary; allowed: 2 or more");
    }
    rounds.reserve(numbers.size());
    for (const int round : numbers) {
      rounds.push_back(fit_links(hosts_, Medians(measurements_.points, round)));
    }
    const auto over_rounds = [&](double value, const auto& of_round, double scale) {
      std::vector<double> values;
      values.reserve(rounds.size());
      for (const Links& links : rounds) {
        values.push_back(of_round(links) * scale);
      }
      return estimate(value * scale, values);
    };
    const double scale = 1 / inverse_rate_;
    for (std::size_t h = 0; h < hosts_.names.size(); ++h) {
      CalibratedHost host;
      host.name = hosts_.names[h];
      host.ranks = hosts_.ranks[h];
      if (!within_one_host()) {
        host.latency = over_rounds(
            links_.latency[h], [&](const Links& l) { return l.latency[h]; }, 1);
        host.up = over_rounds(
            links_.up[h], [&](const Links& l) { return l.up[h]; }, scale);
        host.down = over_rounds(
            links_.down[h], [&](const Links& l) { return l.down[h]; }, scale);
      }
      if (host.ranks > 1 && links_.own_latency) {
        host.own_latency = over_rounds(
            *links_.own_latency, [](const Links& l) { return *l.own_latency; }, 1);
        host.own_bandwidth = over_rounds(
            *links_.own_bandwidth, [](const Links& l) { return *l.own_bandwidth; }, within_one_host() ? scale : 1);
      }
      result_.hosts.push_back(std::move(host));
    }
    for (std::size_t from = 0; from < links_.rate.size(); ++from) {
      for (std::size_t to = 0; to < links_.rate.size(); ++to) {
        if (from != to && links_.rate[from][to] < std::min(links_.up[from], links_.down[to])) {
          result_.slow_pairs.push_back({from, to, links_.rate[from][to] * scale});
        }
      }
    }
  }

  const Measurements& measurements_;
  Hosts hosts_;
  Medians medians_;
  Links links_;
  /// By how much the largest messages take longer than bytes/rate.
  double inverse_rate_ = 1;
  Calibration result_;
};

}  // namespace

Calibration calibrate(const Measurements& measurements) {
  return Calibrator(measurements).run();
}

}  // namespace descent
