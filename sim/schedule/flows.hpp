#pragma once

#include "sim/schedule/schedule_timing.hpp"

#include <functional>

namespace descent {

/// Finds a pair's route, which stays where it is.
using RouteOf = std::function<const Route&(int from, int to)>;

/// Ends where transfers share links: those under way get weighted max-min rates (Bertsekas & Gallager 1992, 6.5.2;
/// weights as SimGrid's CM02 has them), found anew for all that are connected by links whenever one begins or ends.
Passage play_flows(const Schedule& schedule, std::span<const double> bytes, const Interconnect& interconnect,
                   const RouteOf& route, std::span<const double> arrivals);

}  // namespace descent
