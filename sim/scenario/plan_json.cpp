#include "algorithms/core/error.hpp"
#include "sim/scenario/plan.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace descent {

std::string to_json(const Plan& plan) {
  nlohmann::json ranks = nlohmann::json::array();
  for (const Placement& rank : plan.ranks) {
    nlohmann::json rates = nlohmann::json::object();
    for (const auto& [kernel, rate] : rank.host.rates) {
      rates[kernel] = to_text(rate);
    }
    ranks.push_back({{"role", rank.role},
                     {"index", rank.index},
                     {"host", rank.host.name},
                     {"speed", rank.host.speed},
                     {"cores", rank.host.cores},
                     {"rates", std::move(rates)},
                     {"speed_factor", rank.speed_factor},
                     {"slowdowns", rank.slowdowns},
                     {"slow_periods", rank.slow_periods},
                     {"failures", rank.failures}});
  }
  return nlohmann::json{{"ranks", std::move(ranks)}}.dump();
}

Plan plan_from_json(const std::string& text) {
  try {
    Plan plan;
    const nlohmann::json json = nlohmann::json::parse(text);
    for (const nlohmann::json& rank : json.at("ranks")) {
      KernelRates rates;
      for (const auto& [kernel, rate] : rank.at("rates").items()) {
        rates.emplace(kernel, rate_from_text(rate));
      }
      plan.ranks.push_back({.role = rank.at("role"),
                            .index = rank.at("index"),
                            .host = {.name = rank.at("host"),
                                     .speed = rank.at("speed"),
                                     .cores = rank.at("cores"),
                                     .rates = std::move(rates)},
                            .speed_factor = rank.at("speed_factor"),
                            .slowdowns = rank.at("slowdowns"),
                            .slow_periods = rank.at("slow_periods"),
                            .failures = rank.at("failures")});
    }
    return plan;
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("not a plan: {}", error.what()));
  }
}

}  // namespace descent
