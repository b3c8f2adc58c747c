#include "algorithms/collectives/executor.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

std::vector<Snapshot> cut(const Snapshot& whole, std::size_t chunks) {
  std::vector<Snapshot> parts;
  parts.reserve(chunks);
  for (std::size_t i = 0; i < chunks; ++i) {
    const Part part = part_of(whole.size(), chunks, i);
    parts.push_back(whole.slice(part.begin, part.count));
  }
  return parts;
}

void apply(const Reception& reception, Snapshot payload, std::vector<Snapshot>& chunks) {
  if (chunks.empty()) {
    return;
  }
  Snapshot& chunk = chunks[reception.chunk];
  chunk = reception.then == Reception::Then::add ? sum(std::move(chunk), std::move(payload)) : std::move(payload);
}

}  // namespace

Collective::Collective(const CollectiveRow& row, Communicator& communicator, int ranks, double bytes_per_element,
                       Tag first_tag)
    : row_(row),
      communicator_(communicator),
      ranks_(ranks),
      bytes_per_element_(bytes_per_element),
      first_tag_(first_tag) {}

std::shared_ptr<const Schedule> Collective::schedule_for(std::size_t size) const {
  return schedule_of(row_, ranks_, wire_bytes_of(bytes_per_element_, 0, size));
}

std::size_t Collective::rounds(std::size_t elements) const {
  return schedule_for(elements)->rounds();
}

/// Chunks are added in orders that begin at different ranks; a vector in one piece has one order.
std::size_t Collective::computations(std::size_t elements) const {
  return schedule_for(elements)->chunks() == 1 ? 1 : 2;
}

Reduced Collective::allreduce(Snapshot mine, std::optional<bool> flag) {
  const std::size_t size = mine.size();
  if (row_.native) {
    if (auto result = communicator_.native_allreduce(mine, flag, wire_bytes_of(bytes_per_element_, 0, size))) {
      return *std::move(result);
    }
  }
  schedule_ = schedule_for(size);
  const bool flagged = flag.value_or(false);
  ++calls_;
  std::vector<Snapshot> chunks;
  if (const auto meeting =
          communicator_.meet({schedule_, ranks_, first_tag_, calls_, mine, flagged, bytes_per_element_})) {
    mine = {};
    if (!meeting->pass()) {
      play(*schedule_, size, chunks, flagged);
    }
    return meeting->outcome();
  }
  chunks = cut(mine, schedule_->chunks());
  mine = {};
  const bool any_flagged = play(*schedule_, size, chunks, flagged);
  return {join(chunks), any_flagged};
}

bool Collective::play(const Schedule& schedule, std::size_t size, std::vector<Snapshot>& chunks, bool flagged) {
  const Tag tag = first_tag_ + static_cast<Tag>((calls_ - 1) % kTags);
  std::vector<Request> requests;
  for (std::size_t round = 0; round < schedule.rounds(); ++round) {
    part_.clear();
    schedule.at(round, communicator_.rank(), part_);
    requests.clear();
    for (const Transfer& send : part_.sends) {
      const Part where = part_of(size, schedule.chunks(), send.chunk);
      Message message;
      message.note = flagged ? 1 : 0;
      if (!chunks.empty()) {
        message.payload = chunks[send.chunk];
      }
      message.wire_bytes = wire_bytes_of(bytes_per_element_, where.begin, where.count);
      requests.push_back(communicator_.send(send.peer, tag, std::move(message)));
    }
    flagged = take_receptions(tag, chunks) || flagged;
    for (const Request& request : requests) {
      communicator_.wait(request);
    }
  }
  return flagged;
}

/// All of a round's receptions are awaited at once, so that their transfers share the time, and are applied in
/// the schedule's order as soon as that allows.
bool Collective::take_receptions(Tag tag, std::vector<Snapshot>& chunks) {
  const std::vector<Reception>& receptions = part_.receives;
  awaited_.clear();
  for (const Reception& reception : receptions) {
    awaited_.push_back({reception.peer, tag});
  }
  early_.assign(receptions.size(), std::nullopt);
  std::size_t next = 0;
  bool flagged = false;
  while (next < receptions.size()) {
    First arrival = communicator_.first({}, awaited_);
    flagged = flagged || arrival.message.note != 0;
    awaited_.erase(awaited_.begin() + static_cast<std::ptrdiff_t>(arrival.index));
    const auto from = [&](const Reception& reception) { return reception.peer == arrival.message.source; };
    const auto which = std::find_if(receptions.begin(), receptions.end(), from) - receptions.begin();
    early_[static_cast<std::size_t>(which)] = std::move(arrival.message.payload);
    for (; next < receptions.size() && early_[next]; ++next) {
      apply(receptions[next], *std::move(early_[next]), chunks);
    }
  }
  return flagged;
}

}  // namespace descent
