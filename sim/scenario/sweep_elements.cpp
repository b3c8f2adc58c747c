#include "sim/scenario/sweep_elements.hpp"

#include "sim/scenario/elements.hpp"
#include "sim/scenario/overrides.hpp"
#include "sim/scenario/sweep_checks.hpp"
#include "sim/scenario/sweep_levels.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace descent {

void SweepElements::problem(const xmlNode* element, const std::string& attribute, std::string what) {
  findings_.push_back({element, attribute, std::move(what)});
}

Settings SweepElements::settings_of(const xmlNode* element) {
  const std::string name = to_text(element->name);
  std::map<std::string, std::string> given;
  for (const Parameter& parameter : attributes_of_element(name)) {
    if (const auto value = attribute_of(element, parameter.name)) {
      given[parameter.name] = *value;
    }
  }
  std::vector<Complaint> complaints;
  Settings settings = check_settings(attributes_of_element(name), given, complaints);
  if (complaints.empty()) {
    return settings;
  }
  for (const Complaint& complaint : complaints) {
    const auto row = std::find_if(attributes_of_element(name).begin(), attributes_of_element(name).end(),
                                  [&](const Parameter& one) { return one.name == complaint.parameter; });
    if (given.erase(complaint.parameter) > 0 && row->type != ParameterType::choice) {
      problem(element, complaint.parameter, fmt::format("<{}>: {}", name, complaint.what));
    }
  }
  complaints.clear();
  return check_settings(attributes_of_element(name), given, complaints);
}

SweepAxis SweepElements::read_axis(const xmlNode* element, SweepDesign design) {
  const Settings settings = settings_of(element);
  const auto text = [&](const char* name) { return settings.has(name) ? settings.text(name) : std::string(); };
  SweepAxis axis;
  axis.line = document_.line_of(element);
  axis.path = text("path");
  axis.zip = text("zip");
  axis.name = text("name").empty() ? trailing_attribute(axis.path) : text("name");
  const bool cases = child_of(element, "case") != nullptr;
  if (cases == !axis.path.empty()) {
    problem(element, "", "<axis> needs a path or an element <case>, and not both");
  } else if (cases) {
    for (const char* attribute : {"values", "from", "to", "step", "points"}) {
      if (settings.has(attribute)) {
        problem(element, attribute, fmt::format("<axis>: cases have no {}", attribute));
      }
    }
    for (const xmlNode* one : children_of(element, "case")) {
      axis.levels.push_back(read_case(one));
    }
  } else if (settings.has("values") == (settings.has("from") || settings.has("to"))) {
    problem(element, "", "<axis> needs values, or from and to, or an element <case>");
  } else {
    read_values(element, settings, design, axis);
  }
  return axis;
}

void SweepElements::read_values(const xmlNode* element, const Settings& settings, SweepDesign design, SweepAxis& axis) {
  std::vector<std::string> values;
  if (settings.has("values")) {
    values = values_in(settings.text("values"));
    if (std::any_of(values.begin(), values.end(), [](const std::string& value) { return value.empty(); })) {
      problem(element, "values", "<axis>: values has an empty one; allowed: values, separated by commas");
    }
    for (const char* attribute : {"step", "points"}) {
      if (settings.has(attribute)) {
        problem(element, attribute, fmt::format("<axis>: {} is of a range; allowed with from and to", attribute));
      }
    }
  } else {
    std::string why;
    axis.range = range_of(settings, why);
    const bool spaced = settings.has("step") || settings.has("points");
    if (axis.range && spaced) {
      values = spaced_values(*axis.range, settings, why);
      axis.range.reset();
    } else if (axis.range && design == SweepDesign::grid) {
      why = "a range of a grid needs step or points";
    }
    if (!why.empty()) {
      problem(element, "from", "<axis>: " + why);
    }
  }
  for (std::string& value : values) {
    axis.levels.push_back({value, {axis.path + "=" + value}, document_.line_of(element, "values")});
  }
}

SweepLevel SweepElements::read_case(const xmlNode* element) {
  SweepLevel level{attribute_of(element, "name").value_or(""), {}, document_.line_of(element)};
  for (const xmlNode* part : children_of(element)) {
    const std::string name = to_text(part->name);
    const std::size_t there = count_targets(document_, "/scenario//" + name).value_or(0);
    if (there > 1) {
      problem(
          part, "",
          fmt::format("<case>: the scenario has <{}> {} times; allowed: an element that it has once or not, such as "
                      "the one around them",
                      name, there));
    }
    level.overrides.push_back((there == 0 ? "/scenario/" : "/scenario//") + name + "=" + text_of(part));
  }
  return level;
}

SweepCondition SweepElements::read_condition(const xmlNode* element, const std::vector<SweepAxis>& axes) {
  const Settings settings = settings_of(element);
  SweepCondition condition;
  condition.axis = attribute_of(element, "axis").value_or("");
  if (settings.has("values")) {
    condition.values = values_in(settings.text("values"));
  }
  for (const auto& [name, bound] : {std::pair("above", &condition.above), std::pair("below", &condition.below)}) {
    if (settings.has(name) && !(*bound = number_in(settings.text(name)))) {
      problem(element, name, fmt::format("<when>: {}=\"{}\" is no number", name, settings.text(name)));
    }
  }
  if (condition.values.empty() && !settings.has("above") && !settings.has("below")) {
    problem(element, "", "<when> needs values, above or below");
  }
  check_condition(element, condition, axes, findings_);
  return condition;
}

}  // namespace descent
