#pragma once

#include "sim/disturbance/course.hpp"

#include <simgrid/forward.h>

namespace descent::simulated {

/// Makes a host's speed that many times what the platform says, over time. Once for a host, before the run; the
/// platform must have no profile for it.
void let_follow(simgrid::s4u::Host& host, const Course& speed);

}  // namespace descent::simulated
