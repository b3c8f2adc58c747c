#include "algorithms/math/vector.hpp"

#include "algorithms/math/deferred.hpp"
#include "algorithms/math/recycler.hpp"

#include <xxhash.h>

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>

namespace descent {
namespace {

std::uint64_t next_version() {
  static std::atomic<std::uint64_t> newest = 0;
  return ++newest;
}

}  // namespace

Snapshot Snapshot::slice(std::size_t begin, std::size_t count) const {
  assert(begin + count <= size_);
  Snapshot part = *this;
  part.offset_ += begin;
  part.size_ = count;
  return part;
}

Snapshot Snapshot::placeholder(Precision precision, std::size_t size) {
  Snapshot snapshot;
  snapshot.size_ = size;
  snapshot.precision_ = precision;
  return snapshot;
}

Snapshot Snapshot::deferred(Precision precision, std::size_t size, std::function<Snapshot()> compute) {
  Snapshot snapshot;
  snapshot.deferred_ = std::make_shared<Deferred>(std::move(compute));
  snapshot.version_ = next_version();
  snapshot.size_ = size;
  snapshot.precision_ = precision;
  return snapshot;
}

bool Snapshot::is_deferred() const {
  return deferred_ && !deferred_->kept();
}

Snapshot Snapshot::computed() const {
  return deferred_ ? deferred_->compute().slice(offset_, size_) : *this;
}

const std::byte* Snapshot::deferred_data() const {
  return deferred_->keep().data();
}

Snapshot Snapshot::with(std::shared_ptr<const void> companion) && {
  assert(storage_);
  struct Both {
    std::shared_ptr<const void> companion;  // goes after the memory
    std::shared_ptr<std::byte> memory;
  };
  std::byte* const begin = storage_.get();
  storage_ = {std::make_shared<Both>(Both{std::move(companion), std::move(storage_)}), begin};
  return std::move(*this);
}

std::shared_ptr<const void> Snapshot::holder() const {
  return deferred_ ? std::shared_ptr<const void>(deferred_) : storage_;
}

Snapshot::Identity Snapshot::identity() const {
  Identity identity;
  identity.storage_ = holder();
  identity.version_ = version_;
  identity.offset_ = offset_;
  identity.size_ = size_;
  return identity;
}

std::string Snapshot::digest() const {
  if (is_placeholder()) {
    return "";
  }
  const XXH128_hash_t hash = XXH3_128bits(data(), bytes());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

Buffer::Buffer(Precision precision, std::size_t size)
    : storage_(recycled_memory(std::max<std::size_t>(size * bytes_per_element(precision), 1))),
      size_(size),
      precision_(precision) {}

Buffer Buffer::zeros(Precision precision, std::size_t size) {
  Buffer buffer(precision, size);
  std::memset(buffer.data(), 0, size * bytes_per_element(precision));
  return buffer;
}

Buffer Buffer::from(Snapshot source) {
  if (source.is_placeholder()) {
    Buffer buffer;
    buffer.size_ = source.size_;
    buffer.precision_ = source.precision_;
    return buffer;
  }
  source = source.computed();
  if (source.is_only_one()) {
    // The last other holder's reads happen before its release of the count, which we have just seen.
    std::atomic_thread_fence(std::memory_order_acquire);
    Buffer buffer;
    buffer.storage_ = std::move(source.storage_);
    buffer.size_ = source.size_;
    buffer.precision_ = source.precision_;
    return buffer;
  }
  Buffer buffer(source.precision_, source.size_);
  buffer.store(0, source);
  return buffer;
}

void Buffer::add(std::size_t begin, const Snapshot& addend) {
  assert(addend.precision() == precision_ && begin + addend.size() <= size_);
  if (!storage_) {
    return;
  }
  const Snapshot values = addend.computed();
  with_real(precision_, [&](auto real) {
    using Real = decltype(real);
    as<Real>().segment(static_cast<Eigen::Index>(begin), static_cast<Eigen::Index>(values.size())) += values.as<Real>();
  });
}

void Buffer::store(std::size_t begin, const Snapshot& source) {
  assert(source.precision() == precision_ && begin + source.size() <= size_);
  if (!source.empty()) {
    std::memcpy(data() + begin * bytes_per_element(precision_), source.data(), source.bytes());
  }
}

void Buffer::scale(double factor) {
  if (!storage_) {
    return;
  }
  with_real(precision_, [&](auto real) {
    using Real = decltype(real);
    as<Real>() *= static_cast<Real>(factor);
  });
}

Snapshot Buffer::freeze() && {
  Snapshot snapshot;
  snapshot.storage_ = std::move(storage_);
  snapshot.version_ = next_version();
  snapshot.size_ = std::exchange(size_, 0);
  snapshot.precision_ = precision_;
  return snapshot;
}

Snapshot sum(Snapshot a, Snapshot b) {
  if (a.is_placeholder()) {
    return a;
  }
  assert(a.precision() == b.precision() && a.size() == b.size());
  a = a.computed();
  b = b.computed();
  return with_real(a.precision(), [&](auto real) {
    using Real = decltype(real);
    const auto left = a.as<Real>();
    const auto right = b.as<Real>();
    Buffer result = a.is_only_one()   ? Buffer::from(std::move(a))
                    : b.is_only_one() ? Buffer::from(std::move(b))
                                      : Buffer(a.precision(), a.size());
    result.as<Real>() = left + right;  // one pass; an addend's own memory is read before it is written
    return std::move(result).freeze();
  });
}

Snapshot combination(std::span<const WeightedVector> terms) {
  const Snapshot& first = terms.front().vector;
  if (first.is_placeholder()) {
    return first;
  }
  Buffer result(first.precision(), first.size());
  with_real(first.precision(), [&](auto real) {
    using Real = decltype(real);
    auto sum = result.as<Real>();
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const auto weight = static_cast<Real>(terms[i].weight);
      const Snapshot vector = terms[i].vector.computed();
      assert(vector.size() == first.size() && vector.precision() == first.precision());
      if (i == 0) {
        sum = weight * vector.as<Real>();
      } else {
        sum += weight * vector.as<Real>();
      }
    }
  });
  return std::move(result).freeze();
}

Snapshot join(std::span<const Snapshot> parts) {
  if (parts.size() == 1) {
    return parts.front();
  }
  std::size_t size = 0;
  for (const Snapshot& part : parts) {
    size += part.size();
  }
  if (std::any_of(parts.begin(), parts.end(), [](const Snapshot& part) { return part.is_placeholder(); })) {
    return Snapshot::placeholder(parts.front().precision(), size);
  }
  Buffer whole(parts.empty() ? Precision::single_precision : parts.front().precision(), size);
  std::size_t begin = 0;
  for (const Snapshot& part : parts) {
    whole.store(begin, part);
    begin += part.size();
  }
  return std::move(whole).freeze();
}

Part part_of(std::size_t size, std::size_t parts, std::size_t index) {
  const std::size_t quotient = size / parts;
  const std::size_t remainder = size % parts;
  return {index * quotient + std::min(index, remainder), quotient + (index < remainder ? 1 : 0)};
}

}  // namespace descent
