#include "algorithms/strategies/state_transfer.hpp"

#include <utility>

namespace descent {
namespace {

constexpr std::size_t kCounts = 3;

Snapshot written(const OptimizerState& state, const Progress& progress) {
  Buffer counts(Precision::double_precision, kCounts);
  counts.as<double>() << static_cast<double>(state.updates), static_cast<double>(progress.iterations),
      static_cast<double>(progress.samples);
  return std::move(counts).freeze();
}

}  // namespace

/// The counts, the parameters, and one moment after the other: numbered, because one may be lost.
void StateTransfer::give(int to, std::uint64_t number, const OptimizerState& state, const Progress& progress) {
  auto send = [&, piece = 0](Message message) mutable {
    message.note = static_cast<std::int64_t>(number);
    message.scalar = piece++;
    communicator_.send(to, tag_, std::move(message));
  };
  Message counts;
  counts.payload = written(state, progress);
  counts.wire_bytes = counts.payload.bytes();
  send(std::move(counts));
  send(learner_.message(state.parameters));
  for (const Snapshot& slot : state.slots) {
    send(learner_.message(slot));
  }
}

StateTransfer::Taken StateTransfer::take(int from, std::uint64_t number, std::size_t slots, Watch& watch) const {
  const Expected awaited[] = {{from, tag_}};
  auto next = [&, piece = 0]() mutable {
    for (;;) {
      Message message = watch.first({}, awaited).message;
      if (static_cast<std::uint64_t>(message.note) == number && message.scalar == piece) {
        ++piece;
        return std::move(message.payload);
      }
    }
  };
  const Snapshot counts = next();
  const auto count = [&](Eigen::Index which) { return static_cast<std::uint64_t>(counts.as<double>()[which]); };
  Taken taken{{next(), {}, count(0)}, {count(1), count(2)}};
  taken.state.slots.reserve(slots);
  while (taken.state.slots.size() < slots) {
    taken.state.slots.push_back(next());
  }
  return taken;
}

}  // namespace descent
