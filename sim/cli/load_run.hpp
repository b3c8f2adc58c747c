#pragma once

#include "sim/cli/options.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/plan.hpp"
#include "sim/scenario/platform_text.hpp"

namespace descent {

/// A scenario that has passed every check that needs no data, with its ranks on hosts that exist and can talk.
struct LoadedRun {
  LoadResult loaded;
  Plan plan;
  /// What the platform file's <config> sets in SimGrid and the run keeps.
  std::vector<PlatformSetting> platform_settings;
  /// What the user should know and need not mend.
  std::vector<Diagnostic> notes;
};

/// Throws InputError with a line per problem.
LoadedRun load_run(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                   std::optional<std::uint64_t> seed);

/// The notes on standard error, unless the user wants quiet.
void print_notes(const LoadedRun& run, bool quiet);
/// That the file's <sweep>, if it has one, is not what runs.
void print_sweep_note(const LoadedRun& run, bool quiet);

/// What the platform's settings add to the description of the network: "" when there are none.
std::string settings_of_platform(const LoadedRun& run);

}  // namespace descent
