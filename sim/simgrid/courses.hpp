#pragma once

#include "sim/disturbance/course.hpp"

#include <simgrid/forward.h>

namespace descent::simulated {

/// Makes a host's speed that many times what the platform says, over time. Once for a host, before the run; the
/// platform must have no profile for it.
void let_follow(simgrid::s4u::Host& host, const Course& speed);

/// The same for a link's bandwidth and latency. Messages under way go on at the new
/// bandwidth; the latency is that of the moment at which a message begins. While `availability` is 0 the link is off.
void let_follow(simgrid::s4u::Link& link, const Course& bandwidth, const Course& latency, const Course& availability);

}  // namespace descent::simulated
