#pragma once

#include "algorithms/collectives/collectives.hpp"
#include "algorithms/comm/communicator.hpp"
#include "algorithms/compression/compressor.hpp"
#include "algorithms/constraints/composite.hpp"
#include "algorithms/core/settings.hpp"
#include "algorithms/recovery/recovery.hpp"
#include "algorithms/strategies/learner.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// Who plays what: ranks 0 … workers − 1 are workers, the `servers` after them servers.
struct Cast {
  int workers = 1;
  int servers = 0;

  bool is_worker(int rank) const { return rank < workers; }
  int server_rank(int server) const { return workers + server; }
};

/// A distributed algorithm: the program of one rank, which reads top to bottom.
class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual void run(Communicator& communicator, Learner& learner) const = 0;
  /// Vectors as long as the parameters that a process with all ranks holds at once, at least, where the optimizer's
  /// state has so many `slots`. What ranks share counts once: the parameters, a gradient, a sum.
  virtual double vectors(std::size_t slots) const { return 3 + static_cast<double>(slots); }
  /// What it cannot do with this problem.
  virtual std::vector<std::string> faults(const Problem& /*problem*/) const { return {}; }
};

/// What a strategy is made of.
struct StrategyParts {
  Settings settings;
  Cast cast;
  /// Nothing where the strategy uses none.
  std::optional<CollectiveChoice> collective = {};
  std::uint64_t seed = 0;
  /// Of what ranks send; nullptr: it is sent as it is.
  std::shared_ptr<const Compressor> compressor = nullptr;
  /// What the problem has beside the loss, where the strategy's row says that it splits this off.
  Composite composite = {};
  Recovery recovery = {};
};

/// Roles that a deployment must have, and how many ranks of them.
struct Roles {
  std::size_t least_workers = 1;
  std::size_t most_workers = static_cast<std::size_t>(-1);
  std::size_t least_servers = 0;
  std::size_t most_servers = 0;
};

/// Which losses a strategy lives through.
struct Tolerance {
  /// Of workers or servers, by deadlines: it takes the timeout of <recovery>.
  bool losses = false;
  /// Those who are left agree who they are: it takes the least-workers of <recovery>.
  bool agreement = false;
  /// No rank is needed all the time: none decides for the others when to stop.
  bool of_anybody = false;
  /// Its parameters, by reading a checkpoint: it takes the checkpoints of <recovery>.
  bool checkpoints = false;
};

/// With which settings a strategy is as it says: where `attribute` has one of `values`, or, without values, where it is
/// not given. Without an attribute: with all.
struct OnlyWith {
  std::string_view attribute = {};
  std::vector<std::string_view> values = {};

  bool met_by(const Settings& settings) const;
};
/// "", "consistency=bsp", "without buffer".
std::string to_string(const OnlyWith& condition);

struct StrategyRow {
  Entry entry;
  std::unique_ptr<Strategy> (*make)(const StrategyParts& parts);
  Roles roles = {};
  /// What of the settings, each right by itself, does not fit together, or with the ranks; `cast` is nullptr where they
  /// are not known yet.
  std::vector<std::string> (*faults)(const Settings& settings, const Cast* cast) = nullptr;
  /// With which other settings parameters would be the optimizer's own or means of them, where with these they are not:
  /// they would leave a constraint, or a regularizer would not weigh what it says. Null, or "": they are.
  std::string (*composite_needs)(const Settings& settings) = nullptr;
  /// Constraint and regularizer are its own business, and updates take the optimizer's steps alone.
  bool splits_composite = false;
  /// Every worker updates a part of the parameters; elsewhere servers do, where there are several.
  bool workers_hold_parts = false;
  bool needs_collective = false;
  /// What its ranks send may be compressed.
  bool takes_compression = false;
  /// What it can do about failures.
  Tolerance tolerance = {};
  /// With which other settings it could do that, where with these it cannot. Null, or "": it can.
  std::string (*tolerance_needs)(const Settings& settings) = nullptr;
  /// With which other settings every worker's gradient would be in every update, so that batches may differ, where with
  /// these it is not; "" where it is. Null: with none.
  std::string (*balance_needs)(const Settings& settings) = nullptr;
  /// Where it gives the same bits whoever comes first: updates do not depend on the order in which messages arrive.
  OnlyWith race_free = {};
  /// Takes all samples in every step, so the scenario gives no batch.
  bool full_batch = false;
};
std::span<const StrategyRow> strategy_rows();
/// Precondition: the name is in the table.
const StrategyRow& find_strategy(std::string_view name);

}  // namespace descent
