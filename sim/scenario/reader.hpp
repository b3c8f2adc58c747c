#pragma once

#include "sim/scenario/document.hpp"

#include <vector>

namespace descent {

/// Reads the document into a Scenario, appending to `findings` what the values have wrong. What cannot be read is
/// left at its default. Elements that are missing, or should not be there, are the schema's concern.
Scenario read_scenario(const Document& document, std::vector<Finding>& findings);

}  // namespace descent
