#pragma once

#include "algorithms/comm/group.hpp"
#include "algorithms/comm/message.hpp"
#include "algorithms/comm/observer.hpp"
#include "algorithms/comm/work.hpp"
#include "algorithms/core/random.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

/// A deadline that never comes, in seconds since the start of the run.
inline constexpr double never = std::numeric_limits<double>::infinity();

/// The part of a computation that has to be done for real. It reads immutable inputs and writes only
/// its own output, so it may run on any thread at any moment between `start` and the end of the wait.
using Kernel = std::function<void()>;

/// Something that was begun and ends by itself: a computation, a send, a line of execution.
class Operation {
 public:
  virtual ~Operation() = default;
  virtual bool done() const = 0;
};
using Task = std::shared_ptr<Operation>;
using Request = std::shared_ptr<Operation>;
using Line = std::shared_ptr<Operation>;

/// What one line of a rank waits for, and another one raises.
struct Signal {
  std::shared_ptr<Operation> raised;
  std::function<void()> raise;
};

/// A message that a rank is ready to take.
struct Expected {
  int from = any_rank;
  Tag tag = 0;
};

/// What ended a `first`.
struct First {
  enum class What { operation, message, deadline };
  What what = What::deadline;
  /// Which of the operations, or which of the expected messages.
  std::size_t index = 0;
  Message message;
};

/// What an allreduce gives every rank.
struct Reduced {
  Snapshot sum;
  /// Whether any rank raised its flag.
  bool flagged = false;
};

/// What a rank writes to its durable memory.
struct Stored {
  std::vector<Snapshot> vectors;
  std::vector<std::uint64_t> numbers;
};

struct CollectivePlan;

/// What a rank brings to a collective of a group.
struct Contribution {
  std::shared_ptr<const CollectivePlan> plan;
  Group group;
  /// Which member of the group it is.
  int member = 0;
  /// Which of the line's collectives it is, and which call of it.
  Tag tag = 0;
  std::uint64_t call = 0;
  /// The chunks that the plan says it brings.
  Snapshot mine;
  bool flagged = false;
};

/// A collective in a world that has all ranks at hand: it forms once, for all members, what the schedule would leave in
/// place of the whole vector. Sums are added in the schedule's order.
class Meeting {
 public:
  virtual ~Meeting() = default;

  /// Lets the time go by that the schedule takes, from the moment at which each rank came. False where this world does
  /// not tell it: then the caller plays the schedule by messages without payload.
  virtual bool pass() = 0;
  /// The whole vector. Precondition: `pass`, or the messages, are over, and the plan leaves some of it to this rank.
  virtual Reduced outcome() = 0;
};

/// THE SEAM: all that an algorithm may ask of the world, with the same meaning in simulation and on MPI.
///
/// One communicator is one line of execution on one rank; it is used by that line alone.
/// - Time is in seconds since the start of the run, on a clock that all ranks share.
/// - Messages from one line of a rank to the same line of another, with the same tag, arrive in the order sent.
/// - The death of a peer is never an error here: it is silence, and only a deadline ends the waiting.
/// - A rank that dies may begin anew, from the beginning of its program: its next life knows what earlier ones have
///   stored, and nothing else. Messages to the dead are lost, and what an earlier life has not got onto its way.
/// - Precondition violations (a rank out of range) are programming errors: std::logic_error.
class Communicator {
 public:
  virtual ~Communicator() = default;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual double now() const = 0;
  /// The same, for messages to say when they were sent and for observers: not to be acted on, so that it need not be
  /// recorded.
  virtual double stamp() const { return now(); }
  /// Which life of the rank this is: 0, 1, …
  virtual int life() const { return 0; }

  /// Begins a computation: runs `kernel` for real and charges `work` to this rank's processor, slowed
  /// down as the scenario's disturbances say. An exception of the kernel comes out of the wait. An empty kernel: only
  /// the time passes.
  virtual Task start(const Work& work, Kernel kernel) = 0;
  /// Stops a computation. Its kernel may have run, be running or never run: its output is not to be read.
  virtual void cancel(const Task& task) = 0;

  /// Begins a send; never blocks on the receiver. The request is done when the message has left this node.
  Request send(int to, Tag tag, Message message);

  /// This line will wait for messages from these ranks, as by a receive that is posted before a send: where a sender
  /// has to be asked for a large message, the question is not to wait behind what this line sends next. Need not be
  /// called.
  virtual void expect(std::span<const Expected> /*messages*/) {}

  /// Whichever comes first: one of `operations` done, one of `messages` here, or `deadline`. When several
  /// are ready, operations come before messages and lower indices before higher ones.
  First first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
              double deadline = never);

  /// Begins a second line of execution on this node, with its own communicator. Lines talk to lines of the
  /// same `channel` (1, 2, …; the rank's first line is channel 0) on other ranks; a rank begins each
  /// channel at most once.
  virtual Line spawn(int channel, std::function<void(Communicator&)> program) = 0;

  /// Begins to write into this rank's durable memory under a name. Done when it is durable: until then, and if the rank
  /// dies, what was there before stays. Writes of a rank come one after the other. `bytes`: what is charged for it, and
  /// for reading it.
  virtual Request store(const std::string& name, Stored what, std::uint64_t bytes);
  /// What a life of this rank has stored under a name, if any has. Takes the time of reading.
  virtual std::optional<Stored> recall(const std::string& name);
  /// Takes no time.
  virtual void forget(const std::string& name);

  /// A signal for this line to wait for.
  virtual Signal make_signal() = 0;

  /// The sum of `mine` over all ranks by the platform's own allreduce; nothing where it has none (then the
  /// caller plays a schedule). Collective. Takes `mine`, whose memory may become the sum's, if it sums.
  /// `flag`: whether this rank raises it; nothing, on all ranks, where nobody asks.
  virtual std::optional<Reduced> native_allreduce(Snapshot& mine, std::optional<bool> flag, std::uint64_t wire_bytes);

  /// Takes part in a collective where the world has all ranks at hand; nothing elsewhere.
  virtual std::unique_ptr<Meeting> meet(Contribution contribution);

  /// start, then wait.
  virtual void compute(const Work& work, Kernel kernel);
  /// Takes the time of computing a deferred vector and returns it: with its data, unless this world holds the vectors
  /// of so many ranks that it leaves it deferred. Then it is to be read in a kernel, not in the line itself.
  /// `computations`: how often its readers will compute it then.
  virtual Snapshot compute_vector(const Work& work, Snapshot deferred, std::size_t computations);

  // What follows is made of the above.

  /// Waits until the operation is done.
  void wait(const std::shared_ptr<Operation>& operation);
  /// Whether the operation is done by now: a wait that has its end at once, so that it is recorded as one.
  bool done(const std::shared_ptr<Operation>& operation);
  /// A message from `from` (or `any_rank`) with this tag, or nothing at the deadline.
  std::optional<Message> receive(int from, Tag tag, double deadline);
  Message receive(int from, Tag tag);

  /// This rank's stream for a purpose and a step.
  RandomStream random(Purpose purpose, std::uint64_t step) const {
    return {seed_, purpose, static_cast<std::uint64_t>(rank()), step};
  }

  Observer& observer() { return observer_; }

 protected:
  Communicator(std::uint64_t seed, Observer& observer) : seed_(seed), observer_(observer) {}

  virtual Request do_send(int to, Message message) = 0;
  virtual First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                         double deadline) = 0;

  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_;
  Observer& observer_;
};

}  // namespace descent
