#include "algorithms/core/settings.hpp"

#include "algorithms/core/units.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

namespace descent {
namespace {

constexpr std::size_t kLongestQuote = 60;

/// A user's text as it may stand in a one-line message: no control characters, and not without end.
std::string quotable(std::string_view text) {
  std::size_t length = std::min(text.size(), kLongestQuote);
  // Not in the middle of a UTF-8 character.
  while (length > 0 && length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
    --length;
  }
  std::string quoted(text.substr(0, length));
  for (char& c : quoted) {
    c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return length < text.size() ? quoted + "..." : quoted;
}

/// Items of a list separated by spaces or commas. "1,,2" has an empty item, which no number is.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> items;
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  std::size_t begin = 0;
  bool after_comma = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool comma = i < text.size() && text[i] == ',';
    if (i < text.size() && !comma && !is_space(text[i])) {
      continue;
    }
    const std::string_view item = text.substr(begin, i - begin);
    begin = i + 1;
    if (!item.empty()) {
      items.push_back(item);
      after_comma = false;
    }
    if (comma) {
      if (after_comma || items.empty()) {
        items.emplace_back();
      }
      after_comma = true;
    }
  }
  if (after_comma) {
    items.emplace_back();
  }
  return items;
}

std::optional<std::vector<std::uint64_t>> parse_integers(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  for (const std::string_view item : split(text)) {
    const auto number = parse_integer(item);
    if (!number) {
      return std::nullopt;
    }
    numbers.push_back(*number);
  }
  return numbers.empty() ? std::nullopt : std::optional(numbers);
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text == "true" || text == "1") {
    return true;
  }
  return text == "false" || text == "0" ? std::optional(false) : std::nullopt;
}

bool is_quantity(ParameterType type) {
  return type == ParameterType::seconds || type == ParameterType::bytes || type == ParameterType::flops ||
         type == ParameterType::rate;
}

Unit unit_of(ParameterType type) {
  if (type == ParameterType::seconds) {
    return Unit::seconds;
  }
  if (type == ParameterType::rate) {
    return Unit::bytes_per_second;
  }
  return type == ParameterType::bytes ? Unit::bytes : Unit::flops;
}

std::string_view kind_of(ParameterType type) {
  switch (type) {
    case ParameterType::integer:
      return "a whole number";
    case ParameterType::real:
      return "a number";
    case ParameterType::boolean:
      return "true or false";
    case ParameterType::choice:
      return "one of its choices";
    case ParameterType::text:
      return "text";
    case ParameterType::path:
      return "a path";
    case ParameterType::integers:
      return "a list of whole numbers";
    case ParameterType::seconds:
      return "a time";
    case ParameterType::bytes:
      return "an amount of data";
    case ParameterType::flops:
      return "an amount of work";
    case ParameterType::rate:
      return "a rate of data";
  }
  return "";
}

/// " > 0", " >= 1 and <= 10", or "".
std::string bounds_of(const Parameter& parameter) {
  std::string bounds;
  if (parameter.least) {
    bounds = fmt::format(" {} {}", parameter.above ? ">" : ">=", *parameter.least);
  }
  if (parameter.most) {
    bounds += fmt::format("{} <= {}", bounds.empty() ? "" : " and", *parameter.most);
  }
  return bounds;
}

/// What the parameter's text may be: "a number > 0", "one of: linear, geometric".
std::string allowed(const Parameter& parameter) {
  if (parameter.type == ParameterType::choice) {
    return fmt::format("one of: {}", fmt::join(parameter.choices, ", "));
  }
  std::string what = fmt::format("{}{}", kind_of(parameter.type), bounds_of(parameter));
  if (parameter.type == ParameterType::integers) {
    what += " separated by spaces or commas";
  } else if (is_quantity(parameter.type)) {
    what += fmt::format(" with its unit (such as {})", unit_examples(unit_of(parameter.type)));
  }
  return what;
}

bool within(const Parameter& parameter, double value) {
  if (parameter.least && (parameter.above ? value <= *parameter.least : value < *parameter.least)) {
    return false;
  }
  return !parameter.most || value <= *parameter.most;
}

/// The numbers that `text` holds, if it is what the parameter's type asks for.
std::optional<std::vector<double>> numbers_of(const Parameter& parameter, std::string_view text) {
  std::optional<double> number;
  if (parameter.type == ParameterType::integers) {
    const auto list = parse_integers(text);
    return list ? std::optional(std::vector<double>(list->begin(), list->end())) : std::nullopt;
  }
  if (parameter.type == ParameterType::integer) {
    const auto whole = parse_integer(text);
    number = whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
  } else if (parameter.type == ParameterType::real) {
    number = parse_real(text);
  } else {
    number = parse_quantity(text, unit_of(parameter.type));
  }
  return number ? std::optional(std::vector<double>{*number}) : std::nullopt;
}

/// Why `text` cannot be the parameter's value, or "".
std::string fault(const Parameter& parameter, const std::string& text) {
  const std::string shown = fmt::format("{}='{}'", parameter.name, quotable(text));
  if (text.empty()) {
    return fmt::format("{} is empty; {} is needed", shown, allowed(parameter));
  }
  switch (parameter.type) {
    case ParameterType::text:
    case ParameterType::path:
      return "";
    case ParameterType::boolean:
      return parse_flag(text) ? "" : fmt::format("{} is neither true nor false", shown);
    case ParameterType::choice:
      if (std::find(parameter.choices.begin(), parameter.choices.end(), text) == parameter.choices.end()) {
        return fmt::format("{} is unknown{}; allowed is {}", shown, did_you_mean(text, parameter.choices),
                           allowed(parameter));
      }
      return "";
    default:
      break;
  }
  const auto numbers = numbers_of(parameter, text);
  if (!numbers) {
    return fmt::format("{} is not {}; {} is needed", shown, kind_of(parameter.type), allowed(parameter));
  }
  for (const double number : *numbers) {
    if (!within(parameter, number)) {
      return fmt::format("{} is out of range; {} is needed", shown, allowed(parameter));
    }
  }
  return "";
}

[[noreturn]] void misused(std::string_view name, std::string_view how) {
  throw std::logic_error(fmt::format("setting '{}' {}", name, how));
}

template <class T>
T valid(std::string_view name, const std::optional<T>& value) {
  if (!value) {
    misused(name, "was read as another type than it was checked for");
  }
  return *value;
}

}  // namespace

bool Settings::has(std::string_view name) const {
  return values_.contains(std::string(name));
}

const std::string& Settings::text(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  if (found == values_.end()) {
    misused(name, "was read without being set");
  }
  return found->second;
}

double Settings::real(std::string_view name) const {
  return valid(name, parse_real(text(name)));
}

std::uint64_t Settings::integer(std::string_view name) const {
  return valid(name, parse_integer(text(name)));
}

bool Settings::flag(std::string_view name) const {
  return valid(name, parse_flag(text(name)));
}

std::vector<std::uint64_t> Settings::integers(std::string_view name) const {
  return valid(name, parse_integers(text(name)));
}

double Settings::quantity(std::string_view name) const {
  // The units of different dimensions are spelled differently, so at most one of these succeeds.
  for (const Unit unit : {Unit::seconds, Unit::bytes, Unit::flops, Unit::bytes_per_second}) {
    if (const auto value = parse_quantity(text(name), unit)) {
      return *value;
    }
  }
  misused(name, "was read as another type than it was checked for");
}

Settings check_settings(std::span<const Parameter> parameters, const std::map<std::string, std::string>& given,
                        std::vector<Complaint>& complaints) {
  std::vector<std::string> known;
  std::map<std::string, std::string> values;
  for (const Parameter& parameter : parameters) {
    known.push_back(parameter.name);
    const auto found = given.find(parameter.name);
    if (found != given.end()) {
      if (std::string what = fault(parameter, found->second); !what.empty()) {
        complaints.push_back({parameter.name, std::move(what)});
      } else {
        values.insert(*found);
      }
    } else if (!parameter.fallback) {
      complaints.push_back(
          {parameter.name, fmt::format("{} is missing; {} is needed", parameter.name, allowed(parameter))});
    } else if (!parameter.fallback->empty()) {
      values.emplace(parameter.name, *parameter.fallback);
    }
  }
  for (const auto& [name, value] : given) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      complaints.push_back(
          {name, fmt::format("'{}' is not a parameter here{}; {}", quotable(name), did_you_mean(name, known),
                             known.empty() ? "there are none" : fmt::format("known: {}", fmt::join(known, ", ")))});
    }
  }
  return Settings(std::move(values));
}

}  // namespace descent
