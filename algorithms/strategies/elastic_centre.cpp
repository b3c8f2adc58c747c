#include "algorithms/strategies/elastic_centre.hpp"

#include "algorithms/strategies/encoder.hpp"

#include <utility>

namespace descent {

ElasticCentre::ElasticCentre(const Elasticity& elasticity, Communicator& communicator, Learner& learner)
    : elasticity_(elasticity),
      communicator_(communicator),
      learner_(learner),
      workers_(static_cast<std::size_t>(elasticity.cast.workers)),
      present_(workers_),
      x_(learner.initial_parameters()),
      round_(workers_, true, communicator),
      report_(communicator) {
  round_.decode_with(elasticity.compressor, {0, x_.size()}, learner);
}

void ElasticCentre::run() {
  constexpr Expected kAwaited[] = {{any_rank, elastic::kDifference}, {any_rank, elastic::kAsk}};
  report_.initial(x_);
  over_ = learner_.stop().met(report_.progress(), communicator_);
  while (present_ > 0) {
    Message message = communicator_.first({}, kAwaited).message;
    if (message.tag == elastic::kAsk) {
      asking_.push_back(message.source);
    } else if (!over_) {
      take(std::move(message));
    }
    // In a round nobody sees the centre again before all have moved it.
    if (over_ || !elasticity_.synchronous || (asking_.size() == workers_ && !moving_)) {
      answer();
    }
  }
  report_.finished(x_);
}

void ElasticCentre::take(Message push) {
  if (!elasticity_.synchronous) {
    const std::uint64_t staleness = report_.iterations() - static_cast<std::uint64_t>(push.note);
    move(decoded(elasticity_.compressor.get(), learner_, std::move(push.payload)), staleness, 1);
    return;
  }
  round_.add(static_cast<std::size_t>(push.source), 0, std::move(push.payload));
  if (round_.complete()) {
    moving_ = false;
    move(round_.take(1), 0, workers_);
  }
}

void ElasticCentre::move(Snapshot difference, std::uint64_t staleness, std::size_t differences) {
  x_ = learner_.combine({{1, std::move(x_)}, {1, std::move(difference)}});
  report_.updated(x_, differences * elasticity_.period * learner_.batch(), {staleness});
  over_ = learner_.stop().met(report_.progress(), communicator_);
}

void ElasticCentre::answer() {
  for (const int worker : std::exchange(asking_, {})) {
    Message centre = learner_.message(over_ ? Snapshot() : x_);
    centre.note = static_cast<std::int64_t>(report_.iterations());
    communicator_.send(worker, elastic::kCentre, std::move(centre));
    present_ -= over_ ? 1 : 0;
    moving_ = true;
  }
}

}  // namespace descent
