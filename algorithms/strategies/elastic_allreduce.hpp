#pragma once

#include "algorithms/recovery/views.hpp"
#include "algorithms/strategies/learner.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/state_transfer.hpp"
#include "algorithms/strategies/view_watch.hpp"

#include <cstdint>
#include <optional>

namespace descent {

/// A replica of an allreduce that goes on with those who are left. A sum in which a member is silent is broken off; the
/// others agree on a view without it (Views), those who lack an update that another one has made take over its
/// parameters, and the sum begins again among the members, with the gradients that they have. A rank that begins anew
/// calls for a view and takes over the newest parameters. An update is the mean over the members of its view.
///
/// At the end members take leave: who is through waits until all others are, because one that lacks the last update
/// needs it from somebody.
class ElasticAllreduce {
 public:
  /// `choice` and `recovery` must outlive it.
  ElasticAllreduce(const CollectiveChoice& choice, const Recovery& recovery, Communicator& communicator,
                   Learner& learner);
  ElasticAllreduce(const ElasticAllreduce&) = delete;
  ElasticAllreduce& operator=(const ElasticAllreduce&) = delete;

  void run();
  /// Those that this replica has come to.
  const Snapshot& parameters() const { return state_.parameters; }

 private:
  void step();
  void form_view(const std::optional<Message>& call);
  void take_over(const Member& from);
  /// Sums are among the members of the view from now on, and its leader reports.
  void begin_view(const Progress& progress);
  void report_change(const View& before);
  /// Waits until all members are through. Whether this rank is the first of those who are, and tells the end.
  bool take_leave();

  bool leads() const { return views_.current().leader() == communicator_.rank(); }

  const CollectiveChoice& choice_;
  const Recovery& recovery_;
  Communicator& communicator_;
  Learner& learner_;
  Views views_;
  ViewWatch watch_;
  StateTransfer transfer_;
  std::optional<Collective> sum_;
  OptimizerState state_;
  Standing standing_;
  std::optional<ProgressReport> report_;
  /// At the parameters that are here, where it is computed; empty elsewhere.
  Snapshot gradient_;
  /// Gradients whose samples are drawn.
  std::uint64_t drawn_ = 0;
  /// When the newest update was made or taken over.
  double newest_at_;
};

}  // namespace descent
