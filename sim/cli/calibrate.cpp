#include "sim/cli/calibrate.hpp"

#include "algorithms/core/error.hpp"
#include "sim/calibration/platform_file.hpp"
#include "sim/cli/figure.hpp"
#include "sim/cli/host_file.hpp"
#include "sim/cli/kernel_tables.hpp"
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

std::vector<std::string> machines_of(const CalibrateOptions& options) {
  constexpr std::size_t kRanks = 2;
  const std::vector<std::string> slots =
      options.hostfile ? slots_of(*options.hostfile) : std::vector<std::string>{"localhost"};
  std::vector<std::string> machines;
  for (std::size_t rank = 0; rank < options.ranks.value_or(options.hostfile ? slots.size() : kRanks); ++rank) {
    machines.push_back(slots[rank % slots.size()]);
  }
  return machines;
}

/// Runs `descent-mpi calibrate FILE ARGUMENTS` on these machines.
void measure_over_mpi(const CalibrateOptions& options, const std::vector<std::string>& machines, const fs::path& table,
                      const std::vector<std::string>& arguments) {
  const fs::path places = options.out / "hosts.txt";
  std::vector<std::string> command =
      options.hostfile ? mpirun_command(machines, places) : mpirun_command(machines.size());
  command.insert(command.end(),
                 {beside_this_program("descent-mpi").string(), "calibrate", fs::absolute(table).string()});
  command.insert(command.end(), arguments.begin(), arguments.end());
  run_or_throw(command, "measuring over MPI", options.out, options.time_limit_s);
  fs::remove(places);
}

/// `hosts`: of each rank; one for each core of the platform where empty.
void measure_in_simulation(const fs::path& platform, const std::vector<std::string>& hosts, const fs::path& table,
                           const std::vector<std::string>& arguments, std::optional<double> time_limit_s) {
  std::vector<std::string> command = {beside_this_program("descent").string(), "probe", platform.string(),
                                      table.string()};
  for (const std::string& host : hosts) {
    command.insert(command.end(), {"--host", host});
  }
  command.insert(command.end(), arguments.begin(), arguments.end());
  run_or_throw(command, "measuring in simulation", table.parent_path(), time_limit_s);
}

/// The network.
Measurements measure(const CalibrateOptions& options, const fs::path& table) {
  const std::vector<std::string> arguments = probe_arguments(options.probes);
  if (options.simulate) {
    measure_in_simulation(*options.simulate, {}, table, arguments, options.time_limit_s);
  } else if (!options.from) {
    const std::vector<std::string> machines = machines_of(options);
    measure_over_mpi(options, machines, table, arguments);
    // The platform's hosts have the names by which `run --mpi --hostfile` finds them.
    Measurements measurements = read_measurements(table);
    measurements.hosts = machines;
    write_whole(table, to_csv(measurements));
    return measurements;
  }
  return read_measurements(table);
}

/// What scenarios compute on the same hosts, if any are given, or were.
KernelMeasurements measure_kernels(const CalibrateOptions& options, const std::vector<std::string>& hosts) {
  if (options.from) {
    const fs::path beside = fs::path(*options.from).replace_filename("kernels.csv");
    return fs::exists(beside) ? read_kernel_measurements(beside) : KernelMeasurements();
  }
  KernelMeasurements all{hosts, {}};
  const fs::path table = options.out / "kernels-of-one.csv";
  for (const fs::path& scenario : options.scenarios) {
    const std::vector<std::string> arguments = {"--for", fs::absolute(scenario).string(), "--rounds",
                                                std::to_string(options.probes.rounds)};
    if (options.simulate) {
      measure_in_simulation(*options.simulate, {}, table, arguments, options.time_limit_s);
    } else {
      measure_over_mpi(options, machines_of(options), table, arguments);
    }
    const KernelMeasurements one = read_kernel_measurements(table);
    all.points.insert(all.points.end(), one.points.begin(), one.points.end());
    fs::remove(table);
  }
  return all;
}

/// Adds them to the network's hosts, and says how fast these are otherwise.
PlatformFacts put_kernels(const CalibrateOptions& options, const KernelMeasurements& measured,
                          Calibration& calibration) {
  PlatformFacts facts;
  facts.speed_is = "not measured";
  const auto hosts = fit_kernels(measured);
  for (CalibratedHost& host : calibration.hosts) {
    if (const auto found = hosts.find(host.name); found != hosts.end()) {
      host.kernels = found->second;
    }
  }
  if (options.speed) {
    facts.speed = *options.speed;
    facts.speed_is = "what --speed said";
  } else if (!measured.points.empty()) {
    // Of the first scenario whose gradients are real ones.
    const auto gradient = std::find_if(measured.points.begin(), measured.points.end(),
                                       [](const KernelPoint& point) { return point.kernel.starts_with("gradient."); });
    if (gradient != measured.points.end()) {
      const auto& [host, kernels] = *hosts.begin();
      facts.speed = kernels.rates.at(gradient->kernel).back().rate.value;
      facts.speed_is = fmt::format("what {} reached on {}", gradient->kernel, host);
    }
  }
  return facts;
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
  for (const CalibratedHost& host : calibration.hosts) {
    for (const auto& [kernel, sizes] : host.kernels.rates) {
      fmt::print(
          "  {:<14} {}: {} Gflop/s on {}{}\n", host.name, kernel, plus_minus(sizes.front().rate, 1e-9),
          sizes.front().size,
          sizes.size() == 1 ? "" : fmt::format(", {} on {}", plus_minus(sizes.back().rate, 1e-9), sizes.back().size));
    }
    if (host.kernels.write && host.kernels.read) {
      fmt::print("  {:<14} durable memory: writes {} MB/s, reads {} MB/s\n", host.name,
                 plus_minus(*host.kernels.write, 1e-6), plus_minus(*host.kernels.read, 1e-6));
    }
  }
  if (!calibration.overlap.empty()) {
    const auto& [bytes, share] = *calibration.overlap.rbegin();
    fmt::print("  while ranks compute, {:.0f} % of an exchange of {} bytes goes on\n", 100 * share, bytes);
  }
  for (const Segment& segment : calibration.segments) {
    fmt::print("  {:<14} latency × {:.3g}, bandwidth × {:.3g}\n", fmt::format("> {} B", segment.above),
               segment.latency_factor, segment.bandwidth_factor);
  }
}

}  // namespace

int calibrate_verb(const CalibrateOptions& options) {
  for (const fs::path& scenario : options.scenarios) {
    load_to_measure(scenario);  // what is wrong with it shows before minutes of measuring
  }
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", options.out.string(), error.message()));
  }
  const Measurements measurements = measure(options, options.from.value_or(options.out / "points.csv"));
  const KernelMeasurements kernels = measure_kernels(options, measurements.hosts);
  Calibration calibration = calibrate(measurements);
  PlatformFacts facts = put_kernels(options, kernels, calibration);
  facts.origin = origin_of(options, measurements);
  facts.overlaps = options.simulate || options.probes.receives_while_computing || calibration.overlaps();
  const fs::path platform = options.out / "platform.xml";
  write_whole(platform, platform_file(calibration, facts));
  write_whole(options.out / "calibration.json", to_json(calibration) + "\n");
  if (!kernels.points.empty()) {
    write_whole(options.out / "kernels.csv", to_csv(kernels));
  }
  ProbeSettings again = options.probes;
  again.rounds = 1;
  again.largest = largest_of(measurements);
  constexpr double kNoLimit = 1e9;
  again.longest = kNoLimit;
  measure_in_simulation(platform, measurements.hosts, options.out / "predicted.csv", probe_arguments(again),
                        options.time_limit_s);
  if (options.from) {  // the figure reads both beside each other
    write_whole(options.out / "points.csv", to_csv(measurements));
  }
  const std::string no_figure = options.figure ? draw_figure("calibration.py", options.out) : "";
  if (!options.quiet) {
    print_calibration(calibration);
    fmt::print("  wrote {}: platform.xml, calibration.json, points.csv, {}predicted.csv{}\n", options.out.string(),
               kernels.points.empty() ? "" : "kernels.csv, ",
               options.figure && no_figure.empty() ? ", calibration.pdf, .png" : "");
  }
  if (!no_figure.empty()) {
    fmt::print(stderr, "descent: no figure: {}\n", no_figure);
  }
  return 0;
}

}  // namespace descent
