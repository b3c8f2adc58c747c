#include "algorithms/strategies/server_lines.hpp"

#include "algorithms/strategies/shard_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace descent {

ServerLines::ServerLines(Cast cast, const Recovery& recovery, Communicator& communicator)
    : cast_(cast),
      recovery_(recovery),
      communicator_(communicator),
      patience_(static_cast<std::size_t>(cast.servers), Patience(recovery)),
      told_(patience_.size()),
      left_(patience_.size()) {
  for (int server = 0; server < cast.servers; ++server) {
    answers_.push_back({cast.server_rank(server), shard::kAnswer});
  }
}

Request ServerLines::tell(std::size_t server, Tag tag, Message message) {
  communicator_.expect(std::span(&answers_[server], 1));
  if (!recovery_.tolerates_losses()) {
    return communicator_.send(cast_.server_rank(static_cast<int>(server)), tag, std::move(message));
  }
  patience_[server].begin(communicator_.now());
  told_[server] = {tag, std::move(message), nullptr};
  return tell_again(server);
}

Request ServerLines::tell_again(std::size_t server) {
  Told& told = told_[server];
  told.request = communicator_.send(cast_.server_rank(static_cast<int>(server)), told.tag, told.message);
  return told.request;
}

First ServerLines::await(const std::vector<Expected>& answers) {
  for (;;) {
    if (std::optional<First> answer = await_once(answers)) {
      return std::move(*answer);
    }
  }
}

std::optional<First> ServerLines::await_once(const std::vector<Expected>& answers) {
  First answer = communicator_.first({}, answers, deadline());
  if (answer.what == First::What::message) {
    heard(server_of(answer.message.source));
    return answer;
  }
  check_patience(answers);
  for (const Expected& server : answers_) {
    const std::size_t number = server_of(server.from);
    if (left_[number]) {
      continue;
    }
    const bool silent =
        std::any_of(answers.begin(), answers.end(), [&](const Expected& one) { return one.from == server.from; });
    if (silent) {
      patience_[number].begin(communicator_.now());  // What it said was no answer.
    }
    if (silent && communicator_.done(told_[number].request)) {
      tell_again(number);
    } else {
      communicator_.send(server.from, shard::kHere, envelope());
    }
  }
  return std::nullopt;
}

void ServerLines::leave(std::size_t server) {
  left_[server] = true;
  communicator_.send(cast_.server_rank(static_cast<int>(server)), shard::kLeave, envelope());
}

void ServerLines::leave_all() {
  if (!recovery_.tolerates_losses()) {
    for (int server = 1; server < cast_.servers; ++server) {
      communicator_.send(cast_.server_rank(server), shard::kLeave, envelope());
    }
    return;
  }
  std::vector<Expected> owing;
  for (const Expected& answer : answers_) {
    const std::size_t server = server_of(answer.from);
    if (!left_[server]) {
      tell(server, shard::kOver, envelope());
      owing.push_back(answer);
    }
  }
  while (!owing.empty()) {
    const First answer = await(owing);
    if (answer.message.payload.empty()) {
      leave(server_of(answer.message.source));
      owing.erase(owing.begin() + static_cast<std::ptrdiff_t>(answer.index));
    }
  }
}

void ServerLines::check_patience(const std::vector<Expected>& owing) const {
  for (const Expected& server : owing) {
    patience_[server_of(server.from)].check(communicator_.now(), fmt::format("server {}", server.from));
  }
}

}  // namespace descent
