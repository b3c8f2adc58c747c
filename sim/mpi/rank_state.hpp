#pragma once

#include "sim/mpi/channel.hpp"
#include "sim/mpi/durable_files.hpp"
#include "sim/mpi/locked_observer.hpp"
#include "sim/mpi/locked_occupation.hpp"
#include "sim/mpi/mortality.hpp"
#include "sim/mpi/mpi_world.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace descent::mpi {

/// Done when another line of the rank says so; a second line, when its program has returned.
struct SaidDone final : Operation {
  bool done() const override { return finished; }
  std::atomic<bool> finished = false;
};

/// What all lines of a rank share.
struct RankState {
  explicit RankState(MpiRank rank_description)
      : description(std::move(rank_description)),
        observer(*description.observer),
        occupation(observer),
        mortality(description.failures) {}

  MpiRank description;
  int rank = 0;
  int size = 1;
  Clock clock;
  LockedObserver observer;
  LockedOccupation occupation;
  Mortality mortality;
  DurableFiles durable;
  /// By number. Made by all ranks together, because MPI has no other way, before any line needs its own.
  std::vector<std::unique_ptr<Channel>> channels;
  /// Lines that were spawned, with their threads; more may be spawned by any line.
  std::mutex spawning;
  std::vector<std::shared_ptr<SaidDone>> lines;
  std::vector<std::thread> threads;
};

}  // namespace descent::mpi
