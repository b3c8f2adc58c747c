#include "algorithms/comm/communicator.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

namespace descent {

Request Communicator::send(int to, Tag tag, Message message) {
  if (to < 0 || to >= size()) {
    throw std::logic_error(fmt::format("rank {} sends to rank {} of {}", rank(), to, size()));
  }
  message.source = rank();
  message.tag = tag;
  message.sent_at = now();
  observer_.sent(to, message.wire_bytes, message.sent_at);
  return do_send(to, std::move(message));
}

First Communicator::first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                          double deadline) {
  const double begin = now();
  const double busy_before = busy_seconds();
  First outcome = do_first(operations, messages, deadline);
  if (outcome.what == First::What::message) {
    const Message& message = outcome.message;
    observer_.received(message.source, message.wire_bytes, message.sent_at, now());
  }
  if (accounts_) {
    account(begin, busy_before, outcome);
  }
  return outcome;
}

/// A wait is communication from the moment when what ended it was on its way, and idle before. Time in
/// which the processor worked is compute, and reported by whoever executes it.
void Communicator::account(double begin, double busy_before, const First& outcome) {
  const double end = now();
  const double waited = (end - begin) - (busy_seconds() - busy_before);
  if (waited <= 0) {
    return;
  }
  double idle = waited;
  if (outcome.what == First::What::message) {
    idle = std::clamp(outcome.message.sent_at - begin, 0.0, waited);
  } else if (outcome.what == First::What::operation) {
    idle = 0;
  }
  const double waiting_began = end - waited;
  if (idle > 0) {
    observer_.spent(Activity::idle, waiting_began, waiting_began + idle, "wait");
  }
  if (idle < waited) {
    observer_.spent(Activity::communicate, waiting_began + idle, end,
                    outcome.what == First::What::message ? "receive" : "send");
  }
}

std::optional<Snapshot> Communicator::native_allreduce(const Snapshot& /*mine*/, std::uint64_t /*wire_bytes*/) {
  return std::nullopt;
}

void Communicator::wait(const std::shared_ptr<Operation>& operation) {
  first(std::span(&operation, 1), {}, never);
}

void Communicator::compute(const Work& work, Kernel kernel) {
  wait(start(work, std::move(kernel)));
}

std::optional<Message> Communicator::receive(int from, Tag tag, double deadline) {
  const Expected expected{from, tag};
  First outcome = first({}, std::span(&expected, 1), deadline);
  if (outcome.what == First::What::deadline) {
    return std::nullopt;
  }
  return std::move(outcome.message);
}

Message Communicator::receive(int from, Tag tag) {
  return *receive(from, tag, never);
}

}  // namespace descent
