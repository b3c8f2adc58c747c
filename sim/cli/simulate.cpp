#include "sim/cli/simulate.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"
#include "sim/cli/progress_line.hpp"
#include "sim/disturbance/outages.hpp"
#include "sim/replay/replaying_communicator.hpp"
#include "sim/run/collect.hpp"
#include "sim/simgrid/simgrid_world.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>

namespace descent {
namespace {

/// How much slower than the platform says the scenario has the host is part of them.
Charges charges_of(const PreparedRun& run, std::size_t rank) {
  return [charges = run.charges_of(rank), factor = 1 / run.plan.ranks[rank].speed_factor](const Work& work) {
    Charge charge = charges(work);
    charge.factor *= factor;
    return charge;
  };
}

/// Of each host with ranks, once.
void add_failures(const PreparedRun& run, SimGridWorld& world) {
  if (run.scenario.recovery) {
    world.recover(
        {run.scenario.recovery->write_bps, run.scenario.recovery->read_bps, run.scenario.recovery->latency_s});
  }
  std::set<std::string> done;
  for (const Placement& placement : run.plan.ranks) {
    if (done.insert(placement.host.name).second) {
      for (Outages& outages : failures_of(run.scenario, placement.host.name, placement.failures).outages) {
        world.fail(placement.host.name, std::move(outages));
      }
    }
  }
}

/// What a rank runs: as events come, or in a recorded order.
std::function<void(Communicator&)> program_of(const PreparedRun& run, const RecordedOrder* order, std::size_t rank) {
  if (order == nullptr) {
    return [&run](Communicator& communicator) { run.run_rank(communicator); };
  }
  return [&run, &events = order->ranks[rank]](Communicator& world) {
    ReplayingCommunicator communicator(world, events, 0, run.scenario.seed);
    run.run_rank(communicator);
    communicator.end();
  };
}

}  // namespace

RunResult simulate(const PreparedRun& run, const RunOptions& options, const RecordedOrder* order) {
  KernelPool pool(options.thread_count());
  Evaluations evaluations(run.training.problem, pool, targets_of(run.scenario));
  ProgressLine progress(!options.quiet && !options.json);
  RecordingContext context;
  context.times = observation_times_of(run.scenario);
  context.trace = options.trace;
  context.observe = [&](ObservedPart part) { evaluations.add(std::move(part)); };
  context.target_met = [&] { return evaluations.target_met(); };
  context.lost = [&](int replica) { evaluations.lost(replica); };
  context.returned = [&](int replica) { evaluations.returned(replica); };
  SimGridWorld world(run.scenario.platform, run.scenario.network, run.scenario.seed, pool,
                     GradientMemory(options.gradient_memory.value_or(GradientMemory::kDefault)));
  context.progress = [&](double time, std::uint64_t iteration) {
    world.reached(iteration);
    if (progress.due()) {
      const auto loss = evaluations.newest_loss();
      progress.show(fmt::format("{}: {} simulated, iteration {}{}", run.scenario.name, format_seconds(time), iteration,
                                loss ? fmt::format(", loss {:.4g}", *loss) : ""));
    }
  };
  std::vector<std::unique_ptr<RankRecorder>> recorders;
  for (std::size_t rank = 0; rank < run.plan.ranks.size(); ++rank) {
    const Placement& placement = run.plan.ranks[rank];
    recorders.push_back(
        std::make_unique<RankRecorder>(context, static_cast<int>(rank), placement.role, placement.host.name));
    world.add({placement.host.name, charges_of(run, rank), program_of(run, order, rank), recorders.back().get(),
               failures_of(run.scenario, placement.host.name, placement.failures).crashes, placement.host.overlaps});
  }
  std::set<std::string> disturbed;
  for (const Placement& placement : run.plan.ranks) {
    if (disturbed.insert(placement.host.name).second) {
      world.change_speed(placement.host.name, speed_of(run.scenario, placement));
    }
  }
  for (const ChangedLink& link : run.plan.links) {
    world.change_link(link.name, course_of(run.scenario, link, &LinkChange::bandwidth_factor),
                      course_of(run.scenario, link, &LinkChange::latency_factor), availability_of(run.scenario, link));
  }
  add_failures(run, world);
  if (const Jitter jitter = jitter_of(run.scenario, run.plan); !jitter.empty()) {
    world.delay_messages(jitter);
  }
  if (const NetworkFaults faults = network_faults_of(run.scenario, run.plan); !faults.empty()) {
    world.lose_messages(faults);
  }
  const double time_s = world.run();
  if (evaluations.final_parameters().empty()) {
    throw RunError("ranks died before their end, and with them parts of the parameters:" + world.absent());
  }
  std::vector<RankRecord> records;
  records.reserve(recorders.size());
  for (const auto& recorder : recorders) {
    records.push_back(recorder->record());
  }
  RunResult result = collect(run, std::move(records), evaluations, time_s);
  result.collectives = std::move(context.collectives);
  result.backend = "simgrid";
  result.network_model = describe(run.scenario.network);
  if (run.scenario.loses_messages() || !run.scenario.failures.empty()) {
    result.messages_lost = world.messages_lost();
  }
  return result;
}

}  // namespace descent
