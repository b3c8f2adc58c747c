#pragma once

#include <Random123/philox.h>

#include <cstdint>

namespace descent {

/// What a random number is for. Part of a stream's key, so two purposes never share numbers.
/// Append only: changing a value changes every result that used it.
enum class Purpose : std::uint32_t {
  initial_parameters = 1,
  shuffle = 2,
  synthetic_data = 3,
  partition = 4,
  gradient_noise = 5,
  slowdown = 6,
  test = 7,
  problem = 8,
  compression = 9,
  graph = 10,
  peer = 11,
  client = 12,
  shared_slowdown = 13,
  trace_offset = 14,
  shared_trace_offset = 15,
  jitter = 16,
  message_loss = 17,
  failure = 20,
  sweep = 21,
  sweep_strata = 22,
};

/// A counter-based random stream (Philox4x32-10; Salmon et al. 2011): the numbers depend on the key
/// (seed, purpose, owner, step) alone, not on the order or the thread in which streams are read.
/// Satisfies UniformRandomBitGenerator; use with Boost.Random distributions, whose results do not
/// depend on the standard library.
class RandomStream {
 public:
  using result_type = std::uint32_t;

  /// `owner` is a rank, a shard or a sample, `step` the step within it; see the callers of each purpose.
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t owner = 0, std::uint64_t step = 0)
      : key_{{low(seed), high(seed) ^ static_cast<std::uint32_t>(purpose) * 0x9E3779B9U}},
        counter_{{0, low(step), low(owner), high(step) ^ high(owner) * 0x85EBCA6BU}} {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }

  result_type operator()() {
    if (used_ == 4) {
      block_ = r123::Philox4x32{}(counter_, key_);
      ++counter_[0];
      used_ = 0;
    }
    return block_[used_++];
  }

 private:
  static std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
  static std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32U); }

  r123::Philox4x32::key_type key_;
  r123::Philox4x32::ctr_type counter_;
  r123::Philox4x32::ctr_type block_{};
  unsigned used_ = 4;
};

}  // namespace descent
