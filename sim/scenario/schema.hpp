#pragma once

#include "sim/scenario/document.hpp"

#include <string_view>
#include <vector>

namespace descent {

/// The text of scenarios/scenario.xsd, as built into the program.
std::string_view schema_text();

struct SchemaResult {
  std::vector<Finding> findings;
  /// False when the root is another one, or so much is wrong that not all of it was looked for.
  bool complete = true;
};

/// Everything in which the document departs from the schema. Elements that do not belong where they are, or are
/// there twice, are taken out of the document on the way, so that their siblings are checked too.
SchemaResult validate_schema(Document& document);

}  // namespace descent
