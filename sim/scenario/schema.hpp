#pragma once

#include "sim/scenario/document.hpp"

#include <string_view>
#include <vector>

namespace descent {

/// The text of scenarios/scenario.xsd, as built into the program.
std::string_view schema_text();

/// Everything in which the document departs from the schema. Elements that do not belong where they are, or are
/// there twice, are taken out of the document on the way, so that their siblings are checked too.
std::vector<Finding> validate_schema(Document& document);

}  // namespace descent
