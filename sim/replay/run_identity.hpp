#pragma once

#include "sim/replay/recorded_order.hpp"
#include "sim/run/prepare.hpp"

namespace descent {

/// All that the bits of a run depend on besides the order of its events. Not in it: name, platform, network, speeds and
/// other disturbances, observations, and which hosts the ranks are on, unless a sum is ordered by them.
RunIdentity run_identity(const PreparedRun& run);

/// Throws InputError where no order of events makes a run repeatable: where ranks die, where messages are lost, and of
/// a sum that MPI adds up in an order of its own.
void refuse_unrepeatable(const Scenario& scenario);

/// Throws InputError, which begins with `name`, where a recorded order is another run's.
void refuse_other_run(const std::string& name, const RecordedOrder& order, const PreparedRun& run);

}  // namespace descent
