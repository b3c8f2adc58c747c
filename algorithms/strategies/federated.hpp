#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

StrategyRow federated_row();

}  // namespace descent
