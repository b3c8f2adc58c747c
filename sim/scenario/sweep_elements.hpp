#pragma once

#include "sim/scenario/document.hpp"
#include "sim/scenario/sweep_settings.hpp"

#include <string>
#include <vector>

namespace descent {

/// Reads what stands in a <sweep>, which was taken out of the scenario. What the schema tells, such as attributes that
/// are unknown or missing, it leaves to it.
class SweepElements {
 public:
  SweepElements(const Document& scenario, std::vector<Finding>& findings) : document_(scenario), findings_(findings) {}

  /// The attributes, those that are wrong left out.
  Settings settings_of(const xmlNode* element);
  SweepAxis read_axis(const xmlNode* element, SweepDesign design);
  SweepCondition read_condition(const xmlNode* element, const std::vector<SweepAxis>& axes);

 private:
  void problem(const xmlNode* element, const std::string& attribute, std::string what);
  void read_values(const xmlNode* element, const Settings& settings, SweepDesign design, SweepAxis& axis);
  /// What its elements replace: each the scenario's one of its name.
  SweepLevel read_case(const xmlNode* element);

  const Document& document_;
  std::vector<Finding>& findings_;
};

}  // namespace descent
