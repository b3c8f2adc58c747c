#include "algorithms/core/error.hpp"
#include "algorithms/core/settings.hpp"
#include "sim/cli/calibrate.hpp"
#include "sim/cli/launch_mpi.hpp"
#include "sim/cli/sweep.hpp"
#include "sim/cli/verbs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace {

/// Takes the words after -- off the command line: CLI11 loses the -- where it ends the values of an option.
std::vector<std::string> take_words_after_dashes(int& argc, char** argv) {
  char** const end = argv + argc;
  char** const dashes = std::find(argv, end, std::string("--"));
  argc = static_cast<int>(dashes - argv);
  return dashes == end ? std::vector<std::string>() : std::vector<std::string>(dashes + 1, end);
}

/// CLI11 says only that a verb is missing.
void check_verb_name(CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') {
    return;
  }
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands({})) {
    verbs.push_back(verb->get_name());
  }
  verbs.emplace_back("test");  // the launcher's own
  if (std::find(verbs.begin(), verbs.end(), argv[1]) == verbs.end()) {
    throw descent::InputError(fmt::format("there is no verb '{}'{}; there are: {}", argv[1],
                                          descent::did_you_mean(argv[1], verbs), fmt::join(verbs, ", ")));
  }
}

int dispatch(int argc, char** argv) {
  using namespace descent;
  CLI::App app("Descent: a discrete-event simulator of distributed optimization");
  app.name("descent");
  app.set_version_flag("--version", DESCENT_VERSION);
  app.require_subcommand(1);

  RunOptions options;
  CLI::App* run = app.add_subcommand("run", "simulate one scenario");
  add_run_options(*run, options);
  CLI::Option* mpi = run->add_flag("--mpi", options.mpi, "run over real MPI, with as many ranks as the deployment has");
  CLI::Option* smpi = run->add_flag("--smpi", options.smpi, "run the MPI program in SimGrid's SMPI")->excludes(mpi);
  run->add_option("--hostfile", options.hostfile, "machines for --mpi, as mpirun takes them")
      ->type_name("F")
      ->needs(mpi);
  add_record_option(*run, options);
  run->add_option("--replay", options.replay,
                  "simulate in the order of events that --record has written: the same parameters, to the bit")
      ->type_name("F")
      ->excludes(mpi)
      ->excludes(smpi);

  CLI::App* plan = app.add_subcommand("plan", "print who runs where, as JSON");
  add_run_options(*plan, options);

  std::vector<std::filesystem::path> files;
  std::vector<std::string> overrides;
  CLI::App* check = app.add_subcommand("check", "validate scenario files, with their platforms and data; run nothing");
  check->add_option("FILE", files, "scenario files")->required();
  check->add_option("--set", overrides, "XPATH=VALUE: override a part of the scenarios (repeatable)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);

  ValidationOptions validation;
  CLI::App* validate =
      app.add_subcommand("validate", "run scenarios over MPI and in simulation: predicted against measured");
  add_validation_options(*validate, validation);

  SweepOptions sweep;
  CLI::App* sweep_command =
      app.add_subcommand("sweep", "run all points of a scenario's <sweep>; go on where it was left");
  add_sweep_options(*sweep_command, sweep);

  std::string kind;
  std::string name;
  CLI::App* list = app.add_subcommand("list", "what there is to choose from, with parameters and references");
  list->add_option("KIND", kind,
                   "strategy, collective, compression, model, optimizer, schedule, data, partition, slowdown, ...");
  list->add_option("NAME", name, "one of that kind");

  CalibrateOptions calibration;
  CLI::App* calibrate = app.add_subcommand(
      "calibrate", "measure a cluster over MPI, its network and how fast it computes; write its platform");
  calibrate->add_option("-n,--ranks", calibration.ranks, "ranks (default: the host file's slots, or 2)")
      ->check(CLI::Range(2, 10000));
  calibrate->add_option("--hostfile", calibration.hostfile, "machines, as mpirun takes them")
      ->type_name("F")
      ->check(CLI::ExistingFile);
  calibrate->add_option("--out", calibration.out, "where to write (default results/calibration)")->type_name("DIR");
  CLI::Option* simulated = calibrate
                               ->add_option("--simulate", calibration.simulate,
                                            "measure this platform in simulation instead of a real cluster")
                               ->check(CLI::ExistingFile);
  CLI::Option* from =
      calibrate
          ->add_option("--from", calibration.from,
                       "do not measure: fit the measurements of this points.csv, and of the kernels.csv beside it")
          ->check(CLI::ExistingFile)
          ->excludes(simulated);
  calibrate
      ->add_option("--for", calibration.scenarios,
                   "scenarios whose kernels are measured too, so that the platform knows how long they compute")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->excludes(from);
  calibrate
      ->add_option("--speed", calibration.speed,
                   "flop/s of the platform's hosts for what has no measured rate (default: as the first scenario's "
                   "gradient, or 1e9)")
      ->check(CLI::PositiveNumber);
  add_probe_options(*calibrate, calibration.probes);
  calibrate->get_option("--rounds")->check([](const std::string& rounds) -> std::string {
    return rounds == "1" ? "1 round does not tell how much measurements vary; allowed: 2 to 1000" : "";
  });
  add_time_limit(*calibrate, calibration.time_limit_s, "of the measurement (default 1h)");
  calibrate->add_flag("--quiet", calibration.quiet, "print nothing");
  calibrate->add_flag("!--no-figure", calibration.figure, "do not draw the fit");

  std::filesystem::path probed;
  std::filesystem::path probe_table;
  std::vector<std::string> probe_hosts;
  ProbeSettings probes;
  CLI::App* probe = app.add_subcommand("probe", "measure a platform's network in simulation, for calibrate");
  probe->add_option("PLATFORM", probed)->required();
  probe->add_option("FILE", probe_table, "the table to write")->required();
  probe->add_option("--host", probe_hosts, "host of the next rank (default: one for each core)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  std::optional<std::filesystem::path> measured_scenario;
  probe->add_option("--for", measured_scenario, "measure this scenario's kernels, and not the network");
  add_probe_options(*probe, probes);

  app.add_subcommand("plot", "draw figures and tables of results, for papers");
  app.add_subcommand("report", "make one interactive HTML file of results");

  check_verb_name(app, argc, argv);
  // These have options of their own, --help among them.
  if (const std::string verb = argc > 1 ? argv[1] : ""; verb == "plot" || verb == "report") {
    return plot_verb(verb, {argv + 2, argv + argc});
  }
  if (argc > 1 && std::string(argv[1]) == "sweep") {
    sweep.sbatch_words = take_words_after_dashes(argc, argv);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (check->parsed()) {
    return check_verb(files, overrides);
  }
  if (calibrate->parsed()) {
    return calibrate_verb(calibration);
  }
  if (probe->parsed()) {
    return probe_verb(probed, probe_hosts, probes, measured_scenario, probe_table);
  }
  if (validate->parsed()) {
    return validate_verb(validation);
  }
  if (sweep_command->parsed()) {
    return sweep_verb(sweep);
  }
  if (list->parsed()) {
    return list_verb(kind, name);
  }
  if (plan->parsed()) {
    return plan_verb(options);
  }
  if (options.mpi || options.smpi) {
    return launch_mpi(options);
  }
  if (options.record) {
    throw InputError("--record: a simulation repeats itself; allowed with --mpi or --smpi");
  }
  return run_verb(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const descent::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "descent: {}\n", error.what());
    return 1;
  }
}
