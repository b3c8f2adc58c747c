#include "sim/scenario/load.hpp"

#include "algorithms/catalogue.hpp"
#include "sim/scenario/document.hpp"
#include "sim/scenario/overrides.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/schema.hpp"
#include "sim/scenario/semantics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace descent {
namespace {

/// Both of schema and reader look at attributes; the reader knows better what is allowed.
void add_schema_findings(std::vector<Finding> from_schema, std::vector<Finding>& findings) {
  std::set<std::pair<const xmlNode*, std::string>> known;
  for (const Finding& finding : findings) {
    known.emplace(finding.element, finding.attribute);
  }
  for (Finding& finding : from_schema) {
    if (finding.attribute.empty() || !known.contains({finding.element, finding.attribute})) {
      findings.push_back(std::move(finding));
    }
  }
}

/// Elements that are missing or have findings, and what they stand in.
std::set<std::string> unsound_elements(const std::vector<Finding>& findings) {
  std::set<std::string> names;
  for (const Finding& finding : findings) {
    if (!finding.missing_child.empty()) {
      names.insert(finding.missing_child);
    }
    for (const xmlNode* node = finding.element; node && node->type == XML_ELEMENT_NODE; node = node->parent) {
      names.insert(to_text(node->name));
    }
  }
  return names;
}

void sort_by_line(std::vector<Diagnostic>& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
}

/// `path`, which is relative to `from`, relative to `to`; absolute ones stay.
std::string rebase(const std::string& path, const std::filesystem::path& from, const std::filesystem::path& to) {
  if (path.empty() || std::filesystem::path(path).is_absolute()) {
    return path;
  }
  const auto target = std::filesystem::weakly_canonical(std::filesystem::absolute(from / path));
  return target.lexically_proximate(std::filesystem::weakly_canonical(std::filesystem::absolute(to))).string();
}

void rebase_attribute(xmlNode* element, const std::string& name, const std::filesystem::path& from,
                      const std::filesystem::path& to) {
  if (const auto path = attribute_of(element, name)) {
    xmlSetNsProp(element, nullptr, to_xml(name), to_xml(rebase(*path, from, to)));
  }
}

}  // namespace

LoadResult load_scenario(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                         std::optional<std::uint64_t> seed) {
  LoadResult result;
  const std::unique_ptr<Document> document = Document::read(path, result.problems);
  if (!document) {
    return result;
  }
  const std::vector<xmlNode*> sweeps = children_of(document->root(), "sweep");
  for (xmlNode* sweep : sweeps) {
    result.sweep_line = document->line_of(sweep);
    document->remove(sweep);
  }
  apply_overrides(*document, overrides, result.problems);
  if (seed) {
    document->set_attribute(document->root(), "seed", std::to_string(*seed), "--seed");
  }
  result.effective_xml = indented_text(document->tree());
  for (xmlNode* sweep : sweeps) {
    document->put_back(document->root(), sweep);
  }

  const SchemaResult schema = validate_schema(*document);
  std::vector<Finding> findings;
  if (schema.complete) {
    Scenario scenario = read_scenario(*document, findings);
    add_schema_findings(schema.findings, findings);
    const std::vector<Diagnostic> conflicts = check_semantics(scenario, unsound_elements(findings));
    result.problems.insert(result.problems.end(), conflicts.begin(), conflicts.end());
    result.scenario = std::move(scenario);
  } else {
    findings = schema.findings;
  }
  for (const Finding& finding : findings) {
    result.problems.push_back(document->locate(finding));
  }
  sort_by_line(result.problems);
  if (!result.problems.empty()) {
    result.scenario.reset();
  }
  return result;
}

std::string effective_scenario(const LoadResult& loaded, const std::filesystem::path& out_dir) {
  if (!loaded.scenario) {
    throw std::logic_error("effective_scenario of a scenario that was not loaded");
  }
  const std::filesystem::path from = loaded.scenario->file.parent_path();
  std::vector<Diagnostic> problems;
  const XmlDoc tree = parse_xml(loaded.effective_xml, loaded.scenario->file.string(), problems);
  if (!tree) {
    throw std::logic_error("the effective scenario is not well-formed");
  }
  xmlNode* root = xmlDocGetRootElement(tree.get());
  rebase_attribute(child_of(root, "platform"), "file", from, out_dir);
  if (xmlNode* data = child_of(root, "data")) {
    for (const Parameter& parameter : find_entry(Section::data, loaded.scenario->data->kind)->parameters) {
      if (parameter.type == ParameterType::path) {
        rebase_attribute(data, parameter.name, from, out_dir);
      }
    }
  }
  if (const xmlNode* disturbances = child_of(root, "disturbances")) {
    for (xmlNode* slowdown : children_of(disturbances, "slowdown")) {
      rebase_attribute(slowdown, "file", from, out_dir);
    }
  }
  return indented_text(tree.get());
}

std::string to_string(const Diagnostic& problem) {
  if (problem.file.empty()) {
    return problem.what;
  }
  return problem.line > 0 ? fmt::format("{}:{}: {}", problem.file, problem.line, problem.what)
                          : fmt::format("{}: {}", problem.file, problem.what);
}

}  // namespace descent
