#include "algorithms/collectives/summation.hpp"

#include "algorithms/collectives/sum_visits.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

/// Elements that are summed at a time: a partial sum stays in the cache.
constexpr std::size_t kBlock = 4096;

}  // namespace

SumOrder::SumOrder(const Schedule& schedule, int ranks) : ranks_(static_cast<std::uint32_t>(ranks)) {
  SumTerms terms(ranks_);
  chunks_ = sums_of(schedule, ranks, terms);
  for (const SumTerm& chunk : chunks_) {
    const auto [program, is_new] = programs_.try_emplace(chunk.node);
    if (is_new) {
      depth_ = std::max<std::size_t>(depth_, terms.need(chunk));
      program->second.begin = steps_.size();
      append({chunk.node, 0}, terms);
      program->second.end = steps_.size();
    }
  }
}

void SumOrder::append(SumTerm sum, const SumTerms& terms) {
  struct Task {
    Step::What what;
    SumTerm term;
  };
  const std::size_t begin = steps_.size();
  std::vector<Task> stack{{Step::push, sum}};
  // Written backwards, the last step first.
  while (!stack.empty()) {
    const Task task = stack.back();
    stack.pop_back();
    if (SumTerms::is_rank(task.term)) {
      steps_.emplace_back(task.what, task.term.turn);
      continue;
    }
    const auto [first, second] = terms.sides(task.term);
    stack.push_back({Step::push, first});
    if (SumTerms::is_rank(second)) {
      steps_.emplace_back(Step::add, second.turn);
    } else {
      steps_.emplace_back(Step::merge, 0);
      stack.push_back({Step::push, second});
    }
  }
  std::reverse(steps_.begin() + static_cast<std::ptrdiff_t>(begin), steps_.end());
}

SumOrder::Program SumOrder::program(std::size_t chunk) const {
  const Steps& steps = programs_.at(chunks_[chunk].node);
  return {{steps_.data() + steps.begin, steps.end - steps.begin}, chunks_[chunk].turn, ranks_};
}

const std::vector<std::uint32_t>& SumOrder::visits() const {
  std::call_once(planned_, [this] { visits_ = plan_visits(*this); });
  return visits_;
}

void SumOrder::add(std::span<const Snapshot> addends, std::size_t begin, std::size_t end, Buffer& sum) const {
  const std::size_t size = addends.front().size();
  for (std::size_t chunk = 0; chunk < chunks(); ++chunk) {
    const Part whole = part_of(size, chunks(), chunk);
    const std::size_t last = std::min(end, whole.begin + whole.count);
    for (std::size_t at = std::max(begin, whole.begin); at < last; at += kBlock) {
      const Part block{at, std::min(kBlock, last - at)};
      with_real(sum.precision(), [&](auto real) { add_block<decltype(real)>(program(chunk), addends, block, sum); });
    }
  }
}

template <class Real>
void SumOrder::add_block(const Program& program, std::span<const Snapshot> addends, Part where, Buffer& sum) const {
  const auto count = static_cast<Eigen::Index>(where.count);
  const auto of = [&](const Step& step) {
    return addends[program.rank_of(step)].as<Real>().segment(static_cast<Eigen::Index>(where.begin), count);
  };
  thread_local std::vector<Vector<Real>> partial;
  std::size_t depth = 0;
  for (const Step& step : program.steps) {
    switch (step.what) {
      case Step::push:
        if (partial.size() <= depth) {
          partial.emplace_back(static_cast<Eigen::Index>(kBlock));
        }
        partial[depth++].head(count) = of(step);
        break;
      case Step::add:
        partial[depth - 1].head(count) += of(step);
        break;
      case Step::merge:
        --depth;
        partial[depth - 1].head(count) += partial[depth].head(count);
        break;
    }
  }
  sum.as<Real>().segment(static_cast<Eigen::Index>(where.begin), count) = partial.front().head(count);
}

}  // namespace descent
