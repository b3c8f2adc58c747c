#include "sim/disturbance/network_faults.hpp"

#include "algorithms/core/random.hpp"

#include <boost/random/generate_canonical.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace descent {

NetworkFaults::NetworkFaults(std::vector<Partition> partitions, std::vector<Loss> losses, std::vector<int> nodes,
                             std::uint64_t seed)
    : partitions_(std::move(partitions)),
      losses_(std::move(losses)),
      nodes_(std::move(nodes)),
      seed_(seed),
      sent_(nodes_.size()) {}

std::vector<double> NetworkFaults::cuts() const {
  std::vector<double> times;
  times.reserve(partitions_.size());
  for (const Partition& partition : partitions_) {
    times.push_back(partition.period.start);
  }
  return times;
}

bool NetworkFaults::cut(int from, int to, double since, double now) const {
  const auto sender = static_cast<std::size_t>(from);
  const auto receiver = static_cast<std::size_t>(to);
  return std::any_of(partitions_.begin(), partitions_.end(), [&](const Partition& partition) {
    return partition.inside[sender] != partition.inside[receiver] && partition.period.start <= now &&
           since < partition.period.end;
  });
}

double NetworkFaults::draw(int from) {
  if (losses_.empty()) {
    return 1;
  }
  const auto sender = static_cast<std::size_t>(from);
  RandomStream stream(seed_, Purpose::message_loss, sender, sent_[sender]++);
  return boost::random::generate_canonical<double, std::numeric_limits<double>::digits>(stream);
}

bool NetworkFaults::loses(int from, int to, double number, double now) const {
  const auto sender = static_cast<std::size_t>(from);
  const auto receiver = static_cast<std::size_t>(to);
  if (nodes_[sender] == nodes_[receiver]) {
    return false;
  }
  double arrives = 1;
  for (const Loss& loss : losses_) {
    const bool holds = loss.period.start <= now && now < loss.period.end;
    if (holds && loss.from[sender] && loss.to[receiver]) {
      arrives *= 1 - loss.probability;
    }
  }
  return number < 1 - arrives;
}

}  // namespace descent
