#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

StrategyRow admm_row();

}  // namespace descent
