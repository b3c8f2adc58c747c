#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <memory>
#include <vector>

namespace descent {

/// What moves the server of a federation along the mean of its clients' differences: to the clients' mean (FedAvg;
/// McMahan et al. 2017), or adaptively (Reddi et al. 2021, Adaptive federated optimization, algorithm 2).
struct ServerRule {
  std::shared_ptr<const Optimizer> optimizer;
  /// η of the server.
  double rate = 1;
  /// What the optimizer's second slot starts at.
  double second_moment = 0;

  OptimizerState initial(Snapshot parameters) const;
};

std::vector<Parameter> server_rule_parameters();
ServerRule server_rule_of(const Settings& settings);

}  // namespace descent
