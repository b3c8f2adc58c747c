#pragma once

#include "algorithms/comm/communicator.hpp"
#include "sim/mpi/locked_occupation.hpp"
#include "sim/mpi/request_set.hpp"
#include "sim/mpi/wire.hpp"

#include <mpi.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace descent::mpi {

/// One line's conversations with the same line of the other ranks, in communicators of their own.
///
/// A message is a header, with the payload in it when that is small, and the parts of a large payload, from and into
/// the memory where it stays. Parts travel in a second communicator with the header's tag, so that they meet in the
/// order of the headers. For each tag that the line has ever expected one receive is posted for any source, and the
/// parts are asked for as soon as the header is here: a sender can end while the receiver waits for something else.
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

  /// The line waits: `progress` and look, then `rest` for at most so many seconds, and again.
  void begin_wait() { requests_.restart(); }
  void progress() { requests_.progress(); }
  void rest(double longest) { requests_.rest(requests_.size() > posted_, longest); }

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
  void receive_parts(int source, Tag tag, const Header& header, const std::shared_ptr<Arrival>& arrival);

  const Clock& clock_;
  LockedOccupation& occupation_;
  MPI_Comm headers_ = MPI_COMM_NULL;
  MPI_Comm parts_ = MPI_COMM_NULL;
  RequestSet requests_;
  std::map<Tag, Box> boxes_;
  /// Requests that wait for headers.
  std::size_t posted_ = 0;
  /// Messages sent to each rank, and received from any.
  std::vector<std::uint64_t> sent_;
  std::uint64_t received_ = 0;
};

}  // namespace descent::mpi
