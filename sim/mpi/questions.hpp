#pragma once

#include "algorithms/comm/communicator.hpp"
#include "sim/mpi/request_set.hpp"

#include <mpi.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace descent::mpi {

/// Who has asked whom for large messages, on one line (rendezvous). A sender holds such a message until its receiver
/// asks for the next one of their stream, which it does when its line waits for it: else a rank that is ahead would
/// take bandwidth from what the others still wait for, and fall into step never again. A receiver may ask before the
/// message is announced, and so before its own next message is on the way that the question would have to share.
/// Questions have a communicator of their own.
class Questions {
 public:
  /// A conversation: the other rank and the tag.
  using Stream = std::pair<int, Tag>;

  /// Collective over `world`. `requests` must outlive it.
  Questions(MPI_Comm world, RequestSet& requests);
  ~Questions() = default;
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;

  /// The next large message to the stream's other rank is ready: calls `answer` when that asks, or now if it has.
  void hold(Stream stream, std::function<void()> answer);
  /// Messages that wait to be asked for.
  std::size_t held() const { return held_; }

  /// Asks the stream's other rank for the next large message that it has announced.
  void ask(Stream stream);
  /// The same for the next of which nothing is known yet; once.
  void ask_ahead(Stream stream);
  /// The next large message is announced: whether it has been asked for ahead.
  bool announced(Stream stream) { return ahead_.erase(stream) > 0; }

  /// How many of the requests are its own: they move no messages.
  std::size_t pending() const { return pending_; }

  /// Questions asked of each rank, and received from any.
  const std::vector<std::uint64_t>& asked() const { return asked_; }
  std::uint64_t received() const { return received_; }
  /// Nothing is asked any more, and all questions have come: ends its requests, once they progress.
  void end();
  /// Its requests have ended. Collective.
  void free() { MPI_Comm_free(&communicator_); }

 private:
  /// Of messages to one rank with one tag.
  struct Outgoing {
    std::deque<std::function<void()>> held;
    /// How often they have been asked for before there were any.
    int asked = 0;
  };

  void post();
  void answer(Stream stream);

  RequestSet& requests_;
  MPI_Comm communicator_ = MPI_COMM_NULL;
  std::size_t pending_ = 0;
  std::map<Stream, Outgoing> outgoing_;
  std::size_t held_ = 0;
  /// Streams whose next large message has been asked for and has not been announced.
  std::set<Stream> ahead_;
  std::vector<std::uint64_t> asked_;
  std::uint64_t received_ = 0;
};

}  // namespace descent::mpi
