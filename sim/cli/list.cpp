#include "algorithms/catalogue.hpp"
#include "algorithms/core/error.hpp"
#include "sim/cli/verbs.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {
namespace {

std::string type_of(const Parameter& parameter) {
  switch (parameter.type) {
    case ParameterType::integer:
      return "integer";
    case ParameterType::real:
      return "number";
    case ParameterType::boolean:
      return "true|false";
    case ParameterType::choice:
      return fmt::format("{}", fmt::join(parameter.choices, "|"));
    case ParameterType::text:
      return "text";
    case ParameterType::path:
      return "file";
    case ParameterType::integers:
      return "integers";
    case ParameterType::seconds:
      return "seconds";
    case ParameterType::bytes:
      return "bytes";
    case ParameterType::flops:
      return "flops";
  }
  return "";
}

void print_entry(const Entry& entry) {
  fmt::print("{}\n  {}\n", entry.name, entry.summary);
  if (!entry.reference.empty()) {
    fmt::print("  Reference: {}\n", entry.reference);
  }
  for (const Parameter& parameter : entry.parameters) {
    std::string fallback = "required";
    if (parameter.fallback) {
      fallback = parameter.fallback->empty() ? "optional" : "default " + *parameter.fallback;
    }
    std::string range;
    if (parameter.least) {
      range = fmt::format(", {} {:g}", parameter.above ? ">" : ">=", *parameter.least);
    }
    if (parameter.most) {
      range += fmt::format(", <= {:g}", *parameter.most);
    }
    fmt::print("    {} ({}{}; {})\n      {}\n", parameter.name, type_of(parameter), range, fallback, parameter.meaning);
  }
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const SectionName& section : sections()) {
    names.emplace_back(section.name);
  }
  return names;
}

}  // namespace

int list_verb(const std::string& kind, const std::string& name) {
  bool known = kind.empty();
  for (const SectionName& section : sections()) {
    if (!kind.empty() && section.name != kind) {
      continue;
    }
    known = true;
    if (!name.empty()) {
      const Entry* entry = find_entry(section.section, name);
      if (entry == nullptr) {
        std::vector<std::string> names;
        for (const Entry* one : entries(section.section)) {
          names.push_back(one->name);
        }
        throw InputError(fmt::format("there is no {} '{}'{}; there are: {}", kind, name, did_you_mean(name, names),
                                     fmt::join(names, ", ")));
      }
      print_entry(*entry);
      return 0;
    }
    fmt::print("{}\n", section.name);
    for (const Entry* entry : entries(section.section)) {
      fmt::print("  {:<26} {}\n", entry->name, entry->summary);
    }
  }
  if (!known) {
    const auto names = section_names();
    throw InputError(
        fmt::format("there is no kind '{}'{}; there are: {}", kind, did_you_mean(kind, names), fmt::join(names, ", ")));
  }
  return 0;
}

}  // namespace descent
