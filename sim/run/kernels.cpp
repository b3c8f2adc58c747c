#include "sim/run/kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace descent {
namespace {

constexpr std::size_t index_of(WorkKind kind) {
  return static_cast<std::size_t>(kind);
}

}  // namespace

KernelNames kernel_names(const Scenario& scenario, const Problem& problem) {
  KernelNames names;
  if (scenario.cost.compute_free) {
    return names;
  }
  const char* precision = problem.precision() == Precision::single_precision ? "single" : "double";
  if (!scenario.cost.flops_per_sample) {
    names[index_of(WorkKind::gradient)] =
        fmt::format("gradient.{}.{}.{}", scenario.model.kind, problem.parameters(), precision);
  }
  names[index_of(WorkKind::update)] = fmt::format("update.{}.{}", scenario.training.optimizer.kind, precision);
  names[index_of(WorkKind::combination)] = fmt::format("combination.{}", precision);
  names[index_of(WorkKind::reduction)] = fmt::format("reduction.{}", precision);
  return names;
}

Charges charges_at_rates(const HostInfo& host, const KernelNames& names) {
  std::array<std::optional<KernelRate>, kWorkKinds.size()> rates;
  for (const WorkKind kind : kWorkKinds) {
    if (const auto found = host.rates.find(names[index_of(kind)]); found != host.rates.end()) {
      rates[index_of(kind)] = found->second;
    }
  }
  return [rates, speed = host.speed](const Work& work) -> Charge {
    const auto& rate = rates[index_of(work.kind)];
    if (!rate || work.flops <= 0) {
      return charge_at_speed(work);
    }
    const double whole = work.flops / work.share;
    return rate->seconds(whole) * speed / whole;
  };
}

std::vector<std::string> unrated_kernels(const Plan& plan, const KernelNames& names) {
  std::vector<std::string> unrated;
  const bool any =
      std::any_of(plan.ranks.begin(), plan.ranks.end(), [](const Placement& rank) { return !rank.host.rates.empty(); });
  for (const std::string& name : names) {
    const auto lacks = [&](const Placement& rank) { return !rank.host.rates.contains(name); };
    if (any && !name.empty() && std::any_of(plan.ranks.begin(), plan.ranks.end(), lacks)) {
      unrated.push_back(name);
    }
  }
  return unrated;
}

}  // namespace descent
