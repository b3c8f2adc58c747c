#pragma once

#include "sim/calibration/estimate.hpp"
#include "sim/calibration/kernel_fit.hpp"
#include "sim/calibration/points.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// How messages of more than so many bytes, and no more than the next segment's, differ from small ones of a network
/// whose time is latency + bytes / bandwidth.
struct Segment {
  std::uint64_t above = 0;
  double latency_factor = 1;
  double bandwidth_factor = 1;
};

/// Seconds of a rank for messages of more than so many bytes.
struct SendCost {
  std::uint64_t above = 0;
  double seconds = 0;
  double seconds_per_byte = 0;
};

/// A machine, and its own connection to the others.
struct CalibratedHost {
  std::string name;
  int ranks = 0;
  /// Half of the way to another host, in seconds.
  Estimate latency;
  /// Bytes/s.
  Estimate up;
  Estimate down;
  /// Between ranks of this host, where it has several: seconds, bytes/s.
  std::optional<Estimate> own_latency;
  std::optional<Estimate> own_bandwidth;
  /// Empty where no scenario was given to measure them for.
  HostKernels kernels = {};
};

/// A pair of hosts that is slower than its hosts' connections.
struct SlowPair {
  std::size_t from = 0;
  std::size_t to = 0;
  double bandwidth = 0;
};

/// The network between hosts as measured: a star of full-duplex links, whose messages take
/// latency factor(size) · (latency of both links) + size / (bandwidth factor(size) · bandwidth), SimGrid's model SMPI.
struct Calibration {
  std::vector<CalibratedHost> hosts;
  std::vector<SlowPair> slow_pairs;
  std::vector<Segment> segments;
  std::vector<SendCost> send_costs;
  /// Smaller messages need not wait for their receivers.
  std::uint64_t eager_below = 0;
  /// Which share of an exchange goes on while both sides compute, by size in bytes.
  std::map<std::uint64_t, double> overlap;

  /// More of the largest exchanges goes on than not.
  bool overlaps() const { return overlap.empty() || overlap.rbegin()->second > 0.5; }
};

/// Fits the model. Robust: medians of each kind of measurement, and a loss that outliers hardly move. Throws InputError
/// where there are too few measurements.
Calibration calibrate(const Measurements& measurements);

}  // namespace descent
