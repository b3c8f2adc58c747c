#pragma once

#include "algorithms/comm/communicator.hpp"
#include "algorithms/comm/sharing.hpp"
#include "sim/disturbance/charge.hpp"
#include "sim/disturbance/outages.hpp"
#include "sim/mpi/pace_settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// The MPI that this program is linked with: "mpi" (a real one) or "smpi".
const char* mpi_backend();

/// Lines that a rank can have over MPI: the first and three that it spawns, on channels 1 to 3.
inline constexpr int kLines = 4;

/// What this rank is in a run.
struct MpiRank {
  std::uint64_t seed = 0;
  Observer* observer = nullptr;
  /// What the rank's computations are charged: see Slowdown.
  Charges charges = charge_at_speed;
  mpi::PaceSettings pace;
  /// When it falls silent, and until when.
  HostFailures failures = {};
};

/// MPI from its beginning to its end. One per process. No header of MPI comes with this one, so what is built on it
/// is compiled once for OpenMPI and SMPI.
class MpiWorld {
 public:
  MpiWorld(int& argc, char**& argv);
  /// Collective: waits for all ranks, receives what was sent for nobody, ends MPI. While an error is on its way up:
  /// ends all ranks.
  ~MpiWorld();
  MpiWorld(const MpiWorld&) = delete;
  MpiWorld& operator=(const MpiWorld&) = delete;

  int rank() const;
  int size() const;

  /// What all ranks gave, by rank, at rank 0; nothing elsewhere. Collective; waits as `barrier` does.
  std::vector<std::string> gather(const std::string& bytes);
  /// What rank 0 gave. Collective; waits as `barrier` does.
  std::string broadcast(const std::string& bytes);
  /// Waits for all ranks without keeping a core busy. Collective.
  void barrier();

  /// Once for the ranks of one machine.
  Sharing& sharing();

  /// Begins this rank's first line; the run's time is 0 when the last rank does. Collective, once. Ranks of one node
  /// share one clock; between nodes, clocks differ by as much as the ranks leave a barrier apart (tens of
  /// microseconds), and drift is not corrected. The reference is good until the world ends.
  Communicator& line(MpiRank description);
  /// Runs the first line's program, again in each of the rank's lives: while the rank is dead, messages to it are lost.
  /// Whether the program came to its end: the last life may have ended before.
  bool live(const std::function<void()>& program);
  /// The first line's program has ended: tells the observer the rest. Returns the time.
  double end_line();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs `program` on all ranks, from MPI_Init to MPI_Finalize. An exception on any rank is printed and ends all of
/// them: exit code 2 for an InputError, else 1. Returns the exit code.
int run_over_mpi(int argc, char** argv, const std::function<void(MpiWorld&)>& program);

}  // namespace descent
