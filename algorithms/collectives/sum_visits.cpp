#include "algorithms/collectives/sum_visits.hpp"

#include "algorithms/collectives/summation.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace descent {
namespace {

/// Which chunks wait for which rank's vector.
class Waiting {
 public:
  explicit Waiting(const SumOrder& order) : next_(order.chunks()), chunks_of_(order.ranks()), counts_(order.ranks()) {
    for (std::size_t chunk = 0; chunk < order.chunks(); ++chunk) {
      programs_.push_back(order.program(chunk));
      enqueue(chunk);
    }
  }

  /// The rank that most wait for, and of several the first.
  std::uint32_t most_wanted() const {
    return static_cast<std::uint32_t>(std::max_element(counts_.begin(), counts_.end()) - counts_.begin());
  }
  bool wants(std::uint32_t rank) const { return counts_[rank] > 0; }
  void serve(std::uint32_t rank) {
    counts_[rank] = 0;
    for (const std::size_t chunk : std::exchange(chunks_of_[rank], {})) {
      ++next_[chunk];
      enqueue(chunk);
    }
  }

 private:
  void enqueue(std::size_t chunk) {
    const SumOrder::Program& program = programs_[chunk];
    std::size_t& next = next_[chunk];
    while (next < program.steps.size() && program.steps[next].what == SumOrder::Step::merge) {
      ++next;
    }
    if (next < program.steps.size()) {
      const std::uint32_t rank = program.rank_of(program.steps[next]);
      chunks_of_[rank].push_back(chunk);
      ++counts_[rank];
    }
  }

  std::vector<SumOrder::Program> programs_;
  std::vector<std::size_t> next_;
  std::vector<std::vector<std::size_t>> chunks_of_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace

std::vector<std::uint32_t> plan_visits(const SumOrder& order) {
  Waiting waiting(order);
  std::vector<std::uint32_t> visits;
  for (std::uint32_t rank = waiting.most_wanted(); waiting.wants(rank); rank = waiting.most_wanted()) {
    visits.push_back(rank);
    waiting.serve(rank);
  }
  return visits;
}

}  // namespace descent
