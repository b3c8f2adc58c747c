#pragma once

#include "algorithms/comm/communicator.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace descent {

/// What a strategy does about failures, as the scenario says: nothing, unless it says so. Times in seconds.
struct Recovery {
  /// A peer that owes a message and has been silent for so long counts as lost.
  double timeout_s = never;
  /// A rank that has heard of nobody for so long ends the run.
  double give_up_s = never;
  /// So many of the ranks that agree on a view, at least, can go on without the others.
  std::size_t least_members = 1;
  /// Between two checkpoints; nothing: none are written.
  std::optional<std::uint64_t> every_updates;
  std::optional<double> every_s;
  /// As often as is best for the mean time between failures of the rank's host: see best_interval.
  bool automatic = false;
  /// Mean times between failures, by rank; `never` where it has none. Empty: no rank has.
  std::vector<double> mtbf_s;

  bool tolerates_losses() const { return timeout_s < never; }
  /// The same where a rank that is left alone goes on alone, and gives up on nobody.
  Recovery without_end() const {
    Recovery patient = *this;
    patient.give_up_s = never;
    return patient;
  }
  bool checkpoints() const { return every_updates || every_s || automatic; }
};

}  // namespace descent
