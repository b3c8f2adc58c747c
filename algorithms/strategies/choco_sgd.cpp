#include "algorithms/strategies/choco_sgd.hpp"

#include <utility>

namespace descent {

ChocoSgd::ChocoSgd(const Graph& graph, double consensus_step, std::shared_ptr<const Compressor> compressor,
                   Communicator& communicator, Learner& learner)
    : GossipWorker(graph, communicator, learner, graph.eccentricity(0)),
      consensus_step_(consensus_step),
      compressor_(std::move(compressor)),
      encoder_(compressor_, communicator, learner),
      before_(state_.parameters),
      known_(state_.parameters),
      mean_known_(state_.parameters) {}

void ChocoSgd::round(std::uint64_t step) {
  const Snapshot x = stepped(state_.parameters, step);
  Message message;
  encoder_.put(message, learner_.combine({{1, x}, {-1, std::exchange(before_, x)}}));
  near_->send(peers_, message);
  const Snapshot mine = decoded(compressor_.get(), learner_, std::move(message.payload));
  std::vector<Message> theirs = near_->receive(peers_);
  for (Message& q : theirs) {
    q.payload = decoded(compressor_.get(), learner_, std::move(q.payload));
  }
  known_ = learner_.combine({{1, std::move(known_)}, {1, mine}});
  mean_known_ = mixed(mine, theirs, {{1, std::move(mean_known_)}});
  state_.parameters = learner_.combine({{1, x}, {consensus_step_, mean_known_}, {-consensus_step_, known_}});
}

}  // namespace descent
