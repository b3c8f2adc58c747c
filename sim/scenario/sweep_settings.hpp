#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// Numbers between two, in a unit: what an axis takes its values from. Its ends are the numbers before the unit.
struct SweepRange {
  double from = 0;
  double to = 0;
  /// "Gf", "us", "".
  std::string unit;
  bool logarithmic = false;
  /// Values are rounded to whole numbers.
  bool whole = false;

  /// The value at a share of the way, 0 to 1, as the scenario takes it: nine digits and the unit.
  std::string at(double share) const;
};

/// One value of an axis.
struct SweepLevel {
  /// The value itself, or the case's name.
  std::string text;
  /// XPATH=VALUE: what it changes in the scenario.
  std::vector<std::string> overrides;
  int line = 0;
};

/// One thing that varies. It has levels or, in the random designs, a range instead.
struct SweepAxis {
  std::string name;
  /// XPath of an attribute; "" of an axis with cases.
  std::string path;
  std::vector<SweepLevel> levels;
  std::optional<SweepRange> range;
  /// Axes with the same one move together; "": moves alone.
  std::string zip;
  int line = 0;
};

/// Holds for a point whose value on the axis is one of `values`, if there are any, and within the bounds, if any.
struct SweepCondition {
  std::string axis;
  std::vector<std::string> values;
  std::optional<double> above;
  std::optional<double> below;
};

enum class SweepDesign { grid, random, latin_hypercube };

/// A <sweep>, read and checked.
struct SweepSettings {
  /// The scenario's.
  std::string file;
  std::string scenario_name;
  int line = 0;
  SweepDesign design = SweepDesign::grid;
  /// Of the random designs.
  std::size_t points = 0;
  std::uint64_t design_seed = 1;
  /// Of the runs: at least one.
  std::vector<std::uint64_t> seeds;
  std::vector<SweepAxis> axes;
  /// A point is left out where all conditions of one of them hold.
  std::vector<std::vector<SweepCondition>> exclusions;
  /// The element, as written.
  std::string text;
  /// The scenario that is varied, overrides applied, without <sweep>, seed and comments.
  std::string base;
};

/// A number, or a quantity in its base unit; nothing for other text.
std::optional<double> number_in(const std::string& text);

}  // namespace descent
