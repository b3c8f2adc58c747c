#pragma once

#include "sim/simgrid/simgrid_communicator.hpp"

#include <fmt/format.h>
#include <boost/intrusive/list.hpp>
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

/// An operation that can say what it is, for the message when nothing can happen any more.
class Awaited : public Operation {
 public:
  virtual std::string describe() const = 0;
};

/// An operation that ends with a SimGrid activity. It keeps itself alive until then, because the caller may
/// drop its handle.
class Pending : public Awaited {
 public:
  explicit Pending(Inbox& owner) : owner_(owner) {}

  bool done() const final { return done_; }

  /// What a wait for it gives: the end of the real work, or the exception that this threw.
  virtual void collect() {}

  /// In SimGrid's kernel, where the activity starts.
  static void bind(const std::shared_ptr<Pending>& pending, const simgrid::s4u::ActivityPtr& activity) {
    hold(pending);
    pending->activity_ = activity;
    activity->set_data(pending.get());
  }

  /// In SimGrid's kernel, when it has ended. Returns its activity, if it had one.
  simgrid::s4u::ActivityPtr ended(bool succeeded) {
    if (activity_) {
      activity_->set_data(nullptr);
    }
    simgrid::s4u::ActivityPtr activity = std::move(activity_);
    const std::shared_ptr<Pending> keep = std::move(self_);
    conclude(succeeded);
    mark_done();
    return activity;
  }

 protected:
  virtual void conclude(bool succeeded) = 0;
  /// It lives until it has ended.
  static void hold(const std::shared_ptr<Pending>& pending) { pending->self_ = pending; }
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
class Computation final : public Pending {
 public:
  Computation(Inbox& owner, Node& node, std::future<void> kernel)
      : Pending(owner), node_(node), kernel_(std::move(kernel)) {}

  void begin(double flops) {
    flops_ = flops;
    ++node_.tasks;
    ticket_ = node_.occupation.task_begins(clock_now());
  }
  void take_no_time() { mark_done(); }

  void cancel() {
    cancelled_ = true;
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
  }

 private:
  Node& node_;
  std::future<void> kernel_;
  Occupation::Ticket ticket_ = 0;
  double flops_ = 0;
  bool cancelled_ = false;
};

using UnderWay = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A message on its way, or waiting to be.
class Transfer final : public Pending, public UnderWay, private FlowOwner {
 public:
  Transfer(Cluster& cluster, Inbox& owner, Node& from, Node& to, Inbox& destination, Message message)
      : Pending(owner),
        cluster_(cluster),
        from_(from),
        to_(to),
        destination_(destination),
        message_(std::move(message)) {}

  Tag tag() const { return message_.tag; }
  int source() const { return message_.source; }

  /// In SimGrid's kernel. False when the peer or the way to it is down, so that nobody will ever receive it: a lost
  /// message has left its sender all the same.
  static bool begin(const std::shared_ptr<Transfer>& transfer);

  /// In SimGrid's kernel, while SimGrid carries it: makes SimGrid report its failure if it leaves or reaches this host.
  void fail_with(const simgrid::s4u::Host& host);

  std::string describe() const override;

 protected:
  void conclude(bool succeeded) override;

 private:
  /// Hands it to the network of our own at schedule fidelity, else to SimGrid's.
  static void carry(const std::shared_ptr<Transfer>& transfer);
  void flow_ended(std::uint64_t number, double now) override;
  void lose();

  Cluster& cluster_;
  Node& from_;
  Node& to_;
  Inbox& destination_;
  Message message_;
};

using Transfers = boost::intrusive::list<Transfer, boost::intrusive::constant_time_size<false>>;

}  // namespace descent::simulated
