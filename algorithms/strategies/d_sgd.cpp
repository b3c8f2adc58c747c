#include "algorithms/strategies/d_sgd.hpp"

#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/gradient_batch.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/work_balance.hpp"

#include <array>
#include <utility>
#include <vector>

namespace descent {
namespace {

enum : Tag { kGradient, kParameters, kMoves };

}  // namespace

void DistributedSgd::run(Communicator& communicator, Learner& learner) const {
  if (cast_.is_worker(communicator.rank())) {
    work(communicator, learner);
  } else {
    serve(communicator, learner);
  }
}

void DistributedSgd::work(Communicator& communicator, Learner& learner) const {
  const int server = cast_.server_rank(0);
  Snapshot x = learner.initial_parameters();
  Encoder encoder(compressor_, communicator, learner);
  std::uint64_t rounds = 0;
  // The server answers a gradient with parameters, and how many samples the next one is to be of; or with nothing when
  // the run is over.
  while (!x.empty()) {
    Message push;
    encoder.put(push, compressor_ ? learner.gradient(x) : learner.gradient_to_sum(x));
    push.scalar = learner.seconds_per_sample();
    communicator.expect(std::array{Expected{server, kParameters}});
    communicator.send(server, kGradient, std::move(push));
    Message answer = communicator.receive(server, kParameters);
    learner.take_batch(static_cast<std::size_t>(answer.note));
    x = std::move(answer.payload);
    if (!x.empty() && learner.balance().moves_shards(++rounds)) {
      move_shards(moves_in(communicator.receive(server, kMoves)), communicator, learner);
    }
  }
}

void DistributedSgd::serve(Communicator& communicator, Learner& learner) const {
  const auto workers = static_cast<std::size_t>(cast_.workers);
  OptimizerState state = learner.initial_state(learner.initial_parameters());
  ProgressReport report(communicator);
  report.initial(state.parameters);
  GradientBatch batch(workers, true, communicator);
  batch.decode_with(compressor_, {0, state.parameters.size()}, learner);
  WorkBalance balance(learner, workers);
  bool over = false;
  while (!over) {
    while (!batch.complete()) {
      Message push = communicator.receive(any_rank, kGradient);
      const auto worker = static_cast<std::size_t>(push.source);
      balance.measured(worker, push.scalar);
      batch.add(worker, 0, std::move(push.payload));
    }
    Snapshot mean = batch.take(1.0 / cast_.workers);
    over = learner.stop().met(report.progress(), communicator);
    if (!over) {
      state = learner.update(std::move(state), std::move(mean), report.iterations());
      report.updated(state.parameters, workers * learner.batch());
      over = learner.stop().met(report.progress(), communicator);
      balance.updated(report.iterations());
    }
    std::vector<Request> sends;
    sends.reserve(workers);
    for (int worker = 0; worker < cast_.workers; ++worker) {
      Message answer = learner.message(over ? Snapshot() : state.parameters);
      answer.note = static_cast<std::int64_t>(balance.batch(static_cast<std::size_t>(worker)));
      communicator.expect(std::array{Expected{worker, kGradient}});
      sends.push_back(communicator.send(worker, kParameters, std::move(answer)));
      if (!over && learner.balance().moves_shards(report.iterations())) {
        const std::vector<ShardMove> moves = balance.moves(static_cast<std::size_t>(worker));
        sends.push_back(communicator.send(worker, kMoves, moves_message(moves)));
      }
    }
    for (const Request& send : sends) {
      communicator.wait(send);
    }
  }
  report.finished(state.parameters);
}

}  // namespace descent
