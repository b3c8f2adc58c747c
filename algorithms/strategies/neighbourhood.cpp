#include "algorithms/strategies/neighbourhood.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

constexpr Tag kRound = 0;
/// In the envelope, while nobody has decided.
constexpr std::int64_t kGoOn = -1;

}  // namespace

bool LockstepNeighbourhood::over(const Progress& progress) {
  const StopRule& stop = learner_.stop();
  if (stop.counted_out(progress)) {
    return true;
  }
  if (!stop_ && communicator_.rank() == 0 && stop.needs_agreement() && stop.met(progress, communicator_)) {
    stop_ = progress.iterations + farthest_;
  }
  return stop_ && progress.iterations >= *stop_;
}

void Neighbourhood::send(const std::vector<int>& to, const Snapshot& vector, double scalar) {
  Message what = learner_.message(vector);
  what.scalar = scalar;
  send(to, what);
}

/// Most neighbours send as well.
void LockstepNeighbourhood::send(const std::vector<int>& to, const Message& what) {
  std::vector<Expected> theirs;
  theirs.reserve(to.size());
  for (const int rank : to) {
    theirs.push_back({rank, kRound});
  }
  communicator_.expect(theirs);
  for (const int rank : to) {
    Message message = what;
    message.note = stop_ ? static_cast<std::int64_t>(*stop_) : kGoOn;
    communicator_.send(rank, kRound, std::move(message));
  }
}

std::vector<Message> LockstepNeighbourhood::receive(const std::vector<int>& from, const Task& /*meanwhile*/) {
  std::vector<Message> messages(from.size());
  std::vector<Expected> awaited;
  awaited.reserve(from.size());
  for (const int rank : from) {
    awaited.push_back({rank, kRound});
  }
  while (!awaited.empty()) {
    First arrival = communicator_.first({}, awaited);
    awaited.erase(awaited.begin() + static_cast<std::ptrdiff_t>(arrival.index));
    if (arrival.message.note != kGoOn) {
      stop_ = static_cast<std::uint64_t>(arrival.message.note);
    }
    const auto place = std::find(from.begin(), from.end(), arrival.message.source);
    messages[static_cast<std::size_t>(place - from.begin())] = std::move(arrival.message);
  }
  return messages;
}

}  // namespace descent
