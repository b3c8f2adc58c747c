#pragma once

#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace descent {

struct LoadResult {
  /// Absent when there are problems.
  std::optional<Scenario> scenario;
  /// All that is wrong with the file and the overrides, in the order of lines.
  std::vector<Diagnostic> problems;
  /// The document after overrides and seed without its <sweep>, its paths as they were: for `effective_scenario`.
  std::string effective_xml;
  /// Where the file has a <sweep>, which load_sweep reads.
  std::optional<int> sweep_line;
};

/// Reads a scenario file: parses it, applies overrides (`XPATH=VALUE`, see apply_overrides), which do not see <sweep>,
/// and then the seed, and checks it against schema, catalogue and itself. Reads no other file; what depends on the
/// platform's hosts or on the data is checked by make_plan and check_against_problem.
LoadResult load_scenario(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                         std::optional<std::uint64_t> seed);

/// The text of a scenario file that repeats the loaded run from `out_dir`: overrides and seed applied, relative paths
/// rewritten to be relative to `out_dir`. Precondition: `loaded` has a scenario.
std::string effective_scenario(const LoadResult& loaded, const std::filesystem::path& out_dir);

/// `file:line: what`, without the parts that are not known.
std::string to_string(const Diagnostic& problem);

}  // namespace descent
