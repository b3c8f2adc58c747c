#pragma once

#include "sim/disturbance/course.hpp"

namespace descent::mpi {

/// What computations cost on this rank.
struct PaceSettings {
  /// Real MPI only: a computation lasts as long as it would on the modelled host, slowdowns included, if its kernel
  /// does not take longer; else it lasts as long as its kernel takes here. SMPI always charges the modelled host.
  bool paced = false;
  /// flop/s of the modelled host. SMPI has it from its platform.
  double speed = 0;
  /// The scenario runs this host at so many times its speed.
  double speed_factor = 1;
  /// And at so many times that over the run.
  Course course;
};

}  // namespace descent::mpi
