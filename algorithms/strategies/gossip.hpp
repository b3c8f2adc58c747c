#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

StrategyRow gossip_row();

}  // namespace descent
