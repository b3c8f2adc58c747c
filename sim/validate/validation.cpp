#include "sim/validate/validation.hpp"

#include "sim/validate/explanation.hpp"
#include "sim/validate/ranking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace descent {
namespace {

using nlohmann::ordered_json;

std::string number_or_nothing(const std::optional<double>& value) {
  return value ? fmt::format("{:.9g}", *value) : "";
}

/// As RFC 4180 has it.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  }
  return quoted + "\"";
}

std::string csv_row(const std::string& scenario, const Compared& compared) {
  const auto measured = [&](double Spread::*which) {
    return compared.measured ? number_or_nothing((*compared.measured).*which) : std::string();
  };
  return fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(scenario), compared.quantity, compared.unit,
                     measured(&Spread::median), measured(&Spread::least), measured(&Spread::most),
                     number_or_nothing(compared.predicted), number_or_nothing(compared.error));
}

ordered_json number_or_null(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json json_of(const Compared& compared) {
  ordered_json json;
  json["unit"] = compared.unit;
  if (compared.measured) {
    json["measured"] = {
        {"median", compared.measured->median}, {"min", compared.measured->least}, {"max", compared.measured->most}};
  } else {
    json["measured"] = nullptr;
  }
  json["predicted"] = number_or_null(compared.predicted);
  json["error"] = number_or_null(compared.error);
  return json;
}

const char* name_of(Digests digests) {
  switch (digests) {
    case Digests::none:
      return "none";
    case Digests::equal:
      return "equal";
    case Digests::race:
      return "race";
    case Digests::different:
      return "different";
  }
  return "";
}

ordered_json json_of(const Comparison& comparison) {
  ordered_json json;
  json["scenario"] = comparison.scenario;
  if (!comparison.failure.empty()) {
    json["failure"] = comparison.failure;
    return json;
  }
  json["strategy"] = comparison.strategy;
  json["ranks"] = comparison.ranks;
  json["hosts"] = comparison.hosts;
  json["digests"] = name_of(comparison.digests);
  for (const Compared& compared : comparison.quantities) {
    json["quantities"][std::string(compared.quantity)] = json_of(compared);
  }
  return json;
}

}  // namespace

bool Validation::failed() const {
  return std::any_of(comparisons.begin(), comparisons.end(), [](const Comparison& comparison) {
    return !comparison.failure.empty() || comparison.digests == Digests::different;
  });
}

std::string to_csv(const Validation& validation) {
  std::string text = "scenario,quantity,unit,measured_median,measured_min,measured_max,predicted,error\n";
  for (const Comparison& comparison : validation.comparisons) {
    if (!comparison.failure.empty()) {
      text += csv_row(comparison.scenario, {"failure", ""});
    }
    for (const Compared& compared : comparison.quantities) {
      text += csv_row(comparison.scenario, compared);
    }
  }
  return text;
}

ordered_json to_json(const Validation& validation) {
  ordered_json json;
  json["measured_by"] = validation.measured_by;
  json["repeats"] = validation.repeats;
  json["scenarios"] = ordered_json::array();
  for (const Comparison& comparison : validation.comparisons) {
    json["scenarios"].push_back(json_of(comparison));
  }
  const std::optional<ErrorSummary> errors = summarize_errors(validation.comparisons);
  json["iteration_time_error"] =
      errors
          ? ordered_json{{"mean", errors->mean}, {"worst", errors->worst}, {"worst_scenario", errors->worst_scenario}}
          : ordered_json(nullptr);
  const Ranking ranking = rank_by_time_to_target(validation.comparisons);
  json["ranking"] = {{"scenarios", ranking.scenarios},
                     {"kendall_tau", number_or_null(ranking.tau)},
                     {"pairs_told_apart", ranking.told_apart},
                     {"tau_of_pairs_told_apart", number_or_null(ranking.tau_of_told_apart)}};
  json["ranking"]["swaps"] = ordered_json::array();
  for (const Swap& swap : ranking.swaps) {
    json["ranking"]["swaps"].push_back(
        {{"faster", swap.faster}, {"slower", swap.slower}, {"spreads_overlap", swap.overlap}});
  }
  json["explanations"] = explain_errors(validation.comparisons);
  return json;
}

}  // namespace descent
