#include "sim/cli/mpi_calibrate.hpp"

#include "algorithms/core/error.hpp"
#include "sim/calibration/kernel_probe.hpp"
#include "sim/calibration/probes.hpp"
#include "sim/cli/kernel_tables.hpp"
#include "sim/cli/options.hpp"
#include "sim/mpi/mpi_world.hpp"
#include "sim/record/rank_record.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/run/prepare.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

namespace descent {
namespace {

using nlohmann::json;

std::string this_host() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string packed(const std::vector<Point>& points) {
  json rows = json::array();
  for (const Point& point : points) {
    rows.push_back({static_cast<int>(point.pattern), point.from, point.to, point.bytes, point.round, point.seconds});
  }
  return json{{"host", this_host()}, {"points", rows}}.dump();
}

std::string packed(const std::vector<KernelPoint>& points) {
  json rows = json::array();
  for (const KernelPoint& point : points) {
    rows.push_back({point.kernel, point.rank, point.size, point.flops, point.round, point.seconds});
  }
  return json{{"host", this_host()}, {"points", rows}}.dump();
}

std::vector<KernelPoint> unpacked_kernels(const json& rows) {
  std::vector<KernelPoint> points;
  points.reserve(rows.size());
  for (const json& row : rows) {
    points.push_back({row[0], row[1], row[2], row[3], row[4], row[5]});
  }
  return points;
}

void unpack_into(const std::string& text, Measurements& measurements) {
  const json rank = json::parse(text);
  measurements.hosts.push_back(rank["host"]);
  for (const json& row : rank["points"]) {
    measurements.points.push_back({static_cast<Pattern>(row[0].get<int>()), row[1], row[2], row[3], row[4], row[5]});
  }
}

/// What every rank measures by `probe`, packed, by rank; on the first rank.
template <class Probe>
std::vector<std::string> measured_by_all(MpiWorld& world, const Probe& probe) {
  RecordingContext nothing;
  RankRecorder recorder(nothing, world.rank(), "probe", this_host());
  MpiRank self;
  self.observer = &recorder;
  Communicator& communicator = world.line(std::move(self));
  std::string points;
  world.live([&] { points = packed(probe(communicator)); });
  world.end_line();
  return world.gather(points);
}

void measure(MpiWorld& world, const ProbeSettings& settings, const std::filesystem::path& file) {
  if (world.size() < 2) {
    throw InputError("a network is measured between at least two ranks, and MPI was started with one");
  }
  Measurements all;
  for (const std::string& text :
       measured_by_all(world, [&](Communicator& communicator) { return probe(communicator, settings); })) {
    unpack_into(text, all);
  }
  if (world.rank() == 0) {
    write_whole(file, to_csv(all));
  }
  world.barrier();
}

/// While all ranks compute: what a scenario's kernels take.
void measure_kernels(MpiWorld& world, const std::filesystem::path& scenario_file, int rounds,
                     const std::filesystem::path& file) {
  const Scenario scenario = load_to_measure(scenario_file);
  const Training training = make_training(scenario, {.workers = world.size()}, &world.sharing());
  const KernelNames names = kernel_names(scenario, *training.problem);
  std::vector<std::string> hosts;
  std::vector<std::vector<KernelPoint>> of_ranks;
  for (const std::string& text : measured_by_all(
           world, [&](Communicator& communicator) { return probe_kernels(communicator, training, names, rounds); })) {
    const json rank = json::parse(text);
    hosts.push_back(rank["host"]);
    of_ranks.push_back(unpacked_kernels(rank["points"]));
  }
  if (world.rank() == 0) {
    write_kernel_table(file, hosts, of_ranks);
  }
  world.barrier();
}

}  // namespace

int calibrate_over_mpi(int argc, char** argv) {
  ProbeSettings settings;
  std::filesystem::path file;
  CLI::App app("One rank of `descent calibrate`, which starts it.");
  app.add_option("FILE", file, "the table to write")->required();
  std::optional<std::filesystem::path> scenario;
  app.add_option("--for", scenario, "measure this scenario's kernels, and not the network");
  add_probe_options(app, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return run_over_mpi(argc, argv, [&](MpiWorld& world) {
    if (scenario) {
      measure_kernels(world, *scenario, settings.rounds, file);
    } else {
      measure(world, settings, file);
    }
  });
}

}  // namespace descent
