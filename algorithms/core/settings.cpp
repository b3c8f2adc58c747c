#include "algorithms/core/settings.hpp"

#include "algorithms/core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace descent {
namespace {

std::string_view named(ParameterType type) {
  switch (type) {
    case ParameterType::integer:
      return "a whole number";
    case ParameterType::real:
      return "a number";
    case ParameterType::boolean:
      return "true or false";
    case ParameterType::integers:
      return "whole numbers separated by spaces or commas";
    case ParameterType::seconds:
      return "a time";
    case ParameterType::bytes:
      return "a number of bytes with its unit";
    case ParameterType::flops:
      return "a number of flops with its unit";
    case ParameterType::choice:
    case ParameterType::text:
    case ParameterType::path:
      return "a text";
  }
  return "";
}

std::optional<Unit> unit_of(ParameterType type) {
  switch (type) {
    case ParameterType::seconds:
      return Unit::seconds;
    case ParameterType::bytes:
      return Unit::bytes;
    case ParameterType::flops:
      return Unit::flops;
    default:
      return std::nullopt;
  }
}

std::optional<std::vector<std::uint64_t>> parse_integers(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  constexpr std::string_view kSeparators = " ,\t";
  for (std::size_t begin = 0; (begin = text.find_first_not_of(kSeparators, begin)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
    const auto number = parse_integer(text.substr(begin, end - begin));
    if (!number) {
      return std::nullopt;
    }
    numbers.push_back(*number);
    begin = end;
  }
  return numbers.empty() ? std::nullopt : std::optional(numbers);
}

std::string bounds(const Parameter& parameter) {
  std::string text;
  if (parameter.least) {
    text = fmt::format(" {} {:g}", parameter.above ? ">" : "≥", *parameter.least);
  }
  if (parameter.most) {
    text += fmt::format("{} ≤ {:g}", text.empty() ? "" : " and", *parameter.most);
  }
  return text;
}

bool within(const Parameter& parameter, double value) {
  const bool above = !parameter.least || (parameter.above ? value > *parameter.least : value >= *parameter.least);
  return above && (!parameter.most || value <= *parameter.most);
}

/// The numbers that a text stands for; nothing when it does not fit the type. Empty for types without numbers.
std::optional<std::vector<double>> numbers_of(const Parameter& parameter, const std::string& text) {
  std::vector<double> numbers;
  std::optional<double> number;
  switch (parameter.type) {
    case ParameterType::integer:
      if (const auto integer = parse_integer(text)) {
        number = static_cast<double>(*integer);
      }
      break;
    case ParameterType::real:
      number = parse_real(text);
      break;
    case ParameterType::integers: {
      const auto integers = parse_integers(text);
      if (!integers) {
        return std::nullopt;
      }
      return std::vector<double>(integers->begin(), integers->end());
    }
    case ParameterType::seconds:
    case ParameterType::bytes:
    case ParameterType::flops:
      number = parse_quantity(text, *unit_of(parameter.type));
      break;
    case ParameterType::boolean:
      return text == "true" || text == "false" ? std::optional(numbers) : std::nullopt;
    case ParameterType::choice:
    case ParameterType::text:
    case ParameterType::path:
      return numbers;
  }
  if (!number) {
    return std::nullopt;
  }
  numbers.push_back(*number);
  return numbers;
}

std::optional<std::string> complaint_about(const Parameter& parameter, const std::string& text) {
  if (parameter.type == ParameterType::choice) {
    if (std::find(parameter.choices.begin(), parameter.choices.end(), text) != parameter.choices.end()) {
      return std::nullopt;
    }
    return fmt::format("{}='{}' is unknown{}; allowed: {}", parameter.name, text, did_you_mean(text, parameter.choices),
                       fmt::join(parameter.choices, ", "));
  }
  const auto numbers = numbers_of(parameter, text);
  const bool fits =
      numbers && std::all_of(numbers->begin(), numbers->end(), [&](double value) { return within(parameter, value); });
  if (fits) {
    return std::nullopt;
  }
  const auto unit = unit_of(parameter.type);
  return fmt::format("{}='{}' is not allowed; {}{} is needed{}", parameter.name, text, named(parameter.type),
                     bounds(parameter), unit ? fmt::format(" (such as {})", unit_examples(*unit)) : "");
}

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

}  // namespace

bool Settings::has(std::string_view name) const {
  return values_.contains(std::string(name));
}

const std::string& Settings::text(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  if (found == values_.end()) {
    throw std::logic_error(fmt::format("parameter {} has no value", name));
  }
  return found->second;
}

double Settings::real(std::string_view name) const {
  return parse_real(text(name)).value();
}

std::uint64_t Settings::integer(std::string_view name) const {
  return parse_integer(text(name)).value();
}

bool Settings::flag(std::string_view name) const {
  return text(name) == "true";
}

std::vector<std::uint64_t> Settings::integers(std::string_view name) const {
  return parse_integers(text(name)).value();
}

double Settings::quantity(std::string_view name) const {
  for (const Unit unit : {Unit::seconds, Unit::bytes, Unit::flops}) {
    if (const auto value = parse_quantity(text(name), unit)) {
      return *value;
    }
  }
  throw std::logic_error(fmt::format("parameter {} is no quantity", name));
}

Settings check_settings(std::span<const Parameter> parameters, const std::map<std::string, std::string>& given,
                        std::vector<Complaint>& complaints) {
  std::vector<std::string> names;
  std::map<std::string, std::string> values;
  for (const Parameter& parameter : parameters) {
    names.push_back(parameter.name);
    const auto found = given.find(parameter.name);
    if (found != given.end()) {
      if (const auto complaint = complaint_about(parameter, found->second)) {
        complaints.push_back({parameter.name, *complaint});
      } else {
        values.insert(*found);
      }
    } else if (!parameter.fallback) {
      complaints.push_back({parameter.name, fmt::format("{} is missing: {}", parameter.name, parameter.meaning)});
    } else if (!parameter.fallback->empty()) {
      values.emplace(parameter.name, *parameter.fallback);
    }
  }
  for (const auto& [name, value] : given) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      complaints.push_back({name, names.empty() ? fmt::format("{} is unknown; there are no parameters", name)
                                                : fmt::format("{} is unknown{}; allowed: {}", name,
                                                              did_you_mean(name, names), fmt::join(names, ", "))});
    }
  }
  return Settings(std::move(values));
}

std::string did_you_mean(std::string_view name, std::span<const std::string> known) {
  const auto nearest = std::min_element(
      known.begin(), known.end(), [&](const auto& a, const auto& b) { return distance(name, a) < distance(name, b); });
  if (nearest == known.end() || distance(name, *nearest) > std::max<std::size_t>(1, name.size() / 3)) {
    return "";
  }
  return fmt::format(" (did you mean '{}'?)", *nearest);
}

}  // namespace descent
