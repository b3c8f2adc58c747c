#include "sim/scenario/roles.hpp"

#include <algorithm>
#include <array>

namespace descent {
namespace {

constexpr std::array kNeeds{
    StrategyNeeds{.strategy = "gradient-descent", .workers = {1, 1}, .servers = {0, 0}, .batches = false},
    StrategyNeeds{.strategy = "sgd", .workers = {1, 1}, .servers = {0, 0}},
    StrategyNeeds{.strategy = "d-sgd", .workers = {1, any_number}, .servers = {1, 1}},
    StrategyNeeds{.strategy = "parameter-server", .workers = {1, any_number}, .servers = {1, any_number}},
    StrategyNeeds{.strategy = "allreduce", .workers = {1, any_number}, .servers = {0, 0}, .collective = true},
};

constexpr std::array<std::string_view, 1> kModelsWithoutData{"quadratic"};

}  // namespace

const StrategyNeeds* find_needs(std::string_view strategy) {
  const auto* found = std::find_if(kNeeds.begin(), kNeeds.end(),
                                   [&](const StrategyNeeds& needs) { return needs.strategy == strategy; });
  return found == kNeeds.end() ? nullptr : found;
}

bool has_no_data(std::string_view model) {
  return std::find(kModelsWithoutData.begin(), kModelsWithoutData.end(), model) != kModelsWithoutData.end();
}

}  // namespace descent
