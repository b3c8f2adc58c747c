#include "tests/conformance/conformance.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <array>
#include <cstdio>
#include <limits>
#include <stdexcept>

namespace descent::conformance {
namespace {

/// Each case's own tags: up to ten from its base.
enum Base : Tag {
  kOrder = 100,
  kAny = 110,
  kDeadline = 120,
  kPriority = 130,
  kPayload = 140,
  kLarge = 150,
  kPadding = 160,
  kMany = 170,
  kLine = 180,
  kNobody = 190,
  kMixed = 200,
};

/// Says the caller's line. (std::source_location would too, but clang 14, which clang-tidy is, does not have it.)
void require(bool condition, int line = __builtin_LINE()) {
  if (!condition) {
    throw std::runtime_error(fmt::format("line {} of the conformance cases", line));
  }
}

int next(const Communicator& communicator) {
  return (communicator.rank() + 1) % communicator.size();
}

int previous(const Communicator& communicator) {
  return (communicator.rank() + communicator.size() - 1) % communicator.size();
}

/// Distinct for each (rank, i), and exact in single precision.
template <class Real>
Real element(int rank, std::size_t i) {
  return static_cast<Real>(rank * 1000000 + static_cast<int>(i % 999983));
}

template <class Real = float>
Snapshot pattern(int rank, std::size_t size) {
  Buffer buffer(precision_of<Real>, size);
  auto elements = buffer.as<Real>();
  for (std::size_t i = 0; i < size; ++i) {
    elements[static_cast<Eigen::Index>(i)] = element<Real>(rank, i);
  }
  return std::move(buffer).freeze();
}

/// As equal() to that rank's pattern, without making it once more.
bool is_pattern(const Snapshot& payload, int rank, std::size_t size) {
  if (payload.size() != size || payload.precision() != precision_of<float>) {
    return false;
  }
  const auto elements = payload.as<float>();
  for (std::size_t i = 0; i < size; ++i) {
    if (elements[static_cast<Eigen::Index>(i)] != element<float>(rank, i)) {
      return false;
    }
  }
  return true;
}

Message message_of(Snapshot payload, std::int64_t note = 0) {
  Message message;
  message.note = note;
  message.wire_bytes = payload.bytes();
  message.payload = std::move(payload);
  return message;
}

bool equal(const Snapshot& a, const Snapshot& b) {
  return a.size() == b.size() && a.precision() == b.precision() && a.digest() == b.digest();
}

void messages_of_one_tag_keep_their_order(Communicator& communicator) {
  constexpr int kMessages = 20;
  for (int i = 0; i < kMessages; ++i) {
    // Small and large ones in turn: a small one must not overtake.
    communicator.send(next(communicator), kOrder, message_of(pattern(i, i % 2 == 0 ? 5000 : 3), i));
    communicator.send(next(communicator), kOrder + 1, message_of({}, -i));
  }
  for (int i = 0; i < kMessages; ++i) {
    const Message other = communicator.receive(previous(communicator), kOrder + 1);
    require(other.note == -i && other.tag == kOrder + 1);
  }
  for (int i = 0; i < kMessages; ++i) {
    const Message message = communicator.receive(previous(communicator), kOrder);
    require(message.note == i && message.source == previous(communicator) && message.tag == kOrder);
    require(equal(message.payload, pattern(i, i % 2 == 0 ? 5000 : 3)));
    require(message.sent_at <= communicator.now());
  }
}

void a_ping_is_answered(Communicator& communicator) {
  const int peer = communicator.rank() ^ 1;
  if (peer >= communicator.size()) {
    return;
  }
  for (int i = 0; i < 50; ++i) {
    if (communicator.rank() < peer) {
      communicator.send(peer, kOrder + 2, message_of(pattern(i, 10), i));
      require(communicator.receive(peer, kOrder + 3).note == 2 * i);
    } else {
      const Message ping = communicator.receive(peer, kOrder + 2);
      communicator.send(peer, kOrder + 3, message_of(ping.payload, 2 * ping.note));
    }
  }
}

void receive_from_any_rank_takes_all(Communicator& communicator) {
  for (int to = 0; to < communicator.size(); ++to) {
    communicator.send(to, kAny, message_of(pattern(communicator.rank(), 100), 1));
    communicator.send(to, kAny, message_of(pattern(communicator.rank(), 100), 2));
  }
  std::vector<int> seen(static_cast<std::size_t>(communicator.size()));
  for (int i = 0; i < 2 * communicator.size(); ++i) {
    const Message message = communicator.receive(any_rank, kAny);
    require(message.note == ++seen[static_cast<std::size_t>(message.source)]);
    require(equal(message.payload, pattern(message.source, 100)));
  }
}

void from_one_rank_and_from_any_share_a_tag(Communicator& communicator) {
  for (int to = 0; to < communicator.size(); ++to) {
    communicator.send(to, kMixed, message_of({}, communicator.rank()));
  }
  const int last = communicator.size() - 1;
  require(communicator.receive(last, kMixed).note == last);
  std::int64_t sum = 0;
  for (int i = 0; i < last; ++i) {
    sum += communicator.receive(any_rank, kMixed).note;
  }
  require(sum == last * (last - 1) / 2);
}

void a_deadline_ends_the_waiting(Communicator& communicator) {
  const double deadline = communicator.now() + 0.02;
  require(!communicator.receive(previous(communicator), kDeadline, deadline));
  require(communicator.now() >= deadline);
  // A deadline that is over: looks, and does not wait.
  require(!communicator.receive(any_rank, kDeadline, deadline));
  // The message that was waited for in vain is asked for, comes, and is received.
  communicator.send(previous(communicator), kDeadline + 1, {});
  communicator.receive(next(communicator), kDeadline + 1);
  communicator.send(next(communicator), kDeadline, message_of(pattern(communicator.rank(), 10000)));
  const auto late = communicator.receive(previous(communicator), kDeadline, communicator.now() + 1000);
  require(late && equal(late->payload, pattern(previous(communicator), 10000)));
}

void operations_come_before_messages(Communicator& communicator) {
  const std::array<std::shared_ptr<Operation>, 2> done{communicator.start({}, [] {}), communicator.start({}, [] {})};
  communicator.send(communicator.rank(), kPriority, message_of({}, 7));
  const std::array<Expected, 2> expected{Expected{any_rank, kPriority + 1}, Expected{any_rank, kPriority}};
  const First first = communicator.first(done, expected);
  require(first.what == First::What::operation && first.index == 0);
  const First second = communicator.first({}, expected);
  require(second.what == First::What::message && second.index == 1 && second.message.note == 7);
  const First third = communicator.first(done, expected, communicator.now());
  require(third.what == First::What::operation && third.index == 0);
  const First fourth = communicator.first({}, expected, communicator.now());
  require(fourth.what == First::What::deadline);
}

void a_wait_takes_what_comes_first(Communicator& communicator) {
  // 50 ms of work; the message is sent before it begins.
  communicator.send(next(communicator), kPriority + 2, message_of(pattern(communicator.rank(), 1)));
  const Task task = communicator.start({0.05 * kSpeed, {}}, [] {});
  const Expected expected{previous(communicator), kPriority + 2};
  bool received = false;
  bool computed = false;
  while (!received || !computed) {
    const First first = computed ? communicator.first({}, std::span(&expected, 1))
                                 : communicator.first(std::span(&task, 1), std::span(&expected, received ? 0 : 1));
    received = received || first.what == First::What::message;
    computed = computed || first.what == First::What::operation;
    require(first.what != First::What::deadline);
  }
}

void payloads_arrive_as_sent(Communicator& communicator) {
  const int to = next(communicator);
  const int from = previous(communicator);
  constexpr std::int64_t kNote = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kOther = std::numeric_limits<std::int64_t>::max();
  for (const std::size_t size : {0, 1, 1000, 1012, 1013, 1024, 20000}) {
    communicator.send(to, kPayload, message_of(pattern<float>(communicator.rank(), size), kNote));
    communicator.send(to, kPayload, message_of(pattern<double>(communicator.rank(), size + 3).slice(3, size), kOther));
    const Message single = communicator.receive(from, kPayload);
    require(single.note == kNote && equal(single.payload, pattern<float>(from, size)));
    const Message wide = communicator.receive(from, kPayload);
    require(wide.note == kOther && equal(wide.payload, pattern<double>(from, size + 3).slice(3, size)));
    require(wide.wire_bytes == 8 * size);
  }
}

void large_messages_cross(Communicator& communicator) {
  constexpr std::size_t kSize = 2500000;  // 10 MB
  const Request right = communicator.send(next(communicator), kLarge, message_of(pattern(communicator.rank(), kSize)));
  const Request left = communicator.send(previous(communicator), kLarge + 1, message_of(pattern(-1, kSize)));
  require(is_pattern(communicator.receive(previous(communicator), kLarge).payload, previous(communicator), kSize));
  require(is_pattern(communicator.receive(next(communicator), kLarge + 1).payload, -1, kSize));
  communicator.wait(right);
  communicator.wait(left);
  require(right->done() && left->done());
}

void a_message_may_weigh_more_or_less_than_its_payload(Communicator& communicator) {
  for (const std::uint64_t wire_bytes : {0ULL, 100ULL, 4000ULL, 5000ULL, 1000000ULL, 40000000ULL}) {
    for (const std::size_t size : {0, 50, 5000}) {
      Message message = message_of(pattern(communicator.rank(), size));
      message.wire_bytes = wire_bytes;
      communicator.send(next(communicator), kPadding, message);
      const Message received = communicator.receive(previous(communicator), kPadding);
      require(received.wire_bytes == wire_bytes && equal(received.payload, pattern(previous(communicator), size)));
    }
  }
}

void sends_need_no_handle(Communicator& communicator) {
  constexpr int kMessages = 200;
  for (int i = 0; i < kMessages; ++i) {
    communicator.send(next(communicator), kMany, message_of(pattern(i, 20000), i));
  }
  // Longer than any message takes: they leave while their sender waits for something else.
  communicator.receive(any_rank, kMany + 1, communicator.now() + 0.01);
  for (int i = 0; i < kMessages; ++i) {
    const Message message = communicator.receive(previous(communicator), kMany);
    require(message.note == i && is_pattern(message.payload, i, 20000));
  }
}

void work_takes_its_time(Communicator& communicator) {
  const double begin = communicator.now();
  int runs = 0;
  communicator.compute({0.02 * kSpeed, {}}, [&] { ++runs; });
  require(runs == 1);
  require(communicator.now() - begin >= 0.02 * (1 - 1e-9));
  communicator.compute({}, [&] { ++runs; });
  require(runs == 2);
}

void errors_of_kernels_come_out_of_the_wait(Communicator& communicator) {
  const Task task = communicator.start({0.001 * kSpeed, {}}, [] { throw std::out_of_range("kernel"); });
  bool thrown = false;
  try {
    communicator.wait(task);
  } catch (const std::out_of_range&) {
    thrown = true;
  }
  require(thrown);
}

void a_cancelled_task_ends(Communicator& communicator) {
  const Task task = communicator.start({10 * kSpeed, {}}, [] { throw std::out_of_range("kernel"); });
  const double begin = communicator.now();
  communicator.cancel(task);
  communicator.wait(task);
  require(task->done());
  require(communicator.now() - begin < 5);
  communicator.cancel(task);
}

void a_second_line_talks_to_its_like(Communicator& communicator) {
  const auto ring = [](Communicator& line, int note) {
    for (int i = 0; i < 20; ++i) {
      line.send(next(line), kLine, message_of(pattern(note, 3000), note + i));
      const Message message = line.receive(previous(line), kLine);
      require(message.note == note + i && equal(message.payload, pattern(note, 3000)));
    }
  };
  Line line;
  try {
    line = communicator.spawn(1, [&](Communicator& second) {
      require(second.rank() == communicator.rank() && second.size() == communicator.size());
      ring(second, 500);
    });
  } catch (const RunError& error) {
    if (communicator.rank() == 0) {
      fmt::print("skipped: {}\n", error.what());
    }
    return;
  }
  ring(communicator, 0);
  communicator.wait(line);
  require(line->done());
}

void random_numbers_are_the_same_everywhere(Communicator& communicator) {
  RandomStream stream = communicator.random(Purpose::test, 5);
  const std::uint32_t first = stream();
  require(first == RandomStream(kSeed, Purpose::test, static_cast<std::uint64_t>(communicator.rank()), 5)());
  if (communicator.rank() == 0) {
    require(first == 2743445798U);
  } else if (communicator.rank() == 1) {
    require(first == 2116750519U);
  }
}

void the_platforms_allreduce_sums(Communicator& communicator) {
  const int size = communicator.size();
  for (const std::size_t elements : {0, 1, 100003}) {
    const Snapshot kept = pattern<double>(communicator.rank(), elements);
    for (const bool shared : {false, true}) {
      Snapshot mine = shared ? kept : pattern<double>(communicator.rank(), elements);
      const auto reduced = communicator.native_allreduce(mine, std::nullopt, 8 * elements);
      if (!reduced) {
        require(equal(mine, kept));
        return;
      }
      const Snapshot& sum = reduced->sum;
      require(sum.size() == elements && sum.precision() == Precision::double_precision);
      for (std::size_t i = 0; i < elements; ++i) {
        const double expected = 1e6 * size * (size - 1) / 2 + static_cast<double>(i) * size;
        require(sum.as<double>()[static_cast<Eigen::Index>(i)] == expected);
      }
      require(equal(kept, pattern<double>(communicator.rank(), elements)));
    }
  }
}

/// The last case: the run must end all the same.
void nobody_need_receive(Communicator& communicator) {
  communicator.send(next(communicator), kNobody, message_of(pattern(0, 1000000)));
  communicator.send(next(communicator), kNobody, message_of({}));
  communicator.start({}, [] {});
}

}  // namespace

const std::vector<Case>& cases() {
#define DESCENT_CASE(function) \
  { #function, function }
  static const std::vector<Case> kCases{
      DESCENT_CASE(messages_of_one_tag_keep_their_order),
      DESCENT_CASE(a_ping_is_answered),
      DESCENT_CASE(receive_from_any_rank_takes_all),
      DESCENT_CASE(from_one_rank_and_from_any_share_a_tag),
      DESCENT_CASE(a_deadline_ends_the_waiting),
      DESCENT_CASE(operations_come_before_messages),
      DESCENT_CASE(a_wait_takes_what_comes_first),
      DESCENT_CASE(payloads_arrive_as_sent),
      DESCENT_CASE(large_messages_cross),
      DESCENT_CASE(a_message_may_weigh_more_or_less_than_its_payload),
      DESCENT_CASE(sends_need_no_handle),
      DESCENT_CASE(work_takes_its_time),
      DESCENT_CASE(errors_of_kernels_come_out_of_the_wait),
      DESCENT_CASE(a_cancelled_task_ends),
      DESCENT_CASE(a_second_line_talks_to_its_like),
      DESCENT_CASE(random_numbers_are_the_same_everywhere),
      DESCENT_CASE(the_platforms_allreduce_sums),
      DESCENT_CASE(nobody_need_receive),
  };
#undef DESCENT_CASE
  return kCases;
}

void run_all(Communicator& communicator) {
  for (const Case& one : cases()) {
    try {
      one.run(communicator);
    } catch (const std::exception& error) {
      throw RunError(fmt::format("{}, rank {}: {}", one.name, communicator.rank(), error.what()));
    }
  }
}

}  // namespace descent::conformance
