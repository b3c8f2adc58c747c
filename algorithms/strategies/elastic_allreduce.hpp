#pragma once

#include "algorithms/collectives/executor.hpp"
#include "algorithms/recovery/views.hpp"
#include "algorithms/strategies/learner.hpp"
#include "algorithms/strategies/progress_report.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace descent {

/// A replica of an allreduce that goes on with those who are left. A sum in which a member is silent is broken off; the
/// others agree on a view without it (Views), those who lack an update that another one has made take over its
/// parameters, and the sum begins again among the members, with the gradients that they have. A rank that begins anew
/// calls for a view and takes over the newest parameters. An update is the mean over the members of its view.
///
/// At the end members take leave: who is through waits until all others are, because one that lacks the last update
/// needs it from somebody.
class ElasticAllreduce final : private Watch {
 public:
  /// `choice` and `recovery` must outlive it.
  ElasticAllreduce(const CollectiveChoice& choice, const Recovery& recovery, Communicator& communicator,
                   Learner& learner);

  void run();
  /// Those that this replica has come to.
  const Snapshot& parameters() const { return state_.parameters; }

 private:
  First first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages) override;

  void step();
  /// A member of a view of its own waits for nobody, and has to ask whether it is called.
  void listen();
  void form_view(const std::optional<Message>& call);
  /// All members of the new view have its newest parameters.
  void align();
  void hand_over(int to);
  void take_over(const Member& from);
  void report_change(const View& before);
  /// Waits until all members are through. Whether this rank is the first of those who are, and tells the end.
  bool take_leave();

  bool leads() const { return views_.current().leader() == communicator_.rank(); }
  std::uint64_t iterations() const { return standing_.iterations; }

  const CollectiveChoice& choice_;
  const Recovery& recovery_;
  Communicator& communicator_;
  Learner& learner_;
  Views views_;
  std::optional<Collective> sum_;
  OptimizerState state_;
  Standing standing_;
  std::optional<ProgressReport> report_;
  /// Of the parameters that are here, where it is computed; empty elsewhere.
  Snapshot gradient_;
  /// When the newest update was made or taken over.
  double newest_at_;
  /// Gradients whose samples are drawn.
  std::uint64_t drawn_ = 0;
  std::vector<Expected> awaited_;
};

}  // namespace descent
