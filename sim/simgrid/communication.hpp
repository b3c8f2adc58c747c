#pragma once

#include <simgrid/forward.h>

#include <cstdint>

namespace descent::simulated {

struct Cluster;
class Transfer;

/// Hands a message to SimGrid's network, which tells Transfer::ended of its end. In SimGrid's kernel.
void communicate(Transfer& transfer, simgrid::s4u::Host& from, simgrid::s4u::Host& to, std::uint64_t bytes);

/// A partition of the network begins: messages under way from one of its sides to the other are lost. In SimGrid's
/// kernel.
void lose_cut_off(Cluster& cluster);

/// Makes the time that `communicate` takes independent of how many messages are under way, where the network's model
/// allows that. Once per process, after the platform is loaded.
void connect_communications(const simgrid::s4u::Engine& engine);

}  // namespace descent::simulated
