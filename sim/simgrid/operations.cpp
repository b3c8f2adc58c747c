#include "sim/simgrid/operations.hpp"

#include "sim/simgrid/communication.hpp"

#include <fmt/format.h>

namespace descent::simulated {

bool Transfer::can_pass() const {
  return concerns_the_living() && !is_cut(from_.host, to_.host) && !is_cut_off();
}

bool Transfer::is_cut_off() const {
  return cluster_.faults && cluster_.faults->cut(from_.rank, to_.rank, begun_, clock_now());
}

bool Transfer::begin() {
  to_life_ = to_.life;
  begun_ = clock_now();
  if (!can_pass()) {
    give_up();
    return false;
  }
  refuse_stopped_links(from_.host, to_.host);
  goes_astray_ = cluster_.faults && cluster_.faults->loses(from_.rank, to_.rank, number_, begun_);
  for (Node* one : {&from_, &to_}) {
    one->occupation.transfer_begins(clock_now(), clock_now());
  }
  carry();
  return true;
}

void Transfer::give_up() {
  lose();
  mark_done();
}

bool Transfer::concerns_the_living() const {
  return from_.alive && to_.alive && from_.life == from_life_ && to_.life == to_life_;
}

void Transfer::carry() {
  if (TimedNetwork* network = cluster_.network.get()) {
    const auto bytes = static_cast<double>(message_.wire_bytes);
    network->flows().begin(from_.rank, to_.rank, bytes, clock_now(), *this, 0);
    network->schedule();
    return;
  }
  const double delay = cluster_.jitter ? (*cluster_.jitter)(from_.rank, to_.rank) : 0;
  if (delay > 0) {
    simgrid::kernel::timer::Timer::set(clock_now() + delay, [this] { depart(); });
  } else {
    communicate(*this, *from_.host, *to_.host, message_.wire_bytes);
  }
}

/// Late. What it needs may have gone down meanwhile.
void Transfer::depart() {
  if (can_pass()) {
    communicate(*this, *from_.host, *to_.host, message_.wire_bytes);
  } else {
    ended(false);
  }
}

void Transfer::flow_ended(std::uint64_t /*number*/, double /*now*/) {
  ended(true);
}

void Transfer::flow_lost(std::uint64_t /*number*/, double /*now*/) {
  ended(false);
}

std::string Transfer::describe() const {
  return fmt::format("a send of {} bytes to rank {}", message_.wire_bytes, to_.rank);
}

void Transfer::conclude(bool succeeded) {
  unlink();
  for (Node* one : {&from_, &to_}) {
    one->occupation.transfer_ends(clock_now());
  }
  if (succeeded && !goes_astray_ && concerns_the_living()) {
    destination_.arrived(*this);
  } else {
    lose();
    destination_.lost(*this);
    release();
  }
}

void Transfer::fail() {
  // A cancelled activity is over at once; SimGrid tells of a failed one in its turn.
  activity()->set_data(nullptr);
  activity()->cancel();
  activity()->set_data(static_cast<Pending*>(this));
}

void Transfer::lose() {
  cluster_.lose({clock_now(), from_.rank, to_.rank, message_.wire_bytes});
}

}  // namespace descent::simulated
