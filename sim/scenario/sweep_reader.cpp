#include "sim/scenario/sweep_reader.hpp"

#include "algorithms/core/units.hpp"
#include "sim/scenario/document.hpp"
#include "sim/scenario/overrides.hpp"
#include "sim/scenario/sweep_checks.hpp"
#include "sim/scenario/sweep_elements.hpp"
#include "sim/scenario/sweep_levels.hpp"

#include <fmt/format.h>
#include <algorithm>
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
      : path_(path),
        overrides_(overrides),
        document_(*opened.scenario),
        sweep_(opened.sweep),
        elements_(document_, findings_) {}

  SweepSettings read() {
    SweepSettings sweep;
    sweep.file = path_.string();
    sweep.scenario_name = attribute_of(document_.root(), "name").value_or("");
    sweep.line = document_.line_of(sweep_);
    sweep.text = text_of(sweep_);
    read_design(sweep);
    for (const xmlNode* element : children_of(sweep_, "axis")) {
      sweep.axes.push_back(elements_.read_axis(element, sweep.design));
    }
    check_axes(children_of(sweep_, "axis"), sweep.axes, findings_);
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

  void read_design(SweepSettings& sweep) {
    const Settings settings = elements_.settings_of(sweep_);
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

  /// Each path must lead somewhere: in the scenario, or in what a case makes of it.
  void check_targets(const SweepSettings& sweep) {
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
      const std::string& path = sweep.axes[i].path;
      if (path.empty()) {
        continue;
      }
      const std::optional<std::size_t> targets = count_targets(document_, path);
      if (!targets || trailing_attribute(path).empty()) {
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
      all_of.push_back(elements_.read_condition(when, sweep.axes));
    }
    return all_of;
  }

  const std::filesystem::path& path_;
  const std::vector<std::string>& overrides_;
  const Document& document_;
  const xmlNode* sweep_;
  std::vector<Finding> findings_;
  SweepElements elements_;
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
