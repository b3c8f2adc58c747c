#pragma once

#include "algorithms/comm/observer.hpp"
#include "sim/record/durations.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

/// A share of the parameters at a moment when it is to be evaluated.
struct ObservedPart {
  /// Which observation: parts of the same one belong together.
  std::uint64_t slot = 0;
  std::uint64_t iteration = 0;
  std::uint64_t samples = 0;
  double time_s = 0;
  Share share = {};
  Snapshot parameters;
  /// By all ranks, where that is known at the time (simulation).
  std::uint64_t bytes_sent = 0;
  /// Of the gradients since the observation before.
  double staleness_sum = 0;
  std::uint64_t gradients = 0;
};
/// The slot of the parameters when the run ends.
inline constexpr std::uint64_t last_slot = std::numeric_limits<std::uint64_t>::max();

struct Span {
  Activity activity;
  double begin;
  double end;
};

struct Flow {
  int from;
  double sent_at;
  double received_at;
  std::uint64_t bytes;
};

/// All that is known of one rank after a run.
struct RankRecord {
  int rank = 0;
  std::string role;
  std::string host;
  std::uint64_t bytes_sent = 0;
  std::uint64_t messages_sent = 0;
  double compute_s = 0;
  double communicate_s = 0;
  /// Times of the updates, and how many of their gradients had which staleness; of ranks that may lead only.
  std::vector<double> update_times;
  std::map<std::uint64_t, std::uint64_t> staleness;
  std::uint64_t gradients_wasted = 0;
  /// Deaths, and what came of them: seconds until the next life, times that the strategy went on after a loss, its own
  /// or a peer's, and seconds of computing whose results are gone.
  std::uint64_t deaths = 0;
  std::uint64_t recoveries = 0;
  double down_s = 0;
  double work_lost_s = 0;
  std::uint64_t iterations = 0;
  std::uint64_t samples = 0;
  /// Samples of a replica are its own: those of all add up.
  bool replica = false;
  /// It has reported its end.
  bool ended = false;
  /// Times of the sends and bytes sent until then; where no process sees all ranks.
  std::vector<std::pair<double, std::uint64_t>> sends;
  /// With --trace.
  std::vector<Span> spans;
  std::vector<Flow> flows;
};

/// When to observe.
struct ObservationTimes {
  std::optional<std::uint64_t> every_iterations;
  std::optional<double> every_s;
};

/// What the recorders of one process share.
struct RecordingContext {
  ObservationTimes times;
  bool trace = false;
  /// Keep RankRecord::sends.
  bool keep_sends = false;
  /// Bytes sent by all ranks of this process so far.
  std::uint64_t bytes_sent = 0;
  /// Of all ranks of this process, from entering a collective to leaving it.
  Durations collectives;
  std::function<void(ObservedPart)> observe;
  std::function<bool()> target_met;
  /// Called after each update of the leading rank, or of any replica.
  std::function<void(double time, std::uint64_t iteration)> progress;
  /// A replica's rank has died, or has made an update in a new life.
  std::function<void(int replica)> lost = [](int) {};
  std::function<void(int replica)> returned = [](int) {};
};

/// Turns what one rank reports into its record.
class RankRecorder final : public Observer {
 public:
  RankRecorder(RecordingContext& context, int rank, std::string role, std::string host);

  void initial(const Share& share, const Snapshot& parameters, double time) override;
  void updated(const Update& update, double time) override;
  void wasted(double /*time*/) override { ++record_.gradients_wasted; }
  void died(double unfinished, double time) override;
  void recovered(const Recovered& what, double time) override;
  void finished(const Share& share, const Snapshot& parameters, double time) override;
  bool target_met() override { return context_.target_met(); }
  void sent(int to, std::uint64_t bytes, double time) override;
  void sent_together(std::uint64_t messages, std::uint64_t bytes, double time) override;
  void received(int from, std::uint64_t bytes, double sent_at, double time) override;
  void spent(Activity activity, double begin, double end) override;
  void collective(double begin, double end) override { context_.collectives.add(end - begin); }

  const RankRecord& record() const { return record_; }

 private:
  bool comes_back();
  void observe(std::uint64_t slot, const Share& share, const Snapshot& parameters, double time);

  RecordingContext& context_;
  RankRecord record_;
  std::uint64_t slot_ = 0;
  /// Of the replica that it holds, if it is one of several; whether it has died since its last update; and samples of
  /// its earlier lives.
  std::optional<int> replica_;
  bool down_ = false;
  std::uint64_t earlier_samples_ = 0;
  double staleness_sum_ = 0;
  std::uint64_t gradients_since_ = 0;
  /// By updates so far: seconds of computing until then; those until the last send; and those that the last death lost.
  std::vector<double> computed_{0};
  double told_ = 0;
  double untold_ = 0;
};

}  // namespace descent
