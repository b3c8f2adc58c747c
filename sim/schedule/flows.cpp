#include "sim/schedule/flows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <queue>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace descent {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
/// Seconds within which events count as simultaneous, as SimGrid has it.
constexpr double kSimultaneous = 1e-9;
/// What rounding may do to a share of a link.
constexpr double kRounding = 1 + 1e-12;

class Flows {
 public:
  Flows(const Schedule& schedule, std::span<const double> bytes, const Interconnect& interconnect, const RouteOf& route,
        std::span<const double> arrivals)
      : schedule_(schedule), bytes_(bytes), interconnect_(interconnect), route_(route), ranks_(arrivals.size()) {
    for (std::size_t rank = 0; rank < arrivals.size(); ++rank) {
      events_.push({arrivals[rank], counter_++, Event::What::arrival, rank, 0});
    }
    passage_.end.resize(ranks_.size());
    passage_.communicating.resize(ranks_.size());
  }

  Passage run() {
    while (!events_.empty()) {
      now_ = events_.top().time;
      while (!events_.empty() && events_.top().time <= now_ + kSimultaneous) {
        const Event event = events_.top();
        events_.pop();
        happen(event);
      }
      share();
    }
    if (std::any_of(ranks_.begin(), ranks_.end(), [&](const Rank& rank) { return rank.round < schedule_.rounds(); })) {
      throw std::logic_error("a schedule has a transfer that only one of its ranks knows of");
    }
    return std::move(passage_);
  }

 private:
  struct Event {
    enum class What { arrival, latency_over, finish };
    double time;
    std::uint64_t order;
    What what;
    std::size_t subject;
    /// Of the flow's rate, when this was foreseen.
    std::uint64_t version;
    bool operator>(const Event& other) const { return std::tie(time, order) > std::tie(other.time, other.order); }
  };

  /// A transfer under way.
  struct Flow {
    std::size_t from = 0;
    std::size_t to = 0;
    const Route* route = nullptr;
    double rate_factor = 1;
    double remaining = 0;
    /// As shared out, before the factor.
    double rate = 0;
    /// When it was given this rate.
    double since = 0;
    std::uint64_t version = 0;
    // Where the sharing is under way.
    double share = 0;
    bool settled = false;
    std::uint64_t seen = 0;
  };

  struct Link {
    std::vector<std::size_t> flows;
    double remaining = 0;
    /// What all unsettled flows take for a unit of rate times penalty.
    double usage = 0;
    std::uint64_t seen = 0;
  };

  struct Rank {
    bool present = false;
    std::size_t round = 0;
    /// Transfers of this round that have not ended.
    std::size_t missing = 0;
    std::size_t under_way = 0;
    double busy_since = 0;
  };

  void happen(const Event& event) {
    switch (event.what) {
      case Event::What::arrival:
        ranks_[event.subject].present = true;
        enter(event.subject, 0);
        break;
      case Event::What::latency_over:
        move(event.subject);
        break;
      case Event::What::finish:
        if (flows_[event.subject].version == event.version) {
          finish(event.subject);
        }
        break;
    }
  }

  void enter(std::size_t rank, std::size_t round) {
    RoundPart part;
    for (; round < schedule_.rounds(); ++round) {
      part.clear();
      schedule_.at(round, static_cast<int>(rank), part);
      if (!part.sends.empty() || !part.receives.empty()) {
        break;
      }
    }
    ranks_[rank].round = round;
    ranks_[rank].missing = part.sends.size() + part.receives.size();
    if (round == schedule_.rounds()) {
      passage_.end[rank] = now_;
      return;
    }
    const auto waits = [&](int peer) {
      const Rank& other = ranks_[static_cast<std::size_t>(peer)];
      return other.present && other.round == round;
    };
    for (const Transfer& send : part.sends) {
      if (waits(send.peer)) {
        begin(rank, static_cast<std::size_t>(send.peer), send.chunk);
      }
    }
    for (const Reception& reception : part.receives) {
      if (waits(reception.peer)) {
        begin(static_cast<std::size_t>(reception.peer), rank, reception.chunk);
      }
    }
  }

  void begin(std::size_t from, std::size_t to, std::size_t chunk) {
    std::size_t at = flows_.size();
    if (free_.empty()) {
      flows_.emplace_back();
    } else {
      at = free_.back();
      free_.pop_back();
    }
    Flow& flow = flows_[at];
    const double bytes = bytes_[chunk];
    const std::uint64_t version = flow.version + 1;
    flow = {};
    flow.version = version;
    flow.from = from;
    flow.to = to;
    flow.route = &route_(static_cast<int>(from), static_cast<int>(to));
    flow.rate_factor = interconnect_.rate_factor(bytes);
    flow.remaining = bytes;
    for (Rank* rank : {&ranks_[from], &ranks_[to]}) {
      if (rank->under_way++ == 0) {
        rank->busy_since = now_;
      }
    }
    const double latency = flow.route->latency * interconnect_.latency_factor(bytes);
    events_.push({now_ + latency, counter_++, Event::What::latency_over, at, 0});
  }

  void move(std::size_t at) {
    Flow& flow = flows_[at];
    flow.since = now_;
    if (flow.route->uses.empty()) {
      set_rate(at, flow.route->rate);
      return;
    }
    for (const LinkUse& use : flow.route->uses) {
      link(use.link).flows.push_back(at);
      changed_.push_back(use.link);
    }
  }

  void finish(std::size_t at) {
    const Flow flow = flows_[at];
    ++flows_[at].version;
    free_.push_back(at);
    for (const LinkUse& use : flow.route->uses) {
      std::erase(link(use.link).flows, at);
      changed_.push_back(use.link);
    }
    for (const std::size_t rank : {flow.from, flow.to}) {
      Rank& state = ranks_[rank];
      if (--state.under_way == 0) {
        passage_.communicating[rank] += now_ - state.busy_since;
      }
    }
    for (const std::size_t rank : {flow.from, flow.to}) {
      if (--ranks_[rank].missing == 0) {
        enter(rank, ranks_[rank].round + 1);
      }
    }
  }

  void set_rate(std::size_t at, double rate) {
    Flow& flow = flows_[at];
    if (rate == flow.rate) {
      return;
    }
    flow.remaining = std::max(0.0, flow.remaining - (now_ - flow.since) * flow.rate * flow.rate_factor);
    flow.since = now_;
    flow.rate = rate;
    ++flow.version;
    const double left = flow.remaining > 0 ? flow.remaining / (rate * flow.rate_factor) : 0;
    events_.push({now_ + left, counter_++, Event::What::finish, at, flow.version});
  }

  /// Shares out the links that have changed, and all that are connected with them by flows.
  void share() {
    if (changed_.empty()) {
      return;
    }
    ++visit_;
    std::vector<int> links;
    std::vector<std::size_t> flows;
    const auto reach = [&](int number) {
      Link& one = link(number);
      if (one.seen != visit_) {
        one.seen = visit_;
        links.push_back(number);
      }
    };
    const std::vector<int> changed = std::exchange(changed_, {});
    std::for_each(changed.begin(), changed.end(), reach);
    std::size_t visited = 0;
    while (visited < links.size()) {  // which grows meanwhile
      for (const std::size_t at : link(links[visited++]).flows) {
        if (flows_[at].seen == visit_) {
          continue;
        }
        flows_[at].seen = visit_;
        flows.push_back(at);
        for (const LinkUse& use : flows_[at].route->uses) {
          reach(use.link);
        }
      }
    }
    fill(links, flows);
    for (const std::size_t at : flows) {
      set_rate(at, flows_[at].share);
    }
  }

  /// Progressive filling: all rates grow in proportion to 1 / penalty until a link is full or a flow has all it can
  /// take; these are settled, and the rest grows on.
  void fill(std::span<const int> links, std::vector<std::size_t>& flows) {
    for (const int number : links) {
      link(number).remaining = interconnect_.capacity(number);
      link(number).usage = 0;
    }
    for (const std::size_t at : flows) {
      flows_[at].settled = false;
      for (const LinkUse& use : flows_[at].route->uses) {
        link(use.link).usage += use.share / flows_[at].route->penalty;
      }
    }
    std::vector<std::size_t> open = flows;
    while (!open.empty()) {
      double level = kNever;
      for (const int number : links) {
        if (link(number).usage > 0) {
          level = std::min(level, link(number).remaining / link(number).usage);
        }
      }
      double lowest = kNever;
      for (const std::size_t at : open) {
        lowest = std::min(lowest, flows_[at].route->rate * flows_[at].route->penalty);
      }
      const bool bounded = lowest <= level;
      const auto full = [&](const LinkUse& use) {
        const Link& one = link(use.link);
        return one.usage > 0 && one.remaining / one.usage <= level * kRounding;
      };
      std::vector<std::size_t> settled;
      for (const std::size_t at : open) {
        const Route& way = *flows_[at].route;
        if (bounded ? way.rate * way.penalty <= lowest * kRounding
                    : std::any_of(way.uses.begin(), way.uses.end(), full)) {
          settled.push_back(at);
        }
      }
      for (const std::size_t at : settled) {
        Flow& flow = flows_[at];
        flow.settled = true;
        flow.share = bounded ? flow.route->rate : level / flow.route->penalty;
        for (const LinkUse& use : flow.route->uses) {
          Link& one = link(use.link);
          one.remaining = std::max(0.0, one.remaining - use.share * flow.share);
          one.usage -= use.share / flow.route->penalty;
        }
      }
      std::erase_if(open, [&](std::size_t at) { return flows_[at].settled; });
      close_links(links);
    }
  }

  /// A link whose flows are all settled has no usage left: not the remainders of rounding either.
  void close_links(std::span<const int> links) {
    for (const int number : links) {
      Link& one = link(number);
      if (std::all_of(one.flows.begin(), one.flows.end(), [&](std::size_t at) { return flows_[at].settled; })) {
        one.usage = 0;
      }
    }
  }

  Link& link(int number) {
    const auto at = static_cast<std::size_t>(number);
    if (at >= links_.size()) {
      links_.resize(at + 1);
    }
    return links_[at];
  }

  const Schedule& schedule_;
  std::span<const double> bytes_;
  const Interconnect& interconnect_;
  const RouteOf& route_;
  std::vector<Rank> ranks_;
  std::vector<Flow> flows_;
  /// Places of flows that have ended.
  std::vector<std::size_t> free_;
  std::vector<Link> links_;
  /// Links whose flows have changed since rates were shared out.
  std::vector<int> changed_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t counter_ = 0;
  std::uint64_t visit_ = 0;
  double now_ = 0;
  Passage passage_;
};

}  // namespace

Passage play_flows(const Schedule& schedule, std::span<const double> bytes, const Interconnect& interconnect,
                   const RouteOf& route, std::span<const double> arrivals) {
  return Flows(schedule, bytes, interconnect, route, arrivals).run();
}

}  // namespace descent
