#include "algorithms/core/units.hpp"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <system_error>

namespace descent {
namespace {

struct Scale {
  std::string_view name;
  double factor;
};

constexpr std::array<Scale, 9> kTimes{{{"w", 7 * 24 * 3600.0},
                                       {"d", 24 * 3600.0},
                                       {"h", 3600.0},
                                       {"m", 60.0},
                                       {"s", 1.0},
                                       {"ms", 1e-3},
                                       {"us", 1e-6},
                                       {"ns", 1e-9},
                                       {"ps", 1e-12}}};
constexpr std::array<Scale, 9> kDecimalPrefixes{
    {{"", 1.0}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"E", 1e18}, {"Z", 1e21}, {"Y", 1e24}}};
constexpr std::array<Scale, 9> kDecimalWords{{{"", 1.0},
                                              {"kilo", 1e3},
                                              {"mega", 1e6},
                                              {"giga", 1e9},
                                              {"tera", 1e12},
                                              {"peta", 1e15},
                                              {"exa", 1e18},
                                              {"zeta", 1e21},
                                              {"yotta", 1e24}}};
constexpr std::array<Scale, 8> kBinaryPrefixes{{{"Ki", 0x1p10},
                                                {"Mi", 0x1p20},
                                                {"Gi", 0x1p30},
                                                {"Ti", 0x1p40},
                                                {"Pi", 0x1p50},
                                                {"Ei", 0x1p60},
                                                {"Zi", 0x1p70},
                                                {"Yi", 0x1p80}}};
constexpr std::array<Scale, 2> kBytes{{{"b", 0.125}, {"B", 1.0}}};
constexpr std::array<Scale, 2> kByteRates{{{"bps", 0.125}, {"Bps", 1.0}}};
constexpr std::array<Scale, 1> kFlops{{{"f", 1.0}}};
constexpr std::array<Scale, 1> kFlopWords{{{"flops", 1.0}}};

/// The value of `unit` = one of `prefixes` followed by one of `bases`.
std::optional<double> factor_of(std::string_view unit, std::span<const Scale> prefixes, std::span<const Scale> bases) {
  for (const Scale& base : bases) {
    if (!unit.ends_with(base.name)) {
      continue;
    }
    const std::string_view rest = unit.substr(0, unit.size() - base.name.size());
    for (const Scale& prefix : prefixes) {
      if (rest == prefix.name) {
        return prefix.factor * base.factor;
      }
    }
  }
  return std::nullopt;
}

std::optional<double> bytes_factor(std::string_view unit, std::span<const Scale> bases) {
  const auto decimal = factor_of(unit, kDecimalPrefixes, bases);
  return decimal ? decimal : factor_of(unit, kBinaryPrefixes, bases);
}

std::optional<double> unit_factor(std::string_view name, Unit unit) {
  switch (unit) {
    case Unit::seconds:
      return name.empty() ? 1.0 : factor_of(name, std::span(kDecimalPrefixes).first(1), kTimes);
    case Unit::bytes:
      return bytes_factor(name, kBytes);
    case Unit::bytes_per_second:
      return bytes_factor(name, kByteRates);
    case Unit::flops:
    case Unit::flops_per_second: {
      // SimGrid writes a speed as the work of a second: "10Gf".
      const auto abbreviated = factor_of(name, kDecimalPrefixes, kFlops);
      return abbreviated ? abbreviated : factor_of(name, kDecimalWords, kFlopWords);
    }
  }
  return std::nullopt;
}

struct Leading {
  double value;
  std::string_view rest;
};

/// The decimal number that `text` begins with. Not the words "inf" and "nan", which from_chars takes for numbers.
std::optional<Leading> leading_number(std::string_view text) {
  const std::size_t first = text.find_first_not_of('-');
  if (first == std::string_view::npos || !(text[first] == '.' || (text[first] >= '0' && text[first] <= '9'))) {
    return std::nullopt;
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || !std::isfinite(value)) {
    return std::nullopt;
  }
  return Leading{value, std::string_view(stop, static_cast<std::size_t>(end - stop))};
}

std::string scaled(double value, double step, std::span<const std::string_view> units) {
  std::size_t i = 0;
  while (std::abs(value) >= step && i + 1 < units.size()) {
    value /= step;
    ++i;
  }
  return fmt::format("{:.3g} {}", value, units[i]);
}

}  // namespace

std::optional<double> parse_quantity(std::string_view text, Unit unit) {
  const auto number = leading_number(text);
  if (!number || text.front() == '-') {
    return std::nullopt;
  }
  const auto factor = unit_factor(number->rest, unit);
  if (!factor) {
    return std::nullopt;
  }
  const double value = number->value * *factor;
  // A product that vanishes was not meant to be zero.
  const bool lost = value == 0 && number->value != 0;
  return std::isfinite(value) && !lost ? std::optional(value) : std::nullopt;
}

std::string_view unit_examples(Unit unit) {
  switch (unit) {
    case Unit::seconds:
      return "50us, 1ms, 2s, 1.5h";
    case Unit::bytes:
      return "100B, 1.5MB, 64KiB";
    case Unit::flops:
      return "500kf, 2.5Gf";
    case Unit::bytes_per_second:
      return "1.25GBps, 10Gbps";
    case Unit::flops_per_second:
      return "10Gf, 1.5Tf";
  }
  return "";
}

std::optional<double> parse_real(std::string_view text) {
  const auto number = leading_number(text);
  return number && number->rest.empty() ? std::optional(number->value) : std::nullopt;
}

std::optional<unsigned long long> parse_integer(std::string_view text) {
  if (text.empty() || text.front() == '-') {
    return std::nullopt;
  }
  unsigned long long whole = 0;
  const char* const end = text.data() + text.size();
  if (const auto [stop, error] = std::from_chars(text.data(), end, whole); error == std::errc{} && stop == end) {
    return whole;
  }
  // Beyond 2^53 a real number no longer says which integer is meant.
  constexpr double kExact = 0x1p53;
  const auto real = parse_real(text);
  if (!real || *real > kExact || *real != std::floor(*real)) {
    return std::nullopt;
  }
  return static_cast<unsigned long long>(*real);
}

std::string format_bytes(double bytes) {
  static constexpr std::array<std::string_view, 6> kUnits{"B", "kB", "MB", "GB", "TB", "PB"};
  return scaled(bytes, 1000, kUnits);
}

std::string format_seconds(double seconds) {
  static constexpr std::array<std::string_view, 4> kSmall{"ns", "us", "ms", "s"};
  const double magnitude = std::abs(seconds);
  if (magnitude == 0 || !std::isfinite(seconds)) {
    return fmt::format("{} s", seconds);
  }
  if (magnitude < 60) {
    return scaled(seconds * 1e9, 1000, kSmall);
  }
  if (magnitude < 3600) {
    return fmt::format("{:.3g} min", seconds / 60);
  }
  return magnitude < 24 * 3600.0 ? fmt::format("{:.3g} h", seconds / 3600) : fmt::format("{:.3g} d", seconds / 86400);
}

}  // namespace descent
