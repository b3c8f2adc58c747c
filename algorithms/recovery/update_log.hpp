#pragma once

#include "algorithms/comm/communicator.hpp"

#include <cstdint>
#include <optional>

namespace descent {

/// What a rank has done since its newest checkpoint, one entry an update: durable before anybody is told of the update,
/// so that a next life can do it again and nobody's knowledge is of what never was.
class UpdateLog {
 public:
  explicit UpdateLog(Communicator& communicator) : communicator_(communicator) {}

  /// Entry of update `number`, 1, 2, …: returns when it is durable. `bytes`: what is charged for it.
  void append(std::uint64_t number, Stored entry, std::uint64_t bytes);
  /// What an earlier life has written for it. Takes the time of reading.
  std::optional<Stored> read(std::uint64_t number);
  /// Entries up to this one are in a checkpoint.
  void trim(std::uint64_t number);

 private:
  Communicator& communicator_;
  std::uint64_t trimmed_ = 0;
};

}  // namespace descent
