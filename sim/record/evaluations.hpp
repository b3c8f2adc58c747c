#pragma once

#include "algorithms/strategies/problem.hpp"
#include "sim/pool/kernel_pool.hpp"
#include "sim/record/observed_parts.hpp"

#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace descent {

/// The state of a run at one moment.
struct Observation {
  std::uint64_t iteration = 0;
  std::uint64_t samples = 0;
  double time_s = 0;
  std::uint64_t bytes_sent = 0;
  double staleness_mean = 0;
  /// (1/P Σ‖xₖ − x̄‖²)^½ of P replicas, where there are several.
  std::optional<double> consensus_distance;
  /// Training objective (regularization included); test loss without it. Absent where there is no such data, or no
  /// mathematics.
  std::optional<double> loss;
  std::optional<double> test_loss;
  std::optional<double> test_accuracy;
  /// Of a problem with a constraint or a regularizer.
  std::optional<Optimality> optimality;
};

struct Targets {
  std::optional<double> loss;
  std::optional<double> accuracy;

  bool met_by(const Observation& observation) const;
};

/// Evaluates each vector that is whole, or the mean of replicas, on the pool,
/// which takes no simulated time. Sums are formed in the order of the data, whatever the number of threads.
class Evaluations {
 public:
  Evaluations(std::shared_ptr<const Problem> problem, KernelPool& pool, Targets targets);

  void add(ObservedPart part);
  /// A replica's rank has died: observations are of those that are there. Or it is back.
  void lost(int replica);
  void returned(int replica) { parts_.returned(replica); }
  /// Whether any observation so far meets a target. Waits for the evaluations that are under way.
  bool target_met();
  /// All observations in the order of time. Waits for those under way.
  const std::vector<Observation>& finish();
  /// The newest loss that is known without waiting.
  std::optional<double> newest_loss();
  /// Parameters at the end of the run; empty before.
  const Snapshot& final_parameters() const { return final_; }

 private:
  struct Pending;
  /// Those that have all their parts.
  void observe();
  void observe(std::vector<ObservedPart> parts);
  void begin(Observation observation, Snapshot parameters);
  /// Moves the oldest pending one to the finished.
  void settle_oldest();

  std::shared_ptr<const Problem> problem_;
  KernelPool& pool_;
  Targets targets_;
  ObservedParts parts_;
  std::vector<std::shared_ptr<Pending>> pending_;
  std::vector<Observation> finished_;
  Snapshot final_;
  bool met_ = false;
};

}  // namespace descent
