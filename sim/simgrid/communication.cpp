#include "sim/simgrid/communication.hpp"

#include "sim/simgrid/operations.hpp"

#include <simgrid/kernel/resource/NetworkModelIntf.hpp>

#include <string>
#include <unordered_set>
#include <vector>
#include <xbt/config.hpp>

namespace descent::simulated {
namespace {

namespace s4u = simgrid::s4u;

/// Those that have left SimGrid's list, in the order of their begin. Here because the engine's callbacks outlive every
/// world.
Transfers under_way;
/// What SimGrid is starting at this moment.
s4u::Comm* starting = nullptr;

/// SimGrid 3.32 keeps all communications that no actor waits for in one list, and searches the whole of it at the end
/// of each: with a thousand messages under way that takes a third of a run. `test` takes a communication that is
/// neither waiting nor running for one that is over, and strikes it off. That is how it stands while SimGrid asks for
/// its factors; and it is the newest then, so that the list never holds another one. Where a later SimGrid has it
/// running already, `test` does nothing.
void leave_list() {
  if (starting != nullptr) {
    starting->set_state(s4u::Activity::State::STARTED);  // else `test` starts it once more
    starting->test();
  }
}

/// Tells SimGrid a factor that it knows, so as to be asked for it.
template <class Set>
bool answer(const char* name, Set&& set) {
  if (!simgrid::config::is_default(name)) {
    return false;  // SimGrid refuses to ask for what somebody has set
  }
  set([factor = simgrid::config::get_value<double>(name)](double /*bytes*/, const s4u::Host*, const s4u::Host*,
                                                          const std::vector<s4u::Link*>&,
                                                          const std::unordered_set<s4u::NetZone*>&) {
    leave_list();
    return factor;
  });
  return true;
}

/// The list that they have left is also where SimGrid looks for those that a dead host ends.
void fail_with(const s4u::Host& host) {
  if (host.is_on()) {
    return;
  }
  for (Transfer& transfer : under_way) {
    if (transfer.meets(host)) {
      transfer.fail();
    }
  }
}

}  // namespace

void communicate(Transfer& transfer, s4u::Host& from, s4u::Host& to, std::uint64_t bytes) {
  const s4u::CommPtr communication = s4u::Comm::sendto_init();
  starting = communication.get();
  communication->set_payload_size(bytes)->set_source(&from)->set_destination(&to);
  if (communication->get_state() != s4u::Activity::State::STARTED) {
    communication->start();  // SimGrid holds a message of no bytes back until it is told twice.
  }
  starting = nullptr;
  transfer.bind(communication);
  under_way.push_back(transfer);
}

void lose_cut_off(Cluster& cluster) {
  const double now = clock_now();
  if (TimedNetwork* network = cluster.network.get()) {
    network->flows().lose([&](int from, int to) { return cluster.faults->cut(from, to, now, now); }, now);
    network->schedule();
    return;
  }
  for (Transfer& transfer : under_way) {
    if (transfer.is_cut_off()) {
      transfer.fail();
    }
  }
}

void connect_communications(const s4u::Engine& engine) {
  const std::string model = simgrid::config::get_value<std::string>("network/model");
  if (model != "CM02" && model != "LV08") {
    return;  // factors by size, which SimGrid keeps to itself
  }
  auto* network = engine.get_netzone_root()->get_network_model();
  const bool asks = answer("network/bandwidth-factor", [&](auto factor) { network->set_bw_factor_cb(factor); }) ||
                    answer("network/latency-factor", [&](auto factor) { network->set_lat_factor_cb(factor); });
  if (asks) {
    s4u::Host::on_state_change_cb(fail_with);
  }
}

}  // namespace descent::simulated
