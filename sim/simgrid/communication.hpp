#pragma once

#include <simgrid/forward.h>

#include <cstdint>

namespace descent::simulated {

class Transfer;

/// Hands a message to SimGrid's network, which tells Transfer::ended of its end. In SimGrid's kernel.
void communicate(Transfer& transfer, simgrid::s4u::Host& from, simgrid::s4u::Host& to, std::uint64_t bytes);

/// Makes the time that `communicate` takes independent of how many messages are under way, where the network's model
/// allows that. Once per process, after the platform is loaded.
void connect_communications(const simgrid::s4u::Engine& engine);

}  // namespace descent::simulated
