#pragma once

#include "algorithms/comm/communicator.hpp"

#include <string>
#include <vector>

namespace descent::conformance {

/// The seed and the speed of every host (flop/s) that the cases suppose.
inline constexpr std::uint64_t kSeed = 42;
inline constexpr double kSpeed = 1e9;

/// One promise of the seam, kept or not: throws when it is not. Run by the first line of every rank, for any number
/// of ranks; knows no backend. Cases use tags of their own, so one may begin while a peer is still in the last.
struct Case {
  std::string name;
  void (*run)(Communicator&);
};

const std::vector<Case>& cases();

/// All cases in turn. What goes wrong comes out with the name of the case and the rank.
void run_all(Communicator& communicator);

}  // namespace descent::conformance
