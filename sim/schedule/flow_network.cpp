#include "sim/schedule/flow_network.hpp"

#include <algorithm>
#include <limits>

namespace descent {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
/// Seconds within which events count as simultaneous, as SimGrid has it.
constexpr double kSimultaneous = 1e-9;
/// What rounding may do to a share of a link.
constexpr double kRounding = 1 + 1e-12;
/// What it may do to a sum that is kept up for the whole run.
constexpr double kDrift = 1 + 1e-9;
/// Bytes per second of who meets no link: no time passes, and no infinity is multiplied by zero.
constexpr double kAtOnce = 1e300;

}  // namespace

void FlowNetwork::begin(int from, int to, double bytes, double now, FlowOwner& owner, std::uint64_t number) {
  std::size_t at = flows_.size();
  if (free_.empty()) {
    flows_.emplace_back();
  } else {
    at = free_.back();
    free_.pop_back();
  }
  Flow& flow = flows_[at];
  flow.owner = &owner;
  flow.number = number;
  flow.from = from;
  flow.to = to;
  flow.route = &routes_.between(from, to);
  for (const LinkUse& use : flow.route->uses) {
    know(use.link);
  }
  flow.work = bytes / routes_.interconnect().rate_factor(bytes);
  const double latency = flow.route->latency * routes_.interconnect().latency_factor(bytes);
  const double delay = delay_ ? delay_(from, to) : 0;
  waiting_.push({now + delay + latency, counter_++, at});
}

double FlowNetwork::next() const {
  return std::min(waiting_.empty() ? kNever : waiting_.top().time, due_.empty() ? kNever : due_.begin()->first);
}

void FlowNetwork::advance(double now) {
  now_ = now;
  const double until = now + kSimultaneous;
  while (next() <= until) {
    if (!waiting_.empty() && waiting_.top().time <= until) {
      const std::size_t flow = waiting_.top().flow;
      waiting_.pop();
      enter(flow);
    } else {
      finish(due_.begin()->second);
    }
  }
  rebundle();
  share();
}

/// The place of one that pays its latency is free when that is over.
void FlowNetwork::lose(const std::function<bool(int from, int to)>& lost, double now) {
  now_ = now;
  for (std::size_t at = 0; at < flows_.size(); ++at) {
    if (flows_[at].owner == nullptr || !lost(flows_[at].from, flows_[at].to)) {
      continue;
    }
    const Flow flow = std::exchange(flows_[at], {});
    if (flow.bundle != kNoBundle) {
      leave_links(*flow.route);
      quit(flow.bundle);
      free_.push_back(at);
    }
    flow.owner->flow_lost(flow.number, now);
  }
  share();
}

void FlowNetwork::know(int number) {
  const auto at = static_cast<std::size_t>(number);
  if (at >= links_.size()) {
    links_.resize(at + 1);
  }
  if (links_[at].capacity == 0) {
    links_[at].capacity = routes_.interconnect().capacity(number);
  }
}

/// Its latency is paid: it takes its share of links from now on.
void FlowNetwork::enter(std::size_t flow) {
  if (flows_[flow].owner == nullptr) {
    free_.push_back(flow);
    return;
  }
  const Route& route = *flows_[flow].route;
  for (const LinkUse& use : route.uses) {
    Link& one = link(use.link);
    ++one.flows;
    one.demand += use.share * route.rate;
    if (!one.contended && one.demand > one.capacity * kDrift) {
      one.contended = true;
      newly_contended_.push_back(use.link);
    }
  }
  join(flow, bundle_of(route));
}

void FlowNetwork::leave_links(const Route& route) {
  for (const LinkUse& use : route.uses) {
    Link& one = link(use.link);
    one.demand = --one.flows == 0 ? 0 : one.demand - use.share * route.rate;
  }
}

std::size_t FlowNetwork::bundle_of(const Route& route) {
  const auto counts = [&](const LinkUse& use) { return link(use.link).contended; };
  likeness_.assign({route.penalty, route.rate});
  for (const LinkUse& use : route.uses) {
    if (counts(use)) {
      likeness_.insert(likeness_.end(), {static_cast<double>(use.link), use.share});
    }
  }
  const auto known = known_bundles_.find(likeness_);
  if (known != known_bundles_.end()) {
    return known->second;
  }
  Bundle& bundle = bundles_.emplace_back();
  std::copy_if(route.uses.begin(), route.uses.end(), std::back_inserter(bundle.uses), counts);
  bundle.penalty = route.penalty;
  bundle.limit = std::min(route.rate, kAtOnce);
  bundle.due = kNever;
  return known_bundles_[likeness_] = bundles_.size() - 1;
}

void FlowNetwork::join(std::size_t flow, std::size_t at) {
  Bundle& bundle = bundles_[at];
  if (bundle.flows++ == 0) {
    bundle.progress = 0;
    bundle.since = now_;
    bundle.rate = 0;
    for (const LinkUse& use : bundle.uses) {
      link(use.link).bundles.push_back(at);
    }
  }
  Flow& mine = flows_[flow];
  mine.bundle = at;
  mine.end = progress(bundle) + mine.work;
  mine.stamp = counter_++;
  bundle.queue.push({mine.end, mine.stamp, flow});
  touch(at);
}

/// One of the bundle's flows has gone.
void FlowNetwork::quit(std::size_t at) {
  Bundle& bundle = bundles_[at];
  if (--bundle.flows == 0) {
    for (const LinkUse& use : bundle.uses) {
      std::erase(link(use.link).bundles, at);
    }
  }
  touch(at);
}

void FlowNetwork::touch(std::size_t at) {
  if (!std::exchange(bundles_[at].touched, true)) {
    touched_.push_back(at);
  }
}

void FlowNetwork::drop_stale(Bundle& bundle) {
  while (!bundle.queue.empty() && bundle.queue.top().stamp != flows_[bundle.queue.top().flow].stamp) {
    bundle.queue.pop();
  }
}

/// Precondition: the bundle is due, so that at least its next flow ends.
void FlowNetwork::finish(std::size_t at) {
  const double reached = progress(bundles_[at]) + bundles_[at].rate * kSimultaneous;
  due_.erase({bundles_[at].due, at});
  bundles_[at].due = kNever;
  do {
    const std::size_t place = bundles_[at].queue.top().flow;
    bundles_[at].queue.pop();
    const Flow flow = std::exchange(flows_[place], {});
    leave_links(*flow.route);
    quit(at);
    free_.push_back(place);
    flow.owner->flow_ended(flow.number, now_);
    drop_stale(bundles_[at]);
  } while (!bundles_[at].queue.empty() && bundles_[at].queue.top().progress <= reached);
}

/// Flows on links that have become contended share them from now on. Each link becomes so once.
void FlowNetwork::rebundle() {
  if (newly_contended_.empty()) {
    return;
  }
  const auto is_new = [&](const LinkUse& use) {
    return std::find(newly_contended_.begin(), newly_contended_.end(), use.link) != newly_contended_.end();
  };
  for (Flow& mine : flows_) {
    const auto flow = static_cast<std::size_t>(&mine - flows_.data());
    if (mine.bundle != kNoBundle && std::any_of(mine.route->uses.begin(), mine.route->uses.end(), is_new)) {
      const std::size_t old = mine.bundle;
      const std::size_t fresh = bundle_of(*mine.route);
      if (fresh != old) {
        mine.work = std::max(0.0, mine.end - progress(bundles_[old]));
        quit(old);
        join(flow, fresh);
      }
    }
  }
  newly_contended_.clear();
}

/// Finds the rates of all bundles that are connected by links with those whose flows have changed.
void FlowNetwork::share() {
  if (touched_.empty()) {
    return;
  }
  ++visit_;
  std::vector<int> links;
  std::vector<std::size_t> bundles;
  collect(links, bundles);
  fill(links, bundles);
  for (const std::size_t at : bundles) {
    Bundle& bundle = bundles_[at];
    bundle.touched = false;
    bundle.progress = progress(bundle);
    bundle.since = now_;
    bundle.rate = bundle.share;
    schedule(at);
  }
  touched_.clear();
}

/// All that is connected with the touched bundles. Both lists grow as they are read.
void FlowNetwork::collect(std::vector<int>& links, std::vector<std::size_t>& bundles) {
  const auto reach = [&](std::size_t at) {
    if (std::exchange(bundles_[at].seen, visit_) != visit_) {
      bundles.push_back(at);
    }
  };
  std::for_each(touched_.begin(), touched_.end(), reach);
  std::size_t visited = 0;
  while (visited < bundles.size()) {
    for (const LinkUse& use : bundles_[bundles[visited++]].uses) {
      Link& one = link(use.link);
      if (std::exchange(one.seen, visit_) != visit_) {
        links.push_back(use.link);
        std::for_each(one.bundles.begin(), one.bundles.end(), reach);
      }
    }
  }
}

/// Progressive filling: all rates grow in proportion to 1 / penalty until a link is full or a flow has all it can
/// take; these are settled, and the rest grows on.
void FlowNetwork::fill(std::span<const int> links, std::vector<std::size_t> open) {
  for (const int number : links) {
    Link& one = link(number);
    one.left = one.capacity;
    one.usage = 0;
    one.unsettled = 0;
  }
  std::erase_if(open, [&](std::size_t at) { return bundles_[at].flows == 0; });
  for (const std::size_t at : open) {
    const Bundle& bundle = bundles_[at];
    for (const LinkUse& use : bundle.uses) {
      link(use.link).usage += static_cast<double>(bundle.flows) * use.share / bundle.penalty;
      ++link(use.link).unsettled;
    }
  }
  while (!open.empty()) {
    double level = kNever;
    for (const int number : links) {
      const Link& one = link(number);
      level = one.unsettled > 0 ? std::min(level, one.left / one.usage) : level;
    }
    double lowest = kNever;
    for (const std::size_t at : open) {
      lowest = std::min(lowest, bundles_[at].limit * bundles_[at].penalty);
    }
    const bool limited = lowest <= level;
    const auto is_full = [&](const LinkUse& use) {
      const Link& one = link(use.link);
      return one.left <= level * one.usage * kRounding;
    };
    // Told before any is settled, which changes what is left.
    const auto settled = std::partition(open.begin(), open.end(), [&](std::size_t at) {
      const Bundle& bundle = bundles_[at];
      return !(limited ? bundle.limit * bundle.penalty <= lowest * kRounding
                       : std::any_of(bundle.uses.begin(), bundle.uses.end(), is_full));
    });
    std::for_each(settled, open.end(), [&](std::size_t at) {
      Bundle& bundle = bundles_[at];
      settle(bundle, limited ? bundle.limit : level / bundle.penalty);
    });
    open.erase(settled, open.end());
  }
}

void FlowNetwork::settle(Bundle& bundle, double share) {
  bundle.share = share;
  for (const LinkUse& use : bundle.uses) {
    Link& one = link(use.link);
    const double flows = static_cast<double>(bundle.flows) * use.share;
    one.left = std::max(0.0, one.left - flows * share);
    // None left unsettled, none left of the usage: not the remainders of rounding either.
    one.usage = --one.unsettled == 0 ? 0 : one.usage - flows / bundle.penalty;
  }
}

/// Notes when the bundle's next flow ends.
void FlowNetwork::schedule(std::size_t at) {
  Bundle& bundle = bundles_[at];
  drop_stale(bundle);
  double due = kNever;
  if (!bundle.queue.empty()) {
    const double left = bundle.queue.top().progress - bundle.progress;
    due = left > 0 ? now_ + left / bundle.rate : now_;
  }
  if (due == bundle.due) {
    return;
  }
  if (bundle.due != kNever) {
    due_.erase({bundle.due, at});
  }
  bundle.due = due;
  if (due != kNever) {
    due_.emplace(due, at);
  }
}

}  // namespace descent
