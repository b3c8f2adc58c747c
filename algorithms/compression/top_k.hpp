#pragma once

#include "algorithms/compression/sparse.hpp"

namespace descent {

/// The k elements of largest magnitude (Aji & Heafield 2017; Stich et al. 2018): 8k bytes.
/// ‖x − C(x)‖² ≤ (1 − k/d) ‖x‖².
class TopK final : public SparseCodec {
 public:
  explicit TopK(Sparsity sparsity) : sparsity_(sparsity) {}

  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  double encode_flops(Part part) const override { return kSelectionFlops * static_cast<double>(part.count); }

 private:
  Sparsity sparsity_;
};

}  // namespace descent
