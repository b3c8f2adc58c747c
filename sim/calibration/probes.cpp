#include "sim/calibration/probes.hpp"

#include "sim/calibration/meeting_point.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace descent {
namespace {

/// Of the conversation in general, and of what is measured.
enum ProbeTag : Tag { kAgreed = 2, kGo, kData, kAnswer, kNever };  // 1 is `meet`'s

/// Measured again and again without a pause, the first of them aside; small messages, whose times vary most, more
/// often.
constexpr int kInARow = 3;
constexpr int kSmallInARow = 12;
constexpr std::uint64_t kSmall = 16384;

int in_a_row(std::uint64_t bytes) {
  return bytes <= kSmall ? kSmallInARow : kInARow;
}

constexpr int kToWakeUp = 5;
/// A stream is long enough to fill what buffers there are between calls, and no longer.
constexpr int kStream = 16;
/// Pairs whose times are taken for all sizes; of others only those of the smallest and the largest messages.
constexpr int kSweptPairs = 8;
/// A receiver is late by no more than this, in seconds.
constexpr double kLongestDelay = 0.25;

class Prober {
 public:
  Prober(Communicator& communicator, const ProbeSettings& settings)
      : communicator_(communicator),
        settings_(settings),
        rank_(communicator.rank()),
        size_(communicator.size()),
        data_(Buffer::zeros(Precision::single_precision, settings.largest / sizeof(float)).freeze()) {}

  std::vector<Point> run() {
    const std::uint64_t largest = agree_on_largest();
    const std::vector<std::uint64_t> sizes = sizes_up_to(largest);
    const std::vector<std::uint64_t> ends = {control_bytes, largest / 4, largest};
    for (round_ = -1; round_ < settings_.rounds; ++round_) {  // the first is for nobody: connections, caches, windows
      for (int from = 0; from < size_; ++from) {
        for (int to = 0; to < size_; ++to) {
          const bool swept = to == (from + 1) % size_ && from < kSweptPairs;
          if (to != from) {
            take_round_trips(from, to, swept ? sizes : ends);
          }
        }
      }
      for (int from = 0; from + 1 < size_ && from < kSweptPairs; from += 2) {
        take_exchanges(from, from + 1, sizes);
      }
      take_shifts(sizes);
      for (int root = 0; root < size_ && root < kSweptPairs && size_ > 2; ++root) {
        take_fans(root, {control_bytes, largest / 16, largest / 4});
      }
      take_streams(sizes);
      take_late(sizes);
      take_overlaps(sizes);
    }
    return std::move(points_);
  }

 private:
  static std::vector<std::uint64_t> sizes_up_to(std::uint64_t largest) {
    std::vector<std::uint64_t> sizes;
    constexpr std::uint64_t kDense = 2048;  // from here to four times as much, protocols change
    for (std::uint64_t size = control_bytes; size < largest; size *= 2) {
      sizes.push_back(size);
      if (size >= kDense && size <= 4 * kDense) {
        sizes.push_back(size + size / 2);
      }
    }
    sizes.push_back(largest);
    return sizes;
  }

  Message of(std::uint64_t bytes) const {
    Message message;
    message.payload = bytes > control_bytes ? data_.slice(0, bytes / sizeof(float)) : Snapshot();
    message.wire_bytes = bytes;
    return message;
  }

  void send(int to, std::uint64_t bytes, Tag tag = kData) { sends_.push_back(communicator_.send(to, tag, of(bytes))); }

  /// What was sent has left.
  void settle() {
    for (const Request& request : std::exchange(sends_, {})) {
      communicator_.wait(request);
    }
  }

  void take(Pattern pattern, int from, int to, std::uint64_t bytes, double seconds) {
    settle();
    if (round_ >= 0) {
      points_.push_back({pattern, from, to, bytes, round_, seconds});
    }
  }

  void meet() {
    settle();
    descent::meet(communicator_);
  }

  double round_trip(int from, int to, std::uint64_t bytes) {
    const double begun = communicator_.now();
    if (rank_ == from) {
      send(to, bytes);
      communicator_.receive(to, kAnswer);
    } else if (rank_ == to) {
      communicator_.receive(from, kData);
      send(from, control_bytes, kAnswer);
    }
    return communicator_.now() - begun;
  }

  /// Half of what may take the longest time to be sent, so that a first message, which is slow, does not mislead.
  std::uint64_t agree_on_largest() {
    std::uint64_t largest = std::uint64_t{1} << 16U;
    const int last = size_ - 1;
    if (rank_ == 0 || rank_ == last) {
      while (largest < settings_.largest) {
        double seconds = 0;
        for (int i = 0; i < 3; ++i) {
          seconds = round_trip(0, last, largest);
          settle();
        }
        Message verdict = envelope();
        verdict.note = 2 * seconds <= settings_.longest ? 1 : 0;
        if (rank_ == 0) {
          sends_.push_back(communicator_.send(last, kGo, verdict));
          settle();
        } else {
          verdict = communicator_.receive(0, kGo);
        }
        if (verdict.note == 0) {
          break;
        }
        largest *= 2;
      }
    }
    Message agreed = envelope();
    agreed.note = static_cast<std::int64_t>(std::min(largest, settings_.largest));
    if (rank_ == 0) {
      for (int other = 1; other < size_; ++other) {
        sends_.push_back(communicator_.send(other, kAgreed, agreed));
      }
      settle();
    } else {
      agreed = communicator_.receive(0, kAgreed);
    }
    return static_cast<std::uint64_t>(agreed.note);
  }

  void take_round_trips(int from, int to, const std::vector<std::uint64_t>& sizes) {
    meet();
    if (rank_ != from && rank_ != to) {
      return;
    }
    for (int i = 0; i < kToWakeUp; ++i) {
      round_trip(from, to, control_bytes);
      settle();
    }
    for (const std::uint64_t bytes : sizes) {
      for (int i = 0; i < in_a_row(bytes); ++i) {
        const double seconds = round_trip(from, to, bytes);
        if (rank_ == from && i > 0) {
          take(Pattern::round_trip, from, to, bytes, seconds);
        }
        settle();
      }
    }
  }

  /// As collectives do: before it sends itself.
  void ask(int from, Tag tag = kData) {
    const Expected awaited{from, tag};
    communicator_.expect(std::span(&awaited, 1));
  }

  /// One after the other without a pause: each begins when the one before has ended at this rank.
  double swap(int to, int from, std::uint64_t bytes) {
    const double begun = communicator_.now();
    ask(from);
    send(to, bytes);
    communicator_.receive(from, kData);
    return communicator_.now() - begun;
  }

  /// Ranks that have waited for long have to.
  void wake_up(int to, int from) {
    for (int i = 0; i < kToWakeUp; ++i) {
      swap(to, from, control_bytes);
      settle();
    }
  }

  void take_exchanges(int from, int to, const std::vector<std::uint64_t>& sizes) {
    meet();
    if (rank_ == from || rank_ == to) {
      const int other = rank_ == from ? to : from;
      wake_up(other, other);
      for (const std::uint64_t bytes : sizes) {
        take_in_a_row(Pattern::exchange, other, other, bytes);
      }
    }
  }

  void take_shifts(const std::vector<std::uint64_t>& sizes) {
    for (const std::uint64_t bytes : sizes) {
      meet();
      wake_up((rank_ + 1) % size_, (rank_ + size_ - 1) % size_);
      take_in_a_row(Pattern::shift, (rank_ + 1) % size_, (rank_ + size_ - 1) % size_, bytes);
    }
  }

  void take_in_a_row(Pattern pattern, int to, int from, std::uint64_t bytes) {
    swap(to, from, bytes);
    double seconds = 0;
    for (int i = 0; i < in_a_row(bytes); ++i) {
      seconds += swap(to, from, bytes);
    }
    take(pattern, rank_, to, bytes, seconds / in_a_row(bytes));
  }

  void take_fans(int root, const std::vector<std::uint64_t>& sizes) {
    for (const std::uint64_t bytes : sizes) {
      for (const auto& [pattern, out, in] :
           {std::tuple(Pattern::fan_in, control_bytes, bytes), std::tuple(Pattern::fan_out, bytes, control_bytes)}) {
        meet();
        const double begun = communicator_.now();
        if (rank_ == root) {
          for (int other = 0; other < size_; ++other) {
            if (other != root) {
              send(other, out, kGo);
            }
          }
          for (int other = 1; other < size_; ++other) {
            communicator_.receive(any_rank, kData);
          }
          take(pattern, root, root, bytes, communicator_.now() - begun);
        } else {
          communicator_.receive(root, kGo);
          send(root, in);
        }
        settle();
      }
    }
  }

  /// From each rank to the next, one at a time.
  void take_streams(const std::vector<std::uint64_t>& sizes) {
    for (int from = 0; from < size_ && from < kSweptPairs; ++from) {
      const int to = (from + 1) % size_;
      meet();
      for (const std::uint64_t bytes : sizes) {
        if (bytes * kStream > settings_.largest) {
          break;
        }
        stream(from, to, bytes);
      }
    }
  }

  /// Between the first and the last rank, which are on different hosts where there are several.
  void take_late(const std::vector<std::uint64_t>& sizes) {
    meet();
    const int last = size_ - 1;
    for (const std::uint64_t bytes : sizes) {
      if (rank_ == 0) {
        send(last, bytes);
        communicator_.receive(last, kAnswer);
      } else if (rank_ == last) {
        be_busy(2 * std::min(settings_.longest, kLongestDelay));
        const double begun = communicator_.now();
        communicator_.receive(0, kData);
        take(Pattern::late, 0, last, bytes, communicator_.now() - begun);
        send(0, control_bytes, kAnswer);
      }
      settle();
    }
  }

  void take_overlaps(const std::vector<std::uint64_t>& sizes) {
    const int last = size_ - 1;
    for (const std::uint64_t bytes : sizes) {
      meet();
      if (rank_ == 0 || rank_ == last) {
        ask(last - rank_);
        send(last - rank_, bytes);
        be_busy(2 * std::min(settings_.longest, kLongestDelay));
        const double begun = communicator_.now();
        communicator_.receive(last - rank_, kData);
        settle();
        take(Pattern::overlap, rank_, last - rank_, bytes, communicator_.now() - begun);
      }
    }
  }

  void be_busy(double seconds) {
    const double end = communicator_.now() + seconds;
    if (settings_.receives_while_computing) {
      communicator_.receive(any_rank, kNever, end);
    } else {
      communicator_.compute({}, [&] {
        while (communicator_.now() < end) {
        }
      });
    }
  }

  void stream(int from, int to, std::uint64_t bytes) {
    if (rank_ == from) {
      const double begun = communicator_.now();
      for (int i = 0; i < kStream; ++i) {
        send(to, bytes);
      }
      const double called = communicator_.now();
      communicator_.receive(to, kAnswer);
      const double answered = communicator_.now();
      take(Pattern::send_call, from, to, bytes, (called - begun) / kStream);
      take(Pattern::stream, from, to, bytes, (answered - begun) / kStream);
    } else if (rank_ == to) {
      for (int i = 0; i < kStream; ++i) {
        communicator_.receive(from, kData);
      }
      send(from, control_bytes, kAnswer);
    }
    settle();
  }

  Communicator& communicator_;
  const ProbeSettings& settings_;
  int rank_;
  int size_;
  Snapshot data_;
  int round_ = 0;
  std::vector<Request> sends_;
  std::vector<Point> points_;
};

}  // namespace

std::vector<Point> probe(Communicator& communicator, const ProbeSettings& settings) {
  return Prober(communicator, settings).run();
}

}  // namespace descent
