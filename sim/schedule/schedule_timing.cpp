#include "sim/schedule/schedule_timing.hpp"

#include "algorithms/comm/message.hpp"
#include "algorithms/math/vector.hpp"
#include "sim/schedule/recurrence.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace descent {

void Exchange::find_rotation() {
  const std::size_t ranks = to.size();
  const auto distance = static_cast<std::size_t>(to.front());
  bool rotates = true;
  for (std::size_t rank = 0; rank < ranks && rotates; ++rank) {
    rotates = static_cast<std::size_t>(to[rank]) == (rank + distance) % ranks &&
              (static_cast<std::size_t>(from[rank]) + distance) % ranks == rank;
  }
  rotation = rotates ? std::optional(distance) : std::nullopt;
}

ScheduleTiming::ScheduleTiming(std::shared_ptr<const Schedule> schedule, Routes& routes, int ranks,
                               std::size_t elements, double bytes_per_element)
    : schedule_(std::move(schedule)), routes_(routes), ranks_(ranks), traffic_(static_cast<std::size_t>(ranks)) {
  for (std::size_t chunk = 0; chunk < schedule_->chunks(); ++chunk) {
    const Part part = part_of(elements, schedule_->chunks(), chunk);
    bytes_.push_back(static_cast<double>(wire_bytes_of(bytes_per_element, part.begin, part.count)));
  }
  prepare_rounds();
}

/// Reads the schedule once: who sends how much, along which routes, and whether at most one message at a time leaves
/// and reaches each rank.
void ScheduleTiming::prepare_rounds() {
  const auto ranks = static_cast<std::size_t>(ranks_);
  std::vector<Exchange> exchanges;
  std::vector<std::vector<Traffic>> traffic;  // by pattern
  const bool uniform = std::all_of(bytes_.begin(), bytes_.end(), [&](double b) { return b == bytes_.front(); });
  bool matchings = true;
  RoundPart part;
  for (std::size_t round = 0; round < schedule_->rounds(); ++round) {
    const std::size_t pattern = schedule_->pattern(round);
    const bool fresh = pattern == exchanges.size();
    if (fresh) {
      Exchange& exchange = exchanges.emplace_back();
      exchange.to.resize(ranks);
      std::iota(exchange.to.begin(), exchange.to.end(), 0);
      exchange.from = exchange.to;
      exchange.routes.resize(ranks, nullptr);
      traffic.emplace_back(ranks);
    }
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      Traffic& sent = traffic[pattern][rank];
      if (fresh || !uniform) {
        part.clear();
        schedule_->at(round, static_cast<int>(rank), part);
        sent = {part.sends.size(), 0};
        for (const Transfer& send : part.sends) {
          sent.bytes += static_cast<std::uint64_t>(bytes_[send.chunk]);
        }
      }
      traffic_[rank].messages += sent.messages;
      traffic_[rank].bytes += sent.bytes;
      if (fresh) {
        matchings = matchings && part.sends.size() <= 1 && part.receives.size() <= 1;
        Exchange& exchange = exchanges.back();
        for (const Transfer& send : part.sends) {
          exchange.to[rank] = send.peer;
          exchange.routes[rank] = &routes_.between(static_cast<int>(rank), send.peer);
        }
        for (const Reception& reception : part.receives) {
          exchange.from[rank] = reception.peer;
        }
      }
    }
  }
  if (matchings && no_link_is_too_busy(exchanges)) {
    std::for_each(exchanges.begin(), exchanges.end(), [](Exchange& exchange) { exchange.find_rotation(); });
    exchanges_ = std::move(exchanges);
  }
}

/// A rank sends one message at a time and takes one at a time, whatever the round. So at no moment do more of the
/// messages that use a link run than there are ranks that send them, or ranks that take them: where either together
/// cannot fill the link, nobody is slowed down.
bool ScheduleTiming::no_link_is_too_busy(std::span<const Exchange> exchanges) const {
  using Load = std::map<int, double>;  // by rank: the most that a message of its can ask of the link
  struct Loads {
    Load senders;
    Load receivers;
  };
  std::map<int, Loads> links;
  for (const Exchange& exchange : exchanges) {
    for (std::size_t rank = 0; rank < exchange.to.size(); ++rank) {
      const Route* const way = exchange.routes[rank];
      for (const LinkUse& use : way != nullptr ? std::span(way->uses) : std::span<const LinkUse>()) {
        const double load = use.share * way->rate;
        Loads& link = links[use.link];
        double& sender = link.senders[static_cast<int>(rank)];
        double& receiver = link.receivers[exchange.to[rank]];
        sender = std::max(sender, load);
        receiver = std::max(receiver, load);
      }
    }
  }
  const auto all = [](const Load& load) {
    return std::accumulate(load.begin(), load.end(), 0.0, [](double sum, const auto& one) { return sum + one.second; });
  };
  constexpr double kRounding = 1 + 1e-12;
  return std::all_of(links.begin(), links.end(), [&](const auto& link) {
    return std::min(all(link.second.senders), all(link.second.receivers)) <=
           routes_.interconnect().capacity(link.first) * kRounding;
  });
}

Passage ScheduleTiming::recur(std::span<const double> arrivals) const {
  return play_recurrence(*schedule_, *exchanges_, bytes_, routes_.interconnect(), arrivals);
}

}  // namespace descent
