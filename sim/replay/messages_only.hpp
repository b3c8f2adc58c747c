#pragma once

#include "algorithms/comm/forwarding_communicator.hpp"

#include <utility>

namespace descent {

/// Stands before the communicator of a world, and has collectives played by messages with their payload, so that all
/// that happens in them passes here too.
class MessagesOnly : public ForwardingCommunicator {
 public:
  std::optional<Reduced> native_allreduce(Snapshot& /*mine*/, std::optional<bool> /*flag*/,
                                          std::uint64_t /*wire_bytes*/) override {
    return std::nullopt;
  }
  std::unique_ptr<Meeting> meet(Contribution /*contribution*/) override { return nullptr; }
  Snapshot compute_vector(const Work& work, Snapshot deferred, std::size_t computations) override {
    // NOLINTNEXTLINE(bugprone-parent-virtual-call): as a communicator does that holds no ranks' vectors at once
    return Communicator::compute_vector(work, std::move(deferred), computations);
  }

 protected:
  using ForwardingCommunicator::ForwardingCommunicator;
};

}  // namespace descent
