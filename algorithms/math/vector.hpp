#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace descent {

enum class Precision { single_precision, double_precision };

template <class Real>
constexpr Precision precision_of = sizeof(Real) == sizeof(float) ? Precision::single_precision
                                                                 : Precision::double_precision;

constexpr std::size_t bytes_per_element(Precision precision) {
  return precision == Precision::single_precision ? sizeof(float) : sizeof(double);
}

template <class Real>
using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
/// Column-major; a column is one sample.
template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

/// Calls `f(Real{})` with the type that `precision` names.
template <class F>
decltype(auto) with_real(Precision precision, F&& f) {
  return precision == Precision::single_precision ? std::forward<F>(f)(float{}) : std::forward<F>(f)(double{});
}

class Deferred;

/// A vector of parameters (or a gradient, or a part of either) that never changes: a handle to shared
/// const data. Copies and slices cost nothing; so does sending one in simulation.
///
/// It may be deferred: then it has no data yet, and knows how to compute it. Whoever reads it by `data` or `as` has it
/// computed once for all holders, and kept; whoever needs it for a moment only takes `computed`, which keeps nothing.
class Snapshot {
 public:
  Snapshot() = default;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Precision precision() const { return precision_; }
  std::size_t bytes() const { return size_ * bytes_per_element(precision_); }
  /// Stands for a vector of this size whose elements nobody computes: a run without mathematics. It has no data.
  static Snapshot placeholder(Precision precision, std::size_t size);
  bool is_placeholder() const { return size_ > 0 && !storage_ && !deferred_; }

  /// The vector that `compute` gives, which must be of this precision and size and the same on every call, on any
  /// thread: a function of immutable inputs that it owns.
  static Snapshot deferred(Precision precision, std::size_t size, std::function<Snapshot()> compute);
  /// It has no data yet.
  bool is_deferred() const;
  /// The same elements, with data. Each call on a deferred one computes them anew. Thread-safe.
  Snapshot computed() const;
  /// Lets go of `companion` when the last holder of this memory does. Precondition: it has data.
  Snapshot with(std::shared_ptr<const void> companion) &&;

  /// Computes a deferred one, once. Thread-safe.
  const std::byte* data() const {
    return (deferred_ ? deferred_data() : storage_.get()) + offset_ * bytes_per_element(precision_);
  }

  /// Elements [begin, begin + count) of this one, sharing its data. Precondition: inside [0, size()].
  Snapshot slice(std::size_t begin, std::size_t count) const;

  template <class Real>
  Eigen::Map<const Vector<Real>> as() const {
    return {reinterpret_cast<const Real*>(data()), static_cast<Eigen::Index>(size_)};
  }

  /// Tells whether another snapshot is the same vector in memory, without holding it. What is later written in the same
  /// memory is another vector.
  class Identity {
   public:
    bool gone() const { return storage_.expired(); }
    bool is(const Snapshot& other) const {
      return version_ == other.version_ && offset_ == other.offset_ && size_ == other.size_;
    }

   private:
    friend class Snapshot;
    std::weak_ptr<const void> storage_;
    std::uint64_t version_ = 0;
    std::size_t offset_ = 0;
    std::size_t size_ = 0;
  };
  Identity identity() const;

  /// Nobody else holds this memory, and it begins here: it can become a Buffer without a copy.
  bool is_only_one() const { return storage_.use_count() == 1 && offset_ == 0; }

  /// 128 bits of XXH3 over the elements, in hexadecimal: equal digests mean equal bits. A placeholder has none: "".
  std::string digest() const;

 private:
  friend class Buffer;
  const std::byte* deferred_data() const;
  std::shared_ptr<const void> holder() const;

  std::shared_ptr<std::byte> storage_;
  /// In place of `storage_`.
  std::shared_ptr<Deferred> deferred_;
  /// No two vectors that were ever made have the same.
  std::uint64_t version_ = 0;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
  Precision precision_ = Precision::single_precision;
};

/// A vector under construction: owned by one writer, then frozen into a Snapshot without a copy. Made of a placeholder
/// it stands for one, and nothing is computed.
class Buffer {
 public:
  Buffer() = default;
  /// Elements are not initialized.
  Buffer(Precision precision, std::size_t size);

  static Buffer zeros(Precision precision, std::size_t size);
  /// A writable vector with the elements of `source`: its own memory when nobody else holds it
  /// (the usual case of an update in place), else a copy.
  static Buffer from(Snapshot source);

  std::size_t size() const { return size_; }
  Precision precision() const { return precision_; }
  std::byte* data() { return storage_.get(); }

  template <class Real>
  Eigen::Map<Vector<Real>> as() {
    return {reinterpret_cast<Real*>(storage_.get()), static_cast<Eigen::Index>(size_)};
  }

  /// this[begin + i] += addend[i], in order.
  void add(std::size_t begin, const Snapshot& addend);
  /// this[begin + i] = source[i].
  void store(std::size_t begin, const Snapshot& source);
  void scale(double factor);

  Snapshot freeze() &&;

 private:
  std::shared_ptr<std::byte> storage_;
  std::size_t size_ = 0;
  Precision precision_ = Precision::single_precision;
};

/// a + b, element by element: in the memory of either when nobody else holds it.
Snapshot sum(Snapshot a, Snapshot b);

/// A vector of a linear combination, and its weight.
struct WeightedVector {
  double weight;
  Snapshot vector;
};
/// Σ wᵢ vᵢ, added in the order given; at least one, all of one size and precision.
Snapshot combination(std::span<const WeightedVector> terms);

/// The parts one after the other; the only part itself where there is one.
Snapshot join(std::span<const Snapshot> parts);

/// Elements [begin, begin + count) that part `index` of `parts` nearly equal parts of `size` elements
/// covers: the first size mod parts of them have one element more.
struct Part {
  std::size_t begin;
  std::size_t count;
};
Part part_of(std::size_t size, std::size_t parts, std::size_t index);

}  // namespace descent
