#include "sim/cli/launch_mpi.hpp"

#include "algorithms/core/error.hpp"
#include "sim/cli/host_file.hpp"
#include "sim/cli/load_run.hpp"
#include "sim/replay/run_identity.hpp"
#include "sim/run/prepare.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace descent {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  out.close();
  if (!out) {
    throw RunError(fmt::format("cannot write {}", path.string()));
  }
}

std::vector<std::string> smpirun(const Scenario& scenario, const Plan& plan, const fs::path& directory) {
  std::string hosts;
  for (const Placement& rank : plan.ranks) {
    hosts += rank.host.name + "\n";
  }
  write(directory / "hosts.txt", hosts);
  const NetworkSettings& network = scenario.network;
  std::vector<std::string> command = {"smpirun",
                                      "-np",
                                      std::to_string(plan.ranks.size()),
                                      "-platform",
                                      scenario.platform.string(),
                                      "-hostfile",
                                      (directory / "hosts.txt").string(),
                                      "--cfg=network/model:" + network.model,
                                      fmt::format("--cfg=network/crosstraffic:{:d}", network.crosstraffic),
                                      fmt::format("--cfg=network/TCP-gamma:{}", network.tcp_gamma)};
  for (const char* option : {DESCENT_SMPI_OPTIONS}) {
    command.emplace_back(option);
  }
  command.push_back(beside_this_program("descent-smpi").string());
  return command;
}

/// Where the host file names the platform's hosts, each rank runs on its own; else ranks fill the file's slots in
/// order.
std::vector<std::string> mpirun(const RunOptions& options, const Plan& plan, const fs::path& directory) {
  std::vector<std::string> command = mpirun_command(plan.ranks.size());
  if (options.hostfile) {
    const std::vector<std::string> slots = slots_of(*options.hostfile);
    const std::set<std::string> known(slots.begin(), slots.end());
    std::vector<std::string> machines;
    std::string strange;
    for (const Placement& rank : plan.ranks) {
      machines.push_back(rank.host.name);
      strange = known.contains(rank.host.name) ? strange : rank.host.name;
    }
    if (strange.empty()) {
      command = mpirun_command(machines, directory / "hosts.txt");
    } else {
      command.insert(command.end(), {"--hostfile", options.hostfile->string()});
      if (!options.quiet) {
        fmt::print(stderr, "{}: note: it does not name the platform's host {}, so ranks fill its slots in order\n",
                   options.hostfile->string(), strange);
      }
    }
  }
  command.push_back(beside_this_program("descent-mpi").string());
  return command;
}

}  // namespace

fs::path beside_this_program(const char* name) {
  return fs::read_symlink("/proc/self/exe").parent_path() / name;
}

std::vector<std::string> mpirun_command(std::size_t ranks) {
  // More ranks than cores must yield while they wait, or they keep each other from working.
  std::vector<std::string> command = {
      "mpirun", "-n", std::to_string(ranks), "--oversubscribe", "--mca", "mpi_yield_when_idle", "1"};
  if (geteuid() == 0) {
    command.emplace_back("--allow-run-as-root");
  }
  return command;
}

std::vector<std::string> mpirun_command(const std::vector<std::string>& machines, const fs::path& file) {
  std::string lines;
  for (const std::string& machine : machines) {
    lines += machine + "\n";
  }
  write(file, lines);
  std::vector<std::string> command = mpirun_command(machines.size());
  command.insert(command.end(), {"--hostfile", file.string(), "--map-by", "seq"});
  return command;
}

int launch_mpi(const RunOptions& options) {
  const LoadedRun run = load_run(options.file, options.overrides, options.seed);
  print_notes(run, options.quiet);
  print_sweep_note(run, options.quiet);
  const Scenario& scenario = *run.loaded.scenario;
  refuse_without_mathematics(scenario);
  refuse_disturbed_network(scenario);
  if (options.record) {
    refuse_unrepeatable(scenario);
  }
  const fs::path directory = options.output_directory(scenario.name, scenario.seed);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", directory.string(), error.message()));
  }
  // In the directory for results, which the machines of a cluster usually share.
  write(directory / "plan.json", to_json(run.plan));
  write(directory / "scenario.xml", effective_scenario(run.loaded, directory));
  std::vector<std::string> command =
      options.mpi ? mpirun(options, run.plan, directory) : smpirun(scenario, run.plan, directory);
  command.insert(command.end(), {(directory / "scenario.xml").string(), "--plan", (directory / "plan.json").string(),
                                 "--out", directory.string()});
  if (options.threads) {
    command.insert(command.end(), {"--threads", std::to_string(*options.threads)});
  }
  if (options.record) {
    command.insert(command.end(), {"--record", fs::absolute(*options.record).string()});
  }
  for (const auto& [wanted, flag] : {std::pair(options.json, "--json"), std::pair(options.quiet, "--quiet"),
                                     std::pair(options.trace, "--trace"), std::pair(options.paced, "--paced")}) {
    if (wanted) {
      command.emplace_back(flag);
    }
  }
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (std::string& word : command) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  throw RunError(fmt::format("cannot run {}: {}", command[0], std::strerror(errno)));
}

}  // namespace descent
