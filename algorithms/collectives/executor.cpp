#include "algorithms/collectives/executor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace descent {
namespace {

/// Of a message, the call and the round that it is of: where one is lost, the next is not to be taken for it.
double stamp(std::uint64_t call, std::size_t round) {
  constexpr unsigned kOfACall = 24;
  return static_cast<double>((call << kOfACall) + round);
}

/// The piece of each member is its first chunk, and the others of its chunks are empty.
ChunkLayout layout_of_pieces(const Schedule& schedule, std::span<const std::size_t> sizes) {
  std::vector<std::size_t> of_chunks(schedule.chunks());
  for (std::size_t member = 0; member < sizes.size(); ++member) {
    of_chunks[schedule.owned(static_cast<int>(member)).begin] = sizes[member];
  }
  return ChunkLayout(of_chunks);
}

}  // namespace

Collective::Collective(const CollectiveChoice& choice, Communicator& communicator, Group group,
                       double bytes_per_element, Tag first_tag, Watch* watch)
    : choice_(choice),
      communicator_(communicator),
      group_(std::move(group)),
      member_(group_.member(communicator.rank())),
      bytes_per_element_(bytes_per_element),
      first_tag_(first_tag),
      watch_(watch) {}

const Collective::Plan& Collective::plan_for(CollectiveOperation operation, std::size_t size) {
  Plan& plan = plans_[{operation, size}];
  if (!plan) {
    auto schedule = schedule_of(choice_, operation, group_, wire_bytes_of(bytes_per_element_, 0, size));
    const ChunkLayout layout(size, schedule->chunks());
    plan = std::make_shared<CollectivePlan>(CollectivePlan{operation, std::move(schedule), layout, bytes_per_element_});
  }
  return plan;
}

std::size_t Collective::rounds(CollectiveOperation operation, std::size_t elements) {
  return plan_for(operation, elements)->schedule->rounds();
}

std::size_t Collective::computations(std::size_t elements) {
  return plan_for(CollectiveOperation::allreduce, elements)->schedule->one_order() ? 1 : 2;
}

Part Collective::owned(std::size_t size) {
  const CollectivePlan& plan = *plan_for(CollectiveOperation::reduce_scatter, size);
  return plan.layout.part(plan.schedule->owned(member_));
}

Reduced Collective::allreduce(Snapshot mine, std::optional<bool> flag) {
  const std::size_t size = mine.size();
  if (choice_.row->native && watch_ == nullptr && group_.is_first(communicator_.size())) {
    const double begin = communicator_.stamp();
    if (auto result = communicator_.native_allreduce(mine, flag, wire_bytes_of(bytes_per_element_, 0, size))) {
      took_part(begin);
      return *std::move(result);
    }
  }
  return take_part(plan_for(CollectiveOperation::allreduce, size), std::move(mine), flag.value_or(false));
}

Reduced Collective::reduce_scatter(Snapshot mine, std::optional<bool> flag) {
  const std::size_t size = mine.size();
  return take_part(plan_for(CollectiveOperation::reduce_scatter, size), std::move(mine), flag.value_or(false));
}

Snapshot Collective::all_gather(Snapshot part, std::size_t size) {
  return take_part(plan_for(CollectiveOperation::all_gather, size), std::move(part), false).sum;
}

/// Wire bytes depend on where a chunk begins, by rounding: each piece has those of its place among all.
Gathered Collective::all_gather_each(Snapshot mine, std::span<const std::size_t> sizes, std::optional<bool> flag) {
  if (sizes.size() != static_cast<std::size_t>(group_.size())) {
    throw std::logic_error(fmt::format("sizes of {} pieces for {} members", sizes.size(), group_.size()));
  }
  const std::size_t size = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  const auto& schedule = plan_for(CollectiveOperation::all_gather, size)->schedule;
  const auto plan = std::make_shared<CollectivePlan>(CollectivePlan{
      CollectiveOperation::all_gather, schedule, layout_of_pieces(*schedule, sizes), bytes_per_element_});
  const Reduced all = take_part(plan, std::move(mine), flag.value_or(false));
  Gathered pieces{{}, all.flagged};
  for (int member = 0; member < group_.size(); ++member) {
    const Part part = plan->layout.part(schedule->owned(member));
    pieces.vectors.push_back(all.sum.slice(part.begin, part.count));
  }
  return pieces;
}

Snapshot Collective::reduce(Snapshot mine) {
  const std::size_t size = mine.size();
  return take_part(plan_for(CollectiveOperation::reduce, size), std::move(mine), false).sum;
}

Snapshot Collective::broadcast(Snapshot mine, std::size_t size) {
  return take_part(plan_for(CollectiveOperation::broadcast, size), std::move(mine), false).sum;
}

/// `mine`: what this member brings. Returns what is left to it.
Reduced Collective::take_part(const Plan& plan, Snapshot mine, bool flagged) {
  const ChunkRange brought = plan->brought_by(member_);
  const ChunkRange left = plan->left_to(member_);
  if (brought.count > 0 && mine.size() != plan->layout.part(brought).count) {
    throw std::logic_error(fmt::format("rank {} brings {} elements to {}, and not {}", communicator_.rank(),
                                       mine.size(), name_with_article(plan->operation),
                                       plan->layout.part(brought).count));
  }
  ++calls_;
  const double begin = communicator_.stamp();
  const auto meeting =
      watch_ != nullptr ? nullptr : communicator_.meet({plan, group_, member_, first_tag_, calls_, mine, flagged});
  if (meeting) {
    mine = {};
    if (!meeting->pass()) {
      play(*plan, nullptr, flagged);
    }
    took_part(begin);
    if (left.count == 0) {
      return {};
    }
    Reduced outcome = meeting->outcome();
    const Part part = plan->layout.part(left);
    return {outcome.sum.slice(part.begin, part.count), outcome.flagged};
  }
  ChunkedVector chunks(plan->layout, brought, std::exchange(mine, {}));
  const bool any_flagged = play(*plan, &chunks, flagged);
  took_part(begin);
  return {left.count > 0 ? chunks.get(left) : Snapshot(), any_flagged};
}

void Collective::took_part(double begin) {
  communicator_.observer().collective(begin, communicator_.stamp());
}

bool Collective::play(const CollectivePlan& plan, ChunkedVector* chunks, bool flagged) {
  const Tag tag = first_tag_ + static_cast<Tag>((calls_ - 1) % kTags);
  const Schedule& schedule = *plan.schedule;
  std::vector<Request> requests;
  for (std::size_t round = 0; round < schedule.rounds(); ++round) {
    part_.clear();
    schedule.at(round, member_, part_);
    requests.clear();
    awaited_.clear();
    for (const Reception& reception : part_.receives) {
      awaited_.push_back({group_.rank(reception.peer), tag});
    }
    communicator_.expect(awaited_);
    for (const Transfer& send : part_.sends) {
      Message message;
      message.note = flagged ? 1 : 0;
      message.scalar = stamp(calls_, round);
      if (chunks != nullptr) {
        message.payload = chunks->get(send.chunks);
      }
      message.wire_bytes = plan.bytes(send.chunks);
      requests.push_back(communicator_.send(group_.rank(send.peer), tag, std::move(message)));
    }
    flagged = take_receptions(plan, stamp(calls_, round), chunks) || flagged;
    for (const Request& request : requests) {
      first(std::span(&request, 1), {});
    }
  }
  return flagged;
}

/// `awaited_` has them. All of a round's receptions are awaited at once, so that their transfers share the time, and
/// are applied in the schedule's order as soon as that allows. Where messages may be lost, those of later rounds show
/// nothing but that.
bool Collective::take_receptions(const CollectivePlan& plan, double wanted, ChunkedVector* chunks) {
  const std::vector<Reception>& receptions = part_.receives;
  early_.assign(receptions.size(), std::nullopt);
  std::size_t next = 0;
  bool flagged = false;
  while (next < receptions.size()) {
    First arrival = first({}, awaited_);
    if (arrival.message.scalar != wanted) {
      continue;
    }
    flagged = flagged || arrival.message.note != 0;
    awaited_.erase(awaited_.begin() + static_cast<std::ptrdiff_t>(arrival.index));
    const auto from = [&](const Reception& reception) { return group_.rank(reception.peer) == arrival.message.source; };
    const auto which = std::find_if(receptions.begin(), receptions.end(), from) - receptions.begin();
    early_[static_cast<std::size_t>(which)] = std::move(arrival.message.payload);
    for (; next < receptions.size() && early_[next]; ++next) {
      apply(plan, receptions[next], *std::move(early_[next]), chunks);
    }
  }
  return flagged;
}

/// `chunks`: absent where only the time passes.
void Collective::apply(const CollectivePlan& plan, const Reception& reception, Snapshot payload,
                       ChunkedVector* chunks) {
  if (reception.then == Reception::Then::add) {
    const auto additions = static_cast<double>(plan.layout.part(reception.chunks).count);
    Kernel add;
    if (chunks != nullptr) {
      add = [&] { chunks->add(reception.chunks, std::move(payload)); };
    }
    communicator_.compute({additions, std::nullopt, 1, WorkKind::reduction}, std::move(add));
  } else if (chunks != nullptr) {
    chunks->store(reception.chunks, std::move(payload));
  }
}

First Collective::first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages) {
  return watch_ != nullptr ? watch_->first(operations, messages) : communicator_.first(operations, messages);
}

}  // namespace descent
