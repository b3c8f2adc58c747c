#include "sim/simgrid/operations.hpp"

#include <fmt/format.h>

namespace descent::simulated {

namespace s4u = simgrid::s4u;

bool Transfer::begin(const std::shared_ptr<Transfer>& transfer) {
  if (!transfer->to_.host->is_on() || !transfer->from_.host->is_on() ||
      is_cut(transfer->from_.host, transfer->to_.host)) {
    transfer->lose();
    transfer->mark_done();
    return false;
  }
  refuse_stopped_links(transfer->from_.host, transfer->to_.host);
  for (Node* node : {&transfer->from_, &transfer->to_}) {
    node->occupation.transfer_begins(clock_now(), clock_now());
  }
  if (transfer->cluster_.network) {
    carry(transfer);
    return true;
  }
  const s4u::CommPtr communication = s4u::Comm::sendto_init();
  Pending::bind(transfer, communication);
  communication->set_payload_size(transfer->message_.wire_bytes)
      ->set_source(transfer->from_.host)
      ->set_destination(transfer->to_.host);
  if (communication->get_state() != s4u::Activity::State::STARTED) {
    communication->start();  // SimGrid holds a message of no bytes back until it is told twice.
  }
  return true;
}

void Transfer::carry(const std::shared_ptr<Transfer>& transfer) {
  transfer->hold(transfer);
  TimedNetwork& network = *transfer->cluster_.network;
  network.flows().begin(transfer->from_.rank, transfer->to_.rank, static_cast<double>(transfer->message_.wire_bytes),
                        clock_now(), *transfer, 0);
  network.schedule();
}

void Transfer::flow_ended(std::uint64_t /*number*/, double /*now*/) {
  ended(true);
}

std::string Transfer::describe() const {
  return fmt::format("a send of {} bytes to rank {}", message_.wire_bytes, to_.rank);
}

void Transfer::conclude(bool succeeded) {
  for (Node* node : {&from_, &to_}) {
    node->occupation.transfer_ends(clock_now());
  }
  if (succeeded) {
    destination_.arrived(std::move(message_));
  } else {
    lose();
    destination_.lost(tag(), source());
  }
}

void Transfer::lose() {
  cluster_.lose({clock_now(), from_.rank, to_.rank, message_.wire_bytes});
}

}  // namespace descent::simulated
