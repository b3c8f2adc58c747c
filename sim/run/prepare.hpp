#pragma once

#include "algorithms/comm/sharing.hpp"
#include "algorithms/strategies/strategy.hpp"
#include "sim/run/disturbances.hpp"
#include "sim/scenario/plan.hpp"
#include "sim/scenario/scenario.hpp"

#include <memory>

namespace descent {

/// A scenario with its ranks placed and its data loaded: all that a rank needs to run, on any backend.
struct PreparedRun {
  Scenario scenario;
  Plan plan;
  Cast cast;
  Training training;
  std::unique_ptr<Strategy> strategy;
  Traces traces;

  /// The program of the rank that the communicator is.
  void run_rank(Communicator& communicator) const;
  /// What the rank's computations are charged: as fast as its host computes, and what chance makes of it.
  Charges charges_of(std::size_t rank) const;
};

/// Loads the data and makes model, optimizer and strategy. Throws InputError: with one `file:line: …` per problem.
/// Data are loaded once for all processes of a machine where `sharing` says how.
PreparedRun prepare(Scenario scenario, Plan plan, Sharing* sharing = nullptr);

/// The training of a scenario by so many workers and servers, wherever they are: equal workers, if <balance> does not
/// say otherwise later.
Training make_training(const Scenario& scenario, const Cast& cast, Sharing* sharing);

/// Throws InputError where the scenario asks for what real ranks cannot leave out.
void refuse_without_mathematics(const Scenario& scenario);
/// Throws InputError where it disturbs a network that is not simulated.
void refuse_disturbed_network(const Scenario& scenario);

}  // namespace descent
