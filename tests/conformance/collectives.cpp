#include "tests/conformance/collectives.hpp"

#include "algorithms/collectives/executor.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <stdexcept>

namespace descent::conformance {
namespace {

/// Tags of these checks; the cases of the seam use others.
constexpr Tag kCollective = 20000;
constexpr Tag kDigest = 20010;

/// A communicator that counts what goes through it. It does not pass `meet` on: so messages carry the payload on every
/// backend, and what is summed is what came.
class Counting final : public Communicator {
 public:
  explicit Counting(Communicator& inner) : Communicator(0, inner.observer()), inner_(inner) {}

  int rank() const override { return inner_.rank(); }
  int size() const override { return inner_.size(); }
  double now() const override { return inner_.now(); }
  Task start(const Work& work, Kernel kernel) override { return inner_.start(work, std::move(kernel)); }
  void cancel(const Task& task) override { inner_.cancel(task); }
  Line spawn(int channel, std::function<void(Communicator&)> program) override {
    return inner_.spawn(channel, std::move(program));
  }
  Signal make_signal() override { return inner_.make_signal(); }
  std::optional<Reduced> native_allreduce(Snapshot& mine, std::optional<bool> flag, std::uint64_t wire_bytes) override {
    return inner_.native_allreduce(mine, flag, wire_bytes);
  }

  std::uint64_t bytes = 0;
  std::size_t messages = 0;

 protected:
  Request do_send(int to, Message message) override {
    bytes += message.wire_bytes;
    ++messages;
    const Tag tag = message.tag;
    return inner_.send(to, tag, std::move(message));
  }
  First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages_expected,
                 double deadline) override {
    return inner_.first(operations, messages_expected, deadline);
  }

 private:
  Communicator& inner_;
};

/// Distinct for every rank and index, so that misrouted chunks cannot cancel, and small enough for exact sums in single
/// precision.
double value(int rank, std::size_t index) {
  return static_cast<double>(rank + 1) * 61.0 + static_cast<double>(index % 4001);
}

template <class Real>
Snapshot filled(int rank, std::size_t size) {
  Buffer buffer(precision_of<Real>, size);
  for (std::size_t i = 0; i < size; ++i) {
    buffer.as<Real>()(static_cast<Eigen::Index>(i)) = static_cast<Real>(value(rank, i));
  }
  return std::move(buffer).freeze();
}

struct Expectation {
  std::size_t rounds;
  /// Of the rank that sends most, for chunks of equal size.
  double largest_bytes;
};

int ceil_log2(int ranks) {
  return std::bit_width(static_cast<unsigned>(ranks - 1));
}

Expectation expected(const std::string& name, int ranks, double bytes) {
  const double p = ranks;
  if (ranks == 1) {
    return {0, 0};
  }
  if (name == "ring") {
    return {2 * static_cast<std::size_t>(ranks - 1), 2 * bytes * (p - 1) / p};
  }
  if (name == "recursive-doubling") {
    const bool power = std::has_single_bit(static_cast<unsigned>(ranks));
    const int doublings = std::bit_width(static_cast<unsigned>(ranks)) - 1;
    // With a fold, a rank of the core also tells the sum to the one beyond it.
    return {static_cast<std::size_t>(doublings + (power ? 0 : 2)), bytes * (doublings + (power ? 0 : 1))};
  }
  if (name == "tree") {
    return {2 * static_cast<std::size_t>(ceil_log2(ranks)), bytes * ceil_log2(ranks)};
  }
  return {2, bytes * (p - 1)};  // coordinator
}

void demand(bool kept, const std::string& what) {
  if (!kept) {
    throw std::runtime_error(what);
  }
}

/// The largest of all ranks' values, known to rank 0.
double largest(Communicator& communicator, double mine) {
  Buffer own(Precision::double_precision, 1);
  own.as<double>()(0) = mine;
  if (communicator.rank() != 0) {
    Message message;
    message.payload = std::move(own).freeze();
    communicator.wait(communicator.send(0, kDigest, std::move(message)));
    return mine;
  }
  for (int peer = 1; peer < communicator.size(); ++peer) {
    mine = std::max(mine, communicator.receive(peer, kDigest).payload.as<double>()(0));
  }
  return mine;
}

template <class Real>
void check(Communicator& communicator, const CollectiveRow& row, std::size_t size) {
  const int ranks = communicator.size();
  const std::string where = fmt::format("{}, {} ranks, {} elements of {} bytes, rank {}", row.entry.name, ranks, size,
                                        sizeof(Real), communicator.rank());
  Counting counting(communicator);
  Collective collective(row, counting, ranks, sizeof(Real), kCollective);
  for (int repeat = 0; repeat < 2; ++repeat) {
    const Snapshot sum = collective.allreduce(filled<Real>(communicator.rank(), size)).sum;
    demand(sum.size() == size, where + ": size");
    for (std::size_t i = 0; i < size; ++i) {
      double exact = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        exact += value(rank, i);
      }
      demand(static_cast<double>(sum.as<Real>()(static_cast<Eigen::Index>(i))) == exact,
             fmt::format("{}: element {}", where, i));
    }
  }
  if (row.native) {
    return;  // The platform's own: nothing is promised but the sum.
  }
  const double bytes = static_cast<double>(size) * sizeof(Real);
  const Expectation expectation = expected(row.entry.name, ranks, bytes);
  demand(collective.rounds(size) == expectation.rounds, where + ": rounds");
  const double most = largest(communicator, static_cast<double>(counting.bytes) / 2);
  if (communicator.rank() == 0) {
    // Chunks differ by one element at most, and so does each round's part.
    const double slack = row.entry.name == "ring" ? 2.0 * ranks * sizeof(Real) : 0;
    demand(std::abs(most - expectation.largest_bytes) <= slack,
           fmt::format("{}: {} bytes sent, {} expected", where, most, expectation.largest_bytes));
  }
}

/// A flag that one rank raises reaches all, and no other does.
void check_flags(Communicator& communicator, const CollectiveRow& row) {
  const int ranks = communicator.size();
  Collective collective(row, communicator, ranks, sizeof(float), kCollective);
  const Snapshot mine = filled<float>(communicator.rank(), 10);
  for (int raiser = -1; raiser < ranks; ++raiser) {
    const Reduced reduced = collective.allreduce(mine, communicator.rank() == raiser);
    demand(reduced.flagged == (raiser >= 0),
           fmt::format("{}, {} ranks: flag of rank {} at rank {}", row.entry.name, ranks, raiser, communicator.rank()));
  }
}

}  // namespace

void check_collectives(Communicator& communicator) {
  const auto ranks = static_cast<std::size_t>(communicator.size());
  for (const CollectiveRow& row : collective_rows()) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, ranks - 1, ranks, std::size_t{100003}}) {
      check<float>(communicator, row, size);
      check<double>(communicator, row, size);
    }
    check_flags(communicator, row);
  }
}

}  // namespace descent::conformance
