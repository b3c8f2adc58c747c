#pragma once

#include "algorithms/recovery/roster.hpp"
#include "algorithms/strategies/consistency.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

/// The workers as a parameter server sees them: who is there, how far each is, and who has pushed and waits until the
/// consistency lets it go on. One that is silent for too long is lost, until it is heard of again: it owes a push, or
/// says that it waits.
class ServedWorkers {
 public:
  ServedWorkers(std::size_t workers, const Consistency& consistency, const Recovery& recovery, double now);

  std::size_t count() const { return clocks_.size(); }
  bool any() const { return roster_.present() > 0; }
  bool has(std::size_t worker) const { return roster_.present(worker); }

  /// See Roster.
  double deadline() const { return roster_.deadline(); }
  std::vector<std::size_t> missed(double now) { return roster_.missed(now); }

  /// The worker has pushed a gradient, which counts or does not, and waits, unless it goes on with what it has read.
  /// Whether it had been lost.
  bool pushed(std::size_t worker, bool counts, double now);
  /// A new life of the worker asks for parameters, and waits for nothing else. Whether it had been lost.
  bool joined(std::size_t worker, double now);
  /// The worker says that it is there; it is not behind the slowest then, who would have to wait for it. Whether it had
  /// been lost.
  bool is_there(std::size_t worker, double now);
  bool waits(std::size_t worker) const;
  /// The worker has the newest parameters, and owes a gradient.
  void answered(std::size_t worker, double now);
  /// The least number of gradients that any of them has pushed.
  std::uint64_t slowest_round() const;
  /// Those to be answered now: after an update, where there was one; all who wait when the run is over. They wait no
  /// longer.
  std::vector<std::size_t> take_answerable(bool updated, bool over);
  /// The worker leaves.
  void dismiss(std::size_t worker);

 private:
  struct Waiting {
    std::size_t worker;
    bool counts;
  };

  bool may_go_on(const Waiting& waiting, bool updated, std::uint64_t slowest) const;
  std::vector<std::size_t> present() const;

  const Consistency& consistency_;
  Roster roster_;
  /// Gradients pushed, by worker.
  std::vector<std::uint64_t> clocks_;
  /// By worker: the slowest round when it was answered last, where it goes on with what it has read.
  std::vector<std::uint64_t> read_;
  /// In the order in which they came.
  std::vector<Waiting> waiting_;
};

}  // namespace descent
