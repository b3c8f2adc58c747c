#pragma once

#include "algorithms/math/vector.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace descent {

/// How a rank spent a stretch of time; `down`: between two lives.
enum class Activity { compute, communicate, idle, down };

/// What a rank holds of the parameters: the part from `offset` on, of one of `replicas` copies that differ. Where there
/// are several, each is held whole, and their mean is what is evaluated.
struct Share {
  std::size_t offset = 0;
  int replica = 0;
  int replicas = 1;

  /// Its updates are the run's iterations.
  bool leads() const { return offset == 0 && replica == 0; }
};

/// One application of gradients to parameters.
struct Update {
  /// Global updates so far, this one included: the run's iteration count.
  std::uint64_t iteration = 0;
  /// Training samples whose gradients are in the parameters so far; of a replica, those that this rank has added.
  std::uint64_t samples = 0;
  /// Of each gradient in it: updates between the parameters that it was computed on and those it was applied to. Where
  /// an update takes none but current ones, one 0 for all.
  std::vector<std::uint64_t> staleness = {0};
  Share share = {};
  Snapshot parameters;
};

/// How a rank goes on after a loss.
struct Recovered {
  /// It holds parameters after so many updates, read from durable memory.
  std::optional<std::uint64_t> restored = {};
  /// It goes on where others are, after so many updates.
  std::optional<std::uint64_t> caught_up = {};
  /// Peers that it no longer waits for, or waits for again.
  int lost_peers = 0;
  int returned_peers = 0;
};

/// What a rank reports of itself: facts, never formatted text. One observer per rank, called by that
/// rank's lines of execution only. Times are seconds since the start of the run.
class Observer {
 public:
  virtual ~Observer() = default;

  /// Parameters before the first update; from every rank that will report updates.
  virtual void initial(const Share& share, const Snapshot& parameters, double time) = 0;
  virtual void updated(const Update& update, double time) = 0;
  /// A gradient was computed, if only in part, and is in no update: it came too late, or was given up.
  virtual void wasted(double time) = 0;
  /// The parameters (or this rank's share of them) when the run ends; from every rank that reported updates.
  virtual void finished(const Share& share, const Snapshot& parameters, double time) = 0;
  /// True once an evaluation has met a target of the scenario (loss or accuracy). Asked only by the rank
  /// that decides when to stop.
  virtual bool target_met() = 0;

  /// The rank has died; the computation under way, if there was one, had taken so many seconds.
  virtual void died(double /*unfinished*/, double /*time*/) {}
  /// The rank goes on after a loss: its own, from parameters that are so many updates old (what came after is lost) or
  /// as new as those of others, or that of peers, which others now do without. Strategies say so.
  virtual void recovered(const Recovered& /*what*/, double /*time*/) {}

  virtual void sent(int to, std::uint64_t bytes, double time) = 0;
  /// The rank's messages of a collective whose time was told as a whole.
  virtual void sent_together(std::uint64_t messages, std::uint64_t bytes, double time) = 0;
  virtual void received(int from, std::uint64_t bytes, double sent_at, double time) = 0;
  /// The rank did this from `begin` to `end`: see Occupation. Stretches follow one another without gaps.
  virtual void spent(Activity activity, double begin, double end) = 0;
  /// The rank took part in a collective, from entering to leaving it: it may have waited for others there. Not those
  /// that were broken off.
  virtual void collective(double /*begin*/, double /*end*/) {}
};

}  // namespace descent
