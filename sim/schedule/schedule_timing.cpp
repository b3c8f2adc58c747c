#include "sim/schedule/schedule_timing.hpp"

#include "sim/schedule/recurrence.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace descent {

Exchange::Exchange(std::size_t members) : to(members), routes(members, nullptr), bytes(members, 0) {
  std::iota(to.begin(), to.end(), 0);
  from = to;
}

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

ScheduleTiming::ScheduleTiming(std::shared_ptr<const CollectivePlan> plan, Group group, Routes& routes)
    : plan_(std::move(plan)),
      group_(std::move(group)),
      routes_(routes),
      traffic_(static_cast<std::size_t>(group_.size())) {
  for (std::size_t chunk = 0; chunk < plan_->layout.chunks(); ++chunk) {
    bytes_.push_back(static_cast<double>(plan_->bytes({chunk})));
  }
  prepare_rounds();
}

/// Reads the schedule once: who sends how much, along which routes, and whether at most one message at a time leaves
/// and reaches each rank.
void ScheduleTiming::prepare_rounds() {
  const Schedule& schedule = *plan_->schedule;
  const std::size_t members = traffic_.size();
  // By pattern. Exchanges only as long as all rounds are such that they can be used.
  std::vector<Exchange> exchanges;
  std::vector<std::vector<Traffic>> traffic;
  const bool uniform = std::all_of(bytes_.begin(), bytes_.end(), [&](double b) { return b == bytes_.front(); });
  bool matchings = true;
  RoundPart part;
  for (std::size_t round = 0; round < schedule.rounds(); ++round) {
    const std::size_t pattern = schedule.pattern(round);
    const bool fresh = pattern == traffic.size();
    if (fresh) {
      traffic.emplace_back(members);
      exchanges.emplace_back(members);
    }
    for (std::size_t member = 0; member < members; ++member) {
      Traffic& sent = traffic[pattern][member];
      if (fresh || !uniform) {
        part.clear();
        schedule.at(round, static_cast<int>(member), part);
        sent = {part.sends.size(), 0};
        for (const Transfer& send : part.sends) {
          sent.bytes += plan_->bytes(send.chunks);
        }
      }
      traffic_[member].messages += sent.messages;
      traffic_[member].bytes += sent.bytes;
      if (fresh && matchings) {
        matchings = enter(static_cast<int>(member), part, exchanges.back());
      }
    }
  }
  if (matchings && no_link_is_too_busy(exchanges)) {
    std::for_each(exchanges.begin(), exchanges.end(), [](Exchange& exchange) { exchange.find_rotation(); });
    exchanges_ = std::move(exchanges);
  }
}

/// False where the member sends to, or takes from, several at once.
bool ScheduleTiming::enter(int member, const RoundPart& part, Exchange& exchange) {
  if (part.sends.size() > 1 || part.receives.size() > 1) {
    return false;
  }
  const auto at = static_cast<std::size_t>(member);
  for (const Transfer& send : part.sends) {
    exchange.to[at] = send.peer;
    exchange.routes[at] = &routes_.between(group_.rank(member), group_.rank(send.peer));
    exchange.bytes[at] = static_cast<double>(plan_->bytes(send.chunks));
  }
  for (const Reception& reception : part.receives) {
    exchange.from[at] = reception.peer;
  }
  return true;
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
  return play_recurrence(*plan_, *exchanges_, bytes_, routes_.interconnect(), arrivals);
}

}  // namespace descent
