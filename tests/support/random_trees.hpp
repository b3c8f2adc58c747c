#pragma once

#include "algorithms/collectives/schedule.hpp"
#include "algorithms/core/random.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace descent::test {

/// An allreduce that adds every chunk in an order of its own, drawn at random: one message at a time.
class RandomTrees final : public Schedule {
 public:
  RandomTrees(int ranks, std::size_t chunks, std::uint64_t seed) : chunks_(chunks) {
    RandomStream random(seed, Purpose::test);
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
      std::vector<int> left(static_cast<std::size_t>(ranks));
      std::iota(left.begin(), left.end(), 0);
      const auto draw = [&] {
        const auto place = left.begin() + static_cast<std::ptrdiff_t>(random() % left.size());
        const int rank = *place;
        left.erase(place);
        return rank;
      };
      while (left.size() > 1) {
        const int from = draw();
        const int to = draw();
        messages_.push_back({from, to, chunk, Reception::Then::add});
        left.push_back(to);
      }
      for (int rank = 0; rank < ranks; ++rank) {
        if (rank != left.front()) {
          messages_.push_back({left.front(), rank, chunk, Reception::Then::store});
        }
      }
    }
  }

  std::size_t rounds() const override { return messages_.size(); }
  std::size_t chunks() const override { return chunks_; }
  void at(std::size_t round, int rank, RoundPart& part) const override {
    const Message& message = messages_[round];
    if (rank == message.from) {
      part.sends.push_back({message.to, {message.chunk}});
    }
    if (rank == message.to) {
      part.receives.push_back({message.from, {message.chunk}, message.then});
    }
  }

 private:
  struct Message {
    int from;
    int to;
    std::size_t chunk;
    Reception::Then then;
  };
  std::size_t chunks_;
  std::vector<Message> messages_;
};

}  // namespace descent::test
