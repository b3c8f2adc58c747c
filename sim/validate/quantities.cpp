#include "sim/validate/quantities.hpp"

#include <nlohmann/json.hpp>

namespace descent {
namespace {

using Scale = Quantity::Scale;

constexpr Quantity kQuantities[] = {
    {"iteration_time_s", "s", "/time_s", Scale::per_iteration},
    {"iteration_time_p50_s", "s", "/iteration_time_s/p50"},
    {"time_s", "s", "/time_s"},
    {"collective_time_s", "s", "/collective_time_s/mean"},
    {"collective_time_p50_s", "s", "/collective_time_s/p50"},
    {"time_to_target_s", "s", "/time_to_target_s"},
    {"bytes_sent", "B", "/bytes_sent"},
    {"messages_sent", "", "/messages_sent"},
    {"staleness_mean", "updates", "/staleness/mean"},
    {"compute_s", "s", "/utilization/compute", Scale::share_of_iteration},
    {"communication_s", "s", "/utilization/communication", Scale::share_of_iteration},
    {"idle_s", "s", "/utilization/idle", Scale::share_of_iteration},
};

std::optional<double> number_at(const nlohmann::json& summary, const char* place) {
  const nlohmann::json::json_pointer pointer(place);
  if (!summary.contains(pointer) || !summary.at(pointer).is_number()) {
    return std::nullopt;
  }
  return summary.at(pointer).get<double>();
}

}  // namespace

std::optional<double> Quantity::of(const nlohmann::json& summary) const {
  const std::optional<double> value = number_at(summary, place);
  if (!value || scale == Scale::as_it_is) {
    return value;
  }
  const double iterations = number_at(summary, "/iterations").value_or(0);
  if (iterations <= 0) {
    return std::nullopt;
  }
  const double seconds = number_at(summary, "/time_s").value_or(0);
  // What rounding leaves of a share of nothing.
  constexpr double kNoShare = 1e-9;
  if (scale == Scale::share_of_iteration && *value < kNoShare) {
    return 0;
  }
  return scale == Scale::per_iteration ? *value / iterations : *value * seconds / iterations;
}

std::span<const Quantity> quantities() {
  return kQuantities;
}

}  // namespace descent
