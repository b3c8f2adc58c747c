#include "sim/simgrid/operations.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent::simulated {
namespace {

bool covers(const Expected& expected, Tag tag, int source) {
  return expected.tag == tag && (expected.from == any_rank || expected.from == source);
}

/// Ends also when SimGrid unwinds the line of a dead host: what the inbox's spans point to is gone then.
class WhileWaiting {
 public:
  explicit WhileWaiting(bool& waiting) : waiting_(waiting) { waiting_ = true; }
  ~WhileWaiting() { waiting_ = false; }
  WhileWaiting(const WhileWaiting&) = delete;
  WhileWaiting& operator=(const WhileWaiting&) = delete;

 private:
  bool& waiting_;
};

}  // namespace

void Inbox::offer(std::shared_ptr<Transfer> transfer) {
  const Tag tag = transfer->tag();
  const int source = transfer->source();
  Streams& streams = streams_[tag];
  Stream& stream = streams.by_source[source];
  stream.offers.push_back(std::move(transfer));
  if (stream.under_way || stream.offers.size() > 1) {
    return;
  }
  const auto awaited = [&](const Expected& expected) { return covers(expected, tag, source); };
  if (waiting_ && std::any_of(expected_.begin(), expected_.end(), awaited)) {
    start_next(streams, source);
  } else {
    streams.startable.push_back(source);
  }
}

void Inbox::start_next(Streams& streams, int source) {
  Stream& stream = streams.by_source[source];
  while (!stream.under_way && !stream.offers.empty()) {
    const std::shared_ptr<Transfer> transfer = std::move(stream.offers.front());
    stream.offers.pop_front();
    stream.under_way = Transfer::begin(transfer);
  }
}

void Inbox::start_expected(const Expected& expected) {
  const auto found = streams_.find(expected.tag);
  if (found == streams_.end()) {
    return;
  }
  Streams& streams = found->second;
  if (expected.from == any_rank) {
    for (const int source : std::exchange(streams.startable, {})) {
      start_next(streams, source);
    }
  } else if (std::erase(streams.startable, expected.from) > 0) {
    start_next(streams, expected.from);
  }
}

void Inbox::arrived(Message message) {
  const Tag tag = message.tag;
  const int source = message.source;
  messages_.push_back(std::move(message));
  ended(tag, source);
  wake();
}

void Inbox::lost(Tag tag, int source) {
  ended(tag, source);
  wake();
}

void Inbox::ended(Tag tag, int source) {
  Streams& streams = streams_[tag];
  Stream& stream = streams.by_source[source];
  stream.under_way = false;
  if (!stream.offers.empty()) {
    streams.startable.push_back(source);
  }
}

bool Inbox::take(std::span<const Expected> expected, First& outcome) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const Message& message) {
      return covers(expected[i], message.tag, message.source);
    });
    if (found != messages_.end()) {
      outcome.what = First::What::message;
      outcome.index = i;
      outcome.message = std::move(*found);
      messages_.erase(found);
      return true;
    }
  }
  return false;
}

void Inbox::block(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> expected,
                  double deadline) {
  // Waiting begins before the first call into SimGrid: others run meanwhile, and may send or wake.
  operations_ = operations;
  expected_ = expected;
  since_ = clock_now();
  const WhileWaiting end(waiting_);
  in_kernel([&] {
    for (const Expected& one : expected) {
      start_expected(one);
    }
  });
  if (deadline == never) {
    semaphore_->acquire();
  } else {
    semaphore_->acquire_timeout(deadline - clock_now());
  }
}

void Inbox::wake() {
  if (std::exchange(waiting_, false)) {
    semaphore_->release();
  }
}

std::string Inbox::waits_for() const {
  std::string text;
  if (!waiting_) {
    return text;
  }
  for (const auto& operation : operations_) {
    const auto* awaited = dynamic_cast<const Awaited*>(operation.get());
    text += fmt::format("{}{}", text.empty() ? "" : " or ", awaited ? awaited->describe() : "another line");
  }
  for (const Expected& expected : expected_) {
    const std::string from = expected.from == any_rank ? "any rank" : fmt::format("rank {}", expected.from);
    text += fmt::format("{}a message (tag {}) from {}", text.empty() ? "" : " or ", expected.tag, from);
  }
  return text;
}

}  // namespace descent::simulated
