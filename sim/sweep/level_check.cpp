#include "sim/sweep/level_check.hpp"

#include "sim/scenario/input_files.hpp"
#include "sim/scenario/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace descent {
namespace {

constexpr std::size_t kMostLevels = 50;
constexpr std::size_t kMostTries = 8;

/// What is wrong with the level in this point; "" where nothing is. Adds the files that the point reads.
std::string refusal(const SweepSettings& sweep, const SweepLevel& level, const SweepPoint& point,
                    const std::vector<std::string>& overrides, std::set<std::filesystem::path>& inputs) {
  std::vector<std::string> all = overrides;
  const std::vector<std::string> changes = overrides_of(sweep, point);
  all.insert(all.end(), changes.begin(), changes.end());
  const LoadResult loaded = load_scenario(sweep.file, all, point.seed);
  if (loaded.scenario) {
    const std::vector<std::filesystem::path> files = input_files(*loaded.scenario);
    inputs.insert(files.begin(), files.end());
  }
  for (const Diagnostic& problem : loaded.problems) {
    for (const std::string& change : level.overrides) {
      const std::string origin = " (from --set " + change + ")";
      const std::string itself = "--set " + change + ": ";
      if (problem.what.ends_with(origin)) {
        return problem.what.substr(0, problem.what.size() - origin.size());
      }
      if (problem.what.starts_with(itself)) {
        return problem.what.substr(itself.size());
      }
    }
  }
  return "";
}

/// In as different points as there are: neither neighbours nor all at one step from each other.
std::vector<std::size_t> scattered(std::size_t count) {
  std::vector<std::size_t> places;
  constexpr double kGolden = 0.6180339887498949;
  for (std::size_t i = 0; i < std::min(count, kMostTries); ++i) {
    const double at = std::fmod(static_cast<double>(i) * kGolden, 1.0);
    places.push_back(count <= kMostTries ? i : static_cast<std::size_t>(at * static_cast<double>(count)));
  }
  return places;
}

}  // namespace

std::vector<std::size_t> spread(std::size_t count, std::size_t wanted) {
  std::vector<std::size_t> places;
  const std::size_t number = std::min(count, wanted);
  for (std::size_t i = 0; i < number; ++i) {
    places.push_back(number == count ? i : i * (count - 1) / std::max<std::size_t>(1, number - 1));
  }
  return places;
}

std::vector<Diagnostic> check_levels(const SweepSettings& sweep, const std::vector<SweepPoint>& points,
                                     const std::vector<std::string>& overrides,
                                     std::set<std::filesystem::path>& inputs) {
  std::vector<Diagnostic> problems;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    const SweepAxis& axis = sweep.axes[i];
    std::map<std::string, std::vector<const SweepPoint*>> having;
    for (const SweepPoint& point : points) {
      having[point.values[i]].push_back(&point);
    }
    for (const std::size_t place : spread(axis.levels.size(), kMostLevels)) {
      const SweepLevel& level = axis.levels[place];
      const std::vector<const SweepPoint*>& tried = having[level.text];
      std::string why;
      for (const std::size_t one : scattered(tried.size())) {
        why = refusal(sweep, level, *tried[one], overrides, inputs);
        if (why.empty()) {
          break;
        }
      }
      if (!why.empty()) {
        problems.push_back({sweep.file, level.line,
                            fmt::format("{} '{}' of the axis '{}': {}", axis.path.empty() ? "case" : "value",
                                        level.text, axis.name, why)});
      }
    }
  }
  return problems;
}

}  // namespace descent
