#pragma once

#include "algorithms/core/settings.hpp"

#include <span>
#include <string_view>

namespace descent {

/// The attributes of a scenario's elements that the catalogue does not define, with types, bounds and defaults.
/// What they mean is documented in scenario.xsd, which must list the same ones (a test compares them).
struct ElementAttributes {
  std::string_view element;
  std::vector<Parameter> attributes;
};
std::span<const ElementAttributes> element_attributes();

/// Those of one element. Precondition: it is in the table.
std::span<const Parameter> attributes_of_element(std::string_view element);

}  // namespace descent
