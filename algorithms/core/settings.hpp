#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// What a parameter's text must be. Quantities carry units in SimGrid's spelling (`10Gf`, `1.25GBps`, `50us`, `100MB`).
enum class ParameterType { integer, real, boolean, choice, text, path, integers, seconds, bytes, flops, rate };

/// One documented parameter of a catalogue entry: an attribute in the scenario file.
struct Parameter {
  std::string name;
  ParameterType type = ParameterType::text;
  /// Nothing: the parameter is required. Empty text: optional, absent by default.
  std::optional<std::string> fallback = {};
  std::string meaning = {};
  /// Bounds for numbers; `least` itself is allowed unless `above` is set.
  std::optional<double> least = {};
  std::optional<double> most = {};
  bool above = false;
  std::vector<std::string> choices = {};
};

/// One named thing that a scenario can choose: a model, an optimizer, a strategy, …
struct Entry {
  std::string name;
  /// One line: what it is, with its formula.
  std::string summary;
  /// Where it comes from: author, year, title or equation.
  std::string reference;
  std::vector<Parameter> parameters = {};
};

/// The values of one catalogue entry's parameters, checked and with defaults filled in.
class Settings {
 public:
  Settings() = default;
  explicit Settings(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  /// True when the value was given or has a default.
  bool has(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  double real(std::string_view name) const;
  std::uint64_t integer(std::string_view name) const;
  bool flag(std::string_view name) const;
  /// Comma- or space-separated non-negative integers.
  std::vector<std::uint64_t> integers(std::string_view name) const;
  /// A quantity in its base unit (seconds, bytes, flops).
  double quantity(std::string_view name) const;

  const std::map<std::string, std::string>& values() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

/// One problem with a parameter: which one ("" for the entry as a whole) and what is wrong and allowed.
struct Complaint {
  std::string parameter;
  std::string what;
};

/// Checks `given` against `parameters` and fills in the defaults. Unknown names come with the nearest known one.
Settings check_settings(std::span<const Parameter> parameters, const std::map<std::string, std::string>& given,
                        std::vector<Complaint>& complaints);

/// The nearest of `known` to `name` if it is near enough to be what was meant, as " (did you mean 'x'?)"; else "".
std::string did_you_mean(std::string_view name, std::span<const std::string> known);

}  // namespace descent
