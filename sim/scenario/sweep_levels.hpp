#pragma once

#include "algorithms/core/settings.hpp"
#include "sim/scenario/sweep_settings.hpp"

#include <libxml/tree.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// "a, b": a and b, without blanks around them.
std::vector<std::string> values_in(const std::string& text);

/// "1-3, 8": 1, 2, 3, 8. Nothing where it is something else, has one twice, or has more than a million.
std::optional<std::vector<std::uint64_t>> seeds_in(const std::string& text);

/// The range that the attributes of an <axis> tell, or nothing and `why`.
std::optional<SweepRange> range_of(const Settings& axis, std::string& why);

/// The values of a range with step or points; none, and `why`, where these are not right.
std::vector<std::string> spaced_values(const SweepRange& range, const Settings& axis, std::string& why);

/// All below the element.
void remove_comments(xmlNode* element);

}  // namespace descent
