#pragma once

#include "sim/simgrid/simgrid_communicator.hpp"

#include <fmt/format.h>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/simix.hpp>

#include <future>
#include <utility>

namespace descent::simulated {

inline double clock_now() {
  return simgrid::s4u::Engine::get_clock();
}

/// Runs `f` in SimGrid's kernel. Activities made there belong to no actor, and SimGrid 3.32 reports the end of
/// exactly these through Activity::on_completion at the moment it happens: that is what wakes our lines.
template <class F>
void in_kernel(F&& f) {
  simgrid::kernel::actor::simcall_answered(std::forward<F>(f));
}

/// An operation of this world, which a wait is for.
class Awaited : public Operation {
 public:
  /// What it is, for the message when nothing can happen any more.
  virtual std::string describe() const = 0;
  /// What a wait for it gives: the end of the real work, or the exception that this threw.
  virtual void collect() {}
};

/// An operation that ends with a SimGrid activity. It keeps itself alive until then, because the caller may
/// drop its handle.
class Pending : public Awaited {
 public:
  explicit Pending(Inbox& owner) : owner_(owner) {}

  bool done() const final { return done_; }

  void keep(std::shared_ptr<Pending> self) { self_ = std::move(self); }
  /// It goes with what is returned, if nobody else holds it.
  std::shared_ptr<Pending> release() { return std::move(self_); }

  /// In SimGrid's kernel, where the activity starts.
  void bind(const simgrid::s4u::ActivityPtr& activity) {
    activity_ = activity;
    activity->set_data(this);
  }

  /// In SimGrid's kernel, when it has ended. Returns its activity, if it had one.
  simgrid::s4u::ActivityPtr ended(bool succeeded) {
    if (activity_) {
      activity_->set_data(nullptr);
    }
    simgrid::s4u::ActivityPtr activity = std::move(activity_);
    const std::shared_ptr<Pending> self = self_;
    conclude(succeeded);
    mark_done();
    return activity;
  }

 protected:
  /// Releases it, unless it has more to do.
  virtual void conclude(bool succeeded) = 0;
  void mark_done() {
    done_ = true;
    owner_.wake();
  }
  simgrid::s4u::Activity* activity() { return activity_.get(); }

 private:
  Inbox& owner_;
  std::shared_ptr<Pending> self_;
  simgrid::s4u::ActivityPtr activity_;
  bool done_ = false;
};

/// Work on a rank's processor, with the kernel that does it for real.
class Computation final : public Pending, public std::enable_shared_from_this<Computation> {
 public:
  Computation(Inbox& owner, Node& node, std::future<void> kernel)
      : Pending(owner), node_(node), kernel_(std::move(kernel)) {}

  void begin(double flops) {
    flops_ = flops;
    ++node_.tasks;
    ticket_ = node_.occupation.task_begins(clock_now());
  }
  void take_no_time() { mark_done(); }
  /// In SimGrid's kernel: it ends so many seconds from now, at whatever speed the host runs.
  void take(double seconds) {
    ++node_.tasks;
    ticket_ = node_.occupation.task_begins(clock_now());
    auto self = shared_from_this();
    timer_ = simgrid::kernel::timer::Timer::set(clock_now() + seconds, [self] {
      self->timer_ = nullptr;
      self->ended(true);
    });
  }

  void cancel() {
    cancelled_ = true;
    if (timer_ != nullptr) {
      timer_->remove();
      timer_ = nullptr;
      ended(false);
      return;
    }
    if (simgrid::s4u::Activity* running = activity()) {
      // SimGrid still looks at a cancelled execution later in the same instant; then it may go.
      std::erase_if(node_.cancelled, [](const auto& past) { return past.first < clock_now(); });
      node_.cancelled.emplace_back(clock_now(), running);
      running->cancel();
    }
  }

  void collect() override {
    if (!cancelled_ && kernel_.valid()) {
      kernel_.get();
    }
  }

  void await_kernel() const {
    if (kernel_.valid()) {
      kernel_.wait();
    }
  }

  std::string describe() const override { return fmt::format("a computation of {:.3g} flop", flops_); }

 protected:
  void conclude(bool /*succeeded*/) override {
    --node_.tasks;
    node_.occupation.task_ends(ticket_, clock_now(), clock_now());
    release();
  }

 private:
  Node& node_;
  std::future<void> kernel_;
  /// Of one whose time is told in seconds.
  simgrid::kernel::timer::Timer* timer_ = nullptr;
  Occupation::Ticket ticket_ = 0;
  double flops_ = 0;
  bool cancelled_ = false;
};

/// A message: offered, under way, or here and not taken yet.
class Transfer final : public Pending, public Queued, private FlowOwner {
 public:
  Transfer(Cluster& cluster, Inbox& owner, Node& from, Node& to, Inbox& destination, Message message)
      : Pending(owner),
        cluster_(cluster),
        from_(from),
        to_(to),
        destination_(destination),
        message_(std::move(message)),
        from_life_(from.life),
        number_(cluster.faults ? cluster.faults->draw(from.rank) : 1) {}

  Tag tag() const { return message_.tag; }
  int source() const { return message_.source; }
  /// It need not wait for its receiver.
  bool is_eager() const { return static_cast<double>(message_.wire_bytes) < cluster_.costs.eager_below; }

  void join(Stream& stream) { stream_ = &stream; }
  Stream& stream() { return *stream_; }
  Message take() { return std::move(message_); }

  /// In SimGrid's kernel. False when the peer or the way to it is down, so that nobody will ever receive it: a lost
  /// message has left its sender all the same.
  bool begin();
  /// Nobody will receive it.
  void give_up();

  /// It leaves or reaches this host.
  bool meets(const simgrid::s4u::Host& host) const { return from_.host == &host || to_.host == &host; }
  /// A partition of the network has come between its ranks since it began.
  bool is_cut_off() const;
  /// In SimGrid's kernel, while SimGrid carries it: makes SimGrid report its failure.
  void fail();

  std::string describe() const override;

 protected:
  void conclude(bool succeeded) override;

 private:
  /// Hands it to the network of our own at schedule fidelity, else to SimGrid's.
  void carry();
  void depart();
  bool can_pass() const;
  void flow_ended(std::uint64_t number, double now) override;
  void flow_lost(std::uint64_t number, double now) override;
  void lose();
  /// Both ranks are still in the lives that it is between.
  bool concerns_the_living() const;

  Cluster& cluster_;
  Node& from_;
  Node& to_;
  Inbox& destination_;
  Stream* stream_ = nullptr;
  Message message_;
  /// Lives of the ranks as it was sent, and as it began.
  int from_life_;
  int to_life_ = 0;
  /// See NetworkFaults::draw.
  double number_;
  double begun_ = 0;
  /// It takes its way, and does not arrive.
  bool goes_astray_ = false;
};

}  // namespace descent::simulated
