#pragma once

#include "sim/disturbance/course.hpp"

#include <cstdint>
#include <vector>

namespace descent {

/// Messages between hosts that a network loses: because parts of it do not reach each other, and at random.
class NetworkFaults {
 public:
  /// While the period holds, ranks inside and those outside do not reach each other.
  struct Partition {
    Period period;
    /// By rank.
    std::vector<bool> inside;
  };
  /// Of messages that begin while the period holds, each is lost with this probability.
  struct Loss {
    double probability = 0;
    Period period;
    // By rank.
    std::vector<bool> from;
    std::vector<bool> to;
  };

  /// `nodes`: of each rank, the number of its host, within which nothing is lost.
  NetworkFaults(std::vector<Partition> partitions, std::vector<Loss> losses, std::vector<int> nodes,
                std::uint64_t seed);

  bool empty() const { return partitions_.empty() && losses_.empty(); }
  /// When partitions begin.
  std::vector<double> cuts() const;
  /// Whether a partition was between these ranks at any moment from `since` to `now`.
  bool cut(int from, int to, double since, double now) const;

  /// Decides about the message that `from` sends now, by (seed, rank, how many it has sent), so that what others send
  /// changes nothing: a number for `loses`. To be asked once for each message.
  double draw(int from);
  /// Whether the message with this number, which begins now, is lost on its way.
  bool loses(int from, int to, double number, double now) const;

 private:
  std::vector<Partition> partitions_;
  std::vector<Loss> losses_;
  std::vector<int> nodes_;
  std::uint64_t seed_;
  /// Messages that each rank has sent.
  std::vector<std::uint64_t> sent_;
};

}  // namespace descent
