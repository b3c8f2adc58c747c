#include "sim/schedule/schedule_player.hpp"

namespace descent {

SchedulePlayer::SchedulePlayer(const ScheduleTiming& timing, FlowNetwork& network, PlayListener& listener)
    : timing_(timing), network_(network), listener_(listener), ranks_(static_cast<std::size_t>(timing.ranks())) {}

void SchedulePlayer::arrive(int rank, double now) {
  const auto at = static_cast<std::size_t>(rank);
  ranks_[at].present = true;
  enter(at, 0, now);
}

void SchedulePlayer::enter(std::size_t rank, std::size_t round, double now) {
  const Schedule& schedule = timing_.schedule();
  RoundPart part;
  for (; round < schedule.rounds(); ++round) {
    part.clear();
    schedule.at(round, static_cast<int>(rank), part);
    if (!part.sends.empty() || !part.receives.empty()) {
      break;
    }
  }
  ranks_[rank].round = round;
  ranks_[rank].missing = part.sends.size() + part.receives.size();
  if (round == schedule.rounds()) {
    ++ended_;
    listener_.rank_ended(static_cast<int>(rank), now);
    return;
  }
  const auto waits = [&](int peer) {
    const Rank& other = ranks_[static_cast<std::size_t>(peer)];
    return other.present && other.round == round;
  };
  for (const Transfer& send : part.sends) {
    if (waits(send.peer)) {
      begin(static_cast<int>(rank), send.peer, send.chunk, now);
    }
  }
  for (const Reception& reception : part.receives) {
    if (waits(reception.peer)) {
      begin(reception.peer, static_cast<int>(rank), reception.chunk, now);
    }
  }
}

void SchedulePlayer::begin(int from, int to, std::size_t chunk, double now) {
  listener_.transfer_began(from, now);
  listener_.transfer_began(to, now);
  const std::uint64_t pair = static_cast<std::uint64_t>(from) * ranks_.size() + static_cast<std::uint64_t>(to);
  network_.begin(from, to, timing_.bytes()[chunk], now, *this, pair);
}

void SchedulePlayer::flow_ended(std::uint64_t number, double now) {
  const std::size_t pair[] = {number / ranks_.size(), number % ranks_.size()};
  for (const std::size_t rank : pair) {
    listener_.transfer_ended(static_cast<int>(rank), now);
  }
  for (const std::size_t rank : pair) {
    if (--ranks_[rank].missing == 0) {
      enter(rank, ranks_[rank].round + 1, now);
    }
  }
}

}  // namespace descent
