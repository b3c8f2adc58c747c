#include "sim/record/rank_record.hpp"

#include <cmath>
#include <utility>

namespace descent {

RankRecorder::RankRecorder(RecordingContext& context, int rank, std::string role, std::string host)
    : context_(context) {
  record_.rank = rank;
  record_.role = std::move(role);
  record_.host = std::move(host);
}

void RankRecorder::observe(std::uint64_t slot, const Share& share, const Snapshot& parameters, double time) {
  context_.observe({.slot = slot,
                    .iteration = record_.iterations,
                    .samples = record_.samples,
                    .time_s = time,
                    .share = share,
                    .parameters = parameters,
                    .bytes_sent = context_.bytes_sent,
                    .staleness_sum = std::exchange(staleness_sum_, 0),
                    .gradients = std::exchange(gradients_since_, 0)});
}

void RankRecorder::initial(const Share& share, const Snapshot& parameters, double time) {
  record_.replica = share.replicas > 1;
  if (record_.replica) {
    replica_ = share.replica;
  }
  observe(0, share, parameters, time);
}

void RankRecorder::updated(const Update& update, double time) {
  record_.iterations = update.iteration;
  record_.samples = earlier_samples_ + update.samples;
  computed_.resize(update.iteration + 1, record_.compute_s);
  for (const std::uint64_t staleness : update.staleness) {
    staleness_sum_ += static_cast<double>(staleness);
  }
  gradients_since_ += update.staleness.size();
  if (update.share.offset == 0) {
    record_.update_times.push_back(time);
    for (const std::uint64_t staleness : update.staleness) {
      ++record_.staleness[staleness];
    }
    context_.progress(time, update.iteration);
  }
  // By iterations, every rank that holds a part observes the same ones; by time, each its first after the tick.
  const ObservationTimes& times = context_.times;
  std::uint64_t slot = slot_;
  bool exact = false;
  if (times.every_iterations) {
    slot = update.iteration / *times.every_iterations;
    exact = update.iteration % *times.every_iterations == 0;
  } else if (times.every_s) {
    slot = static_cast<std::uint64_t>(time / *times.every_s);
  }
  const bool back = comes_back();
  if (slot <= slot_) {
    return;
  }
  // One of many replicas does not skip a tick that others have seen, but those for which it was down.
  std::uint64_t next = update.share.replicas > 1 && !back ? slot_ + 1 : slot + (back && !exact ? 1 : 0);
  slot_ = slot;
  for (; next <= slot; ++next) {
    observe(next, update.share, update.parameters, time);
  }
}

bool RankRecorder::comes_back() {
  const bool back = std::exchange(down_, false);
  if (back) {
    context_.returned(*replica_);
  }
  return back;
}

/// Nobody knows of what it has computed since it last sent something.
void RankRecorder::died(double unfinished, double /*time*/) {
  ++record_.deaths;
  untold_ = record_.compute_s + unfinished - told_;
  record_.work_lost_s += untold_;
  told_ = record_.compute_s + unfinished;
  if (replica_) {
    earlier_samples_ = record_.samples;
    down_ = true;
    context_.lost(*replica_);
  }
}

/// All computing since the update that it goes back to is lost, told or not.
void RankRecorder::recovered(const Recovered& what, double /*time*/) {
  ++record_.recoveries;
  if (what.restored && *what.restored < computed_.size()) {
    record_.work_lost_s += record_.compute_s - computed_[*what.restored] - untold_;
    computed_.resize(*what.restored + 1);
    computed_.back() = record_.compute_s;
  }
  if (what.caught_up) {
    record_.iterations = *what.caught_up;
    computed_.resize(*what.caught_up + 1, record_.compute_s);
  }
  untold_ = 0;
}

void RankRecorder::finished(const Share& share, const Snapshot& parameters, double time) {
  comes_back();
  record_.ended = true;
  const bool led = share.leads() && !record_.update_times.empty();
  observe(last_slot, share, parameters, led ? record_.update_times.back() : time);
}

void RankRecorder::sent(int /*to*/, std::uint64_t bytes, double time) {
  sent_together(1, bytes, time);
}

void RankRecorder::sent_together(std::uint64_t messages, std::uint64_t bytes, double time) {
  told_ = record_.compute_s;
  record_.bytes_sent += bytes;
  record_.messages_sent += messages;
  context_.bytes_sent += bytes;
  if (context_.keep_sends) {
    record_.sends.emplace_back(time, record_.bytes_sent);
  }
}

void RankRecorder::received(int from, std::uint64_t bytes, double sent_at, double time) {
  if (context_.trace) {
    record_.flows.push_back({from, sent_at, time, bytes});
  }
}

void RankRecorder::spent(Activity activity, double begin, double end) {
  if (activity == Activity::compute) {
    record_.compute_s += end - begin;
  } else if (activity == Activity::communicate) {
    record_.communicate_s += end - begin;
  } else if (activity == Activity::down) {
    record_.down_s += end - begin;
  }
  if (context_.trace) {
    record_.spans.push_back({activity, begin, end});
  }
}

}  // namespace descent
