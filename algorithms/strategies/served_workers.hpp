#pragma once

#include "algorithms/strategies/consistency.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

/// The workers as a parameter server sees them: who has not left, how far each is, and who has pushed and waits until
/// the consistency lets it go on.
class ServedWorkers {
 public:
  ServedWorkers(std::size_t workers, const Consistency& consistency);

  std::size_t count() const { return clocks_.size(); }
  bool any() const { return present_ > 0; }

  /// The worker has pushed a gradient, which counts or does not, and waits.
  void pushed(std::size_t worker, bool counts);
  /// Those to be answered now: after an update, where there was one; all who wait when the run is over. They wait no
  /// longer.
  std::vector<std::size_t> take_answerable(bool updated, bool over);
  /// The worker leaves.
  void dismiss(std::size_t worker);

 private:
  struct Clock {
    bool present = true;
    /// Gradients pushed.
    std::uint64_t rounds = 0;
  };
  struct Waiting {
    std::size_t worker;
    bool counts;
  };

  bool may_go_on(const Waiting& waiting, bool updated, std::uint64_t slowest) const;
  std::vector<std::size_t> present() const;
  std::uint64_t slowest_round() const;

  const Consistency& consistency_;
  std::vector<Clock> clocks_;
  std::size_t present_;
  /// In the order in which they came.
  std::vector<Waiting> waiting_;
};

}  // namespace descent
