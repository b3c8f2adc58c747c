#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

StrategyRow sharded_row();

}  // namespace descent
