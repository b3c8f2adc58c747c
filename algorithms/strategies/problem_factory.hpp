#pragma once

#include "algorithms/comm/sharing.hpp"
#include "algorithms/core/settings.hpp"
#include "algorithms/strategies/problem.hpp"

#include <memory>
#include <optional>
#include <string>

namespace descent {

/// What a problem is made of: names from the catalogue with their checked settings.
struct ProblemParts {
  Precision precision = Precision::single_precision;
  std::string model;
  Settings model_settings;
  /// Absent for a model without data.
  std::optional<std::string> source;
  Settings source_settings;
  std::string partition;
  Settings partition_settings;
  Composite composite;
  std::size_t shards = 1;
  std::uint64_t seed = 0;
  /// The training loss is evaluated on the first so many training samples; all when absent.
  std::optional<std::size_t> loss_samples;
};

/// Loads or generates the data, once for all processes of a machine where `sharing` says how; else for this one.
/// Throws InputError.
std::shared_ptr<const Problem> make_problem(const ProblemParts& parts, Sharing* sharing = nullptr);

}  // namespace descent
