#include "sim/scenario/sweep_checks.hpp"

#include "algorithms/core/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <set>

namespace descent {
namespace {

void check_repetitions(const xmlNode* element, const SweepAxis& axis, std::vector<Finding>& findings) {
  std::set<std::string> known;
  for (const SweepLevel& level : axis.levels) {
    if (!known.insert(level.text).second) {
      findings.push_back({element, "values",
                          fmt::format("<axis>: '{}' stands twice; allowed: different {}", level.text,
                                      axis.path.empty() ? "names of cases" : "values")});
      return;
    }
  }
}

void check_name(const xmlNode* element, const SweepAxis& axis, std::vector<Finding>& findings) {
  if (axis.name.empty()) {
    findings.push_back({element, "name", "<axis> needs a name"});
  }
  for (const char* reserved : {"number", "key", "seed", "status"}) {
    if (axis.name == reserved) {
      findings.push_back(
          {element, "name",
           fmt::format("<axis>: '{}' is what results call something else; allowed: another name", axis.name)});
    }
  }
}

/// Names of the elements that an axis with cases replaces.
std::set<std::string> elements_in_cases(const SweepAxis& axis) {
  std::set<std::string> names;
  for (const SweepLevel& level : axis.levels) {
    for (const std::string& change : level.overrides) {
      const std::string path = change.substr(0, change.find('='));
      if (axis.path.empty()) {
        names.insert(path.substr(path.rfind('/') + 1));
      }
    }
  }
  return names;
}

void check_against(const xmlNode* element, const SweepAxis& axis, const SweepAxis& before,
                   std::vector<Finding>& findings) {
  if (before.name == axis.name) {
    findings.push_back(
        {element, "name",
         fmt::format("<axis>: the name '{}' is that of the axis in line {} too; allowed: different names", axis.name,
                     before.line)});
  }
  if (!axis.path.empty() && before.path == axis.path) {
    findings.push_back({element, "path", fmt::format("<axis>: the axis in line {} sets the same", before.line)});
  }
  const std::set<std::string> elements_before = elements_in_cases(before);
  for (const std::string& name : elements_in_cases(axis)) {
    if (elements_before.contains(name)) {
      findings.push_back(
          {element, "",
           fmt::format("<axis>: its cases and those of the axis in line {} both have <{}>, of which one would be lost; "
                       "allowed: one axis with a case for each combination",
                       before.line, name)});
    }
  }
}

}  // namespace

void check_axes(const std::vector<xmlNode*>& elements, const std::vector<SweepAxis>& axes,
                std::vector<Finding>& findings) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    check_repetitions(elements[i], axes[i], findings);
    check_name(elements[i], axes[i], findings);
    for (std::size_t before = 0; before < i; ++before) {
      check_against(elements[i], axes[i], axes[before], findings);
    }
    const auto first = std::find_if(axes.begin(), axes.end(),
                                    [&](const SweepAxis& one) { return !one.zip.empty() && one.zip == axes[i].zip; });
    if (first != axes.end() && first->levels.size() != axes[i].levels.size()) {
      findings.push_back(
          {elements[i], "zip",
           fmt::format("<axis>: {} values move together with {} of the axis in line {}; allowed: as many",
                       axes[i].levels.size(), first->levels.size(), first->line)});
    }
  }
}

void check_condition(const xmlNode* element, const SweepCondition& condition, const std::vector<SweepAxis>& axes,
                     std::vector<Finding>& findings) {
  std::vector<std::string> names;
  names.reserve(axes.size());
  for (const SweepAxis& axis : axes) {
    names.push_back(axis.name);
  }
  const auto named = std::find(names.begin(), names.end(), condition.axis);
  if (named == names.end()) {
    findings.push_back({element, "axis",
                        fmt::format("<when>: there is no axis '{}'{}; allowed: {}", condition.axis,
                                    did_you_mean(condition.axis, names), fmt::join(names, ", "))});
    return;
  }
  std::vector<std::string> values;
  for (const SweepLevel& level : axes[static_cast<std::size_t>(named - names.begin())].levels) {
    values.push_back(level.text);
  }
  for (const std::string& value : condition.values) {
    if (std::find(values.begin(), values.end(), value) == values.end()) {
      findings.push_back({element, "values",
                          fmt::format("<when>: '{}' is not on the axis '{}'{}; allowed: {}", value, condition.axis,
                                      did_you_mean(value, values), fmt::join(values, ", "))});
    }
  }
}

}  // namespace descent
