#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace descent {

/// A number that a run's summary tells, of simulation and measurement alike.
struct Quantity {
  enum class Scale {
    as_it_is,
    /// Of the whole run; wanted is the part of one iteration.
    per_iteration,
    /// A share of the run's time; wanted are seconds of one iteration.
    share_of_iteration,
  };

  std::string_view name;
  /// "" for numbers of things.
  std::string_view unit;
  /// Where in summary.json it stands: a JSON pointer.
  const char* place;
  Scale scale = Scale::as_it_is;

  /// Nothing where the run has no such thing: no target that it met, no collective.
  std::optional<double> of(const nlohmann::json& summary) const;
};

/// All that are compared; the first is the time per iteration, over the whole run.
std::span<const Quantity> quantities();

}  // namespace descent
