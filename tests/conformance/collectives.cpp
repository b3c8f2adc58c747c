#include "tests/conformance/collectives.hpp"

#include "algorithms/collectives/executor.hpp"
#include "algorithms/collectives/summation.hpp"
#include "algorithms/comm/forwarding_communicator.hpp"
#include "tests/support/addends.hpp"
#include "tests/support/collective_forms.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace descent::conformance {
namespace {

using test::CollectiveCase;
using Op = CollectiveOperation;

/// Tags of these checks; the cases of the seam use others.
constexpr Tag kCollective = 20000;
constexpr Tag kOther = 20002;
constexpr Tag kDigest = 20010;

constexpr std::size_t kLong = 10007;
constexpr std::size_t kVeryLong = 1000003;

/// A communicator that counts what goes through it. It does not pass `meet` on: so messages carry the payload on every
/// backend.
class Counting final : public ForwardingCommunicator {
 public:
  explicit Counting(Communicator& inner) : ForwardingCommunicator(inner, 0, inner.observer()) {}

  std::unique_ptr<Meeting> meet(Contribution /*contribution*/) override { return nullptr; }

  std::uint64_t bytes = 0;

 protected:
  Request do_send(int to, Message message) override {
    bytes += message.wire_bytes;
    return ForwardingCommunicator::do_send(to, std::move(message));
  }
};

/// Distinct for every rank and index, so that misrouted chunks cannot cancel, and small enough for exact sums in single
/// precision: 61 (rank + 1) + index mod kPeriod.
constexpr std::size_t kPeriod = 4001;

template <class Real>
Snapshot filled(int rank, std::size_t size) {
  Buffer buffer(precision_of<Real>, size);
  auto values = buffer.as<Real>();
  for (std::size_t i = 0; i < size; ++i) {
    values[static_cast<Eigen::Index>(i)] = static_cast<Real>(61 * static_cast<std::size_t>(rank + 1) + i % kPeriod);
  }
  return std::move(buffer).freeze();
}

void demand(bool kept, const std::string& what) {
  if (!kept) {
    throw std::runtime_error(what);
  }
}

/// `values`: elements from `begin` on of the sum of the vectors of these ranks.
void demand_sum(const Snapshot& values, std::size_t begin, const Group& group, const std::string& where) {
  std::size_t constant = 0;
  for (int member = 0; member < group.size(); ++member) {
    constant += 61 * static_cast<std::size_t>(group.rank(member) + 1);
  }
  with_real(values.precision(), [&](auto real) {
    using Real = decltype(real);
    const auto found = values.as<Real>();
    std::size_t phase = begin % kPeriod;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t exact = constant + static_cast<std::size_t>(group.size()) * phase;
      if (found[static_cast<Eigen::Index>(i)] != static_cast<Real>(exact)) {
        throw std::runtime_error(fmt::format("{}: element {}", where, begin + i));
      }
      phase = phase + 1 == kPeriod ? 0 : phase + 1;
    }
  });
}

void demand_same(const Snapshot& found, const Snapshot& expected, const std::string& where) {
  demand(found.size() == expected.size() && (found.empty() || found.precision() == expected.precision()),
         where + ": size and precision");
  demand(found.empty() || found.digest() == expected.digest(), where + ": bits");
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

/// One collective of one group, over vectors of one precision.
class Check {
 public:
  Check(const CollectiveCase& which, Communicator& communicator, Delivery delivery, Group group, Tag tag,
        std::size_t width)
      : which_(which),
        choice_(which.choose(communicator.size())),
        communicator_(communicator),
        counts_(delivery == Delivery::messages && group.is_first(communicator.size())),
        group_(group),
        counting_(communicator),
        collective_(choice_, delivery == Delivery::messages ? counting_ : communicator, group,
                    static_cast<double>(width), tag),
        width_(width) {}

  bool has(Op operation) const { return fault_of(*choice_.row, operation).empty(); }

  void sums(const Snapshot& mine) {
    const std::string where = where_of(Op::allreduce, mine.size());
    counted(Op::allreduce, mine.size(), [&] { demand_sum(collective_.allreduce(mine).sum, 0, group_, where); });
    if (has(Op::reduce_scatter)) {
      scatters_and_gathers(mine);
    }
    if (has(Op::reduce)) {
      reduces_and_broadcasts(mine);
    }
  }

  /// Bits against those of the sum in the order of the allreduce's schedule.
  void bits(const std::vector<Snapshot>& addends) {
    const Snapshot& mine = addends[static_cast<std::size_t>(collective_member())];
    const std::size_t size = mine.size();
    const auto schedule = schedule_of(choice_, Op::allreduce, group_, width_ * size);
    Buffer buffer(mine.precision(), size);
    SumOrder(*schedule, group_.size()).add(addends, 0, size, buffer);
    const Snapshot expected = std::move(buffer).freeze();
    demand_same(collective_.allreduce(mine).sum, expected, where_of(Op::allreduce, size));
    if (choice_.row->native) {
      return;  // whose halves are those of another schedule
    }
    if (has(Op::reduce_scatter)) {
      const Part part = collective_.owned(size);
      demand_same(collective_.reduce_scatter(mine).sum, expected.slice(part.begin, part.count),
                  where_of(Op::reduce_scatter, size));
    }
    if (has(Op::reduce)) {
      const Snapshot sum = collective_.reduce(mine);
      demand_same(sum, expected.slice(0, is_first() ? size : 0), where_of(Op::reduce, size));
    }
  }

  /// A flag that one member raises reaches all, and no other does.
  void flags(const Snapshot& mine) {
    for (const int raiser : {-1, 0, group_.size() / 2, group_.size() - 1}) {
      const bool raises = collective_member() == raiser;
      demand(collective_.allreduce(mine, raises).flagged == (raiser >= 0),
             fmt::format("{}: flag of {}", where_of(Op::allreduce, mine.size()), raiser));
      if (has(Op::reduce_scatter)) {
        demand(collective_.reduce_scatter(mine, raises).flagged == (raiser >= 0),
               fmt::format("{}: flag of {}", where_of(Op::reduce_scatter, mine.size()), raiser));
      }
    }
  }

 private:
  int collective_member() const { return group_.member(communicator_.rank()); }
  bool is_first() const { return collective_member() == 0; }

  std::string where_of(Op operation, std::size_t size) const {
    return fmt::format("{} of {}, {} of {} ranks, {} elements of {} bytes, rank {}", name_with_article(operation),
                       which_.describe(), group_.size(), communicator_.size(), size, width_, communicator_.rank());
  }

  void scatters_and_gathers(const Snapshot& mine) {
    const std::size_t size = mine.size();
    const Part part = collective_.owned(size);
    Snapshot sum;
    counted(Op::reduce_scatter, size, [&] { sum = collective_.reduce_scatter(mine).sum; });
    demand(sum.size() == part.count, where_of(Op::reduce_scatter, size) + ": size");
    demand_sum(sum, part.begin, group_, where_of(Op::reduce_scatter, size));
    Snapshot whole;
    counted(Op::all_gather, size, [&] { whole = collective_.all_gather(sum, size); });
    demand(whole.size() == size, where_of(Op::all_gather, size) + ": size");
    demand_sum(whole, 0, group_, where_of(Op::all_gather, size));
    gathers_pieces(mine.precision(), {size % 7, 0, 1 + size % 3});
    gathers_pieces(mine.precision(), {1 + size % 100});
  }

  /// Member m brings as many elements as `sizes` says, cyclically.
  void gathers_pieces(Precision precision, const std::vector<std::size_t>& sizes) {
    std::vector<std::size_t> all;
    for (std::size_t member = 0; member < static_cast<std::size_t>(group_.size()); ++member) {
      all.push_back(sizes[member % sizes.size()]);
    }
    const auto piece = [&](int member) {
      return with_real(precision, [&](auto real) {
        return filled<decltype(real)>(group_.rank(member), all[static_cast<std::size_t>(member)]);
      });
    };
    const std::vector<Snapshot> pieces = collective_.all_gather_each(piece(collective_member()), all).vectors;
    demand(pieces.size() == all.size(), where_of(Op::all_gather, 0) + ": pieces");
    for (int member = 0; member < group_.size(); ++member) {
      demand_same(pieces[static_cast<std::size_t>(member)], piece(member),
                  fmt::format("{}: piece {}", where_of(Op::all_gather, 0), member));
    }
  }

  void reduces_and_broadcasts(const Snapshot& mine) {
    const std::size_t size = mine.size();
    Snapshot sum;
    counted(Op::reduce, size, [&] { sum = collective_.reduce(mine); });
    demand(sum.size() == (is_first() ? size : 0), where_of(Op::reduce, size) + ": size");
    demand_sum(sum, 0, group_, where_of(Op::reduce, size));
    Snapshot whole;
    counted(Op::broadcast, size, [&] { whole = collective_.broadcast(sum, size); });
    demand(whole.size() == size, where_of(Op::broadcast, size) + ": size");
    demand_sum(whole, 0, group_, where_of(Op::broadcast, size));
  }

  template <class F>
  void counted(Op operation, std::size_t size, F&& run) {
    counting_.bytes = 0;
    run();
    if (!counts_ || choice_.row->native) {
      return;  // The platform's own: nothing is promised but the sum.
    }
    const double bytes = static_cast<double>(size * width_);
    const test::ClosedForm form = test::ClosedForms(which_, group_.size(), bytes).of(operation);
    const std::size_t rounds = collective_.rounds(operation, size);
    demand(static_cast<double>(rounds) == form.rounds(), where_of(operation, size) + ": rounds");
    const double most = largest(communicator_, static_cast<double>(counting_.bytes));
    if (communicator_.rank() == 0) {
      // Chunks differ by one element at most.
      const auto schedule = schedule_of(choice_, operation, group_, size * width_);
      const double slack = schedule->chunks() > 1 ? static_cast<double>(rounds * schedule->chunks() * width_) : 0;
      demand(std::abs(most - form.largest_bytes) <= slack,
             fmt::format("{}: {} bytes sent, {} expected", where_of(operation, size), most, form.largest_bytes));
    }
  }

  CollectiveCase which_;
  CollectiveChoice choice_;
  Communicator& communicator_;
  bool counts_;
  Group group_;
  Counting counting_;
  Collective collective_;
  std::size_t width_;
};

/// Disjoint groups of the same tag at the same time, out of order; then groups that cross them, with another tag.
void check_groups(Communicator& communicator, const CollectiveCase& which, Delivery delivery) {
  const int ranks = communicator.size();
  std::vector<int> mine;  // those of my parity, downwards
  for (int rank = ranks - 1; rank >= 0; --rank) {
    if (rank % 2 == communicator.rank() % 2) {
      mine.push_back(rank);
    }
  }
  std::vector<int> half;  // my half, beginning with its second rank
  const Part part = part_of(static_cast<std::size_t>(ranks), 2, communicator.rank() < (ranks + 1) / 2 ? 0 : 1);
  for (std::size_t i = 0; i < part.count; ++i) {
    half.push_back(static_cast<int>(part.begin + (i + 1) % part.count));
  }
  std::vector<int> all(static_cast<std::size_t>(ranks));
  std::iota(all.begin(), all.end(), 0);
  std::rotate(all.begin(), all.begin() + ranks / 3, all.end());
  Check by_parity(which, communicator, delivery, Group(mine), kCollective, sizeof(float));
  Check by_half(which, communicator, delivery, Group(half), kOther, sizeof(float));
  Check rotated(which, communicator, delivery, Group(all), kCollective, sizeof(float));
  const Snapshot vector = filled<float>(communicator.rank(), 1003);
  by_parity.sums(vector);
  by_half.sums(vector);
  rotated.sums(vector);
  by_half.bits(test::addends_of(static_cast<int>(half.size()), 1003));
  by_parity.flags(vector);
}

template <class Real>
void check(Communicator& communicator, const CollectiveCase& which, Delivery delivery,
           const std::vector<Snapshot>& vectors) {
  Check all(which, communicator, delivery, Group::first(communicator.size()), kCollective, sizeof(Real));
  for (const Snapshot& vector : vectors) {
    all.sums(vector);
  }
}

}  // namespace

void check_collectives(Communicator& communicator, Delivery delivery) {
  const int ranks = communicator.size();
  const auto count = static_cast<std::size_t>(ranks);
  std::vector<Snapshot> singles;
  std::vector<Snapshot> doubles;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, count - 1, count, kLong}) {
    singles.push_back(filled<float>(communicator.rank(), size));
  }
  for (const std::size_t size : {std::size_t{0}, kLong}) {
    doubles.push_back(filled<double>(communicator.rank(), size));
  }
  const std::vector<Snapshot> addends = test::addends_of(ranks, 1003);
  std::vector<CollectiveCase> cases = test::collective_cases(ranks);
  cases.push_back({"native"});
  if (ranks > 16) {  // parameters, and both precisions of every length, have been seen by then
    std::erase_if(cases, [](const CollectiveCase& which) { return !which.parameters.empty() || which.per_node == 2; });
    singles.erase(singles.begin(), singles.begin() + 2);
    doubles.pop_back();
  }
  for (const CollectiveCase& which : cases) {
    check<float>(communicator, which, delivery, singles);
    check<double>(communicator, which, delivery, doubles);
    Check all(which, communicator, delivery, Group::first(ranks), kCollective, sizeof(float));
    if (which.name != "native") {
      all.bits(addends);
    }
    all.flags(singles.back().slice(0, 10));
  }
  const Snapshot very_long = filled<float>(communicator.rank(), ranks > 4 ? kVeryLong / 10 : kVeryLong);
  for (const CollectiveRow& row : collective_rows()) {
    const CollectiveCase which{row.entry.name, {}, 2};
    Check(which, communicator, delivery, Group::first(ranks), kCollective, sizeof(float)).sums(very_long);
    check_groups(communicator, which, delivery);
  }
}

}  // namespace descent::conformance
