#include "sim/simgrid/operations.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent::simulated {
namespace {

bool covers(const Expected& expected, Tag tag, int source) {
  return expected.tag == tag && (expected.from == any_rank || expected.from == source);
}

void drop(Transfers& transfers) {
  while (!transfers.empty()) {
    Transfer& transfer = transfers.front();
    transfers.pop_front();
    transfer.release();
  }
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

Inbox::Inbox() = default;

Inbox::~Inbox() {
  for (auto& [key, stream] : streams_) {
    drop(stream.offers);
  }
  drop(arrived_);
}

Stream& Inbox::stream_of(Tag tag, int source) {
  const auto key = static_cast<std::uint64_t>(tag) << 32U | static_cast<std::uint32_t>(source);
  Stream& stream = streams_[key];
  stream.tag = tag;
  stream.source = source;
  return stream;
}

void Inbox::offer(const std::shared_ptr<Transfer>& transfer) {
  Stream& stream = stream_of(transfer->tag(), transfer->source());
  const bool first = !stream.under_way && stream.offers.empty();
  transfer->join(stream);
  transfer->keep(transfer);
  stream.offers.push_back(*transfer);
  if (!first) {
    return;
  }
  const auto awaits = [&](const Expected& expected) { return covers(expected, stream.tag, stream.source); };
  if (transfer->is_eager() || (waiting_ && std::any_of(expected_.begin(), expected_.end(), awaits))) {
    start_next(stream);
  } else {
    startable_.push_back(&stream);
  }
}

void Inbox::start_next(Stream& stream) {
  while (!stream.under_way && !stream.offers.empty()) {
    Transfer& transfer = stream.offers.front();
    stream.offers.pop_front();
    std::shared_ptr<Pending> self = transfer.release();
    stream.under_way = transfer.begin();
    if (stream.under_way) {
      transfer.keep(std::move(self));
    }
  }
}

/// Most waits find nothing to start, and need not enter the kernel for it. What is offered from here on starts at once,
/// because the line waits.
bool Inbox::may_start(std::span<const Expected> expected) const {
  return std::any_of(startable_.begin(), startable_.end(), [&](const Stream* stream) {
    return std::any_of(expected.begin(), expected.end(),
                       [&](const Expected& one) { return covers(one, stream->tag, stream->source); });
  });
}

void Inbox::start_expected(const Expected& expected) {
  std::size_t kept = 0;
  for (Stream* stream : startable_) {
    if (covers(expected, stream->tag, stream->source)) {
      start_next(*stream);
    } else {
      startable_[kept++] = stream;
    }
  }
  startable_.resize(kept);
}

void Inbox::arrived(Transfer& transfer) {
  arrived_.push_back(transfer);
  ended(transfer.stream());
  wake();
}

void Inbox::lost(Transfer& transfer) {
  ended(transfer.stream());
  wake();
}

void Inbox::ended(Stream& stream) {
  stream.under_way = false;
  if (stream.offers.empty()) {
    return;
  }
  if (stream.offers.front().is_eager()) {
    start_next(stream);
  } else {
    startable_.push_back(&stream);
  }
}

/// In an order of their own: senders go on in it.
void Inbox::forget() {
  drop(arrived_);
  startable_.clear();
  std::vector<Stream*> streams;
  for (auto& [key, stream] : streams_) {
    if (!stream.offers.empty()) {
      streams.push_back(&stream);
    }
  }
  std::sort(streams.begin(), streams.end(), [](const Stream* a, const Stream* b) {
    return std::pair(a->tag, a->source) < std::pair(b->tag, b->source);
  });
  for (Stream* stream : streams) {
    while (!stream->offers.empty()) {
      Transfer& transfer = stream->offers.front();
      stream->offers.pop_front();
      const std::shared_ptr<Pending> self = transfer.release();
      transfer.give_up();
    }
  }
}

bool Inbox::take(std::span<const Expected> expected, First& outcome) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto found = std::find_if(arrived_.begin(), arrived_.end(), [&](const Transfer& transfer) {
      return covers(expected[i], transfer.tag(), transfer.source());
    });
    if (found != arrived_.end()) {
      Transfer& transfer = *found;
      outcome.what = First::What::message;
      outcome.index = i;
      outcome.message = transfer.take();
      arrived_.erase(found);
      transfer.release();
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
  if (may_start(expected)) {
    in_kernel([&] {
      for (const Expected& one : expected) {
        start_expected(one);
      }
    });
  }
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
    text += fmt::format("{}{}", text.empty() ? "" : " or ", static_cast<const Awaited&>(*operation).describe());
  }
  for (const Expected& expected : expected_) {
    const std::string from = expected.from == any_rank ? "any rank" : fmt::format("rank {}", expected.from);
    text += fmt::format("{}a message (tag {}) from {}", text.empty() ? "" : " or ", expected.tag, from);
  }
  return text;
}

}  // namespace descent::simulated
