#pragma once

#include "sim/validate/validation.hpp"

#include <string>

namespace descent {

/// For a terminal: the time per iteration of each scenario, the errors of all that was compared, then what came of it
/// all: mean and worst error, the ranking by time to target, what explains the errors, what failed.
std::string to_text(const Validation& validation);

/// The same in Markdown.
std::string to_markdown(const Validation& validation);

}  // namespace descent
