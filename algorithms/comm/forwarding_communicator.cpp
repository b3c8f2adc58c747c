#include "algorithms/comm/forwarding_communicator.hpp"

#include <utility>

namespace descent {

Task ForwardingCommunicator::start(const Work& work, Kernel kernel) {
  return world_.start(work, std::move(kernel));
}

void ForwardingCommunicator::compute(const Work& work, Kernel kernel) {
  world_.compute(work, std::move(kernel));
}

Snapshot ForwardingCommunicator::compute_vector(const Work& work, Snapshot deferred, std::size_t computations) {
  return world_.compute_vector(work, std::move(deferred), computations);
}

Line ForwardingCommunicator::spawn(int channel, std::function<void(Communicator&)> program) {
  return world_.spawn(channel, std::move(program));
}

Request ForwardingCommunicator::store(const std::string& name, Stored what, std::uint64_t bytes) {
  return world_.store(name, std::move(what), bytes);
}

std::optional<Reduced> ForwardingCommunicator::native_allreduce(Snapshot& mine, std::optional<bool> flag,
                                                                std::uint64_t wire_bytes) {
  return world_.native_allreduce(mine, flag, wire_bytes);
}

std::unique_ptr<Meeting> ForwardingCommunicator::meet(Contribution contribution) {
  return world_.meet(std::move(contribution));
}

Request ForwardingCommunicator::do_send(int to, Message message) {
  const Tag tag = message.tag;
  return world_.send(to, tag, std::move(message));
}

First ForwardingCommunicator::do_first(std::span<const std::shared_ptr<Operation>> operations,
                                       std::span<const Expected> messages, double deadline) {
  return world_.first(operations, messages, deadline);
}

}  // namespace descent
