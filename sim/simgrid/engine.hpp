#pragma once

#include "sim/scenario/scenario.hpp"

#include <simgrid/forward.h>

#include <cstddef>

namespace descent::simulated {

/// Makes this process's engine with the scenario's network. What is set here stays, whatever a platform file says in
/// its <config>: SimGrid gives the file only what nobody has set.
simgrid::s4u::Engine& make_engine(const NetworkSettings& network);

/// Before so many lines of execution begin. Each has a stack, and Linux by default gives a process 65,530 mappings, of
/// which a stack with a guard page takes two: beyond some thousands they do without.
void make_room_for_stacks(std::size_t lines);

/// Attaches hosts at the end of a Wi-Fi link to it, at the first of the link's rates: a platform file cannot say so
/// itself, and SimGrid ends the process on a message from a station that is not attached.
void join_wifi(simgrid::s4u::Host* from, simgrid::s4u::Host* to);

}  // namespace descent::simulated
