#pragma once

#include "algorithms/graphs/graph.hpp"
#include "algorithms/strategies/strategy.hpp"

namespace descent {

/// Asynchronous decentralized SGD (Lian et al. 2018, AD-PSGD, algorithm 1): a worker takes a step and averages with one
/// neighbour, drawn at random, which goes on computing meanwhile. Both move half of their difference: that of the
/// vectors when the request comes, so the mean of all workers stays what it is, and nobody waits for somebody who
/// waits. Every worker counts its own steps, and stops after as many as the stop rule says; it averages on with others
/// until its neighbours have stopped too.
///
/// A neighbour that does not answer within the timeout of <recovery> is lost, and drawn no more until it is heard of.
/// An answer that comes later counts, because the other one has moved: the mean of those who are there moves only where
/// who asked or who was asked dies between the two, by half of their difference over the number of workers. A new life
/// goes on from the newest parameters that its neighbours tell of, with as many steps.
class PairwiseGossip final : public Strategy {
 public:
  PairwiseGossip(Cast cast, Graph graph, Recovery recovery)
      : cast_(cast), graph_(std::move(graph)), recovery_(std::move(recovery)) {}
  void run(Communicator& communicator, Learner& learner) const override;
  double vectors(std::size_t slots) const override { return cast_.workers * (3 + static_cast<double>(slots)); }

 private:
  Cast cast_;
  Graph graph_;
  Recovery recovery_;
};

}  // namespace descent
