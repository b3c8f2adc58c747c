#pragma once

#include "algorithms/comm/communicator.hpp"
#include "algorithms/strategies/learner.hpp"
#include "algorithms/strategies/takeover.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace descent {

/// A rank's exchanges with the ranks next to it, round by round.
class Neighbourhood {
 public:
  Neighbourhood(Communicator& communicator, Learner& learner) : communicator_(communicator), learner_(learner) {}
  virtual ~Neighbourhood() = default;
  Neighbourhood(const Neighbourhood&) = delete;
  Neighbourhood& operator=(const Neighbourhood&) = delete;

  /// Where this rank goes on, if not with the round that comes next, because others have gone on without it.
  virtual std::optional<Takeover> takeover(const Progress& /*progress*/) { return std::nullopt; }
  /// Whether the run is over before round `progress.iterations`, which begins if it is not.
  virtual bool over(const Progress& progress) = 0;

  /// Tells every rank of `to`: a vector as long as the parameters, with a `scalar` in the envelope; or what a message
  /// has already but for its note.
  void send(const std::vector<int>& to, const Snapshot& vector, double scalar = 0);
  virtual void send(const std::vector<int>& to, const Message& what) = 0;
  /// One message of each rank of `from`, in that order; without payload of those that are lost. `meanwhile`: what this
  /// rank computes.
  virtual std::vector<Message> receive(const std::vector<int>& from, const Task& meanwhile = nullptr) = 0;
  /// The rank ends, with these parameters.
  virtual void leave(const Snapshot& /*parameters*/) {}

 protected:
  Communicator& communicator_;
  Learner& learner_;
};

/// Everybody waits for everybody, and all ranks come to stop in the same round without anybody in the middle: the one
/// that decides says in which, and the others pass it on.
class LockstepNeighbourhood final : public Neighbourhood {
 public:
  /// `farthest`: rounds until every rank has heard from rank 0.
  LockstepNeighbourhood(Communicator& communicator, Learner& learner, std::size_t farthest)
      : Neighbourhood(communicator, learner), farthest_(farthest) {}

  using Neighbourhood::send;
  bool over(const Progress& progress) override;
  void send(const std::vector<int>& to, const Message& what) override;
  std::vector<Message> receive(const std::vector<int>& from, const Task& meanwhile) override;

 private:
  std::size_t farthest_;
  /// Before this round.
  std::optional<std::uint64_t> stop_;
};

}  // namespace descent
