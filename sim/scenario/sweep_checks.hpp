#pragma once

#include "sim/scenario/document.hpp"
#include "sim/scenario/sweep_settings.hpp"

#include <vector>

namespace descent {

/// What axes have against each other: names, values that stand twice, things that two of them set, numbers of values
/// that do not fit. `elements`: of the axes, in their order.
void check_axes(const std::vector<xmlNode*>& elements, const std::vector<SweepAxis>& axes,
                std::vector<Finding>& findings);

/// A condition on an axis or a value that there is not.
void check_condition(const xmlNode* element, const SweepCondition& condition, const std::vector<SweepAxis>& axes,
                     std::vector<Finding>& findings);

}  // namespace descent
