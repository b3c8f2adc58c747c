#pragma once

#include "sim/record/rank_record.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace descent {

/// Puts together what ranks report of one moment: the shares of a vector, or replicas. Replicas that are down need not
/// be there, nor those that were down then and have since gone on; what is late is left out.
class ObservedParts {
 public:
  /// `parameters`: of a whole vector.
  explicit ObservedParts(std::size_t parameters) : parameters_(parameters) {}

  void add(ObservedPart part);
  /// A replica's rank has died, or is there again.
  void lost(int replica);
  void returned(int replica) { down_.erase(replica); }
  /// Nothing more will come: who has not reported its end is down.
  void end();
  /// The parts of the earliest slot that has all it needs, by replica and offset; none: there is no such slot.
  std::vector<ObservedPart> take();
  /// Samples that all replicas had added by what has been taken.
  std::uint64_t samples() const;

 private:
  bool complete(std::uint64_t slot, const std::vector<ObservedPart>& parts) const;

  std::size_t parameters_;
  std::map<std::uint64_t, std::vector<ObservedPart>> incomplete_;
  std::uint64_t newest_ = 0;
  /// By replica: the newest slot that it has reported, but for the last one, and its samples by the newest taken.
  struct Replica {
    std::optional<std::uint64_t> slot;
    std::uint64_t samples = 0;
    bool ended = false;
  };
  std::map<int, Replica> replicas_;
  std::set<int> down_;
  /// Some replica has been down.
  bool losses_ = false;
  /// Of replicas: the newest that has been taken.
  std::optional<std::uint64_t> taken_;
};

}  // namespace descent
