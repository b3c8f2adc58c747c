#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

StrategyRow local_sgd_row();

}  // namespace descent
