#include "sim/simgrid/lives.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/operations.hpp"

#include <fmt/format.h>
#include <simgrid/kernel/Timer.hpp>

#include <algorithm>
#include <cmath>

namespace descent::simulated {

using simgrid::kernel::timer::Timer;

namespace {

namespace s4u = simgrid::s4u;

/// SimGrid takes what is nearer than a nanosecond for one moment, and those who die need one of their own.
constexpr double kShortestOutage = 1e-6;
/// So many failures without one more update than ever before: the run will not end.
constexpr std::uint64_t kInVain = 1'000;

}  // namespace

void Lives::add(s4u::Host& host, Outages outages) {
  causes_.push_back({&host, std::move(outages)});
}

void Lives::begin() {
  s4u::Host::on_state_change_cb([this](const s4u::Host& host) { changed(host); });
  for (const auto& node : cluster_.nodes) {
    begin_life(*node);
  }
  for (Cause& cause : causes_) {
    schedule(cause);
  }
}

void Lives::begin_life(Node& node) {
  node.alive = true;
  const s4u::ActorPtr actor = s4u::Actor::create(fmt::format("rank-{}", node.rank), node.host, [this, &node] {
    run_line(cluster_, node, 0, node.description.program);
    node.finished = true;
    cluster_.end = std::max(cluster_.end, clock_now());
    in_kernel([this] { stop(); });
    finish_if_all_have();
  });
}

/// What is on its way to nobody then is no part of the run. One that is awaited is looked at first, so that the ends of
/// all ranks together take no more than a look at each.
void Lives::finish_if_all_have() {
  const std::size_t count = cluster_.nodes.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = (awaited_ + i) % count;
    const Node& node = *cluster_.nodes[at];
    if (!node.finished && node.alive && !node.gave_up) {
      awaited_ = at;
      return;
    }
  }
  for (const auto& node : cluster_.nodes) {
    node->occupation.finish(cluster_.end);
  }
}

void Lives::changed(const s4u::Host& host) {
  for (const auto& node : cluster_.nodes) {
    if (node->host != &host || node->finished) {
      continue;
    }
    if (!host.is_on() && node->alive) {
      end_life(*node);
    } else if (host.is_on() && !node->alive && revives_ && !ending_) {
      ++node->life;
      node->died.reset();
      node->occupation.revive(clock_now());
      begin_life(*node);
    }
  }
}

void Lives::end_life(Node& node) {
  node.alive = false;
  node.died = clock_now();
  node.occupation.die(clock_now());
  for (const auto& inbox : node.inboxes) {
    if (inbox) {
      inbox->forget();
    }
  }
}

void Lives::schedule(Cause& cause) {
  const std::optional<Outage> outage = cause.outages.next();
  if (!outage || ending_) {
    return;
  }
  cause.timer = Timer::set(outage->begin, [this, &cause, end = outage->end, begin = outage->begin] {
    cause.timer = nullptr;
    turn_off(*cause.host);
    if (std::isfinite(end) && !ending_) {
      cause.timer = Timer::set(std::max(end, begin + kShortestOutage), [this, &cause] {
        cause.timer = nullptr;
        turn_on(*cause.host);
        schedule(cause);
      });
    }
  });
}

bool Lives::crash(s4u::Host& host, double repair_s) {
  if (ending_) {
    return false;
  }
  turn_off(host);
  if (std::isfinite(repair_s)) {
    Timer::set(clock_now() + std::max(repair_s, kShortestOutage), [this, &host] { turn_on(host); });
  }
  return true;
}

void Lives::turn_off(s4u::Host& host) {
  if (ending_) {
    return;
  }
  in_vain_ = cluster_.updates > updates_then_ ? 0 : in_vain_ + 1;
  updates_then_ = cluster_.updates;
  if (in_vain_ > kInVain) {
    cluster_.fail(std::make_exception_ptr(
        RunError(fmt::format("the run has not come further in the last {} failures, up to {:.9g} s: hosts fail "
                             "faster than ranks recover, or one that is needed is gone for good",
                             kInVain, clock_now()))));
    return;
  }
  if (off_[&host]++ == 0) {
    host.turn_off();
  }
}

void Lives::turn_on(s4u::Host& host) {
  if (--off_[&host] == 0 && !ending_) {
    host.turn_on();
  }
}

void Lives::stop() {
  ending_ = true;
  for (Cause& cause : causes_) {
    if (cause.timer != nullptr) {
      std::exchange(cause.timer, nullptr)->remove();
    }
  }
}

}  // namespace descent::simulated
