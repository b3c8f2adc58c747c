#include "sim/simgrid/simgrid_communicator.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/operations.hpp"

#include <fmt/format.h>
#include <simgrid/kernel/Timer.hpp>

#include <algorithm>

namespace descent::simulated {

namespace s4u = simgrid::s4u;

namespace {

/// Done when another line of the rank says so; a second line, when its program has returned.
class SaidDone final : public Awaited {
 public:
  SaidDone(Inbox& waiting, const char* what) : waiting_(waiting), what_(what) {}

  bool done() const override { return done_; }
  std::string describe() const override { return what_; }
  void say() {
    done_ = true;
    waiting_.wake();
  }

 private:
  Inbox& waiting_;
  const char* what_;
  bool done_ = false;
};

}  // namespace

void connect_completions() {
  // SimGrid looks at an activity once more after it has told us of its end.
  static s4u::ActivityPtr newest;
  s4u::Activity::on_completion_cb([](const s4u::Activity& activity) {
    if (auto* pending = activity.get_data<Pending>()) {
      newest = pending->ended(activity.get_state() == s4u::Activity::State::FINISHED);
    }
  });
}

SimGridCommunicator::SimGridCommunicator(Cluster& cluster, Node& node, int channel)
    : Communicator(cluster.seed, *node.description.observer),
      cluster_(cluster),
      node_(node),
      channel_(channel),
      life_(node.life),
      inbox_(node.inbox(channel)) {}

Inbox& Node::inbox(int channel) {
  const auto index = static_cast<std::size_t>(channel);
  if (index >= inboxes.size()) {
    inboxes.resize(index + 1);
  }
  if (!inboxes[index]) {
    inboxes[index] = std::make_unique<Inbox>();
  }
  return *inboxes[index];
}

void Cluster::lose(const Loss& loss) {
  constexpr std::size_t kKept = 4;
  if (lost++ < kKept) {
    losses.push_back(loss);
  }
}

void Cluster::fail(std::exception_ptr error) {
  if (!failure) {
    failure = std::move(error);
  }
  in_kernel([this] { lives.stop(); });
  s4u::Actor::kill_all();
}

/// SimGrid ends the line of a dead host by an exception out of any call. The stack that it unwinds is what kernels read
/// and write, so they end first.
template <class F>
void SimGridCommunicator::outlive_kernels(F&& f) {
  try {
    f();
  } catch (...) {
    for (const auto& weak : computations_) {
      if (const auto computation = weak.lock()) {
        computation->await_kernel();
      }
    }
    throw;
  }
}

void SimGridCommunicator::spend(double seconds) {
  if (seconds > 0) {
    node_.occupation.transfer_begins(clock_now(), clock_now());
    outlive_kernels([&] { s4u::this_actor::sleep_for(seconds); });
    node_.occupation.transfer_ends(clock_now());
  }
}

double SimGridCommunicator::now() const {
  return clock_now();
}

void SimGridCommunicator::remember(const std::shared_ptr<Computation>& task) {
  std::erase_if(computations_, [](const auto& past) { return past.expired(); });
  computations_.push_back(task);
}

Task SimGridCommunicator::start(const Work& work, Kernel kernel) {
  Task task = begin(work, std::move(kernel));
  if (!node_.description.overlaps) {
    wait(task);
  }
  return task;
}

Task SimGridCommunicator::begin(const Work& work, Kernel kernel) {
  die_before(work.step);
  auto task = std::make_shared<Computation>(inbox_, node_,
                                            kernel ? cluster_.pool->submit(std::move(kernel)) : std::future<void>());
  const Charge charge = node_.description.charges(work);
  if (charge.seconds) {
    remember(task);
    outlive_kernels([&] { in_kernel([&] { task->take(*charge.seconds * work.share); }); });
    return task;
  }
  const double flops = work.flops * charge.factor;
  if (flops <= 0) {
    task->take_no_time();
    return task;
  }
  refuse_stopped(*node_.host);
  task->begin(flops);
  remember(task);
  outlive_kernels([&] {
    in_kernel([&] {
      const s4u::ExecPtr execution = s4u::Exec::init()->set_flops_amount(flops);
      task->keep(task);
      task->bind(execution);
      execution->set_host(node_.host);
      if (execution->get_state() != s4u::Activity::State::STARTED) {
        execution->start();
      }
    });
  });
  return task;
}

namespace {

/// A computation that its line waits for; over also when SimGrid unwinds the line of a dead host.
class Computing {
 public:
  explicit Computing(Node& node) : node_(node), ticket_(node.occupation.task_begins(clock_now())) { ++node_.tasks; }
  ~Computing() {
    --node_.tasks;
    node_.occupation.task_ends(ticket_, clock_now(), clock_now());
  }
  Computing(const Computing&) = delete;
  Computing& operator=(const Computing&) = delete;

 private:
  Node& node_;
  Occupation::Ticket ticket_;
};

/// Ended before what it reads and writes goes, whatever happens.
class RunningKernel {
 public:
  RunningKernel(KernelPool& pool, Kernel kernel) {
    if (kernel) {
      future_ = pool.submit(std::move(kernel));
    }
  }
  ~RunningKernel() {
    if (future_.valid()) {
      future_.wait();
    }
  }
  RunningKernel(const RunningKernel&) = delete;
  RunningKernel& operator=(const RunningKernel&) = delete;

  void collect() {
    if (future_.valid()) {
      future_.get();
    }
  }

 private:
  std::future<void> future_;
};

}  // namespace

/// Most computations are awaited at once. The line then waits for SimGrid's execution itself: SimGrid keeps those that
/// nobody waits for in one list, which it searches at the end of each.
void SimGridCommunicator::compute(const Work& work, Kernel kernel) {
  die_before(work.step);
  if (work.kind == WorkKind::reduction && kernel) {
    std::exchange(kernel, {})();  // over sooner than another thread has it
  }
  RunningKernel running(*cluster_.pool, std::move(kernel));
  const Charge charge = node_.description.charges(work);
  const double flops = work.flops * charge.factor;
  if (charge.seconds) {
    const Computing computing(node_);
    outlive_kernels([&] { s4u::this_actor::sleep_for(*charge.seconds * work.share); });
  } else if (flops > 0) {
    refuse_stopped(*node_.host);
    const Computing computing(node_);
    outlive_kernels([&] { s4u::this_actor::execute(flops); });
  }
  running.collect();
}

/// What is computed once either way is better computed where it is read, while it is in the processor's cache, unless
/// that has room for what all ranks compute.
Snapshot SimGridCommunicator::compute_vector(const Work& work, Snapshot deferred, std::size_t computations) {
  constexpr std::size_t kCached = std::size_t{8} << 20U;
  const bool later = computations == 1 && deferred.bytes() * cluster_.nodes.size() > kCached;
  std::shared_ptr<const void> room = later ? nullptr : cluster_.gradient_memory.reserve(deferred.bytes());
  if (!room) {
    compute(work, {});
    return deferred;
  }
  return Communicator::compute_vector(work, std::move(deferred), computations).with(std::move(room));
}

void SimGridCommunicator::cancel(const Task& task) {
  if (!task->done()) {
    outlive_kernels([&] { in_kernel([&] { static_cast<Computation&>(*task).cancel(); }); });
  }
}

/// Not in a call of its own: SimGrid would go on with the actor that it has killed.
void SimGridCommunicator::die_before(const std::optional<std::uint64_t>& step) {
  for (const CrashAtStep& crash : node_.description.crashes) {
    if (life_ == 0 && step == crash.step) {
      s4u::Actor* const actor = s4u::Actor::self();
      in_kernel([&] {
        simgrid::kernel::timer::Timer::set(
            clock_now(), [&lives = cluster_.lives, &host = *node_.host, crash, self = s4u::ActorPtr(actor)] {
              if (!lives.crash(host, crash.repair_s)) {
                self->resume();
              }
            });
      });
      outlive_kernels([] { s4u::this_actor::suspend(); });
    }
  }
}

Request SimGridCommunicator::store(const std::string& name, Stored what, std::uint64_t bytes) {
  const DurableMemory& memory = cluster_.durable_memory;
  auto written = std::make_shared<SaidDone>(inbox_, "a write to durable memory");
  node_.writing_until =
      std::max(node_.writing_until, clock_now()) + memory.latency_s + static_cast<double>(bytes) / memory.write_bps;
  const auto finish = [written, &node = node_, life = life_, name, what = std::move(what), bytes] {
    if (node.alive && node.life == life) {
      node.durable.insert_or_assign(name, std::pair(what, bytes));
      written->say();
    }
  };
  if (node_.writing_until <= clock_now()) {
    finish();
  } else {
    in_kernel([&] { simgrid::kernel::timer::Timer::set(node_.writing_until, finish); });
  }
  return written;
}

std::optional<Stored> SimGridCommunicator::recall(const std::string& name) {
  const auto found = node_.durable.find(name);
  if (found == node_.durable.end()) {
    return std::nullopt;
  }
  const DurableMemory& memory = cluster_.durable_memory;
  const double read = memory.latency_s + static_cast<double>(found->second.second) / memory.read_bps;
  do_first({}, {}, clock_now() + read);
  return found->second.first;
}

void SimGridCommunicator::forget(const std::string& name) {
  node_.durable.erase(name);
}

Request SimGridCommunicator::do_send(int to, Message message) {
  cluster_.gatherings.refuse_messages(node_.rank, to);
  spend(cluster_.costs.injection(static_cast<double>(message.wire_bytes)));
  Node& destination = *cluster_.nodes[static_cast<std::size_t>(to)];
  Inbox& inbox = destination.inbox(channel_);
  auto transfer = std::make_shared<Transfer>(cluster_, inbox_, node_, destination, inbox, std::move(message));
  if (destination.alive) {
    outlive_kernels([&] { in_kernel([&] { inbox.offer(transfer); }); });
  } else {
    transfer->give_up();
  }
  return transfer;
}

First SimGridCommunicator::do_first(std::span<const std::shared_ptr<Operation>> operations,
                                    std::span<const Expected> messages, double deadline) {
  First outcome;
  for (;;) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (operations[i]->done()) {
        static_cast<Awaited&>(*operations[i]).collect();
        outcome.what = First::What::operation;
        outcome.index = i;
        return outcome;
      }
    }
    if (inbox_.take(messages, outcome)) {
      spend(cluster_.costs.extraction(static_cast<double>(outcome.message.wire_bytes)));
      return outcome;
    }
    if (clock_now() >= deadline) {
      return outcome;
    }
    outlive_kernels([&] { inbox_.block(operations, messages, deadline); });
  }
}

namespace {

/// A rank at a gathering.
class Attending final : public Meeting {
 public:
  Attending(Communicator& communicator, int member, std::shared_ptr<Gathering> gathering)
      : communicator_(communicator), member_(member), gathering_(std::move(gathering)) {}

  bool pass() override {
    const std::shared_ptr<Operation> attendance = gathering_->attendance(member_);
    if (!attendance) {
      return false;
    }
    communicator_.wait(attendance);
    return true;
  }
  Reduced outcome() override { return gathering_->outcome(); }

 private:
  Communicator& communicator_;
  int member_;
  std::shared_ptr<Gathering> gathering_;
};

}  // namespace

std::unique_ptr<Meeting> SimGridCommunicator::meet(Contribution contribution) {
  const int member = contribution.member;
  return std::make_unique<Attending>(*this, member,
                                     cluster_.gatherings.join(channel_, node_, inbox_, std::move(contribution)));
}

Line SimGridCommunicator::spawn(int channel, std::function<void(Communicator&)> program) {
  auto line = std::make_shared<SaidDone>(inbox_, "another line");
  s4u::Actor::create(fmt::format("rank-{}/{}", node_.rank, channel), node_.host,
                     [&cluster = cluster_, &node = node_, channel, line, program = std::move(program)] {
                       run_line(cluster, node, channel, program);
                       line->say();
                     });
  return line;
}

Signal SimGridCommunicator::make_signal() {
  auto said = std::make_shared<SaidDone>(inbox_, "what another line hands over");
  return {said, [said] { said->say(); }};
}

void run_line(Cluster& cluster, Node& node, int channel, const std::function<void(Communicator&)>& program) {
  try {
    SimGridCommunicator communicator(cluster, node, channel);
    program(communicator);
    // Not `catch (...)`: SimGrid ends a killed actor with an exception that has no base, and must see it pass.
  } catch (const GaveUp& error) {
    node.gave_up = {clock_now(), error.what()};
    s4u::this_actor::exit();
  } catch (const std::exception&) {
    cluster.fail(std::current_exception());
    s4u::this_actor::exit();
  }
}

}  // namespace descent::simulated
