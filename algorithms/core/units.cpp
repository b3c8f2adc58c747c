#include "algorithms/core/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace descent {
namespace {

struct Scale {
  std::string_view unit;
  double factor;
};

constexpr std::array kSeconds = {Scale{"ps", 1e-12}, Scale{"ns", 1e-9}, Scale{"us", 1e-6}, Scale{"ms", 1e-3},
                                 Scale{"s", 1},      Scale{"m", 60},    Scale{"h", 3600},  Scale{"d", 86400},
                                 Scale{"w", 604800}, Scale{"", 1}};
constexpr std::array kBytes = {Scale{"B", 1},
                               Scale{"kB", 1e3},
                               Scale{"MB", 1e6},
                               Scale{"GB", 1e9},
                               Scale{"TB", 1e12},
                               Scale{"KiB", 1024},
                               Scale{"MiB", 1048576},
                               Scale{"GiB", 1073741824},
                               Scale{"TiB", 1099511627776},
                               Scale{"b", 1.0 / 8},
                               Scale{"kb", 1e3 / 8},
                               Scale{"Mb", 1e6 / 8},
                               Scale{"Gb", 1e9 / 8},
                               Scale{"Tb", 1e12 / 8},
                               Scale{"Kib", 1024.0 / 8},
                               Scale{"Mib", 1048576.0 / 8},
                               Scale{"Gib", 1073741824.0 / 8},
                               Scale{"Tib", 1099511627776.0 / 8}};
constexpr std::array kFlops = {Scale{"f", 1},    Scale{"kf", 1e3},  Scale{"Mf", 1e6},
                               Scale{"Gf", 1e9}, Scale{"Tf", 1e12}, Scale{"Pf", 1e15}};

std::optional<double> factor_of(std::string_view unit, std::span<const Scale> scales) {
  for (const Scale& scale : scales) {
    if (scale.unit == unit) {
      return scale.factor;
    }
  }
  return std::nullopt;
}

bool is_rate(Unit unit) {
  return unit == Unit::bytes_per_second || unit == Unit::flops_per_second;
}

std::optional<double> factor_of(std::string_view name, Unit unit) {
  if (is_rate(unit)) {
    if (!name.ends_with("ps")) {
      return std::nullopt;
    }
    name.remove_suffix(2);
  }
  switch (unit) {
    case Unit::seconds:
      return factor_of(name, kSeconds);
    case Unit::bytes:
    case Unit::bytes_per_second:
      return factor_of(name, kBytes);
    case Unit::flops:
    case Unit::flops_per_second:
      return factor_of(name, kFlops);
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// A value with the SI prefix that leaves one to three digits before the point.
std::string scaled(double value, std::string_view unit, std::span<const std::pair<double, const char*>> prefixes) {
  for (const auto& [factor, prefix] : prefixes) {
    if (std::abs(value) >= factor) {
      return fmt::format("{:.3g} {}{}", value / factor, prefix, unit);
    }
  }
  const auto& [factor, prefix] = prefixes.back();
  return fmt::format("{:.3g} {}{}", value / factor, prefix, unit);
}

}  // namespace

std::optional<double> parse_quantity(std::string_view text, Unit unit) {
  text = trimmed(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || std::signbit(number)) {
    return std::nullopt;
  }
  const std::string_view name = trimmed({end, static_cast<std::size_t>(text.data() + text.size() - end)});
  const std::optional<double> factor = factor_of(name, unit);
  if (!factor || !std::isfinite(number * *factor)) {
    return std::nullopt;
  }
  return number * *factor;
}

std::string_view unit_examples(Unit unit) {
  switch (unit) {
    case Unit::seconds:
      return "50us, 1.5ms, 2s, 1h";
    case Unit::bytes:
      return "512B, 100MB, 4MiB";
    case Unit::flops:
      return "1e6f, 2.5Mf, 10Gf";
    case Unit::bytes_per_second:
      return "1.25GBps, 10Gbps";
    case Unit::flops_per_second:
      return "10Gfps";
  }
  return "";
}

std::optional<double> parse_real(std::string_view text) {
  text = trimmed(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<unsigned long long> parse_integer(std::string_view text) {
  text = trimmed(text);
  unsigned long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    return number;
  }
  // 1e6, but nothing that a double cannot tell from its neighbours.
  const std::optional<double> real = parse_real(text);
  constexpr double kExact = 9007199254740992.0;
  if (real && *real >= 0 && *real <= kExact && *real == std::floor(*real) && !std::signbit(*real)) {
    return static_cast<unsigned long long>(*real);
  }
  return std::nullopt;
}

std::string format_bytes(double bytes) {
  static constexpr std::pair<double, const char*> kPrefixes[] = {
      {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}};
  return scaled(bytes, "B", kPrefixes);
}

std::string format_seconds(double seconds) {
  static constexpr std::pair<double, const char*> kPrefixes[] = {{1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}};
  if (seconds == 0) {
    return "0 s";
  }
  return seconds >= 1000 ? fmt::format("{:.0f} s", seconds) : scaled(seconds, "s", kPrefixes);
}

}  // namespace descent
