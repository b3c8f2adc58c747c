#include "algorithms/core/error.hpp"
#include "sim/calibration/kernel_probe.hpp"
#include "sim/calibration/probes.hpp"
#include "sim/cli/kernel_tables.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/record/rank_record.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/run/prepare.hpp"
#include "sim/simgrid/platform_probe.hpp"
#include "sim/simgrid/simgrid_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace descent {
namespace {

Scenario on_platform(const std::filesystem::path& platform) {
  Scenario scenario;
  scenario.file = platform;
  scenario.platform = platform;
  scenario.network.model = "SMPI";
  scenario.network.tcp_gamma = 4194304;
  scenario.network.fidelity = "message";
  return scenario;
}

/// The host of each rank: those named, or one for each core.
std::vector<HostInfo> place(const std::vector<std::string>& names, const std::vector<HostInfo>& hosts,
                            const std::filesystem::path& platform) {
  std::vector<HostInfo> placed;
  for (const HostInfo& host : hosts) {
    placed.insert(placed.end(), static_cast<std::size_t>(names.empty() ? host.cores : 0), host);
  }
  for (const std::string& name : names) {
    const auto found =
        std::find_if(hosts.begin(), hosts.end(), [&](const HostInfo& host) { return host.name == name; });
    if (found == hosts.end()) {
      throw InputError(fmt::format("{}: there is no host {}", platform.string(), name));
    }
    placed.push_back(*found);
  }
  if (placed.size() < 2) {
    throw InputError(fmt::format("{}: a network is measured between at least two cores", platform.string()));
  }
  return placed;
}

/// What ranks on these hosts do, until all have done it.
void simulate_ranks(const Scenario& on, const std::vector<HostInfo>& hosts,
                    const std::function<Charges(const HostInfo&)>& charges,
                    const std::function<void(std::size_t, Communicator&)>& program) {
  KernelPool pool(1);
  SimGridWorld world(on.platform, on.network, 0, pool);
  world.recover({});
  RecordingContext nothing;
  std::vector<std::unique_ptr<RankRecorder>> recorders;
  for (std::size_t rank = 0; rank < hosts.size(); ++rank) {
    recorders.push_back(std::make_unique<RankRecorder>(nothing, static_cast<int>(rank), "probe", hosts[rank].name));
    world.add({hosts[rank].name, charges(hosts[rank]),
               [&program, rank](Communicator& communicator) { program(rank, communicator); }, recorders.back().get()});
  }
  world.run();
}

}  // namespace

int probe_verb(const std::filesystem::path& platform, std::vector<std::string> names, ProbeSettings settings,
               const std::optional<std::filesystem::path>& scenario_file, const std::filesystem::path& table) {
  const Scenario on = on_platform(platform);
  const std::vector<HostInfo> hosts = place(
      names, probe_platform(on, [](const auto&) { return std::vector<std::pair<std::string, std::string>>(); }).hosts,
      platform);
  names.clear();
  for (const HostInfo& host : hosts) {
    names.push_back(host.name);
  }
  if (scenario_file) {
    const Scenario scenario = load_to_measure(*scenario_file);
    const Training training = make_training(scenario, {.workers = static_cast<int>(hosts.size())}, nullptr);
    const KernelNames kernels = kernel_names(scenario, *training.problem);
    std::vector<std::vector<KernelPoint>> points(hosts.size());
    simulate_ranks(
        on, hosts, [&](const HostInfo& host) { return charges_at_rates(host, kernels); },
        [&](std::size_t rank, Communicator& communicator) {
          points[rank] = probe_kernels(communicator, training, kernels, settings.rounds);
        });
    write_kernel_table(table, names, points);
    return 0;
  }
  settings.receives_while_computing = true;  // SimGrid's hosts do, and a kernel takes no simulated time
  std::vector<std::vector<Point>> points(hosts.size());
  simulate_ranks(
      on, hosts, [](const HostInfo&) { return charge_at_speed; },
      [&](std::size_t rank, Communicator& communicator) { points[rank] = probe(communicator, settings); });
  Measurements all{names, {}};
  for (const auto& of_rank : points) {
    all.points.insert(all.points.end(), of_rank.begin(), of_rank.end());
  }
  write_whole(table, to_csv(all));
  return 0;
}

}  // namespace descent
