#pragma once

#include "sim/simgrid/simgrid_world.hpp"
#include "tests/support/counting_observer.hpp"
#include "tests/support/temporary.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace descent::test {

/// CM02 without cross-traffic and without a TCP window: closed forms hold.
inline NetworkSettings neutral_network() {
  NetworkSettings network;
  network.model = "CM02";
  network.fidelity = "message";
  return network;
}

/// The same, where collectives are evaluated as a whole.
inline NetworkSettings neutral_schedules() {
  NetworkSettings network = neutral_network();
  network.fidelity = "schedule";
  return network;
}

/// `hosts` hosts node-0, node-1, … of `speed`, each with a split-duplex link to a backbone without limits. A
/// message between two takes 2·latency + bytes/bandwidth.
inline std::string cluster_xml(int hosts, const std::string& bandwidth = "1GBps", const std::string& latency = "50us",
                               const std::string& speed = "1Gf") {
  return "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
         "<platform version=\"4.1\"><cluster id=\"c\" prefix=\"node-\" suffix=\"\" radical=\"0-" +
         std::to_string(hosts - 1) + "\" speed=\"" + speed + "\" bw=\"" + bandwidth + "\" lat=\"" + latency +
         "\"/></platform>\n";
}

/// Runs the same program on every rank, one per host of `cluster_xml`, and returns the simulated time.
struct ClusterRun {
  explicit ClusterRun(int count, std::uint64_t seed = 1, const std::string& bandwidth = "1GBps",
                      const std::string& latency = "50us", std::size_t threads = 2,
                      const NetworkSettings& network = neutral_network())
      : file("cluster.xml", cluster_xml(count, bandwidth, latency)),
        observers(static_cast<std::size_t>(count)),
        pool(threads),
        world(file.path(), network, seed, pool) {}

  double operator()(const std::function<void(Communicator&)>& program) {
    for (std::size_t i = 0; i < observers.size(); ++i) {
      world.add({"node-" + std::to_string(i), charge_at_speed, program, &observers[i]});
    }
    return world.run();
  }

  TemporaryFile file;
  std::vector<CountingObserver> observers;
  KernelPool pool;
  SimGridWorld world;
};

}  // namespace descent::test
