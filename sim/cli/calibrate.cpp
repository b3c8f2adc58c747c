#include "sim/cli/calibrate.hpp"

#include "algorithms/core/error.hpp"
#include "sim/calibration/platform_file.hpp"
#include "sim/cli/figure.hpp"
#include "sim/cli/host_file.hpp"
#include "sim/cli/launch_mpi.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/validate/child_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace descent {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> probe_arguments(const ProbeSettings& probes) {
  std::vector<std::string> words = {"--rounds",  std::to_string(probes.rounds),
                                    "--largest", std::to_string(probes.largest),
                                    "--longest", fmt::format("{}", probes.longest)};
  if (probes.receives_while_computing) {
    words.emplace_back("--paced");
  }
  return words;
}

void run_or_throw(const std::vector<std::string>& command, const std::string& what, const fs::path& directory,
                  std::optional<double> time_limit_s) {
  const fs::path log = directory / "log.txt";
  if (const std::string message = run_child(command, log, time_limit_s.value_or(kLongestRun)); !message.empty()) {
    throw RunError(fmt::format("{}: {} (all it said: {})", what, message, log.string()));
  }
  fs::remove(log);
}

void measure_over_mpi(const CalibrateOptions& options, const fs::path& table) {
  constexpr std::size_t kRanks = 2;
  const std::vector<std::string> slots =
      options.hostfile ? slots_of(*options.hostfile) : std::vector<std::string>{"localhost"};
  std::vector<std::string> machines;
  for (std::size_t rank = 0; rank < options.ranks.value_or(options.hostfile ? slots.size() : kRanks); ++rank) {
    machines.push_back(slots[rank % slots.size()]);
  }
  const fs::path places = options.out / "hosts.txt";
  std::vector<std::string> command =
      options.hostfile ? mpirun_command(machines, places) : mpirun_command(machines.size());
  command.insert(command.end(),
                 {beside_this_program("descent-mpi").string(), "calibrate", fs::absolute(table).string()});
  const auto arguments = probe_arguments(options.probes);
  command.insert(command.end(), arguments.begin(), arguments.end());
  run_or_throw(command, "measuring over MPI", options.out, options.time_limit_s);
  // The platform's hosts have the names by which `run --mpi --hostfile` finds them.
  Measurements measurements = read_measurements(table);
  measurements.hosts = machines;
  write_whole(table, to_csv(measurements));
  fs::remove(places);
}

/// `hosts`: of each rank; one for each core of the platform where empty.
void measure_in_simulation(const fs::path& platform, const std::vector<std::string>& hosts, const ProbeSettings& probes,
                           const fs::path& table, std::optional<double> time_limit_s) {
  std::vector<std::string> command = {beside_this_program("descent").string(), "probe", platform.string(),
                                      table.string()};
  for (const std::string& host : hosts) {
    command.insert(command.end(), {"--host", host});
  }
  const auto arguments = probe_arguments(probes);
  command.insert(command.end(), arguments.begin(), arguments.end());
  run_or_throw(command, "measuring in simulation", table.parent_path(), time_limit_s);
}

std::uint64_t largest_of(const Measurements& measurements) {
  std::uint64_t largest = 0;
  for (const Point& point : measurements.points) {
    largest = std::max(largest, point.bytes);
  }
  return largest;
}

std::vector<std::string> origin_of(const CalibrateOptions& options, const Measurements& measurements) {
  std::string where = "over MPI";
  if (options.simulate) {
    where = "in simulation, on " + options.simulate->filename().string();
  } else if (options.from) {
    where = "as told by " + options.from->filename().string();
  }
  return {fmt::format("{} measurements between {} ranks, {}.", measurements.points.size(), measurements.hosts.size(),
                      where)};
}

void print_calibration(const Calibration& calibration) {
  const auto plus_minus = [](const Estimate& e, double scale) {
    return fmt::format("{:.4g} ± {:.2g}", e.value * scale, (e.high - e.value) * scale);
  };
  for (const CalibratedHost& host : calibration.hosts) {
    if (host.up.value > 0) {
      fmt::print("  {:<14} latency {} us, up {} MB/s, down {} MB/s\n", host.name, plus_minus(host.latency, 1e6),
                 plus_minus(host.up, 1e-6), plus_minus(host.down, 1e-6));
    }
    if (host.own_latency) {
      fmt::print("  {:<14} to itself: latency {} us, {} MB/s\n", host.name, plus_minus(*host.own_latency, 1e6),
                 plus_minus(*host.own_bandwidth, 1e-6));
    }
  }
  for (const Segment& segment : calibration.segments) {
    fmt::print("  {:<14} latency × {:.3g}, bandwidth × {:.3g}\n", fmt::format("> {} B", segment.above),
               segment.latency_factor, segment.bandwidth_factor);
  }
}

}  // namespace

int calibrate_verb(const CalibrateOptions& options) {
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", options.out.string(), error.message()));
  }
  const fs::path table = options.from.value_or(options.out / "points.csv");
  if (options.simulate) {
    measure_in_simulation(*options.simulate, {}, options.probes, table, options.time_limit_s);
  } else if (!options.from) {
    measure_over_mpi(options, table);
  }
  const Measurements measurements = read_measurements(table);
  const Calibration calibration = calibrate(measurements);
  const fs::path platform = options.out / "platform.xml";
  write_whole(platform, platform_file(calibration, {options.speed, origin_of(options, measurements)}));
  write_whole(options.out / "calibration.json", to_json(calibration) + "\n");
  ProbeSettings again = options.probes;
  again.rounds = 1;
  again.largest = largest_of(measurements);
  constexpr double kNoLimit = 1e9;
  again.longest = kNoLimit;
  measure_in_simulation(platform, measurements.hosts, again, options.out / "predicted.csv", options.time_limit_s);
  if (options.from) {  // the figure reads both beside each other
    write_whole(options.out / "points.csv", to_csv(measurements));
  }
  const std::string no_figure = draw_figure("calibration.py", options.out);
  if (!options.quiet) {
    print_calibration(calibration);
    fmt::print("  wrote {}: platform.xml, calibration.json, points.csv, predicted.csv{}\n", options.out.string(),
               no_figure.empty() ? ", calibration.pdf, .png" : "");
  }
  if (!no_figure.empty()) {
    fmt::print(stderr, "descent: no figure: {}\n", no_figure);
  }
  return 0;
}

}  // namespace descent
