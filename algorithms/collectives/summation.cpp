#include "algorithms/collectives/summation.hpp"

#include "algorithms/collectives/chunk_layout.hpp"
#include "algorithms/collectives/sum_visits.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

/// Elements that are summed at a time: a partial sum stays in the cache.
constexpr std::size_t kBlock = 4096;

}  // namespace

SumOrder::SumOrder(const Schedule& schedule, int ranks)
    : ranks_(static_cast<std::uint32_t>(ranks)), chunks_(schedule.chunks()) {
  SumTerms terms(ranks_);
  sections_ = sums_of(schedule, ranks, terms);
  for (const SumSection& section : sections_) {
    const auto [program, is_new] = programs_.try_emplace(section.term.node);
    if (is_new) {
      depth_ = std::max<std::size_t>(depth_, terms.need(section.term));
      program->second.begin = steps_.size();
      append({section.term.node, 0}, terms);
      program->second.end = steps_.size();
    }
  }
}

void SumOrder::append(SumTerm sum, const SumTerms& terms) {
  struct Visit {
    Step::What what;
    SumTerm term;
  };
  const std::size_t begin = steps_.size();
  std::vector<Visit> stack{{Step::push, sum}};
  // Written backwards, the last step first.
  while (!stack.empty()) {
    const Visit task = stack.back();
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

SumOrder::Program SumOrder::program(std::size_t section) const {
  const SumTerm& term = sections_[section].term;
  const Steps& steps = programs_.at(term.node);
  return {{steps_.data() + steps.begin, steps.end - steps.begin}, term.turn, ranks_};
}

Part SumOrder::part(std::size_t section, std::size_t size) const {
  return ChunkLayout(size, chunks_).part(sections_[section].chunks);
}

const std::vector<std::uint32_t>& SumOrder::visits() const {
  std::call_once(planned_, [this] { visits_ = plan_visits(*this); });
  return visits_;
}

namespace {

/// Elements of one section.
struct Stretch {
  std::uint32_t turn;
  Part where;
};

/// Stretches that one program forms, step by step together: neighbours in a ring read the same ranks' vectors at about
/// the same step, and would else find the pages of thousands of vectors anew, for a few elements of each.
template <class Real>
class Together {
 public:
  explicit Together(std::span<const Snapshot> addends) : ranks_(static_cast<std::uint32_t>(addends.size())) {
    vectors_.reserve(addends.size());
    for (const Snapshot& addend : addends) {
      vectors_.push_back(addend.as<Real>().data());
    }
  }

  bool empty() const { return stretches_.empty(); }
  bool has_room_for(std::size_t elements) const {
    return stretches_.size() < kStretches && elements_ + elements <= kBlock;
  }
  void add(const Stretch& stretch) {
    stretches_.push_back(stretch);
    elements_ += stretch.where.count;
  }

  void form(std::span<const SumOrder::Step> steps, Real* sum) {
    std::size_t depth = 0;
    for (const SumOrder::Step& step : steps) {
      switch (step.what) {
        case SumOrder::Step::push:
          take(step, level(depth++), [](auto&& partial, const auto& values) { partial = values; });
          break;
        case SumOrder::Step::add:
          take(step, level(depth - 1), [](auto&& partial, const auto& values) { partial += values; });
          break;
        case SumOrder::Step::merge:
          --depth;
          level(depth - 1).head(size()) += level(depth).head(size());
          break;
      }
    }
    Eigen::Map<Vector<Real>>(sum + stretches_.front().where.begin, size()) = level(0).head(size());
    stretches_.clear();
    elements_ = 0;
  }

 private:
  /// So many vectors are read in turn at most: their pages are found without a search.
  static constexpr std::size_t kStretches = 32;
  /// Elements that are not worth vector instructions.
  static constexpr std::size_t kFew = 8;

  Eigen::Index size() const { return static_cast<Eigen::Index>(elements_); }
  Vector<Real>& level(std::size_t depth) {
    while (partial_.size() <= depth) {
      partial_.emplace_back(static_cast<Eigen::Index>(kBlock));
    }
    return partial_[depth];
  }

  template <class Operation>
  void take(const SumOrder::Step& step, Vector<Real>& partial, Operation operation) {
    Real* target = partial.data();
    for (const Stretch& stretch : stretches_) {
      const std::uint32_t rank = SumOrder::Program{{}, stretch.turn, ranks_}.rank_of(step);
      const Real* source = vectors_[rank] + stretch.where.begin;
      const auto count = static_cast<Eigen::Index>(stretch.where.count);
      if (stretch.where.count < kFew) {
        for (std::size_t i = 0; i < stretch.where.count; ++i) {
          operation(target[i], source[i]);
        }
      } else {
        operation(Eigen::Map<Vector<Real>>(target, count), Eigen::Map<const Vector<Real>>(source, count));
      }
      target += stretch.where.count;
    }
  }

  std::uint32_t ranks_;
  std::vector<const Real*> vectors_;
  std::vector<Stretch> stretches_;
  std::size_t elements_ = 0;
  std::vector<Vector<Real>> partial_;
};

}  // namespace

void SumOrder::add(std::span<const Snapshot> addends, std::size_t begin, std::size_t end, Buffer& sum) const {
  with_real(sum.precision(), [&](auto real) { add_range<decltype(real)>(addends, Part{begin, end - begin}, sum); });
}

template <class Real>
void SumOrder::add_range(std::span<const Snapshot> addends, Part range, Buffer& sum) const {
  const std::size_t size = addends.front().size();
  Together<Real> together(addends);
  std::span<const Step> steps;
  for (std::size_t section = 0; section < sections(); ++section) {
    const Part whole = part(section, size);
    const std::size_t last = std::min(range.begin + range.count, whole.begin + whole.count);
    for (std::size_t at = std::max(range.begin, whole.begin); at < last; at += kBlock) {
      const Program program = this->program(section);
      const std::size_t count = std::min(kBlock, last - at);
      if (!together.empty() && (steps.data() != program.steps.data() || !together.has_room_for(count))) {
        together.form(steps, sum.as<Real>().data());
      }
      steps = program.steps;
      together.add({program.turn, {at, count}});
    }
  }
  if (!together.empty()) {
    together.form(steps, sum.as<Real>().data());
  }
}

}  // namespace descent
