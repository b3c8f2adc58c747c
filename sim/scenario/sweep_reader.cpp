#include "sim/scenario/sweep_reader.hpp"

#include "algorithms/core/units.hpp"
#include "sim/scenario/document.hpp"
#include "sim/scenario/elements.hpp"
#include "sim/scenario/overrides.hpp"
#include "sim/scenario/sweep_levels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <set>
#include <utility>

namespace descent {
namespace {

/// The scenario that is varied, and its <sweep>.
struct SweepDocument {
  std::unique_ptr<Document> scenario;
  /// Taken out of it.
  xmlNode* sweep = nullptr;
};

SweepDocument open(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                   std::vector<Diagnostic>& problems) {
  SweepDocument opened{Document::read(path, problems)};
  if (opened.scenario) {
    for (xmlNode* sweep : children_of(opened.scenario->root(), "sweep")) {
      opened.sweep = sweep;
      opened.scenario->remove(sweep);
    }
    apply_overrides(*opened.scenario, overrides, problems);
  }
  return opened;
}

class SweepReader {
 public:
  SweepReader(const std::filesystem::path& path, const std::vector<std::string>& overrides, const SweepDocument& opened)
      : path_(path), overrides_(overrides), document_(*opened.scenario), sweep_(opened.sweep) {}

  SweepSettings read() {
    SweepSettings sweep;
    sweep.file = path_.string();
    sweep.scenario_name = attribute_of(document_.root(), "name").value_or("");
    sweep.line = document_.line_of(sweep_);
    sweep.text = text_of(sweep_);
    read_design(sweep);
    for (const xmlNode* element : children_of(sweep_, "axis")) {
      sweep.axes.push_back(read_axis(element, sweep.design));
      check_names(element, sweep);
    }
    check_zips(sweep);
    check_targets(sweep);
    for (const xmlNode* element : children_of(sweep_, "exclude")) {
      sweep.exclusions.push_back(read_exclusion(element, sweep));
    }
    if (sweep.axes.empty() && sweep.seeds.empty()) {
      problem(sweep_, "", "<sweep> varies nothing; allowed: an <axis>, or seeds=\"1-5\"");
    }
    return sweep;
  }

  std::vector<Diagnostic> problems() const {
    std::vector<Diagnostic> located;
    for (const Finding& finding : findings_) {
      located.push_back(document_.locate(finding));
    }
    return located;
  }

 private:
  void problem(const xmlNode* element, const std::string& attribute, std::string what) {
    findings_.push_back({element, attribute, std::move(what)});
  }

  /// The element's attributes, those that are wrong left out; the schema tells what is unknown, missing or no choice.
  Settings settings_of(const xmlNode* element) {
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

  void read_design(SweepSettings& sweep) {
    const Settings settings = settings_of(sweep_);
    const std::string& design = settings.text("design");
    sweep.design = design == "random"            ? SweepDesign::random
                   : design == "latin-hypercube" ? SweepDesign::latin_hypercube
                                                 : SweepDesign::grid;
    sweep.design_seed = settings.integer("design-seed");
    if (settings.has("points") == (sweep.design == SweepDesign::grid)) {
      problem(sweep_, "points",
              sweep.design == SweepDesign::grid
                  ? "<sweep>: a grid has all combinations, and no number of points; allowed: design=\"random\" or "
                    "\"latin-hypercube\""
                  : fmt::format("<sweep>: design=\"{}\" needs the number of points", design));
    }
    sweep.points = settings.has("points") ? settings.integer("points") : 0;
    if (settings.has("seeds")) {
      if (auto seeds = seeds_in(settings.text("seeds"))) {
        sweep.seeds = *std::move(seeds);
      } else {
        problem(sweep_, "seeds",
                fmt::format("<sweep>: seeds=\"{}\" are no seeds; allowed: different numbers and ranges, such as 1-5, 8",
                            settings.text("seeds")));
      }
    }
  }

  SweepAxis read_axis(const xmlNode* element, SweepDesign design) {
    const Settings settings = settings_of(element);
    const auto text = [&](const char* name) { return settings.has(name) ? settings.text(name) : std::string(); };
    SweepAxis axis;
    axis.line = document_.line_of(element);
    axis.path = text("path");
    axis.zip = text("zip");
    axis.name = text("name").empty() ? axis.path.substr(axis.path.rfind('@') + 1) : text("name");
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
    check_repetitions(element, axis);
    return axis;
  }

  void read_values(const xmlNode* element, const Settings& settings, SweepDesign design, SweepAxis& axis) {
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

  /// What the elements of a case replace: each the scenario's one of its name.
  SweepLevel read_case(const xmlNode* element) {
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

  void check_repetitions(const xmlNode* element, const SweepAxis& axis) {
    std::set<std::string> known;
    for (const SweepLevel& level : axis.levels) {
      if (!known.insert(level.text).second) {
        problem(element, axis.range ? "from" : "values",
                fmt::format("<axis>: '{}' stands twice; allowed: different {}", level.text,
                            axis.path.empty() ? "names of cases" : "values"));
        return;
      }
    }
  }

  /// Of the axis that was read last against those before it.
  void check_names(const xmlNode* element, const SweepSettings& sweep) {
    const SweepAxis& axis = sweep.axes.back();
    if (axis.name.empty()) {
      problem(element, "name", "<axis> needs a name");
    }
    for (const char* reserved : {"number", "key", "seed", "status"}) {
      if (axis.name == reserved) {
        problem(element, "name",
                fmt::format("<axis>: '{}' is what results call something else; allowed: another name", axis.name));
      }
    }
    for (auto other = sweep.axes.begin(); other + 1 != sweep.axes.end(); ++other) {
      if (other->name == axis.name) {
        problem(element, "name",
                fmt::format("<axis>: the name '{}' is that of the axis in line {} too; allowed: different names",
                            axis.name, other->line));
      }
      if (!axis.path.empty() && other->path == axis.path) {
        problem(element, "path", fmt::format("<axis>: the axis in line {} sets the same", other->line));
      }
      if (const std::string name = element_of_both(axis, *other); !name.empty()) {
        problem(element, "",
                fmt::format("<axis>: its cases and those of the axis in line {} both have <{}>, of which one would be "
                            "lost; allowed: one axis with a case for each combination",
                            other->line, name));
      }
    }
  }

  void check_zips(const SweepSettings& sweep) {
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
      const SweepAxis& axis = sweep.axes[i];
      const auto first = std::find_if(sweep.axes.begin(), sweep.axes.end(),
                                      [&](const SweepAxis& one) { return !axis.zip.empty() && one.zip == axis.zip; });
      if (first != sweep.axes.end() && first->levels.size() != axis.levels.size()) {
        problem(children_of(sweep_, "axis")[i], "zip",
                fmt::format("<axis>: {} values move together with {} of the axis in line {}; allowed: as many",
                            axis.levels.size(), first->levels.size(), first->line));
      }
    }
  }

  /// Each path must lead somewhere: in the scenario, or in what a case makes of it.
  void check_targets(const SweepSettings& sweep) {
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
      const std::string& path = sweep.axes[i].path;
      if (path.empty()) {
        continue;
      }
      const std::optional<std::size_t> targets = count_targets(document_, path);
      if (!targets || path.rfind('@') == std::string::npos) {
        problem(
            children_of(sweep_, "axis")[i], "path",
            fmt::format("<axis>: '{}' is no XPath of an attribute; allowed: such as //optimizer/@learning-rate", path));
      } else if (*targets == 0 && !matches_in_a_case(path, sweep)) {
        problem(children_of(sweep_, "axis")[i], "path",
                fmt::format("<axis>: '{}' matches nothing, in the scenario and in all cases", path));
      }
    }
  }

  bool matches_in_a_case(const std::string& path, const SweepSettings& sweep) const {
    for (const SweepAxis& axis : sweep.axes) {
      for (const SweepLevel& level : axis.levels) {
        if (axis.path.empty()) {
          std::vector<Diagnostic> ignored;
          const SweepDocument with_case = open(path_, overrides_, ignored);
          apply_overrides(*with_case.scenario, level.overrides, ignored);
          if (count_targets(*with_case.scenario, path).value_or(0) > 0) {
            return true;
          }
        }
      }
    }
    return false;
  }

  std::vector<SweepCondition> read_exclusion(const xmlNode* element, const SweepSettings& sweep) {
    std::vector<SweepCondition> all_of;
    for (const xmlNode* when : children_of(element, "when")) {
      all_of.push_back(read_condition(when, sweep));
    }
    return all_of;
  }

  SweepCondition read_condition(const xmlNode* element, const SweepSettings& sweep) {
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
    check_condition(element, condition, sweep);
    return condition;
  }

  void check_condition(const xmlNode* element, const SweepCondition& condition, const SweepSettings& sweep) {
    std::vector<std::string> names;
    for (const SweepAxis& axis : sweep.axes) {
      names.push_back(axis.name);
    }
    const auto axis = std::find(names.begin(), names.end(), condition.axis);
    if (axis == names.end()) {
      problem(element, "axis",
              fmt::format("<when>: there is no axis '{}'{}; allowed: {}", condition.axis,
                          did_you_mean(condition.axis, names), fmt::join(names, ", ")));
      return;
    }
    std::vector<std::string> values;
    for (const SweepLevel& level : sweep.axes[static_cast<std::size_t>(axis - names.begin())].levels) {
      values.push_back(level.text);
    }
    for (const std::string& value : condition.values) {
      if (std::find(values.begin(), values.end(), value) == values.end()) {
        problem(element, "values",
                fmt::format("<when>: '{}' is not on the axis '{}'{}; allowed: {}", value, condition.axis,
                            did_you_mean(value, values), fmt::join(values, ", ")));
      }
    }
  }

  const std::filesystem::path& path_;
  const std::vector<std::string>& overrides_;
  const Document& document_;
  const xmlNode* sweep_;
  std::vector<Finding> findings_;
};

/// The scenario without what does not change its runs, or what a sweep varies.
std::string base_text(Document& scenario) {
  xmlUnsetNsProp(scenario.root(), nullptr, to_xml("seed"));
  std::vector<Diagnostic> ignored;
  const XmlDoc tree = parse_xml(indented_text(scenario.tree()), "", ignored);
  remove_comments(xmlDocGetRootElement(tree.get()));
  return indented_text(tree.get());
}

}  // namespace

SweepResult load_sweep(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                       std::optional<std::uint64_t> seed) {
  SweepResult result;
  std::vector<Diagnostic> of_scenario;
  const SweepDocument opened = open(path, overrides, of_scenario);
  if (!opened.scenario) {
    return result;
  }
  if (opened.sweep == nullptr) {
    result.problems.push_back({path.string(), opened.scenario->line_of(opened.scenario->root()),
                               "<scenario> has no element <sweep>; allowed: one that says what varies"});
    return result;
  }
  SweepReader reader(path, overrides, opened);
  SweepSettings sweep = reader.read();
  result.problems = reader.problems();
  if (seed || sweep.seeds.empty()) {
    const auto own = parse_integer(attribute_of(opened.scenario->root(), "seed").value_or("1"));
    sweep.seeds = {seed.value_or(own.value_or(1))};
  }
  sweep.base = base_text(*opened.scenario);
  if (result.problems.empty()) {
    result.sweep = std::move(sweep);
  }
  return result;
}

}  // namespace descent
