#include "sim/sweep/loaded_sweep.hpp"

#include "algorithms/core/error.hpp"
#include "sim/scenario/input_files.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/sweep_reader.hpp"
#include "sim/sweep/level_check.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

void refuse_if_any(std::vector<Diagnostic> problems) {
  if (problems.empty()) {
    return;
  }
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += (text.empty() ? "" : "\n") + to_string(problem);
  }
  throw InputError(text);
}

}  // namespace

std::vector<std::string> LoadedSweep::overrides_of(const SweepPoint& point) const {
  std::vector<std::string> all = overrides;
  const std::vector<std::string> changes = descent::overrides_of(settings, point);
  all.insert(all.end(), changes.begin(), changes.end());
  return all;
}

LoadedSweep load_swept(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                       std::optional<std::uint64_t> seed, std::size_t most_points) {
  LoadResult base = load_scenario(file, overrides, seed);
  SweepResult sweep = load_sweep(file, overrides, seed);
  base.problems.insert(base.problems.end(), sweep.problems.begin(), sweep.problems.end());
  refuse_if_any(std::move(base.problems));
  LoadedSweep loaded{*std::move(sweep.sweep), {}, base.scenario->platform, overrides, {}};
  loaded.points = expand(loaded.settings, most_points);
  const std::vector<std::filesystem::path> files = input_files(*base.scenario);
  loaded.inputs.insert(files.begin(), files.end());
  refuse_if_any(check_levels(loaded.settings, loaded.points, overrides, loaded.inputs));
  return loaded;
}

}  // namespace descent
