#include "sim/cli/report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace descent {

void report(const Scenario& scenario, const RunResult& result, const LoadResult& loaded, const RunOptions& options) {
  const std::filesystem::path directory = options.output_directory(scenario.name, scenario.seed);
  const nlohmann::ordered_json summary = summarize(scenario, result);
  const auto written = write_results(directory, result, summary, effective_scenario(loaded, directory), options.trace);
  if (options.json) {
    fmt::print("{}\n", summary.dump(2));
  } else if (!options.quiet) {
    fmt::print("{}\n{}", scenario.name, result_table(summary));
    for (const auto& path : written) {
      fmt::print("  wrote          {}\n", path.string());
    }
  }
}

}  // namespace descent
