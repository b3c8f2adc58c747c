#include "sim/cli/kernel_tables.hpp"

#include "algorithms/core/error.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/run/prepare.hpp"
#include "sim/scenario/load.hpp"

namespace descent {

Scenario load_to_measure(const std::filesystem::path& file) {
  LoadResult loaded = load_scenario(file, {}, {});
  if (!loaded.scenario) {
    std::string text;
    for (const Diagnostic& problem : loaded.problems) {
      text += (text.empty() ? "" : "\n") + to_string(problem);
    }
    throw InputError(text);
  }
  refuse_without_mathematics(*loaded.scenario);
  return *std::move(loaded.scenario);
}

void write_kernel_table(const std::filesystem::path& file, const std::vector<std::string>& hosts,
                        const std::vector<std::vector<KernelPoint>>& of_ranks) {
  KernelMeasurements all{hosts, {}};
  for (const auto& points : of_ranks) {
    all.points.insert(all.points.end(), points.begin(), points.end());
  }
  write_whole(file, to_csv(all));
}

}  // namespace descent
