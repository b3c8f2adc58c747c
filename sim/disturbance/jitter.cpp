#include "sim/disturbance/jitter.hpp"

#include "algorithms/core/random.hpp"

#include <utility>

namespace descent {

Jitter::Jitter(std::vector<Rule> rules, std::vector<int> nodes, std::uint64_t seed)
    : rules_(std::move(rules)), nodes_(std::move(nodes)), seed_(seed), begun_(nodes_.size()) {}

double Jitter::operator()(int from, int to) {
  const auto sender = static_cast<std::size_t>(from);
  const auto receiver = static_cast<std::size_t>(to);
  if (empty() || nodes_[sender] == nodes_[receiver]) {
    return 0;
  }
  RandomStream stream(seed_, Purpose::jitter, sender, begun_[sender]++);
  double delay = 0;
  for (const Rule& rule : rules_) {
    if (rule.from[sender] && rule.to[receiver]) {
      delay += rule.delay(stream);
    }
  }
  return delay;
}

}  // namespace descent
