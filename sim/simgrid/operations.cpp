#include "sim/simgrid/operations.hpp"

#include "sim/simgrid/communication.hpp"

#include <fmt/format.h>

namespace descent::simulated {

bool Transfer::begin(const std::shared_ptr<Transfer>& transfer) {
  if (!transfer->to_.host->is_on() || !transfer->from_.host->is_on() ||
      is_cut(transfer->from_.host, transfer->to_.host)) {
    transfer->lose();
    transfer->mark_done();
    return false;
  }
  refuse_stopped_links(transfer->from_.host, transfer->to_.host);
  for (Node* one : {&transfer->from_, &transfer->to_}) {
    one->occupation.transfer_begins(clock_now(), clock_now());
  }
  carry(transfer);
  return true;
}

void Transfer::carry(const std::shared_ptr<Transfer>& transfer) {
  const std::uint64_t bytes = transfer->message_.wire_bytes;
  if (TimedNetwork* network = transfer->cluster_.network.get()) {
    transfer->hold(transfer);
    network->flows().begin(transfer->from_.rank, transfer->to_.rank, static_cast<double>(bytes), clock_now(), *transfer,
                           0);
    network->schedule();
  } else {
    communicate(transfer, transfer->from_.host, transfer->to_.host, bytes);
  }
}

void Transfer::flow_ended(std::uint64_t /*number*/, double /*now*/) {
  ended(true);
}

std::string Transfer::describe() const {
  return fmt::format("a send of {} bytes to rank {}", message_.wire_bytes, to_.rank);
}

void Transfer::conclude(bool succeeded) {
  unlink();
  for (Node* one : {&from_, &to_}) {
    one->occupation.transfer_ends(clock_now());
  }
  if (succeeded) {
    destination_.arrived(std::move(message_));
  } else {
    lose();
    destination_.lost(tag(), source());
  }
}

void Transfer::fail_with(const simgrid::s4u::Host& host) {
  if (from_.host == &host || to_.host == &host) {
    // A cancelled activity is over at once; SimGrid tells of a failed one in its turn.
    activity()->set_data(nullptr);
    activity()->cancel();
    activity()->set_data(static_cast<Pending*>(this));
  }
}

void Transfer::lose() {
  cluster_.lose({clock_now(), from_.rank, to_.rank, message_.wire_bytes});
}

}  // namespace descent::simulated
