#include "algorithms/collectives/streamed_sum.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

/// Elements of a piece at most: few enough to be shared among threads, enough for the addition to be what it costs.
constexpr std::size_t kPiece = 65536;
/// Threads that can add at once.
constexpr std::size_t kLanes = 16;

}  // namespace

StreamedSum::StreamedSum(std::shared_ptr<const SumOrder> order, Precision precision, std::size_t size)
    : order_(std::move(order)),
      lanes_(kLanes),
      precision_(precision),
      size_(size),
      levels_(order_->depth()),
      addends_(order_->ranks()),
      left_(order_->ranks()) {
  cut();
  for (const std::uint32_t rank : order_->visits()) {
    ++left_[rank];
  }
}

StreamedSum::StreamedSum(std::shared_ptr<const SumOrder> order, std::vector<Snapshot> addends)
    : StreamedSum(std::move(order), addends.front().precision(), addends.front().size()) {
  addends_ = std::move(addends);
}

bool StreamedSum::supply(std::size_t rank, Snapshot addend, std::size_t workers) {
  const std::lock_guard lock(mutex_);
  addends_[rank] = std::move(addend);
  const bool wanted = working_ < workers && has_next();
  working_ += wanted ? 1 : 0;
  return wanted;
}

bool StreamedSum::has_next() const {
  const std::vector<std::uint32_t>& visits = order_->visits();
  return begun_ < visits.size() && !addends_[visits[begun_]].empty();
}

void StreamedSum::cut() {
  for (std::size_t section = 0; section < order_->sections(); ++section) {
    const Part whole = order_->part(section, size_);
    for (std::size_t begin = 0; begin < whole.count; begin += kPiece) {
      pieces_.push_back(
          {.program = order_->program(section), .where = {whole.begin + begin, std::min(kPiece, whole.count - begin)}});
    }
  }
}

void StreamedSum::work() {
  std::exception_ptr failure;
  while (std::optional<Visit> visit = next_visit()) {
    Snapshot addend;
    try {
      addend = std::exchange(visit->addend, {}).computed();
    } catch (...) {
      failure = std::current_exception();
    }
    show(*visit, addend, failure);
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

std::optional<StreamedSum::Visit> StreamedSum::next_visit() {
  const std::lock_guard lock(mutex_);
  if (!has_next()) {
    working_ -= working_ > 0 ? 1 : 0;  // nobody asks who finds all addends there
    return std::nullopt;
  }
  const std::uint32_t rank = order_->visits()[begun_];
  Snapshot& addend = addends_[rank];
  return Visit{begun_++, rank, --left_[rank] == 0 ? std::exchange(addend, {}) : addend};
}

/// Whatever fails, in computing the addend or for want of memory, the others go on: they wait for this visit to be
/// over.
void StreamedSum::show(const Visit& visit, const Snapshot& addend, std::exception_ptr& failure) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    std::atomic<std::size_t>& ready = lanes_[lane];
    for (std::size_t now = ready.load(); now != visit.number; now = ready.load()) {
      ready.wait(now);
    }
    const Part mine = part_of(pieces_.size(), lanes_.size(), lane);
    for (std::size_t i = mine.begin; i < mine.begin + mine.count && !failure; ++i) {
      try {
        advance(pieces_[i], visit.rank, addend);
      } catch (...) {
        failure = std::current_exception();
      }
    }
    ready.store(visit.number + 1);
    ready.notify_all();
  }
}

void StreamedSum::advance(Piece& piece, std::uint32_t rank, const Snapshot& addend) {
  using Step = SumOrder::Step;
  const auto& steps = piece.program.steps;
  for (; piece.next < steps.size(); ++piece.next) {
    const Step& step = steps[piece.next];
    if (step.what == Step::merge) {
      merge(--piece.depth, piece.where);
    } else if (piece.program.rank_of(step) != rank) {
      return;
    } else if (step.what == Step::push) {
      level(piece.depth++).store(piece.where.begin, addend.slice(piece.where.begin, piece.where.count));
    } else {
      level(piece.depth - 1).add(piece.where.begin, addend.slice(piece.where.begin, piece.where.count));
    }
  }
}

Buffer& StreamedSum::level(std::size_t depth) {
  Level& level = levels_[depth];
  std::call_once(level.made, [&] { level.buffer = Buffer(precision_, size_); });
  return level.buffer;
}

void StreamedSum::merge(std::size_t depth, Part where) {
  with_real(precision_, [&](auto real) {
    using Real = decltype(real);
    const auto part = [&](Buffer& buffer) {
      return buffer.as<Real>().segment(static_cast<Eigen::Index>(where.begin), static_cast<Eigen::Index>(where.count));
    };
    part(level(depth - 1)) += part(level(depth));
  });
}

Snapshot StreamedSum::take() && {
  return std::move(level(0)).freeze();
}

}  // namespace descent
