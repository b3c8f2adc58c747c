#pragma once

#include "algorithms/comm/communicator.hpp"

namespace descent {

/// No rank goes on before all are here. Collective.
void meet(Communicator& communicator);

}  // namespace descent
