#include "algorithms/collectives/sum_visits.hpp"

#include "algorithms/collectives/summation.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace descent {
namespace {

/// Which sections wait for which rank's vector.
class Waiting {
 public:
  explicit Waiting(const SumOrder& order)
      : next_(order.sections()), waiting_(order.ranks()), followers_(order.ranks()) {
    for (std::size_t section = 0; section < order.sections(); ++section) {
      programs_.push_back(order.program(section));
      enqueue(section);
    }
  }

  /// The rank that most wait for, and of several the first; nothing where none waits.
  std::optional<std::uint32_t> most_wanted() const {
    const auto fewer = [](const auto& a, const auto& b) { return a.size() < b.size(); };
    const auto most = std::max_element(waiting_.begin(), waiting_.end(), fewer);
    return most->empty() ? std::nullopt : std::optional(static_cast<std::uint32_t>(most - waiting_.begin()));
  }

  /// Shows a rank's vector to those that wait for it. Returns the rank that most of them wait for then; of several,
  /// that of the one with the most to come. Nothing where they are all formed.
  std::optional<std::uint32_t> serve(std::uint32_t rank) {
    const std::vector<std::size_t> served = std::exchange(waiting_[rank], {});
    std::vector<std::uint32_t> wanted;
    std::vector<std::size_t> left;
    for (const std::size_t section : served) {
      ++next_[section];
      if (const std::optional<std::uint32_t> then = enqueue(section)) {
        ++followers_[*then];
        wanted.push_back(*then);
        left.push_back(programs_[section].steps.size() - next_[section]);
      }
    }
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto merit = [&](std::size_t which) { return std::pair(followers_[wanted[which]], left[which]); };
      best = !best || merit(i) > merit(*best) ? i : *best;
    }
    for (const std::uint32_t then : wanted) {
      followers_[then] = 0;
    }
    return best ? std::optional(wanted[*best]) : std::nullopt;
  }

 private:
  /// Returns the rank that the section waits for.
  std::optional<std::uint32_t> enqueue(std::size_t section) {
    const SumOrder::Program& program = programs_[section];
    std::size_t& next = next_[section];
    while (next < program.steps.size() && program.steps[next].what == SumOrder::Step::merge) {
      ++next;
    }
    if (next == program.steps.size()) {
      return std::nullopt;
    }
    const std::uint32_t rank = program.rank_of(program.steps[next]);
    waiting_[rank].push_back(section);
    return rank;
  }

  std::vector<SumOrder::Program> programs_;
  std::vector<std::size_t> next_;
  /// By rank.
  std::vector<std::vector<std::size_t>> waiting_;
  /// By rank, of those just served: how many wait for it. All 0 in between.
  std::vector<std::uint32_t> followers_;
};

}  // namespace

std::vector<std::uint32_t> plan_visits(const SumOrder& order) {
  Waiting waiting(order);
  std::vector<std::uint32_t> visits;
  std::optional<std::uint32_t> rank = waiting.most_wanted();
  while (rank) {
    visits.push_back(*rank);
    rank = waiting.serve(*rank);
    rank = rank ? rank : waiting.most_wanted();
  }
  return visits;
}

}  // namespace descent
