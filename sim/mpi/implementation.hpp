#pragma once

#include "sim/mpi/pace_settings.hpp"

#include <mpi.h>

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>

namespace descent::mpi {

// What differs between a real MPI (implementation_mpi.cpp) and SMPI (implementation_smpi.cpp), where ranks are
// simulated by one process and time passes only where it is charged. A binary has one of the two.

/// Seconds on a clock that all ranks of a machine share. Not MPI_Wtime: OpenMPI 4.1's begins at another moment in each
/// process, milliseconds apart (and MPI_WTIME_IS_GLOBAL is false), so that messages seem to come before they were sent.
double seconds();

/// Seconds since the start of the run.
struct Clock {
  double origin = 0;
  double now() const { return seconds() - origin; }
};

/// Charges computations.
class Pace {
 public:
  /// `settings` must outlive it.
  explicit Pace(const PaceSettings& settings) : settings_(settings) {}

  /// For a computation that began at `begin` and whose kernel has just returned: the time at which it is over, in
  /// the future or now. `flops` is what it is charged, slowdowns included. Under SMPI the line is blocked meanwhile.
  double end(double flops, double begin, const Clock& clock) const;
  /// The same for one that is charged so many seconds.
  double end_after(double seconds, double begin, const Clock& clock) const;

 private:
  const PaceSettings& settings_;
};

/// A request that has ended.
struct Ended {
  std::size_t index = 0;
  MPI_Status status{};
};

/// What a line does while nothing happens: leaves the processor to others.
class Rest {
 public:
  /// Something has happened: what comes next is likely to come soon.
  void restart() { began_.reset(); }

  /// Returns when something may have happened, after at most `longest` seconds (infinity: no matter).
  /// `requests`: all that the line waits for; the one that was seen to end is returned. `moving`: data are on their
  /// way, and move only while MPI is called.
  std::optional<Ended> operator()(std::span<MPI_Request> requests, bool moving, double longest);
  void operator()() { (*this)({}, false, std::numeric_limits<double>::infinity()); }

 private:
  /// Time of the first rest since the restart.
  std::optional<double> began_;
};

/// The ranks of `world` that see the same memory as this one. Collective.
MPI_Comm ranks_of_machine(MPI_Comm world);
/// Memory for all of them, aligned to 64 bytes. Collective; the last pointer is to be released by all of them together.
std::shared_ptr<std::byte> memory_of_machine(MPI_Comm ranks, std::size_t bytes);

/// Asks the implementation for what our messages need, where the user has not said otherwise. Before MPI begins.
void prefer_settings();

/// Ends all ranks at once, with this exit code.
[[noreturn]] void end_job(int code);

}  // namespace descent::mpi
