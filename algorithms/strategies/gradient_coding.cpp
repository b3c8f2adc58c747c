#include "algorithms/strategies/gradient_coding.hpp"

#include "algorithms/strategies/coded_gradients.hpp"
#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/progress_report.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

namespace descent {
namespace {

/// Both carry the round. Parameters are empty when the run is over.
enum : Tag { kCoded, kNews };

/// Gradient coding (Tandon et al. 2017): every worker computes the gradients of s + 1 partitions of the data and sends
/// one combination of them; the centre has the sum of all as soon as any P − s have come, and tells everybody, also the
/// s slowest, which drop what they are at. Exact, unlike leaving gradients out, for s + 1 times the computations.
class GradientCoding final : public Strategy {
 public:
  explicit GradientCoding(const StrategyParts& parts)
      : cast_(parts.cast),
        compressor_(parts.compressor),
        code_(parts.settings.text("scheme") == "cyclic" ? GradientCode::Scheme::cyclic_repetition
                                                        : GradientCode::Scheme::fractional_repetition,
              parts.cast.workers, static_cast<int>(parts.settings.integer("stragglers")), parts.seed) {}

  void run(Communicator& communicator, Learner& learner) const override {
    if (cast_.is_worker(communicator.rank())) {
      work(communicator, learner);
    } else {
      serve(communicator, learner);
    }
  }

  /// Each worker's combination.
  double vectors(std::size_t slots) const override { return Strategy::vectors(slots) + 2 * cast_.workers; }

 private:
  void work(Communicator& communicator, Learner& learner) const {
    const Expected told{cast_.server_rank(0), kNews};
    CodedGradient coded(code_.row(communicator.rank()), cast_.workers, communicator, learner);
    Encoder encoder(compressor_, communicator, learner);
    Message news;
    news.payload = learner.initial_parameters();
    while (!news.payload.empty()) {
      auto [combination, newer] = coded.at(news.payload, told);
      if (!newer) {
        Message push;
        push.note = news.note;
        encoder.put(push, std::move(combination));
        communicator.send(told.from, kCoded, std::move(push));
        newer = communicator.receive(told.from, kNews);
      }
      news = *std::move(newer);
    }
  }

  void serve(Communicator& communicator, Learner& learner) const {
    const auto workers = static_cast<std::size_t>(cast_.workers);
    OptimizerState state = learner.initial_state(learner.initial_parameters());
    ProgressReport report(communicator);
    report.initial(state.parameters);
    bool over = learner.stop().met(report.progress(), communicator);
    while (!over) {
      Snapshot mean = mean_of_round(communicator, learner, report.iterations());
      state = learner.update(std::move(state), std::move(mean), report.iterations());
      report.updated(state.parameters, workers * learner.batch());
      over = learner.stop().met(report.progress(), communicator);
      for (int worker = 0; worker < cast_.workers; ++worker) {
        Message news = learner.message(over ? Snapshot() : state.parameters);
        news.note = static_cast<std::int64_t>(report.iterations());
        communicator.send(worker, kNews, std::move(news));
      }
    }
    report.finished(state.parameters);
  }

  /// The mean of all partitions' gradients, from the first messages of the round that give it. Those of earlier rounds
  /// come too late.
  Snapshot mean_of_round(Communicator& communicator, Learner& learner, std::uint64_t round) const {
    DecodedMean decoding(code_, cast_.workers, learner);
    std::optional<Snapshot> mean;
    while (!mean) {
      Message message = communicator.receive(any_rank, kCoded);
      if (message.note == static_cast<std::int64_t>(round)) {
        mean = decoding.with(message.source, decoded(compressor_.get(), learner, std::move(message.payload)));
      } else {
        for (std::size_t i = 0; i < code_.row(message.source).size(); ++i) {
          communicator.observer().wasted(communicator.now());
        }
      }
    }
    return *std::move(mean);
  }

  Cast cast_;
  std::shared_ptr<const Compressor> compressor_;
  GradientCode code_;
};

std::vector<std::string> coding_faults(const Settings& settings, const Cast* cast) {
  if (cast == nullptr) {
    return {};
  }
  const std::uint64_t s = settings.integer("stragglers");
  const auto workers = static_cast<std::uint64_t>(cast->workers);
  if (s >= workers) {
    return {fmt::format("stragglers={} of {} workers; allowed: at most {}", s, workers, workers - 1)};
  }
  if (settings.text("scheme") == "fractional" && workers % (s + 1) != 0) {
    return {
        fmt::format("scheme=\"fractional\": {} workers are no multiple of stragglers + 1 = {}; allowed: "
                    "scheme=\"cyclic\"",
                    workers, s + 1)};
  }
  return {};
}

}  // namespace

StrategyRow gradient_coding_row() {
  return {
      .entry = {"gradient-coding",
                "every worker sends a combination of the gradients of s + 1 partitions; any P - s of them give the sum",
                "Tandon, Lei, Dimakis & Karampatziakis 2017, Gradient coding: avoiding stragglers in distributed "
                "learning",
                {{.name = "stragglers",
                  .type = ParameterType::integer,
                  .fallback = std::nullopt,
                  .meaning = "s: workers that a round can do without",
                  .least = 0},
                 {.name = "scheme",
                  .type = ParameterType::choice,
                  .fallback = "cyclic",
                  .meaning =
                      "cyclic: any number of workers (their algorithm 2); fractional: P a multiple of s + 1, and "
                      "plain sums (their section 3.1)",
                  .choices = {"cyclic", "fractional"}}}},
      .make = [](const StrategyParts& parts) -> std::unique_ptr<Strategy> {
        return std::make_unique<GradientCoding>(parts);
      },
      .roles = {.least_servers = 1, .most_servers = 1},
      .faults = coding_faults,
      .takes_compression = true,
      .race_free = {"stragglers", {"0"}},
  };
}

}  // namespace descent
