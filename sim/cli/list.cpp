#include "algorithms/catalogue.hpp"
#include "algorithms/core/error.hpp"
#include "algorithms/strategies/strategy.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/disturbance/distributions.hpp"

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
    case ParameterType::rate:
      return "bytes/s";
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

/// What may stand in the strategy's element. With which of its settings, if not with all, `descent check` tells.
void print_elements(const StrategyRow& strategy) {
  std::vector<std::string> elements;
  const auto add = [&](bool taken, const char* element) {
    if (taken) {
      elements.emplace_back(element);
    }
  };
  add(strategy.needs_collective, "<collective>");
  add(strategy.takes_compression, "<compression>");
  add(strategy.tolerance.losses, "<recovery timeout>");
  add(strategy.tolerance.agreement, "<recovery least-workers>");
  add(strategy.tolerance.checkpoints, "<recovery checkpoint>");
  add(strategy.balance_needs != nullptr, "<balance>");
  if (!elements.empty()) {
    fmt::print("  Elements: {}\n", fmt::join(elements, ", "));
  }
}

void print_race_free(const StrategyRow& strategy) {
  const std::string condition = to_string(strategy.race_free);
  fmt::print("  Same bits whoever comes first: {}\n", condition.empty() ? "always" : condition);
}

/// The catalogue's sections, and what the simulator has beside it.
struct Listed {
  std::string kind;
  std::vector<const Entry*> entries;
};

std::vector<Listed> all_listed() {
  std::vector<Listed> all;
  for (const SectionName& section : sections()) {
    all.push_back({std::string(section.name), entries(section.section)});
  }
  all.push_back({"slowdown", slowdown_entries()});
  all.push_back({"jitter", jitter_entries()});
  return all;
}

const Entry& entry_of(const Listed& listed, const std::string& name) {
  std::vector<std::string> names;
  names.reserve(listed.entries.size());
  for (const Entry* entry : listed.entries) {
    if (entry->name == name) {
      return *entry;
    }
    names.push_back(entry->name);
  }
  throw InputError(fmt::format("there is no {} '{}'{}; there are: {}", listed.kind, name, did_you_mean(name, names),
                               fmt::join(names, ", ")));
}

}  // namespace

int list_verb(const std::string& kind, const std::string& name) {
  bool known = kind.empty();
  std::vector<std::string> kinds;
  for (const Listed& listed : all_listed()) {
    kinds.push_back(listed.kind);
    if (!kind.empty() && listed.kind != kind) {
      continue;
    }
    known = true;
    if (!name.empty()) {
      print_entry(entry_of(listed, name));
      if (listed.kind == "strategy") {
        print_elements(find_strategy(name));
        print_race_free(find_strategy(name));
      }
      return 0;
    }
    fmt::print("{}\n", listed.kind);
    for (const Entry* entry : listed.entries) {
      fmt::print("  {:<26} {}\n", entry->name, entry->summary);
    }
  }
  if (!known) {
    throw InputError(
        fmt::format("there is no kind '{}'{}; there are: {}", kind, did_you_mean(kind, kinds), fmt::join(kinds, ", ")));
  }
  return 0;
}

}  // namespace descent
