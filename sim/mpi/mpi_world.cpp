#include "sim/mpi/mpi_world.hpp"

#include "sim/mpi/machine.hpp"
#include "sim/mpi/mpi_communicator.hpp"
#include "sim/mpi/wait_for_all.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace descent {
namespace {

using mpi::RankState;

/// The same moment on all ranks: exact among those of one machine, and between machines as exact as a barrier.
double common_origin(MPI_Comm world) {
  MPI_Comm machine = mpi::ranks_of_machine(world);
  MPI_Barrier(world);
  double origin = mpi::seconds();
  MPI_Bcast(&origin, 1, MPI_DOUBLE, 0, machine);
  MPI_Comm_free(&machine);
  return origin;
}

}  // namespace

struct MpiWorld::State {
  bool threads = false;
  int rank = 0;
  int size = 1;
  /// Apart from what the lines say to each other.
  MPI_Comm control = MPI_COMM_NULL;
  std::unique_ptr<mpi::Machine> machine;
  std::unique_ptr<RankState> lines;
  std::unique_ptr<mpi::MpiCommunicator> first_line;

  void close_lines();
  /// Waits for the lines that were spawned, while the first goes on taking part in MPI.
  void join_lines();
  /// The rank is dead until its next life begins. False: it has none.
  bool rest_in_peace();
};

MpiWorld::MpiWorld(int& argc, char**& argv) : state_(std::make_unique<State>()) {
  mpi::prefer_settings();
  int provided = MPI_THREAD_SINGLE;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
  state_->threads = provided == MPI_THREAD_MULTIPLE;
  MPI_Comm_dup(MPI_COMM_WORLD, &state_->control);
  MPI_Comm_rank(state_->control, &state_->rank);
  MPI_Comm_size(state_->control, &state_->size);
  state_->machine = std::make_unique<mpi::Machine>(state_->control);
}

MpiWorld::~MpiWorld() {
  if (std::uncaught_exceptions() > 0) {
    mpi::end_job(1);
  }
  if (state_->lines) {
    state_->close_lines();
  }
  state_->machine.reset();
  MPI_Comm_free(&state_->control);
  MPI_Finalize();
}

void MpiWorld::State::join_lines() {
  mpi::Rest rest;
  mpi::Channel& first = *lines->channels.front();
  const auto finished = [](const auto& line) { return line->done(); };
  while (!std::all_of(lines->lines.begin(), lines->lines.end(), finished)) {
    first.absorb();
    rest();
  }
  for (std::thread& thread : lines->threads) {
    thread.join();
  }
  lines->lines.clear();
  lines->threads.clear();
}

bool MpiWorld::State::rest_in_peace() {
  join_lines();
  lines->occupation.die(lines->clock.now());
  const double back_at = lines->mortality.back_at();
  if (back_at == never) {
    return false;
  }
  mpi::Rest rest;
  while (lines->clock.now() < back_at) {
    for (const auto& channel : lines->channels) {
      channel->absorb();
    }
    rest();
  }
  for (const auto& channel : lines->channels) {
    channel->forget();
  }
  lines->mortality.revive(lines->clock.now());
  lines->occupation.revive(lines->clock.now());
  return true;
}

void MpiWorld::State::close_lines() {
  join_lines();
  mpi::wait_for_all(control, [&] {
    for (const auto& channel : lines->channels) {
      channel->absorb();
    }
  });
  for (const auto& channel : lines->channels) {
    channel->close();
  }
}

int MpiWorld::rank() const {
  return state_->rank;
}

int MpiWorld::size() const {
  return state_->size;
}

Sharing& MpiWorld::sharing() {
  return *state_->machine;
}

void MpiWorld::barrier() {
  mpi::wait_for_all(state_->control, [this] {
    if (state_->lines) {
      state_->lines->channels.front()->progress();
    }
  });
}

std::vector<std::string> MpiWorld::gather(const std::string& bytes) {
  barrier();
  const std::uint64_t mine = bytes.size();
  std::vector<std::uint64_t> sizes(static_cast<std::size_t>(size()));
  MPI_Gather(&mine, 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, 0, state_->control);
  if (rank() != 0) {
    mpi::for_each_part(mine, mpi::kLargestPart, [&](std::uint64_t offset, int count) {
      MPI_Send(bytes.data() + offset, count, MPI_BYTE, 0, 0, state_->control);
    });
    return {};
  }
  std::vector<std::string> all(sizes.size());
  all[0] = bytes;
  for (std::size_t from = 1; from < all.size(); ++from) {
    all[from].resize(sizes[from]);
    mpi::for_each_part(sizes[from], mpi::kLargestPart, [&](std::uint64_t offset, int count) {
      MPI_Recv(all[from].data() + offset, count, MPI_BYTE, static_cast<int>(from), 0, state_->control,
               MPI_STATUS_IGNORE);
    });
  }
  return all;
}

std::string MpiWorld::broadcast(const std::string& bytes) {
  barrier();
  std::uint64_t count = bytes.size();
  MPI_Bcast(&count, 1, MPI_UINT64_T, 0, state_->control);
  std::string all = rank() == 0 ? bytes : std::string(count, '\0');
  mpi::for_each_part(count, mpi::kLargestPart, [&](std::uint64_t offset, int part) {
    MPI_Bcast(all.data() + offset, part, MPI_BYTE, 0, state_->control);
  });
  return all;
}

Communicator& MpiWorld::line(MpiRank description) {
  if (state_->lines) {
    throw std::logic_error("a rank has one first line");
  }
  state_->lines = std::make_unique<RankState>(std::move(description));
  RankState& lines = *state_->lines;
  lines.rank = state_->rank;
  lines.size = state_->size;
  for (int i = 0; i < (state_->threads ? kLines : 1); ++i) {
    lines.channels.push_back(std::make_unique<mpi::Channel>(state_->control, lines.clock, lines.occupation));
  }
  barrier();
  lines.clock.origin = common_origin(state_->control);
  state_->first_line = std::make_unique<mpi::MpiCommunicator>(lines, 0);
  return *state_->first_line;
}

bool MpiWorld::live(const std::function<void()>& program) {
  for (;;) {
    try {
      program();
      return true;
    } catch (const mpi::Dead&) {
      if (!state_->rest_in_peace()) {
        return false;
      }
    }
  }
}

double MpiWorld::end_line() {
  const double end = state_->lines->clock.now();
  state_->lines->occupation.finish(end);
  return end;
}

int run_over_mpi(int argc, char** argv, const std::function<void(MpiWorld&)>& program) {
  MpiWorld world(argc, argv);
  try {
    program(world);
  } catch (...) {
    mpi::fail_job(world.rank());
  }
  return 0;
}

}  // namespace descent
