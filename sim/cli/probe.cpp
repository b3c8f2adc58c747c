#include "algorithms/core/error.hpp"
#include "sim/calibration/probes.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/record/rank_record.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/simgrid/platform_probe.hpp"
#include "sim/simgrid/simgrid_world.hpp"

#include <fmt/format.h>

#include <memory>

namespace descent {
namespace {

std::vector<std::string> one_for_each_core(const Scenario& scenario) {
  std::vector<std::string> hosts;
  for (const HostInfo& host :
       probe_platform(scenario, [](const auto&) { return std::vector<std::pair<std::string, std::string>>(); }).hosts) {
    hosts.insert(hosts.end(), static_cast<std::size_t>(host.cores), host.name);
  }
  return hosts;
}

}  // namespace

int probe_verb(const std::filesystem::path& platform, std::vector<std::string> hosts, ProbeSettings settings,
               const std::filesystem::path& table) {
  Scenario scenario;
  scenario.file = platform;
  scenario.platform = platform;
  scenario.network.model = "SMPI";
  scenario.network.tcp_gamma = 4194304;
  scenario.network.fidelity = "message";
  if (hosts.empty()) {
    hosts = one_for_each_core(scenario);
  }
  if (hosts.size() < 2) {
    throw InputError(fmt::format("{}: a network is measured between at least two cores", platform.string()));
  }
  settings.receives_while_computing = true;  // SimGrid's hosts do, and a kernel takes no simulated time
  KernelPool pool(1);
  SimGridWorld world(platform, scenario.network, 0, pool);
  RecordingContext nothing;
  std::vector<std::unique_ptr<RankRecorder>> recorders;
  std::vector<std::vector<Point>> points(hosts.size());
  for (std::size_t rank = 0; rank < hosts.size(); ++rank) {
    recorders.push_back(std::make_unique<RankRecorder>(nothing, static_cast<int>(rank), "probe", hosts[rank]));
    world.add({hosts[rank], [](const auto&) { return Charge(1); },
               [&points, &settings, rank](Communicator& communicator) { points[rank] = probe(communicator, settings); },
               recorders.back().get()});
  }
  world.run();
  Measurements all{hosts, {}};
  for (const auto& of_rank : points) {
    all.points.insert(all.points.end(), of_rank.begin(), of_rank.end());
  }
  write_whole(table, to_csv(all));
  return 0;
}

}  // namespace descent
