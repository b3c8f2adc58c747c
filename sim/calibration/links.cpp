#include "sim/calibration/links.hpp"

#include "algorithms/comm/message.hpp"
#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace descent {
namespace {

/// Rates that differ by no more than this are one, measured twice.
constexpr double kSame = 0.03;

using RoundTrips = std::vector<std::vector<std::vector<double>>>;

/// What was measured from each host to each, by any of their ranks.
RoundTrips by_host(std::size_t hosts) {
  return RoundTrips(hosts, std::vector<std::vector<double>>(hosts));
}

/// The middle of the larger half: of a connection's rates to several peers, those that the peers do not limit, provided
/// that at least half of them do not.
double upper_median(std::vector<double> values) {
  std::sort(values.begin(), values.end(), std::greater<>());
  values.resize((values.size() + 1) / 2);
  return median_of(std::move(values));
}

/// Values that are nearly equal become equal: their median.
void join_equals(std::vector<std::vector<double>*> lists) {
  std::vector<double*> all;
  for (std::vector<double>* list : lists) {
    for (double& value : *list) {
      all.push_back(&value);
    }
  }
  std::sort(all.begin(), all.end(), [](const double* a, const double* b) { return *a < *b; });
  for (auto begin = all.begin(); begin != all.end();) {
    auto end = begin + 1;
    while (end != all.end() && **end <= **(end - 1) * (1 + kSame)) {
      ++end;
    }
    std::vector<double> group;
    std::transform(begin, end, std::back_inserter(group), [](const double* value) { return *value; });
    const double common = median_of(group);
    std::for_each(begin, end, [&](double* value) { *value = common; });
    begin = end;
  }
}

class LinkFit {
 public:
  LinkFit(const Hosts& hosts, const Medians& medians) : hosts_(hosts), medians_(medians) {}

  Links fit() {
    find_ends();
    take_measurements();
    if (hosts_.names.size() > 1) {
      fit_latencies();
      fit_rates();
    }
    if (!own_latencies_.empty()) {
      links_.own_latency = median_of(own_latencies_);
      links_.own_bandwidth = median_of(own_rates_);
    }
    return std::move(links_);
  }

 private:
  /// The largest message of round trips.
  void find_ends() {
    for (const Point& point : medians_.all()) {
      if (point.pattern == Pattern::round_trip) {
        largest_ = std::max(largest_, point.bytes);
      }
    }
    if (largest_ <= control_bytes) {
      throw InputError("the measurements have no round trips of larger messages, so no bandwidth");
    }
  }

  void take_measurements() {
    latencies_ = by_host(hosts_.names.size());
    rates_ = by_host(hosts_.names.size());
    for (const Point& point : medians_.all()) {
      if (point.pattern != Pattern::round_trip || point.bytes != largest_) {
        continue;
      }
      const auto small = medians_.seconds(Pattern::round_trip, point.from, point.to, control_bytes);
      if (!small || *small >= point.seconds) {
        continue;
      }
      const double rate = static_cast<double>(largest_) / (point.seconds - *small);
      if (hosts_.together(point)) {
        own_latencies_.push_back(*small / 2);
        own_rates_.push_back(rate);
      } else {
        latencies_[hosts_.of(point.from)][hosts_.of(point.to)].push_back(*small / 2);
        rates_[hosts_.of(point.from)][hosts_.of(point.to)].push_back(rate);
      }
    }
    for (std::size_t from = 0; from < hosts_.names.size(); ++from) {
      for (std::size_t to = 0; to < hosts_.names.size(); ++to) {
        if (from != to && rates_[from][to].empty()) {
          throw InputError(
              fmt::format("the measurements have no round trips from host {} to host {} that tell a "
                          "bandwidth",
                          hosts_.names[from], hosts_.names[to]));
        }
      }
    }
  }

  /// latency[h] + latency[k] near what was measured between h and k: each in turn the median of what the others leave
  /// it.
  void fit_latencies() {
    constexpr int kSweeps = 50;
    const std::size_t count = hosts_.names.size();
    std::vector between(count, std::vector<double>(count, 0));
    std::vector<double> all;
    for (std::size_t h = 0; h < count; ++h) {
      for (std::size_t k = 0; k < count; ++k) {
        if (h != k) {
          between[h][k] = (median_of(latencies_[h][k]) + median_of(latencies_[k][h])) / 2;
          all.push_back(between[h][k]);
        }
      }
    }
    links_.latency.assign(count, median_of(all) / 2);
    for (int sweep = 0; count > 2 && sweep < kSweeps; ++sweep) {
      for (std::size_t h = 0; h < count; ++h) {
        std::vector<double> left;
        for (std::size_t k = 0; k < count; ++k) {
          if (h != k) {
            left.push_back(between[h][k] - links_.latency[k]);
          }
        }
        constexpr double kLeast = 1e-9;
        links_.latency[h] = std::max(kLeast, median_of(left));
      }
    }
  }

  void fit_rates() {
    const std::size_t count = hosts_.names.size();
    for (std::size_t h = 0; h < count; ++h) {
      std::vector<double> up;
      std::vector<double> down;
      for (std::size_t k = 0; k < count; ++k) {
        if (h != k) {
          up.push_back(median_of(rates_[h][k]));
          down.push_back(median_of(rates_[k][h]));
        }
      }
      links_.up.push_back(upper_median(up));
      links_.down.push_back(upper_median(down));
    }
    join_equals({&links_.up, &links_.down});
    links_.rate.assign(count, std::vector<double>(count, 0));
    for (std::size_t h = 0; h < count; ++h) {
      for (std::size_t k = 0; k < count; ++k) {
        if (h != k) {
          const double ends = std::min(links_.up[h], links_.down[k]);
          const double measured = median_of(rates_[h][k]);
          constexpr double kSlower = 0.9;
          links_.rate[h][k] = measured < kSlower * ends ? measured : ends;
        }
      }
    }
  }

  const Hosts& hosts_;
  const Medians& medians_;
  std::uint64_t largest_ = 0;
  RoundTrips latencies_;
  RoundTrips rates_;
  std::vector<double> own_latencies_;
  std::vector<double> own_rates_;
  Links links_;
};

}  // namespace

Hosts::Hosts(const Measurements& measurements) {
  std::map<std::string, std::size_t> known;
  for (const std::string& name : measurements.hosts) {
    const auto [host, fresh] = known.emplace(name, names.size());
    if (fresh) {
      names.push_back(name);
      ranks.push_back(0);
    }
    ++ranks[host->second];
    of_rank.push_back(host->second);
  }
}

Links fit_links(const Hosts& hosts, const Medians& medians) {
  return LinkFit(hosts, medians).fit();
}

}  // namespace descent
