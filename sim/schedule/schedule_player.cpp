#include "sim/schedule/schedule_player.hpp"

namespace descent {

SchedulePlayer::SchedulePlayer(const ScheduleTiming& timing, FlowNetwork& network, PlayListener& listener)
    : timing_(timing),
      network_(network),
      listener_(listener),
      members_(static_cast<std::size_t>(timing.group().size())) {}

void SchedulePlayer::arrive(int member, double now) {
  const auto at = static_cast<std::size_t>(member);
  members_[at].present = true;
  enter(at, 0, now);
}

void SchedulePlayer::enter(std::size_t member, std::size_t round, double now) {
  const Schedule& schedule = *timing_.plan().schedule;
  RoundPart part;
  for (; round < schedule.rounds(); ++round) {
    part.clear();
    schedule.at(round, static_cast<int>(member), part);
    if (!part.sends.empty() || !part.receives.empty()) {
      break;
    }
  }
  members_[member].round = round;
  members_[member].missing = part.sends.size() + part.receives.size();
  if (round == schedule.rounds()) {
    ++ended_;
    listener_.member_ended(static_cast<int>(member), now);
    return;
  }
  const auto waits = [&](int peer) {
    const Member& other = members_[static_cast<std::size_t>(peer)];
    return other.present && other.round == round;
  };
  for (const Transfer& send : part.sends) {
    if (waits(send.peer)) {
      begin(static_cast<int>(member), send.peer, send.chunks, now);
    }
  }
  for (const Reception& reception : part.receives) {
    if (waits(reception.peer)) {
      begin(reception.peer, static_cast<int>(member), reception.chunks, now);
    }
  }
}

void SchedulePlayer::begin(int from, int to, ChunkRange chunks, double now) {
  listener_.transfer_began(from, now);
  listener_.transfer_began(to, now);
  const Group& group = timing_.group();
  const std::uint64_t pair = static_cast<std::uint64_t>(from) * members_.size() + static_cast<std::uint64_t>(to);
  const auto bytes = static_cast<double>(timing_.plan().bytes(chunks));
  network_.begin(group.rank(from), group.rank(to), bytes, now, *this, pair);
}

void SchedulePlayer::flow_ended(std::uint64_t number, double now) {
  const std::size_t pair[] = {number / members_.size(), number % members_.size()};
  for (const std::size_t member : pair) {
    listener_.transfer_ended(static_cast<int>(member), now);
  }
  for (const std::size_t member : pair) {
    if (--members_[member].missing == 0) {
      enter(member, members_[member].round + 1, now);
    }
  }
}

}  // namespace descent
