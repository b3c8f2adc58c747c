#include "sim/simgrid/simgrid_world.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/simgrid_communicator.hpp"

#include <fmt/format.h>

#include <xbt/log.h>
#include <algorithm>
#include <simgrid/s4u.hpp>

namespace descent {

namespace s4u = simgrid::s4u;

namespace {

#if defined(__SANITIZE_ADDRESS__)
// The sanitizer must know every stack, and knows those of threads.
constexpr const char* kContextFactory = "thread";
#else
constexpr const char* kContextFactory = "raw";
#endif
/// KiB. Kernels run on the pool's threads, so a rank's own stack holds protocol code only.
constexpr int kStackSize = 128;

void configure(const NetworkSettings& network) {
  s4u::Engine::set_config("contexts/factory", std::string(kContextFactory));
  s4u::Engine::set_config("contexts/stack-size", kStackSize);
  s4u::Engine::set_config("network/model", network.model);
  s4u::Engine::set_config("network/crosstraffic", network.crosstraffic);
  s4u::Engine::set_config("network/TCP-gamma", network.tcp_gamma);
  if (network.latency_factor) {
    s4u::Engine::set_config("network/latency-factor", *network.latency_factor);
  }
  if (network.bandwidth_factor) {
    s4u::Engine::set_config("network/bandwidth-factor", *network.bandwidth_factor);
  }
}

s4u::Engine& make_engine() {
  // SimGrid tells of a deadlock at length; SimGridWorld::run says it in our terms.
  static std::string arguments[] = {"descent", "--log=root.thresh:critical", "--log=ker_engine.thresh:critical",
                                    "--log=no_loc"};
  static char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), arguments[3].data(), nullptr};
  int argc = 4;
  return *s4u::Engine::get_instance(&argc, argv);
}

}  // namespace

struct SimGridWorld::State {
  s4u::Engine* engine = nullptr;
  simulated::Cluster cluster;
  std::string stuck;
  double end = 0;

  std::string describe_waits() const;
};

/// One line per rank that waits, at most `kShown` of them: enough to see who waits for whom.
std::string SimGridWorld::State::describe_waits() const {
  constexpr std::size_t kShown = 12;
  std::string text;
  std::size_t count = 0;
  for (const auto& node : cluster.nodes) {
    for (const auto& [channel, inbox] : node->inboxes) {
      const std::string awaited = inbox.waits_for();
      if (!awaited.empty() && ++count <= kShown) {
        text += fmt::format("\n  rank {} on {} waits for {} since {:.9g} s", node->rank, node->description.host,
                            awaited, inbox.waits_since());
      }
    }
  }
  return count > kShown ? text + fmt::format("\n  … and {} more", count - kShown) : text;
}

SimGridWorld::SimGridWorld(const std::filesystem::path& platform, const NetworkSettings& network, std::uint64_t seed,
                           KernelPool& pool)
    : state_(std::make_unique<State>()) {
  state_->engine = &make_engine();
  configure(network);
  state_->engine->load_platform(platform.string());
  state_->cluster.seed = seed;
  state_->cluster.pool = &pool;
  simulated::connect_completions();
  s4u::Engine::on_deadlock_cb([state = state_.get()] { state->stuck = state->describe_waits(); });
}

SimGridWorld::~SimGridWorld() = default;

void SimGridWorld::add(SimulatedRank rank) {
  auto node = std::make_unique<simulated::Node>(std::move(rank));
  node->rank = static_cast<int>(state_->cluster.nodes.size());
  node->host = state_->engine->host_by_name(node->description.host);
  state_->cluster.nodes.push_back(std::move(node));
}

double SimGridWorld::run() {
  simulated::Cluster& cluster = state_->cluster;
  for (const auto& owned : cluster.nodes) {
    simulated::Node* node = owned.get();
    s4u::Actor::create(fmt::format("rank-{}", node->rank), node->host, [state = state_.get(), node] {
      simulated::run_line(state->cluster, *node, 0, node->description.program);
      node->finished = true;
      state->end = std::max(state->end, s4u::Engine::get_clock());
    });
  }
  state_->engine->run();
  if (cluster.failure) {
    std::rethrow_exception(cluster.failure);
  }
  if (!state_->stuck.empty()) {
    throw RunError(fmt::format("the run cannot go on: at {:.9g} s nothing is left that could happen, and{}",
                               s4u::Engine::get_clock(), state_->stuck));
  }
  for (const auto& node : cluster.nodes) {
    node->occupation.finish(state_->end);
    if (!node->finished) {
      throw RunError(fmt::format("rank {} died with its host {}", node->rank, node->description.host));
    }
  }
  return state_->end;
}

}  // namespace descent
