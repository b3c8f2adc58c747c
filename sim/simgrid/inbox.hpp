#pragma once

#include "algorithms/comm/communicator.hpp"

#include <boost/intrusive/list.hpp>
#include <simgrid/s4u/Semaphore.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace descent::simulated {

class Transfer;

/// A transfer is in one queue at a time: offered, under way, or arrived. Queues do not own: it keeps itself.
using Queued = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using Transfers =
    boost::intrusive::list<Transfer, boost::intrusive::base_hook<Queued>, boost::intrusive::constant_time_size<false>>;

/// Messages of one tag from one rank, in the order sent: one at a time is under way.
struct Stream {
  Tag tag = 0;
  int source = 0;
  bool under_way = false;
  Transfers offers;
};

/// Where messages for one line of a rank arrive, and how that line is woken. Everything that can end a wait
/// (a message, a task, a send, another line) ends in `wake`, so a waiting line needs one semaphore only.
///
/// A transfer starts when it has been sent and the line is waiting for it (rendezvous, as MPI sends large
/// messages and as the closed forms of the collectives suppose), or as soon as it has been sent (eager) where the
/// platform says so. A wait for any rank takes from all ranks at once, like a server that has posted a receive for
/// each; from one rank messages of one tag come one by one.
class Inbox {
 public:
  Inbox();
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// A peer has sent.
  void offer(const std::shared_ptr<Transfer>& transfer);
  /// Its last byte is here; or it is lost, and the next one may start.
  void arrived(Transfer& transfer);
  void lost(Transfer& transfer);

  /// The rank has died: what is here and what waits for it is lost. In SimGrid's kernel.
  void forget();

  /// Takes a message that has arrived, lower indices of `expected` first.
  bool take(std::span<const Expected> expected, First& outcome);
  /// Blocks the calling actor until something has ended or the deadline is over; may return early.
  void block(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> expected,
             double deadline);
  void wake();

  /// What the line waits for, for the message when nothing can happen any more; "" when it does not wait.
  std::string waits_for() const;
  double waits_since() const { return since_; }

 private:
  Stream& stream_of(Tag tag, int source);
  void start_next(Stream& stream);
  bool may_start(std::span<const Expected> expected) const;
  void start_expected(const Expected& expected);
  void ended(Stream& stream);

  std::unordered_map<std::uint64_t, Stream> streams_;
  /// Those with an offer and nothing under way; may name one that has since been started.
  std::vector<Stream*> startable_;
  Transfers arrived_;
  simgrid::s4u::SemaphorePtr semaphore_ = simgrid::s4u::Semaphore::create(0);
  bool waiting_ = false;
  /// Valid while it waits.
  std::span<const std::shared_ptr<Operation>> operations_;
  std::span<const Expected> expected_;
  double since_ = 0;
};

}  // namespace descent::simulated
