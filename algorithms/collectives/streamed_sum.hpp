#pragma once

#include "algorithms/collectives/summation.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace descent {

/// A sum some of whose addends are deferred, formed by any number of threads together, of which each holds one computed
/// addend at a time. Addends are visited one after the other (SumOrder::visits): computed, added to every piece of the
/// sum whose turn it is, and dropped. Several are computed at once; pieces see them in the order of the visits, so the
/// bits do not depend on the number of threads. A ring computes a deferred addend twice, a tree once.
class StreamedSum {
 public:
  /// `addends`: one of equal size for each rank of the order.
  StreamedSum(std::shared_ptr<const SumOrder> order, std::vector<Snapshot> addends);
  /// Addends of `size` elements are still to be supplied.
  StreamedSum(std::shared_ptr<const SumOrder> order, Precision precision, std::size_t size);

  /// Brings a rank's addend. True where one more thread should call `work` now: fewer than `workers` do, or have been
  /// asked to, and there is an addend for it to begin with.
  bool supply(std::size_t rank, Snapshot addend, std::size_t workers);
  /// Helps until no addend is left, or the next one has yet to be supplied. No thread waits for one that has yet to
  /// begin. Throws what an addend's computation throws.
  void work();
  /// The sum. Precondition: all has been supplied, as many calls of `work` as were asked for (or one, where all was
  /// there from the beginning) have begun, and all have returned.
  Snapshot take() &&;

 private:
  /// Elements of one section, with the step of its program that comes next and the partial sums that there are.
  struct Piece {
    SumOrder::Program program;
    Part where;
    std::size_t next = 0;
    std::size_t depth = 0;
  };
  /// The partial sums of all pieces at one depth of the stack, in places as in the whole. Made when one is needed: by
  /// then the memory of addends may be free.
  struct Level {
    std::once_flag made;
    Buffer buffer;
  };
  struct Visit {
    std::size_t number;
    std::uint32_t rank;
    Snapshot addend;
  };

  void cut();
  std::optional<Visit> next_visit();
  bool has_next() const;
  void show(const Visit& visit, const Snapshot& addend, std::exception_ptr& failure);
  void advance(Piece& piece, std::uint32_t rank, const Snapshot& addend);
  Buffer& level(std::size_t depth);
  void merge(std::size_t depth, Part where);

  std::shared_ptr<const SumOrder> order_;
  std::vector<Piece> pieces_;
  /// Lane i has an equal part of the pieces, and the number of the visit that they are ready for.
  std::vector<std::atomic<std::size_t>> lanes_;
  Precision precision_;
  std::size_t size_;
  /// The first becomes the sum.
  std::vector<Level> levels_;

  std::mutex mutex_;
  std::vector<Snapshot> addends_;
  /// Visits to come, by rank.
  std::vector<std::uint32_t> left_;
  std::size_t begun_ = 0;
  /// Who works, or has been asked to.
  std::size_t working_ = 0;
};

}  // namespace descent
