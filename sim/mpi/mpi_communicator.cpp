#include "sim/mpi/mpi_communicator.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <stdexcept>
#include <utility>

namespace descent::mpi {
namespace {

/// A computation whose kernel has run: over when the clock says so.
class Computation final : public Operation {
 public:
  Computation(RankState& state, LockedOccupation::Ticket ticket) : state_(state), ticket_(ticket) {}

  bool done() const override { return state_.clock.now() >= end_; }
  double end() const { return end_; }

  void ends(double end) {
    end_ = end;
    state_.occupation.task_ends(ticket_, end, state_.clock.now());
  }
  void fails(std::exception_ptr failure) { failure_ = std::move(failure); }

  void cancel() {
    failure_ = nullptr;
    ends(std::min(end_, state_.clock.now()));
  }

  void collect() {
    if (failure_) {
      std::rethrow_exception(std::exchange(failure_, nullptr));
    }
  }

 private:
  RankState& state_;
  LockedOccupation::Ticket ticket_;
  double end_ = std::numeric_limits<double>::infinity();
  std::exception_ptr failure_;
};

/// The first moment at which one of the operations is known to end.
double earliest_end(std::span<const std::shared_ptr<Operation>> operations) {
  double earliest = never;
  for (const auto& operation : operations) {
    if (const auto* computation = dynamic_cast<const Computation*>(operation.get())) {
      earliest = std::min(earliest, computation->end());
    }
  }
  return earliest;
}

}  // namespace

MpiCommunicator::MpiCommunicator(RankState& state, int channel)
    : Communicator(state.description.seed, state.observer),
      state_(state),
      channel_(*state.channels[static_cast<std::size_t>(channel)]) {}

Task MpiCommunicator::start(const Work& work, Kernel kernel) {
  const double begin = now();
  state_.mortality.check(begin, work.step);
  auto task = std::make_shared<Computation>(state_, state_.occupation.task_begins(begin));
  try {
    if (kernel) {
      kernel();
    }
  } catch (...) {
    task->fails(std::current_exception());
  }
  const Charge charge = state_.description.charges(work);
  const Pace pace(state_.description.pace);
  task->ends(charge.seconds ? pace.end_after(*charge.seconds * work.share, begin, state_.clock)
                            : pace.end(work.flops * charge.factor, begin, state_.clock));
  return task;
}

void MpiCommunicator::cancel(const Task& task) {
  static_cast<Computation&>(*task).cancel();
}

Request MpiCommunicator::store(const std::string& name, Stored what, std::uint64_t /*bytes*/) {
  state_.durable.write(name, what);
  auto said = std::make_shared<SaidDone>();
  said->finished = true;
  return said;
}

std::optional<Stored> MpiCommunicator::recall(const std::string& name) {
  return state_.durable.read(name);
}

void MpiCommunicator::forget(const std::string& name) {
  state_.durable.remove(name);
}

Request MpiCommunicator::do_send(int to, Message message) {
  state_.mortality.check(now());
  return channel_.send(to, std::move(message));
}

First MpiCommunicator::do_first(std::span<const std::shared_ptr<Operation>> operations,
                                std::span<const Expected> messages, double deadline) {
  First outcome;
  channel_.begin_wait();
  // What is here already is taken before MPI is asked for more, as MPI gives the processor away when asked in vain: on
  // a busy machine a line would take one message a turn, while others send it more.
  if (operations.empty() && channel_.take(messages, outcome)) {
    state_.mortality.check(now());
    return outcome;
  }
  for (;;) {
    channel_.progress();
    state_.mortality.check(now());
    if (take(operations, messages, outcome)) {
      return outcome;
    }
    const double time = now();
    if (time >= deadline) {
      return outcome;
    }
    const double until = std::min({deadline, earliest_end(operations), state_.mortality.dies_at()});
    channel_.rest(std::max(0.0, until - time));
  }
}

bool MpiCommunicator::take(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                           First& outcome) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operations[i]->done()) {
      if (auto* computation = dynamic_cast<Computation*>(operations[i].get())) {
        computation->collect();
      }
      outcome.what = First::What::operation;
      outcome.index = i;
      return true;
    }
  }
  return channel_.take(messages, outcome);
}

Line MpiCommunicator::spawn(int channel, std::function<void(Communicator&)> program) {
  if (channel < 1 || channel >= static_cast<int>(state_.channels.size())) {
    throw RunError(state_.channels.size() == 1
                       ? std::string("this MPI has no threads, so a rank cannot have a second line of execution")
                       : fmt::format("line {} cannot be begun; allowed: 1 to {}", channel, state_.channels.size() - 1));
  }
  auto line = std::make_shared<SaidDone>();
  const std::lock_guard lock(state_.spawning);
  state_.lines.push_back(line);
  state_.threads.emplace_back([&state = state_, channel, line, program = std::move(program)] {
    try {
      MpiCommunicator communicator(state, channel);
      program(communicator);
      line->finished = true;
    } catch (const Dead&) {
      line->finished = true;
    } catch (...) {
      fail_job(state.rank);
    }
  });
  return line;
}

Signal MpiCommunicator::make_signal() {
  auto said = std::make_shared<SaidDone>();
  return {said, [said] { said->finished = true; }};
}

std::optional<Reduced> MpiCommunicator::native_allreduce(Snapshot& mine, std::optional<bool> flag,
                                                         std::uint64_t wire_bytes) {
  const double begin = now();
  state_.observer.sent(rank(), wire_bytes, begin);
  state_.occupation.transfer_begins(begin, begin);
  // In place on all ranks, as MPI asks for, whether or not a rank has to copy its addend first.
  Buffer sum = Buffer::from(std::exchange(mine, {}));
  const std::size_t width = bytes_per_element(sum.precision());
  for_each_part(sum.size() * width, kLargestPart, [&](std::uint64_t offset, int bytes) {
    MPI_Allreduce(MPI_IN_PLACE, sum.data() + offset, bytes / static_cast<int>(width),
                  sum.precision() == Precision::single_precision ? MPI_FLOAT : MPI_DOUBLE, MPI_SUM,
                  channel_.communicator());
  });
  int flagged = flag.value_or(false) ? 1 : 0;
  if (flag) {
    MPI_Allreduce(MPI_IN_PLACE, &flagged, 1, MPI_INT, MPI_MAX, channel_.communicator());
  }
  state_.occupation.transfer_ends(now());
  return Reduced{std::move(sum).freeze(), flagged != 0};
}

void fail_job(int rank) {
  int code = 1;
  try {
    throw;
  } catch (const InputError& error) {
    fmt::print(stderr, "rank {}: {}\n", rank, error.what());
    code = 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "rank {}: {}\n", rank, error.what());
  } catch (...) {
    fmt::print(stderr, "rank {}: an error that is no std::exception\n", rank);
  }
  end_job(code);
}

}  // namespace descent::mpi
