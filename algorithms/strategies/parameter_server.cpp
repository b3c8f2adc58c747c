#include "algorithms/strategies/parameter_server.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/strategies/shard_server.hpp"
#include "algorithms/strategies/shard_worker.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace descent {

void ParameterServer::run(Communicator& communicator, Learner& learner) const {
  std::vector<Part> shards = shards_of(learner.problem(), static_cast<std::size_t>(cast_.servers), shards_);
  // On the heap: a simulation has a stack for every rank, and what stands there costs a page more.
  if (cast_.is_worker(communicator.rank())) {
    std::make_unique<ShardWorker>(cast_, std::move(shards), consistency_, recovery_, compressor_, communicator, learner)
        ->run();
  } else {
    std::make_unique<ShardServer>(cast_, shards[static_cast<std::size_t>(communicator.rank() - cast_.workers)],
                                  consistency_, recovery_, compressor_, communicator, learner)
        ->run();
  }
}

/// Where gradients may be stale, each worker has a version of the parameters to itself.
double ParameterServer::vectors(std::size_t slots) const {
  const auto remembered = compressor_ ? static_cast<double>(compressor_->state_vectors()) : 0;
  return Strategy::vectors(slots) + cast_.workers * ((consistency_.synchronous ? 0 : 1) + remembered);
}

std::vector<std::string> ParameterServer::faults(const Problem& problem) const {
  if (consistency_.bucket_bytes && recovery_.tolerates_losses()) {
    return {"<recovery> timeout: a gradient is pushed again as a whole; allowed: no bucket"};
  }
  if (consistency_.reads_when_stale && recovery_.tolerates_losses()) {
    return {
        "<recovery> timeout: with pull=\"when-stale\" most pushes are not answered, and so not known to have come; "
        "allowed: pull=\"every-step\""};
  }
  const auto servers = static_cast<std::size_t>(cast_.servers);
  if (shards_ == ServerShards::whole_tensors && servers > problem.tensors().size()) {
    return {fmt::format("shards=\"whole-tensors\": {} servers share {} tensors; allowed: at most one server a tensor",
                        servers, problem.tensors().size())};
  }
  if (!compressor_) {
    return {};
  }
  if (consistency_.bucket_bytes) {
    return {"<compression> encodes a shard's gradient as a whole; allowed: no bucket"};
  }
  try {
    compressor_->check(shards_of(problem, servers, shards_));
  } catch (const InputError& error) {
    return {error.what()};
  }
  return {};
}

}  // namespace descent
