#include "algorithms/core/error.hpp"
#include "sim/cli/mpi_calibrate.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/report.hpp"
#include "sim/disturbance/outages.hpp"
#include "sim/mpi/mpi_world.hpp"
#include "sim/record/transport.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/replay/recorded_order.hpp"
#include "sim/replay/recording_communicator.hpp"
#include "sim/replay/run_identity.hpp"
#include "sim/run/collect.hpp"
#include "sim/scenario/load.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

namespace descent {
namespace {

/// Asks `descent`, which can read platforms, who runs where. Before MPI begins, because after that no process may be
/// made.
std::string ask_for_plan(const RunOptions& options) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "descent";
  const auto quoted = [](const std::string& word) {
    std::string text = "'";
    for (const char c : word) {
      text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return text + "'";
  };
  std::string command = quoted(program.string()) + " plan " + quoted(options.file.string());
  for (const std::string& setting : options.overrides) {
    command += " --set " + quoted(setting);
  }
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> block{};
  for (std::size_t count = 0; pipe != nullptr && (count = fread(block.data(), 1, block.size(), pipe)) > 0;) {
    text.append(block.data(), count);
  }
  if (pipe == nullptr || pclose(pipe) != 0) {
    throw InputError("the scenario cannot be placed");
  }
  return text;
}

std::string read_plan(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) {
    throw InputError(fmt::format("{}: cannot be read", path.string()));
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

LoadResult load(const RunOptions& options) {
  LoadResult loaded = load_scenario(options.file, options.overrides, options.seed);
  if (!loaded.scenario) {
    std::string text;
    for (const Diagnostic& problem : loaded.problems) {
      text += (text.empty() ? "" : "\n") + to_string(problem);
    }
    throw InputError(text);
  }
  return loaded;
}

void refuse_target_of_many(const Share& share) {
  if (share.replicas > 1) {
    throw InputError(
        "over MPI no rank sees the parameters of all workers at once; stop at a target needs a strategy whose workers "
        "agree on them, or a server");
  }
}

/// One rank's run: what it recorded. Where there are `journals`, they get its events.
Recording run_rank(MpiWorld& world, const PreparedRun& run, const RunOptions& options, RankJournals* journals) {
  const auto rank = static_cast<std::size_t>(world.rank());
  const Placement& placement = run.plan.ranks[rank];
  const bool watches_target = run.training.stop.target;
  if (watches_target && run.cast.servers > 1) {
    throw InputError(
        "over MPI no rank sees the parameters of several servers at once; stop at a target needs one server");
  }
  Recording recording;
  KernelPool pool(watches_target ? options.thread_count() : 1);
  Evaluations evaluations(run.training.problem, pool, targets_of(run.scenario));
  RecordingContext context;
  context.times = observation_times_of(run.scenario);
  context.trace = options.trace;
  context.keep_sends = true;
  context.observe = [&](ObservedPart part) {
    if (watches_target) {
      refuse_target_of_many(part.share);
      evaluations.add(part);
    }
    recording.parts.push_back(std::move(part));
  };
  context.target_met = [&] { return evaluations.target_met(); };
  context.progress = [](double, std::uint64_t) {};
  RankRecorder recorder(context, world.rank(), placement.role, placement.host.name);
  MpiRank self;
  self.seed = run.scenario.seed;
  self.observer = &recorder;
  self.charges = run.charges_of(rank);
  self.pace.paced = options.paced || !run.scenario.host_speeds.empty() || !run.scenario.slowdowns.empty() ||
                    !run.scenario.slow_periods.empty();
  self.pace.speed = placement.host.speed;
  self.pace.speed_factor = placement.speed_factor;
  self.failures = failures_of(run.scenario, placement.host.name, placement.failures);
  self.pace.course = speed_of(run.scenario, placement);
  Communicator& line = world.line(std::move(self));
  std::optional<RecordingCommunicator> recorder_of_events;
  if (journals != nullptr) {
    recorder_of_events.emplace(line, *journals, 0, run.scenario.seed);
  }
  Communicator& communicator = recorder_of_events ? *recorder_of_events : line;
  try {
    recording.ended = world.live([&] { run.run_rank(communicator); });
  } catch (const GaveUp& error) {
    recording.ended = false;
    recording.gave_up = error.what();
  }
  recording.end_s = world.end_line();
  recording.collectives = std::move(context.collectives);
  recording.record = recorder.record();
  return recording;
}

/// Ranks that are dead, or have given up on others, are no error where others have come to the end.
void refuse_end_of_none(const std::vector<Recording>& recordings) {
  std::string text;
  for (const Recording& recording : recordings) {
    if (recording.ended) {
      return;
    }
    text += fmt::format("\n  rank {} on {} {}", recording.record.rank, recording.record.host,
                        recording.gave_up.empty() ? "died" : "gave up: " + recording.gave_up);
  }
  throw RunError("no rank came to the end of the run:" + text);
}

/// Who is dead at the end has been down until then.
void stay_down(std::vector<Recording>& recordings, double end) {
  for (Recording& recording : recordings) {
    if (!recording.ended && recording.gave_up.empty() && recording.end_s < end) {
      recording.record.down_s += end - recording.end_s;
      if (!recording.record.spans.empty()) {
        recording.record.spans.push_back({Activity::down, recording.end_s, end});
      }
    }
  }
}

/// On rank 0: evaluates what was observed, and tells.
void conclude(const PreparedRun& run, const LoadResult& loaded, const std::vector<std::string>& packed,
              const RunOptions& options, std::chrono::steady_clock::time_point begin) {
  std::vector<Recording> recordings;
  recordings.reserve(packed.size());
  for (const std::string& bytes : packed) {
    recordings.push_back(unpack(bytes));
  }
  refuse_end_of_none(recordings);
  count_bytes(recordings);
  KernelPool pool(options.thread_count());
  Evaluations evaluations(run.training.problem, pool, targets_of(run.scenario));
  std::vector<RankRecord> records;
  std::vector<ObservedPart> parts;
  Durations collectives;
  double end = 0;
  for (const Recording& recording : recordings) {
    collectives.add(recording.collectives);
    end = recording.ended ? std::max(end, recording.end_s) : end;
  }
  stay_down(recordings, end);
  for (Recording& recording : recordings) {
    std::move(recording.parts.begin(), recording.parts.end(), std::back_inserter(parts));
    records.push_back(std::move(recording.record));
  }
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.slot < b.slot; });
  for (ObservedPart& part : parts) {
    evaluations.add(std::move(part));
  }
  RunResult result = collect(run, std::move(records), evaluations, end);
  result.collectives = std::move(collectives);
  result.backend = mpi_backend();
  result.network_model = result.backend == "mpi" ? "real" : describe(run.scenario.network);
  result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report(run.scenario, result, loaded, options);
}

/// Before a long run, and not after it.
void refuse_record(const std::filesystem::path& path, const Scenario& scenario) {
  refuse_unrepeatable(scenario);
  std::error_code ignored;
  if (!std::filesystem::is_directory(std::filesystem::absolute(path).parent_path(), ignored) ||
      std::filesystem::is_directory(path, ignored)) {
    throw InputError(
        fmt::format("--record {}: cannot be written; allowed: a file in a directory that is there", path.string()));
  }
}

/// Collective; rank 0 writes.
void write_order(MpiWorld& world, const PreparedRun& run, const RankJournals& journals, const RunOptions& options) {
  const std::vector<std::string> ranks = world.gather(pack(journals));
  if (world.rank() == 0) {
    write_whole(*options.record, order_bytes(run_identity(run), ranks));
    if (!options.json && !options.quiet) {
      fmt::print("  wrote          {}\n", options.record->string());
    }
  }
}

void run_all(MpiWorld& world, const RunOptions& options, const std::string& plan_of_this_rank) {
  const auto begin = std::chrono::steady_clock::now();
  LoadResult loaded = load(options);
  const Plan plan = plan_from_json(plan_of_this_rank);
  if (plan.ranks.size() != static_cast<std::size_t>(world.size())) {
    throw InputError(
        fmt::format("the deployment has {} ranks, MPI was started with {}", plan.ranks.size(), world.size()));
  }
  refuse_without_mathematics(*loaded.scenario);
  refuse_disturbed_network(*loaded.scenario);
  if (options.record && world.rank() == 0) {
    refuse_record(*options.record, *loaded.scenario);
  }
  const PreparedRun run = prepare(*loaded.scenario, plan, &world.sharing());
  RankJournals journals;
  const std::vector<std::string> packed =
      world.gather(pack(run_rank(world, run, options, options.record ? &journals : nullptr)));
  if (world.rank() == 0) {
    conclude(run, loaded, packed, options, begin);
  }
  if (options.record) {
    write_order(world, run, journals, options);
  }
  world.barrier();
}

int dispatch(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "calibrate") {
    return calibrate_over_mpi(argc - 1, argv + 1);
  }
  RunOptions options;
  CLI::App app("Descent over MPI: one rank of a run. `descent run FILE --mpi` starts it.");
  add_run_options(app, options);
  add_record_option(app, options);
  app.add_option("--plan", options.plan, "who runs where, as `descent plan` prints it")->type_name("FILE");
  bool ignored = false;
  app.add_flag("--mpi", ignored, "as is");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const std::string plan = options.plan ? read_plan(*options.plan) : ask_for_plan(options);
  return run_over_mpi(argc, argv, [&](MpiWorld& world) { run_all(world, options, plan); });
}

}  // namespace
}  // namespace descent

int main(int argc, char** argv) {
  try {
    return descent::dispatch(argc, argv);
  } catch (const descent::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "descent: {}\n", error.what());
    return 1;
  }
}
