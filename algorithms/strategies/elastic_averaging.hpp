#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

StrategyRow elastic_averaging_row();

}  // namespace descent
