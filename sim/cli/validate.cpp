#include "algorithms/core/error.hpp"
#include "sim/cli/figure.hpp"
#include "sim/cli/progress_line.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/validate/child_run.hpp"
#include "sim/validate/comparison.hpp"
#include "sim/validate/quantities.hpp"
#include "sim/validate/scenario_runs.hpp"
#include "sim/validate/tables.hpp"
#include "sim/validate/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace descent {
namespace {

namespace fs = std::filesystem;

/// What an earlier validation has left there, which may have had other scenarios or more repeats, is not to be taken
/// for this one's: a directory without summary is no result.
void forget_earlier_results(const ValidationOptions& options) {
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", options.out.string(), error.message()));
  }
  for (const char* name : {"validation.csv", "validation.json", "validation.md", "validation.pdf", "validation.png"}) {
    fs::remove(options.out / name);
  }
  for (const fs::directory_entry& scenario : fs::directory_iterator(options.out)) {
    if (!scenario.is_directory()) {
      continue;
    }
    for (const fs::directory_entry& run : fs::directory_iterator(scenario)) {
      if (run.is_directory() && is_directory_of_run(run.path())) {
        fs::remove(run.path() / "summary.json");
      }
    }
  }
}

/// Seconds of the whole run, once it has been simulated.
std::optional<double> predicted_time(const ScenarioRuns& runs) {
  const auto all = quantities();
  const auto time = std::find_if(all.begin(), all.end(), [](const Quantity& one) { return one.name == "time_s"; });
  const auto index = static_cast<std::size_t>(time - all.begin());
  return index < runs.predicted.quantities.size() ? runs.predicted.quantities[index] : std::nullopt;
}

/// Makes the run and reads what it tells. Of a scenario that fails once, nothing more is run.
void make_run(const PlannedRun& run, const ValidationOptions& options, ScenarioRuns& runs) {
  const fs::path directory = directory_of(run, runs.label, options);
  fs::create_directories(directory);
  std::vector<std::string> command{fs::read_symlink("/proc/self/exe").string()};
  for (std::string& word : words_of(run, directory, options)) {
    command.push_back(std::move(word));
  }
  const std::string what =
      run.measures() ? fmt::format("repeat {} over {}", run.repeat, options.measured_by()) : std::string("simulation");
  const fs::path log = directory / "log.txt";
  const double longest = time_limit_of(run, predicted_time(runs), options);
  try {
    if (const std::string message = run_child(command, log, longest); !message.empty()) {
      runs.failure = fmt::format("{}: {} (all it said: {})", what, message, log.string());
      return;
    }
    RunOutcome outcome = read_outcome(directory);
    if (run.measures()) {
      runs.measured.push_back(std::move(outcome));
    } else {
      runs.predicted = std::move(outcome);
    }
  } catch (const RunError& error) {
    runs.failure = fmt::format("{}: {}", what, error.what());
  }
}

std::vector<ScenarioRuns> make_all_runs(const ValidationOptions& options) {
  std::vector<ScenarioRuns> scenarios;
  for (const std::string& label : labels_of(options.files)) {
    scenarios.push_back({label});
  }
  const std::vector<PlannedRun> plan = plan_runs(scenarios.size(), options.repeat_count());
  ProgressLine progress(!options.quiet && !options.json);
  for (std::size_t number = 0; number < plan.size(); ++number) {
    const PlannedRun& run = plan[number];
    ScenarioRuns& scenario = scenarios[run.scenario];
    if (!scenario.failure.empty()) {
      continue;
    }
    if (progress.wanted()) {
      progress.show(fmt::format(
          "run {} of {}: {}, {}", number + 1, plan.size(), scenario.label,
          run.measures() ? fmt::format("{} {}", options.measured_by(), run.repeat) : std::string("simulation")));
    }
    make_run(run, options, scenario);
  }
  return scenarios;
}

std::vector<ScenarioRuns> runs_for(const ValidationOptions& options) {
  if (options.from.empty()) {
    forget_earlier_results(options);
    return make_all_runs(options);
  }
  std::vector<ScenarioRuns> runs = read_scenario_runs(options.from, options.measured_by());
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", options.out.string(), error.message()));
  }
  return runs;
}

/// Of the scenario that has most.
std::size_t repeats_of(const std::vector<ScenarioRuns>& scenarios) {
  std::size_t repeats = 0;
  for (const ScenarioRuns& runs : scenarios) {
    repeats = std::max(repeats, runs.measured.size());
  }
  return repeats;
}

Validation compare_all(const std::vector<ScenarioRuns>& scenarios, const ValidationOptions& options) {
  Validation validation{options.measured_by(), repeats_of(scenarios), {}};
  for (const ScenarioRuns& runs : scenarios) {
    if (runs.failure.empty()) {
      validation.comparisons.push_back(compare(runs.label, runs.predicted, runs.measured));
    } else {
      validation.comparisons.push_back({runs.label, runs.failure});
    }
  }
  return validation;
}

}  // namespace

int validate_verb(const ValidationOptions& options) {
  const Validation validation = compare_all(runs_for(options), options);
  const fs::path csv = options.out / "validation.csv";
  write_whole(csv, to_csv(validation));
  write_whole(options.out / "validation.json", to_json(validation).dump(2) + "\n");
  write_whole(options.out / "validation.md", to_markdown(validation));
  const std::string no_figure = draw_figure("validation.py", csv);
  if (options.json) {
    fmt::print("{}\n", to_json(validation).dump(2));
  } else if (!options.quiet) {
    fmt::print("{}  wrote {}: validation.csv, .json, .md{}\n", to_text(validation), options.out.string(),
               no_figure.empty() ? ", .pdf, .png" : "");
  }
  if (!no_figure.empty()) {
    fmt::print(stderr, "descent: no figure: {}\n", no_figure);
  }
  return validation.failed() ? 1 : 0;
}

}  // namespace descent
