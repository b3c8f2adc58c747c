// The side to beat of async.cpp: workers and a server written by hand on S4U, without anything else.
#include "tests/bench/async_case.hpp"
#include "tests/bench/memory.hpp"

#include <simgrid/s4u.hpp>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace {

namespace s4u = simgrid::s4u;
using namespace descent::bench;

int payload = 0;

void work(int worker, s4u::Mailbox* server) {
  s4u::Mailbox* const mine = s4u::Mailbox::by_name(std::to_string(worker));
  for (std::uint64_t step = 0; step < kUpdatesPerWorker; ++step) {
    s4u::this_actor::execute(kHostSpeed * compute_time(worker, step));
    server->put(mine, kVectorBytes);
    mine->get<int>();
  }
}

void serve(std::uint64_t updates, s4u::Mailbox* server) {
  for (std::uint64_t update = 0; update < updates; ++update) {
    auto* const worker = server->get<s4u::Mailbox>();
    s4u::this_actor::execute(kUpdateFlops);
    worker->put_init(&payload, kVectorBytes)->detach();
  }
}

void message(benchmark::State& state) {
  const int workers = static_cast<int>(state.range(0));
  const std::string file = "/tmp/descent-bench-" + std::to_string(getpid()) + ".xml";
  std::ofstream(file) << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                         "<platform version=\"4.1\"><cluster id=\"c\" prefix=\"node-\" suffix=\"\" radical=\"0-"
                      << workers << "\" speed=\"1Gf\" bw=\"1.25GBps\" lat=\"12.5us\"/></platform>\n";
  std::string name = "s4u";
  std::vector<char*> argv = {name.data(), nullptr};
  int argc = 1;
  s4u::Engine& engine = *s4u::Engine::get_instance(&argc, argv.data());
  s4u::Engine::set_config("contexts/factory", std::string("raw"));
  s4u::Engine::set_config("contexts/stack-size", 64);
  s4u::Engine::set_config("network/model", std::string("CM02"));
  s4u::Engine::set_config("network/crosstraffic", false);
  s4u::Engine::set_config("network/TCP-gamma", 0.0);
  engine.load_platform(file);
  std::remove(file.c_str());
  const std::uint64_t updates = kUpdatesPerWorker * static_cast<std::uint64_t>(workers);
  for (auto _ : state) {
    s4u::Mailbox* const server = s4u::Mailbox::by_name("server");
    for (int worker = 0; worker < workers; ++worker) {
      s4u::Actor::create("worker", engine.host_by_name("node-" + std::to_string(worker)),
                         [worker, server] { work(worker, server); });
    }
    s4u::Actor::create("server", engine.host_by_name("node-" + std::to_string(workers)),
                       [updates, server] { serve(updates, server); });
    engine.run();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(updates));
  state.counters["simulated_s"] = s4u::Engine::get_clock();
  count_memory(state);
}

[[maybe_unused]] const bool registered = async_cases("message", message);
[[maybe_unused]] auto* const smoke =
    benchmark::RegisterBenchmark("smoke", message) -> Arg(4) -> Iterations(1) -> UseRealTime();

}  // namespace
