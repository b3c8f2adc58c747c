#include "algorithms/strategies/pairwise_gossip.hpp"

#include "algorithms/strategies/progress_report.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <utility>
#include <vector>

namespace descent {
namespace {

/// A request carries the vector of who asks; the answer, what it is to take from its own. Who stops tells its
/// neighbours; so does who has been told that the run is over.
enum : Tag { kRequest, kAnswer, kDone, kOver };

class PairwiseWorker {
 public:
  PairwiseWorker(const Graph& graph, Communicator& communicator, Learner& learner)
      : graph_(graph),
        communicator_(communicator),
        learner_(learner),
        peers_(graph.neighbours(communicator.rank())),
        present_(peers_.size()),
        state_(learner.initial_state(learner.initial_parameters())),
        report_(communicator, Share{0, communicator.rank(), graph.ranks()}) {}

  void run() {
    report_.initial(state_.parameters);
    while (!over()) {
      const std::uint64_t read = averages_;
      const GradientUnderWay gradient = take_step(report_.iterations());
      state_ = learner_.update(std::move(state_), std::move(*gradient.result), report_.iterations());
      report_.updated(state_.parameters, learner_.batch() * static_cast<std::size_t>(graph_.ranks()),
                      {averages_ - read});
    }
    tell_neighbours(kDone);
    while (present_ > 0) {
      take(communicator_.first({}, kAwaited).message);
    }
    report_.finished(state_.parameters);
  }

 private:
  static constexpr Expected kAwaited[] = {{any_rank, kRequest}, {any_rank, kDone}, {any_rank, kOver}};

  bool over() {
    if (!over_ && (learner_.stop().counted_out(report_.progress()) ||
                   (communicator_.rank() == 0 && learner_.stop().met(report_.progress(), communicator_)))) {
      over_ = true;
      // Counts end each worker alone; a clock or a target, all of them.
      if (!learner_.stop().counted_out(report_.progress())) {
        tell_neighbours(kOver);
      }
    }
    return over_;
  }

  /// Computes the gradient here while it averages with a neighbour drawn for this step, and with whoever asks.
  GradientUnderWay take_step(std::uint64_t step) {
    const bool alone = peers_.empty();
    const int peer = alone ? any_rank : draw_peer(step);
    if (!alone) {
      communicator_.send(peer, kRequest, learner_.message(state_.parameters));
    }
    GradientUnderWay gradient = learner_.begin_gradient(state_.parameters);
    const Expected awaited[] = {kAwaited[0], kAwaited[1], kAwaited[2], {peer, kAnswer}};
    bool computed = false;
    for (bool answered = alone; !computed || !answered;) {
      First first = communicator_.first(std::span(&gradient.task, computed ? 0 : 1), awaited);
      if (first.what == First::What::operation) {
        computed = true;
      } else if (first.message.tag == kAnswer) {
        answered = true;
        move({{1, state_.parameters}, {-1, std::move(first.message.payload)}});
      } else {
        take(std::move(first.message));
      }
    }
    return gradient;
  }

  int draw_peer(std::uint64_t step) const {
    RandomStream random = communicator_.random(Purpose::peer, step);
    return peers_[boost::random::uniform_int_distribution<std::size_t>(0, peers_.size() - 1)(random)];
  }

  void take(Message message) {
    if (message.tag == kRequest) {
      const Snapshot half = learner_.combine({{0.5, message.payload}, {-0.5, state_.parameters}});
      communicator_.send(message.source, kAnswer, learner_.message(half));
      move({{1, state_.parameters}, {1, half}});
    } else if (message.tag == kDone) {
      --present_;
    } else if (!std::exchange(over_, true)) {
      tell_neighbours(kOver);
    }
  }

  void move(std::vector<WeightedVector> terms) {
    state_.parameters = learner_.combine(std::move(terms));
    ++averages_;
  }

  void tell_neighbours(Tag tag) {
    for (const int peer : peers_) {
      communicator_.send(peer, tag, envelope());
    }
  }

  const Graph& graph_;
  Communicator& communicator_;
  Learner& learner_;
  std::vector<int> peers_;
  /// Neighbours that have not stopped.
  std::size_t present_;
  OptimizerState state_;
  ProgressReport report_;
  /// Times that this worker's parameters were averaged with another's.
  std::uint64_t averages_ = 0;
  bool over_ = false;
};

}  // namespace

void PairwiseGossip::run(Communicator& communicator, Learner& learner) const {
  PairwiseWorker(graph_, communicator, learner).run();
}

}  // namespace descent
