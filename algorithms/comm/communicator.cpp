#include "algorithms/comm/communicator.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <stdexcept>

namespace descent {

Request Communicator::send(int to, Tag tag, Message message) {
  if (to < 0 || to >= size()) {
    throw std::logic_error(fmt::format("rank {} sends to rank {} of {}", rank(), to, size()));
  }
  message.source = rank();
  message.tag = tag;
  message.sent_at = stamp();
  observer_.sent(to, message.wire_bytes, message.sent_at);
  return do_send(to, std::move(message));
}

First Communicator::first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                          double deadline) {
  First outcome = do_first(operations, messages, deadline);
  if (outcome.what == First::What::message) {
    const Message& message = outcome.message;
    observer_.received(message.source, message.wire_bytes, message.sent_at, stamp());
  }
  return outcome;
}

std::optional<Reduced> Communicator::native_allreduce(Snapshot& /*mine*/, std::optional<bool> /*flag*/,
                                                      std::uint64_t /*wire_bytes*/) {
  return std::nullopt;
}

std::unique_ptr<Meeting> Communicator::meet(Contribution /*contribution*/) {
  return nullptr;
}

Request Communicator::store(const std::string& name, Stored /*what*/, std::uint64_t /*bytes*/) {
  throw RunError(fmt::format("rank {} cannot store '{}': there is no durable memory here", rank(), name));
}

std::optional<Stored> Communicator::recall(const std::string& /*name*/) {
  return std::nullopt;
}

void Communicator::forget(const std::string& /*name*/) {}

void Communicator::wait(const std::shared_ptr<Operation>& operation) {
  first(std::span(&operation, 1), {}, never);
}

bool Communicator::done(const std::shared_ptr<Operation>& operation) {
  return first(std::span(&operation, 1), {}, now()).what == First::What::operation;
}

void Communicator::compute(const Work& work, Kernel kernel) {
  wait(start(work, std::move(kernel)));
}

Snapshot Communicator::compute_vector(const Work& work, Snapshot deferred, std::size_t /*computations*/) {
  Snapshot result;
  compute(work, [&result, deferred = std::move(deferred)] { result = deferred.computed(); });
  return result;
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
