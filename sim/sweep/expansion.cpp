#include "sim/sweep/expansion.hpp"

#include "algorithms/core/error.hpp"
#include "sim/sweep/designs.hpp"
#include "sim/sweep/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace descent {
namespace {

bool holds(const SweepCondition& condition, const std::string& value) {
  const auto& values = condition.values;
  if (!values.empty() && std::find(values.begin(), values.end(), value) == values.end()) {
    return false;
  }
  if (!condition.above && !condition.below) {
    return true;
  }
  const std::optional<double> number = number_in(value);
  return number && (!condition.above || *number > *condition.above) && (!condition.below || *number < *condition.below);
}

bool is_excluded(const SweepSettings& sweep, const std::vector<std::string>& values) {
  const auto value_on = [&](const std::string& name) {
    const auto axis =
        std::find_if(sweep.axes.begin(), sweep.axes.end(), [&](const SweepAxis& one) { return one.name == name; });
    return values[static_cast<std::size_t>(axis - sweep.axes.begin())];
  };
  return std::any_of(sweep.exclusions.begin(), sweep.exclusions.end(), [&](const auto& all_of) {
    return std::all_of(all_of.begin(), all_of.end(),
                       [&](const SweepCondition& condition) { return holds(condition, value_on(condition.axis)); });
  });
}

std::vector<std::string> changes_on(const SweepAxis& axis, const std::string& value) {
  const auto level =
      std::find_if(axis.levels.begin(), axis.levels.end(), [&](const SweepLevel& one) { return one.text == value; });
  return level == axis.levels.end() ? std::vector<std::string>{axis.path + "=" + value} : level->overrides;
}

/// Digits of what all axes change, by name, without the seed.
std::string changes_text(const SweepSettings& sweep, const std::vector<std::string>& values) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    std::string line = sweep.axes[i].name + '\0' + values[i];
    for (const std::string& change : changes_on(sweep.axes[i], values[i])) {
      line += '\0' + change;
    }
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) {
    text += line + '\n';
  }
  return text;
}

std::string key_of(const std::string& changes, std::uint64_t seed) {
  return digest_of(changes + std::to_string(seed));
}

InputError at_sweep(const SweepSettings& sweep, const std::string& what) {
  return InputError(fmt::format("{}:{}: <sweep> {}", sweep.file, sweep.line, what));
}

}  // namespace

std::vector<SweepPoint> expand(const SweepSettings& sweep, std::size_t most) {
  const double count = combinations(sweep) * static_cast<double>(sweep.seeds.size());
  if (count > static_cast<double>(most)) {
    throw at_sweep(sweep,
                   fmt::format("has {:.0f} points; allowed: at most {}, or what --max-points says", count, most));
  }
  std::vector<SweepPoint> points;
  std::set<std::string> known;
  for (const std::vector<std::string>& values : designed_values(sweep)) {
    if (is_excluded(sweep, values)) {
      continue;
    }
    const std::string changes = changes_text(sweep, values);
    for (const std::uint64_t seed : sweep.seeds) {
      std::string key = key_of(changes, seed);
      if (sweep.design == SweepDesign::grid || known.insert(key).second) {
        points.push_back({points.size() + 1, values, seed, std::move(key)});
      }
    }
  }
  if (points.empty()) {
    throw at_sweep(sweep, "has no points: all are excluded");
  }
  return points;
}

std::vector<std::string> overrides_of(const SweepSettings& sweep, const SweepPoint& point) {
  std::vector<std::string> overrides;
  for (const bool cases : {true, false}) {
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
      if (sweep.axes[i].path.empty() == cases) {
        const std::vector<std::string> changes = changes_on(sweep.axes[i], point.values[i]);
        overrides.insert(overrides.end(), changes.begin(), changes.end());
      }
    }
  }
  return overrides;
}

}  // namespace descent
