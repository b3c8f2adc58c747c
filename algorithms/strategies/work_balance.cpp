#include "algorithms/strategies/work_balance.hpp"

#include "algorithms/strategies/learner.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

/// Beyond the tags of the strategies.
constexpr Tag kShard = 28'000;

}  // namespace

WorkBalance::WorkBalance(const Learner& learner, std::size_t workers)
    : balance_(learner.balance()), load_(learner.load(workers)) {
  if (balance_.adapts()) {
    division_ = learner.division(workers);
    seconds_per_sample_.resize(workers);
  }
}

void WorkBalance::measured(std::size_t worker, double seconds_per_sample) {
  if (balance_.adapts()) {
    seconds_per_sample_[worker] = seconds_per_sample;
  }
}

void WorkBalance::updated(std::uint64_t updates) {
  // A clock may be too coarse to see a gradient of few samples.
  const auto measured = [](double seconds) { return seconds > 0; };
  if (!balance_.due(updates)) {
    return;
  }
  moves_.clear();
  if (!std::all_of(seconds_per_sample_.begin(), seconds_per_sample_.end(), measured)) {
    return;
  }
  std::vector<double> speeds;
  speeds.reserve(seconds_per_sample_.size());
  for (const double seconds : seconds_per_sample_) {
    speeds.push_back(1 / seconds);
  }
  Division division = divide(balance_.what, load_, division_, speeds);
  if (balance_.what == Balanced::shards) {
    if (!worthwhile(division)) {
      return;
    }
    moves_ = moves_between(division_, division);
  }
  division_ = std::move(division);
}

/// Whether the slowest worker is through sooner by more than measurements tremble: shards take time to move.
bool WorkBalance::worthwhile(const Division& division) const {
  constexpr double kGain = 0.05;
  const auto slowest = [&](const Division& one) {
    double seconds = 0;
    for (std::size_t worker = 0; worker < one.batches.size(); ++worker) {
      seconds = std::max(seconds, static_cast<double>(one.batches[worker]) * seconds_per_sample_[worker]);
    }
    return seconds;
  };
  return slowest(division) < (1 - kGain) * slowest(division_);
}

std::vector<ShardMove> WorkBalance::moves(std::size_t worker) const {
  std::vector<ShardMove> mine;
  std::copy_if(moves_.begin(), moves_.end(), std::back_inserter(mine),
               [&](const ShardMove& move) { return move.from == worker || move.to == worker; });
  return mine;
}

Message moves_message(std::span<const ShardMove> moves) {
  constexpr std::size_t kNumbers = 3;
  Message message = envelope();
  if (!moves.empty()) {
    Buffer numbers(Precision::double_precision, kNumbers * moves.size());
    Eigen::Index next = 0;
    for (const ShardMove& move : moves) {
      for (const std::size_t number : {move.shard, move.from, move.to}) {
        numbers.as<double>()[next++] = static_cast<double>(number);
      }
    }
    message.payload = std::move(numbers).freeze();
    message.wire_bytes = message.payload.bytes();
  }
  return message;
}

std::vector<ShardMove> moves_in(const Message& message) {
  std::vector<ShardMove> moves;
  if (!message.payload.empty()) {
    const auto numbers = message.payload.as<double>();
    for (Eigen::Index i = 0; i + 2 < numbers.size(); i += 3) {
      moves.push_back({static_cast<std::size_t>(numbers[i]), static_cast<std::size_t>(numbers[i + 1]),
                       static_cast<std::size_t>(numbers[i + 2])});
    }
  }
  return moves;
}

void move_shards(std::span<const ShardMove> moves, Communicator& communicator, Learner& learner) {
  const auto me = static_cast<std::size_t>(communicator.rank());
  for (const ShardMove& move : moves) {
    if (move.from == me) {
      Message shard = envelope();
      shard.wire_bytes = learner.shard_bytes(move.shard);
      communicator.send(static_cast<int>(move.to), kShard, std::move(shard));
      learner.drop_shard(move.shard);
    }
  }
  for (const ShardMove& move : moves) {
    if (move.to == me) {
      communicator.receive(static_cast<int>(move.from), kShard);
      learner.take_shard(move.shard);
    }
  }
}

}  // namespace descent
