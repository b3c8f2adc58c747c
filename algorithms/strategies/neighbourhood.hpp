#pragma once

#include "algorithms/comm/communicator.hpp"
#include "algorithms/strategies/learner.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace descent {

/// A rank's exchanges with the ranks next to it, round by round, and how all ranks come to stop in the same round
/// without anybody in the middle: the one that decides says in which, and the others pass it on.
class Neighbourhood {
 public:
  /// `farthest`: rounds until every rank has heard from rank 0.
  Neighbourhood(Communicator& communicator, Learner& learner, std::size_t farthest)
      : communicator_(communicator), learner_(learner), farthest_(farthest) {}

  /// Whether the run is over before round `progress.iterations`.
  bool over(const Progress& progress);

  /// Tells every rank of `to`: a vector as long as the parameters, with a `scalar` in the envelope; or what a message
  /// has already but for its note.
  void send(const std::vector<int>& to, const Snapshot& vector, double scalar = 0);
  void send(const std::vector<int>& to, const Message& what);
  /// One message of each rank of `from`, in that order.
  std::vector<Message> receive(const std::vector<int>& from);

 private:
  Communicator& communicator_;
  Learner& learner_;
  std::size_t farthest_;
  /// Before this round.
  std::optional<std::uint64_t> stop_;
};

}  // namespace descent
