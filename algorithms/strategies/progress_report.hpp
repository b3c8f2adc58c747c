#pragma once

#include "algorithms/comm/communicator.hpp"
#include "algorithms/strategies/stop_rule.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace descent {

/// How far a run is, as one rank counts it, and what that rank tells its observer: its parameters before the first
/// update, after each, and at the end.
class ProgressReport {
 public:
  /// `share`: what of the parameters this rank reports; nothing: others report all, and it only counts.
  explicit ProgressReport(Communicator& communicator, std::optional<Share> share = Share{})
      : communicator_(communicator), share_(share) {}

  void initial(const Snapshot& parameters) const {
    if (share_) {
      communicator_.observer().initial(*share_, parameters, communicator_.now());
    }
  }

  /// Parameters after so many updates are read back.
  void resume(const Progress& progress) { progress_ = progress; }
  /// The rank goes on from where others are: what it has not done is no work of its own.
  void catch_up(const Progress& progress) {
    others_samples_ += progress.samples - progress_.samples;
    progress_ = progress;
    communicator_.observer().recovered({.caught_up = progress_.iterations}, communicator_.now());
  }
  /// The rank goes on from them.
  void restored() const {
    if (share_) {
      communicator_.observer().recovered({.restored = progress_.iterations}, communicator_.now());
    }
  }

  /// An update to `parameters`, by the gradients of so many samples, those of all ranks together. `staleness`: see
  /// Update.
  void updated(const Snapshot& parameters, std::uint64_t samples, std::vector<std::uint64_t> staleness = {0}) {
    progress_.count(samples);
    if (share_) {
      const std::uint64_t own_samples =
          (progress_.samples - others_samples_) / static_cast<std::uint64_t>(share_->replicas);
      communicator_.observer().updated({progress_.iterations, own_samples, std::move(staleness), *share_, parameters},
                                       communicator_.now());
    }
  }

  void finished(const Snapshot& parameters) const {
    if (share_) {
      communicator_.observer().finished(*share_, parameters, communicator_.now());
    }
  }

  const Progress& progress() const { return progress_; }
  /// Updates so far.
  std::uint64_t iterations() const { return progress_.iterations; }

 private:
  Communicator& communicator_;
  std::optional<Share> share_;
  Progress progress_;
  std::uint64_t others_samples_ = 0;
};

}  // namespace descent
