#include "algorithms/compression/top_k.hpp"

namespace descent {

std::uint64_t TopK::encoded_bytes(Part part, std::uint64_t /*step*/) const {
  return 8 * std::uint64_t{sparsity_.of(part.count)};
}

Snapshot TopK::encode(const Snapshot& vector, Memory& /*memory*/, const Origin& origin) const {
  return with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const x = vector.as<Real>().data();
    return words_with(largest(x, vector.size(), sparsity_.of(origin.part.count)), x);
  });
}

}  // namespace descent
