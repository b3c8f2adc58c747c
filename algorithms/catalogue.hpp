#pragma once

#include "algorithms/core/settings.hpp"

#include <string_view>
#include <vector>

namespace descent {

/// The kinds of things that a scenario chooses by name.
enum class Section {
  strategy,
  collective,
  compression,
  model,
  optimizer,
  schedule,
  constraint,
  regularizer,
  data,
  partition
};

/// All sections, with the name that `descent list` and the scenario's elements use.
struct SectionName {
  Section section;
  std::string_view name;
};
const std::vector<SectionName>& sections();

/// Every entry of a section, in the order of its table. The tables stand beside what they create
/// (`algorithms/models/models.cpp`, …) and are explicit: nothing registers itself.
std::vector<const Entry*> entries(Section section);

/// The entry with this name, or nullptr.
const Entry* find_entry(Section section, std::string_view name);

}  // namespace descent
