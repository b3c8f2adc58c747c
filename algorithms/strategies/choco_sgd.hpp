#pragma once

#include "algorithms/compression/compressor.hpp"
#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/gossip_worker.hpp"

#include <memory>

namespace descent {

/// Each worker holds, of itself and of its neighbours together, what the others can know of them: x̂ᵢ and Σ w_ij x̂ⱼ.
/// A round is a step to x, the compressed difference q = C(x − x̂ᵢ) to all neighbours, x̂ ← x̂ + q everywhere, and a
/// part γ of the way to the mean of what is known: xᵢ ← x + γ (Σ w_ij x̂ⱼ − x̂ᵢ) (Koloskova, Stich & Jaggi 2019,
/// CHOCO-SGD, algorithm 2, with the memory of their appendix E). The mean of all x is kept whatever C does.
///
/// x − x̂ᵢ is what x has moved by since the last round and what was not sent then, so C is a compressor with error
/// feedback, given the first. It must not make differences longer, as random levels do where there are fewer of them
/// than √d. x̂ begins with the parameters that all ranks start from, which nobody needs to be told.
class ChocoSgd final : public GossipWorker {
 public:
  /// `compressor`: nullptr, and whole differences are sent.
  ChocoSgd(const Graph& graph, double consensus_step, std::shared_ptr<const Compressor> compressor,
           Communicator& communicator, Learner& learner);

 private:
  void round(std::uint64_t step) override;

  double consensus_step_;
  std::shared_ptr<const Compressor> compressor_;
  Encoder encoder_;
  /// x of the last round.
  Snapshot before_;
  Snapshot known_;
  Snapshot mean_known_;
};

}  // namespace descent
