#pragma once

#include <cstdint>
#include <vector>

namespace descent {

class SumOrder;

/// See SumOrder::visits. Each visit goes where most of those just served wait: they stay together, as the chunks of a
/// ring that are added on its way around. Where they are all formed, to the rank that most sections wait for.
std::vector<std::uint32_t> plan_visits(const SumOrder& order);

}  // namespace descent
