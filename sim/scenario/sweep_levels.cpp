#include "sim/scenario/sweep_levels.hpp"

#include "algorithms/core/units.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace descent {
namespace {

/// Of seeds, and of values in a range.
constexpr std::size_t kMostOnAnAxis = 1'000'000;

std::string trimmed_value(const std::string& text) {
  constexpr const char* kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// "10Gf": 10 and "Gf".
std::optional<std::pair<double, std::string>> number_and_unit(const std::string& given) {
  const std::string text = trimmed_value(given);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit = trimmed_value(std::string(end, text.data() + text.size()));
  const bool letters = std::all_of(unit.begin(), unit.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
  if (error != std::errc() || !std::isfinite(value) || !letters) {
    return std::nullopt;
  }
  return std::pair(value, std::move(unit));
}

}  // namespace

std::optional<double> number_in(const std::string& text) {
  if (const auto real = parse_real(text)) {
    return real;
  }
  for (const Unit unit : {Unit::seconds, Unit::bytes, Unit::flops, Unit::bytes_per_second, Unit::flops_per_second}) {
    if (const auto quantity = parse_quantity(text, unit)) {
      return quantity;
    }
  }
  return std::nullopt;
}

std::string SweepRange::at(double share) const {
  double value = logarithmic ? from * std::pow(to / from, share) : from + share * (to - from);
  value = share <= 0 ? from : share >= 1 ? to : value;
  return fmt::format("{:.9g}{}", whole ? std::round(value) : value, unit);
}

std::vector<std::string> values_in(const std::string& text) {
  std::vector<std::string> values;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    values.push_back(trimmed_value(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return values;
}

std::optional<std::vector<std::uint64_t>> seeds_in(const std::string& text) {
  std::vector<std::uint64_t> seeds;
  for (const std::string& part : values_in(text)) {
    const std::size_t hyphen = part.find('-');
    const auto first = parse_integer(trimmed_value(part.substr(0, hyphen)));
    const auto last = hyphen == std::string::npos ? first : parse_integer(trimmed_value(part.substr(hyphen + 1)));
    if (!first || !last || *last < *first || *last - *first >= kMostOnAnAxis - std::min(seeds.size(), kMostOnAnAxis)) {
      return std::nullopt;
    }
    for (std::uint64_t seed = *first; seed <= *last; ++seed) {
      seeds.push_back(seed);
    }
  }
  if (std::set(seeds.begin(), seeds.end()).size() != seeds.size()) {
    return std::nullopt;
  }
  return seeds;
}

std::optional<SweepRange> range_of(const Settings& axis, std::string& why) {
  const auto from = axis.has("from") ? number_and_unit(axis.text("from")) : std::nullopt;
  const auto to = axis.has("to") ? number_and_unit(axis.text("to")) : std::nullopt;
  if (!from || !to) {
    why = "a range needs from and to; allowed: numbers, with a unit where the attribute has one";
    return std::nullopt;
  }
  if (from->second != to->second) {
    why = fmt::format("from and to have the units '{}' and '{}'; allowed: the same one", from->second, to->second);
    return std::nullopt;
  }
  const SweepRange range{from->first, to->first, from->second, axis.text("scale") == "log",
                         axis.text("whole") == "yes"};
  if (range.from >= range.to) {
    why = "from is not below to";
  } else if (range.logarithmic && range.from <= 0) {
    why = "scale=\"log\" needs a from above 0";
  }
  return why.empty() ? std::optional(range) : std::nullopt;
}

std::vector<std::string> spaced_values(const SweepRange& range, const Settings& axis, std::string& why) {
  if (axis.has("step") && (axis.has("points") || range.logarithmic)) {
    why = "a range has step, for a linear scale, or points, and not both";
    return {};
  }
  // What rounding may have taken from the last step.
  constexpr double kSlack = 1e-9;
  const double steps = axis.has("step") ? std::floor((range.to - range.from) / axis.real("step") + kSlack)
                                        : static_cast<double>(axis.integer("points")) - 1;
  if (steps < 1 || steps >= static_cast<double>(kMostOnAnAxis)) {
    why = fmt::format("the range has {:.0f} values; allowed: 2 to {}", steps + 1, kMostOnAnAxis);
    return {};
  }
  const double last = axis.has("step") ? steps * axis.real("step") / (range.to - range.from) : 1;
  std::vector<std::string> values;
  for (double i = 0; i <= steps; ++i) {
    values.push_back(range.at(last * i / steps));
  }
  return values;
}

void remove_comments(xmlNode* element) {
  for (xmlNode* child = element->children; child != nullptr;) {
    xmlNode* next = child->next;
    if (child->type == XML_COMMENT_NODE) {
      xmlUnlinkNode(child);
      xmlFreeNode(child);
    } else {
      remove_comments(child);
    }
    child = next;
  }
}

}  // namespace descent
