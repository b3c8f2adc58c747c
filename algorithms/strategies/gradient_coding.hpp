#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

StrategyRow gradient_coding_row();

}  // namespace descent
