#include "algorithms/recovery/views.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <utility>

namespace descent {
namespace {

/// Whole numbers below 2⁵³ as a vector.
constexpr Eigen::Index kNumbers = 6;

Snapshot written(std::span<const Member> members) {
  Buffer buffer(Precision::double_precision, static_cast<std::size_t>(kNumbers) * members.size());
  auto numbers = buffer.as<double>();
  Eigen::Index next = 0;
  for (const Member& member : members) {
    numbers[next++] = member.rank;
    numbers[next++] = member.life;
    numbers[next++] = static_cast<double>(member.standing.iterations);
    numbers[next++] = static_cast<double>(member.standing.view);
    numbers[next++] = static_cast<double>(member.standing.leader);
    numbers[next++] = member.standing.over ? 1 : 0;
  }
  return std::move(buffer).freeze();
}

std::vector<Member> read(const Snapshot& snapshot) {
  const auto numbers = snapshot.as<double>();
  std::vector<Member> members;
  members.reserve(static_cast<std::size_t>(numbers.size() / kNumbers));
  for (Eigen::Index i = 0; i + kNumbers <= numbers.size(); i += kNumbers) {
    const auto count = [&](Eigen::Index which) { return static_cast<std::uint64_t>(numbers[i + which]); };
    members.push_back({static_cast<int>(numbers[i]),
                       static_cast<int>(numbers[i + 1]),
                       {count(2), count(3), count(4), numbers[i + 5] != 0}});
  }
  return members;
}

Message message_of(std::uint64_t number, std::span<const Member> members) {
  Message message;
  message.note = static_cast<std::int64_t>(number);
  message.payload = written(members);
  message.wire_bytes = message.payload.bytes();
  return message;
}

std::uint64_t number_of(const Message& message) {
  return static_cast<std::uint64_t>(message.note);
}

}  // namespace

bool View::has(int rank) const {
  return std::any_of(members.begin(), members.end(), [rank](const Member& member) { return member.rank == rank; });
}

bool View::has(int rank, int life) const {
  return std::any_of(members.begin(), members.end(),
                     [=](const Member& member) { return member.rank == rank && member.life == life; });
}

std::vector<int> View::ranks() const {
  std::vector<int> ranks;
  ranks.reserve(members.size());
  for (const Member& member : members) {
    ranks.push_back(member.rank);
  }
  return ranks;
}

const Member& View::newest() const {
  return *std::max_element(members.begin(), members.end(),
                           [](const Member& a, const Member& b) { return a.standing < b.standing; });
}

Views::Views(const Recovery& recovery, Communicator& communicator, Tag first_tag)
    : recovery_(recovery), communicator_(communicator), first_tag_(first_tag) {
  if (communicator.life() == 0) {
    view_.number = 1;
    view_.members.reserve(static_cast<std::size_t>(communicator.size()));
    for (int rank = 0; rank < communicator.size(); ++rank) {
      view_.members.push_back({rank, 0, {.view = 1}});
    }
  }
}

bool Views::calls_anew(const Message& call) const {
  return number_of(call) > view_.number || !view_.has(call.source, read(call.payload).front().life);
}

const View& Views::form(const Standing& mine, const std::optional<Message>& call) {
  const double since = communicator_.now();
  const Member me{communicator_.rank(), communicator_.life(), mine};
  std::uint64_t number = view_.number + 1;
  std::optional<Message> ahead = call;
  for (;;) {
    Attempt attempt{number, {{me.rank, me}}};
    if (ahead && number_of(*ahead) >= number) {
      attempt.number = number_of(*ahead);
      attempt.heard[ahead->source] = read(ahead->payload).front();
    }
    if (std::optional<View> agreed = agree(attempt)) {
      view_ = *std::move(agreed);
      return view_;
    }
    if (communicator_.now() - since >= recovery_.give_up_s) {
      std::vector<int> silent;
      for (int rank = 0; rank < communicator_.size(); ++rank) {
        if (!attempt.heard.contains(rank)) {
          silent.push_back(rank);
        }
      }
      const bool several = silent.size() > 1;
      throw GaveUp(fmt::format("no agreement with the other workers since {:.9g} s: rank{} {} {} silent", since,
                               several ? "s" : "", fmt::join(silent, ", "), several ? "are" : "is"));
    }
    number = attempt.number + 1;
    ahead = std::move(attempt.ahead);
  }
}

std::optional<View> Views::agree(Attempt& attempt) {
  const Member me = attempt.heard.at(communicator_.rank());
  for (int rank = 0; rank < communicator_.size(); ++rank) {
    if (rank != me.rank) {
      this->call(rank, attempt.number, me);
    }
  }
  const Expected awaited[] = {call(), {any_rank, first_tag_ + 1}};
  double deadline = communicator_.now() + recovery_.timeout_s;
  bool collects = true;
  for (;;) {
    const bool all = attempt.heard.size() == static_cast<std::size_t>(communicator_.size());
    if (collects && (all || communicator_.now() >= deadline)) {
      if (attempt.heard.begin()->first == me.rank) {
        return suffice(attempt.heard) ? std::optional(decide(attempt)) : std::nullopt;
      }
      collects = false;
      // Who decides may have begun later, by the time that a message takes.
      deadline = communicator_.now() + 2 * recovery_.timeout_s;
    }
    First first = communicator_.first({}, awaited, deadline);
    if (first.what == First::What::deadline) {
      if (!collects) {
        return std::nullopt;
      }
    } else if (first.message.tag == first_tag_) {
      if (!take_call(attempt, std::move(first.message))) {
        return std::nullopt;
      }
    } else {
      View told{number_of(first.message), read(first.message.payload)};
      if (told.number >= attempt.number && told.has(me.rank, me.life)) {
        return told;
      }
    }
  }
}

/// Whether the attempt goes on.
bool Views::take_call(Attempt& attempt, Message call) {
  if (number_of(call) > attempt.number) {
    attempt.ahead = std::move(call);
    return false;
  }
  if (number_of(call) == attempt.number) {
    attempt.heard[call.source] = read(call.payload).front();
  } else if (!attempt.heard.contains(call.source)) {
    // It may not have been there when all were called.
    this->call(call.source, attempt.number, attempt.heard.at(communicator_.rank()));
  }
  return true;
}

void Views::call(int to, std::uint64_t number, const Member& mine) {
  Message message = message_of(number, std::span(&mine, 1));
  communicator_.send(to, first_tag_, std::move(message));
}

/// Who has begun anew has nothing to go on from: only where all have, the run begins anew as a whole.
bool Views::suffice(const Heard& heard) const {
  const bool all = heard.size() == static_cast<std::size_t>(communicator_.size());
  const bool any_has_parameters =
      std::any_of(heard.begin(), heard.end(), [](const auto& one) { return one.second.standing.view > 0; });
  return heard.size() >= recovery_.least_members && (any_has_parameters || all);
}

View Views::decide(const Attempt& attempt) {
  View view{attempt.number, {}};
  view.members.reserve(attempt.heard.size());
  for (const auto& [rank, member] : attempt.heard) {
    view.members.push_back(member);
  }
  for (const Member& member : view.members) {
    if (member.rank != communicator_.rank()) {
      communicator_.send(member.rank, first_tag_ + 1, message_of(view.number, view.members));
    }
  }
  return view;
}

}  // namespace descent
