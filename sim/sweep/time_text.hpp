#pragma once

#include <string>

namespace descent {

/// Now, in UTC: 2026-01-31T12:00:00Z.
std::string time_text();

}  // namespace descent
