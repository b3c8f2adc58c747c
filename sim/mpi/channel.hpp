#pragma once

#include "algorithms/comm/communicator.hpp"
#include "sim/mpi/locked_occupation.hpp"
#include "sim/mpi/questions.hpp"
#include "sim/mpi/request_set.hpp"
#include "sim/mpi/wire.hpp"

#include <mpi.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace descent::mpi {

/// One line's conversations with the same line of the other ranks, in communicators of their own.
///
/// A message is a header, with the payload in it when that is small, and the parts of a larger payload, from and into
/// the memory where it stays. Parts travel in a second communicator with the header's tag, so that they meet in the
/// order of the headers. For each tag that the line has ever expected one receive is posted for any source.
///
/// The parts of a large message wait until its receiver asks for them: see Questions. A line that waits for a certain
/// rank asks before the message is announced.
class Channel {
 public:
  /// Collective over `world`. Tells `occupation` when messages are on their way.
  Channel(MPI_Comm world, const Clock& clock, LockedOccupation& occupation);
  ~Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  Request send(int to, Message message);
  /// A complete message, lower indices of `expected` first, in the order of arrival; those of one source and tag
  /// in the order sent.
  bool take(std::span<const Expected> expected, First& outcome);

  /// Asks for the next large message of each of these, before the line waits for them. Does not ask MPI whether one is
  /// here: it is asked for in any case.
  void ask_ahead(std::span<const Expected> messages);

  /// The line waits: `progress` and look, then `rest` for at most so many seconds, and again.
  void begin_wait() { requests_.restart(); }
  void progress() { requests_.progress(); }
  void rest(double longest) { requests_.rest(requests_.size() > posted_ + questions_.pending(), longest); }

  MPI_Comm communicator() const { return headers_; }

  /// Receives whatever comes, for nobody, so that it can leave its sender. The line has ended.
  void absorb();
  /// What is here, or on its way, is for nobody. The line has ended.
  void forget();
  /// Receives all that was ever sent here and ends all requests. Collective; all lines of this channel have ended.
  void close();

 private:
  struct Sending;
  struct Arrival;
  /// What has come, and is to come, with one tag.
  struct Box {
    std::deque<std::shared_ptr<Arrival>> arrivals;
    bool posted = false;
  };
  using Bytes = std::vector<std::byte>;

  void expect(Tag tag);
  void post(Tag tag, std::shared_ptr<Bytes> buffer);
  void arrived(int source, Tag tag, const Bytes& buffer);
  void isend(const std::shared_ptr<Sending>& sending, int to, const std::byte* data, int count, MPI_Comm communicator);
  void send_parts(int to, const std::shared_ptr<Sending>& sending);
  void receive_parts(const std::shared_ptr<Arrival>& arrival);
  /// Asks for its parts, where it has not.
  void ask_for(const std::shared_ptr<Arrival>& arrival);
  /// The line has ended: nothing is to wait for it.
  void ask_for_all();

  const Clock& clock_;
  LockedOccupation& occupation_;
  MPI_Comm headers_ = MPI_COMM_NULL;
  MPI_Comm parts_ = MPI_COMM_NULL;
  /// Apart from the payload's parts: SMPI takes messages of one tag for one another where some are below its
  /// smpi/async-small-thresh and others above.
  MPI_Comm paddings_ = MPI_COMM_NULL;
  RequestSet requests_;
  Questions questions_;
  std::map<Tag, Box> boxes_;
  /// Requests that wait for headers.
  std::size_t posted_ = 0;
  /// Messages sent to each rank, and received from any.
  std::vector<std::uint64_t> sent_;
  std::uint64_t received_ = 0;
};

}  // namespace descent::mpi
