#include "sim/simgrid/simgrid_world.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/communication.hpp"
#include "sim/simgrid/courses.hpp"
#include "sim/simgrid/engine.hpp"
#include "sim/simgrid/simgrid_communicator.hpp"
#include "sim/simgrid/simgrid_interconnect.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

namespace descent {

namespace s4u = simgrid::s4u;

namespace {

/// SimGrid has said why on standard error; a core dump of this program would say nothing more.
void end_without_a_dump(int /*signal*/) {
  _exit(1);
}

}  // namespace

struct SimGridWorld::State {
  s4u::Engine* engine = nullptr;
  simulated::Cluster cluster;
  std::string stuck;

  std::string describe_deaths() const;
  std::string describe_losses() const;
  std::string describe_waits() const;
  std::string describe_patience() const;
};

/// Lines of a message are cut here: enough to see who waits for whom.
constexpr std::size_t kShown = 12;

std::string and_more(std::size_t count) {
  return count > kShown ? fmt::format("\n  … and {} more", count - kShown) : "";
}

std::string SimGridWorld::State::describe_deaths() const {
  std::string text;
  std::size_t count = 0;
  for (const auto& node : cluster.nodes) {
    if (node->died && ++count <= kShown) {
      text += fmt::format("\n  rank {} died with its host {}, which went off at {:.9g} s", node->rank,
                          node->description.host, *node->died);
    }
  }
  return text + and_more(count);
}

std::string SimGridWorld::State::describe_losses() const {
  std::string text;
  for (const simulated::Loss& loss : cluster.losses) {
    text += fmt::format(
        "\n  a message of {} bytes from rank {} on {} to rank {} on {} was lost at {:.9g} s: a host or "
        "the way between them was off, or the network lost it",
        loss.bytes, loss.from, cluster.nodes[static_cast<std::size_t>(loss.from)]->description.host, loss.to,
        cluster.nodes[static_cast<std::size_t>(loss.to)]->description.host, loss.time);
  }
  return text + (cluster.lost > cluster.losses.size()
                     ? fmt::format("\n  … and {} more", cluster.lost - cluster.losses.size())
                     : "");
}

std::string SimGridWorld::State::describe_waits() const {
  std::string text;
  std::size_t count = 0;
  for (const auto& node : cluster.nodes) {
    for (const auto& inbox : node->inboxes) {
      const std::string awaited = inbox ? inbox->waits_for() : "";
      if (!awaited.empty() && ++count <= kShown) {
        text += fmt::format("\n  rank {} on {} waits for {} since {:.9g} s", node->rank, node->description.host,
                            awaited, inbox->waits_since());
      }
    }
  }
  return text + and_more(count);
}

std::string SimGridWorld::State::describe_patience() const {
  std::vector<const simulated::Node*> impatient;
  for (const auto& node : cluster.nodes) {
    if (node->gave_up) {
      impatient.push_back(node.get());
    }
  }
  // Whom others wait for has given up before them.
  std::stable_sort(impatient.begin(), impatient.end(), [](const simulated::Node* a, const simulated::Node* b) {
    return a->gave_up->first < b->gave_up->first;
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(impatient.size(), kShown); ++i) {
    const simulated::Node& node = *impatient[i];
    text += fmt::format("\n  rank {} on {} gave up: {}", node.rank, node.description.host, node.gave_up->second);
  }
  return text + and_more(impatient.size());
}

SimGridWorld::SimGridWorld(const std::filesystem::path& platform, const NetworkSettings& network, std::uint64_t seed,
                           KernelPool& pool, GradientMemory gradient_memory)
    : state_(std::make_unique<State>()), evaluates_schedules_(network.fidelity == "schedule") {
  state_->engine = &simulated::make_engine(network);
  std::signal(SIGABRT, end_without_a_dump);
  simulated::watch_profiles(state_->cluster);
  state_->engine->load_platform(platform.string());
  state_->engine->seal_platform();
  state_->cluster.costs = simulated::message_costs();
  state_->cluster.seed = seed;
  state_->cluster.pool = &pool;
  state_->cluster.gradient_memory = std::move(gradient_memory);
  simulated::connect_completions();
  simulated::connect_communications(*state_->engine);
  s4u::Engine::on_deadlock_cb([state = state_.get()] { state->stuck = state->describe_waits(); });
}

SimGridWorld::~SimGridWorld() = default;

void SimGridWorld::add(SimulatedRank rank) {
  auto node = std::make_unique<simulated::Node>(std::move(rank));
  node->rank = static_cast<int>(state_->cluster.nodes.size());
  node->host = state_->engine->host_by_name(node->description.host);
  state_->cluster.nodes.push_back(std::move(node));
}

void SimGridWorld::recover(const DurableMemory& memory) {
  state_->cluster.durable_memory = memory;
  state_->cluster.lives.revive();
}

void SimGridWorld::fail(const std::string& host, Outages outages) {
  state_->cluster.lives.add(*state_->engine->host_by_name(host), std::move(outages));
}

void SimGridWorld::reached(std::uint64_t updates) {
  state_->cluster.updates = std::max(state_->cluster.updates, updates);
}

void SimGridWorld::change_speed(const std::string& host, const Course& speed) {
  simulated::let_follow(*state_->engine->host_by_name(host), speed);
}

void SimGridWorld::change_link(const std::string& link, const Course& bandwidth, const Course& latency,
                               const Course& availability) {
  simulated::let_follow(*state_->engine->link_by_name(link), bandwidth, latency, availability);
}

void SimGridWorld::delay_messages(const Jitter& jitter) {
  state_->cluster.jitter = jitter;
}

void SimGridWorld::lose_messages(const NetworkFaults& faults) {
  state_->cluster.faults = faults;
}

std::size_t SimGridWorld::messages_lost() const {
  return state_->cluster.lost;
}

std::string SimGridWorld::absent() const {
  return state_->describe_deaths() + state_->describe_patience();
}

double SimGridWorld::run() {
  simulated::Cluster& cluster = state_->cluster;
  for (std::size_t i = 0; i < cluster.nodes.size(); ++i) {
    const simulated::Node& node = *cluster.nodes[i];
    if (!node.host->is_on()) {
      throw RunError(fmt::format("rank {} cannot start: its host {} is off at 0 s", node.rank, node.description.host));
    }
    simulated::join_wifi(node.host, cluster.nodes[(i + 1) % cluster.nodes.size()]->host);
  }
  simulated::make_room_for_stacks(cluster.nodes.size());
  cluster.lives.begin();
  if (evaluates_schedules_) {
    std::vector<s4u::Host*> hosts;
    for (const auto& node : cluster.nodes) {
      hosts.push_back(node->host);
    }
    cluster.network =
        std::make_unique<simulated::TimedNetwork>(std::make_unique<simulated::SimGridInterconnect>(std::move(hosts)));
  }
  if (cluster.network && cluster.jitter) {
    cluster.network->flows().delay(*cluster.jitter);
  }
  if (cluster.faults) {
    for (const double time : cluster.faults->cuts()) {
      simgrid::kernel::timer::Timer::set(time, [&cluster] { simulated::lose_cut_off(cluster); });
    }
  }
  state_->engine->run();
  if (cluster.failure) {
    std::rethrow_exception(cluster.failure);
  }
  const std::string deaths = state_->describe_deaths();
  if (!state_->stuck.empty()) {
    throw RunError(fmt::format("the run cannot go on: at {:.9g} s nothing is left that could happen, and{}{}{}",
                               s4u::Engine::get_clock(), deaths, state_->describe_losses(), state_->stuck));
  }
  const auto finished = [](const auto& node) { return node->finished; };
  const bool ended = cluster.lives.revives() && std::any_of(cluster.nodes.begin(), cluster.nodes.end(), finished);
  if (!ended && (!deaths.empty() || std::any_of(cluster.nodes.begin(), cluster.nodes.end(),
                                                [](const auto& node) { return node->gave_up.has_value(); }))) {
    throw RunError("ranks died before their end:" + absent());
  }
  for (const auto& node : cluster.nodes) {
    node->occupation.finish(cluster.end);
  }
  return cluster.end;
}

}  // namespace descent
