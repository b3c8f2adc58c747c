// The side to beat of ring.cpp: the same ring written by hand on S4U, without anything else.
#include "tests/bench/memory.hpp"
#include "tests/bench/ring_case.hpp"

#include <simgrid/s4u.hpp>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace s4u = simgrid::s4u;

void ring(int rank, int ranks, double most, const std::vector<s4u::Mailbox*>& boxes) {
  s4u::this_actor::execute(
      descent::bench::jitter({1, descent::Purpose::test, static_cast<std::uint64_t>(rank), 0}, most));
  static int payload = 0;
  s4u::Mailbox* const mine = boxes[static_cast<std::size_t>(rank)];
  s4u::Mailbox* const next = boxes[static_cast<std::size_t>((rank + 1) % ranks)];
  for (int round = 0; round < 2 * (ranks - 1); ++round) {
    const s4u::CommPtr sending =
        next->put_async(&payload, static_cast<std::uint64_t>(descent::bench::kRingBytes / ranks));
    mine->get<int>();
    sending->wait();
  }
}

void message(benchmark::State& state, double most) {
  const int ranks = static_cast<int>(state.range(0));
  const std::string file = "/tmp/descent-bench-" + std::to_string(getpid()) + ".xml";
  std::ofstream(file) << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                         "<platform version=\"4.1\"><cluster id=\"c\" prefix=\"node-\" suffix=\"\" radical=\"0-"
                      << ranks - 1 << "\" speed=\"1Gf\" bw=\"1GBps\" lat=\"50us\"/></platform>\n";
  std::string name = "s4u";
  std::vector<char*> argv = {name.data(), nullptr};
  int argc = 1;
  s4u::Engine& engine = *s4u::Engine::get_instance(&argc, argv.data());
  s4u::Engine::set_config("contexts/factory", std::string("raw"));
  s4u::Engine::set_config("contexts/stack-size", 128);
  s4u::Engine::set_config("network/model", std::string("CM02"));
  s4u::Engine::set_config("network/crosstraffic", false);
  s4u::Engine::set_config("network/TCP-gamma", 0.0);
  engine.load_platform(file);
  std::remove(file.c_str());
  for (auto _ : state) {
    std::vector<s4u::Mailbox*> boxes;
    for (int rank = 0; rank < ranks; ++rank) {
      boxes.push_back(s4u::Mailbox::by_name(std::to_string(rank)));
    }
    for (int rank = 0; rank < ranks; ++rank) {
      s4u::Actor::create("rank", engine.host_by_name("node-" + std::to_string(rank)),
                         [rank, ranks, most, &boxes] { ring(rank, ranks, most, boxes); });
    }
    engine.run();
  }
  state.SetItemsProcessed(state.iterations() * 2 * ranks * (ranks - 1));
  state.counters["simulated_s"] = s4u::Engine::get_clock();
  descent::bench::count_memory(state);
}

[[maybe_unused]] const bool registered = descent::bench::ring_cases(message);

}  // namespace
