#pragma once

#include <cstdint>
#include <vector>

namespace descent {

class SumOrder;

/// See SumOrder::visits. Each visit goes to the rank that most chunks wait for.
std::vector<std::uint32_t> plan_visits(const SumOrder& order);

}  // namespace descent
