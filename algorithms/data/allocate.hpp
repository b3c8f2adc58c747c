#pragma once

#include "algorithms/data/dataset.hpp"

#include <cstdint>
#include <string_view>

namespace descent {

/// Throws InputError when features × samples elements (and the targets) of so many bytes would take more than half
/// of this machine's memory, or when there are 2³² samples or more. `what` begins the message.
void check_fits_memory(std::string_view what, std::uint64_t features, std::uint64_t samples,
                       std::size_t bytes_per_element);

/// A dataset of these sizes, its elements not initialized. Throws InputError: see check_fits_memory.
template <class Real>
Dataset<Real> allocate_dataset(std::string_view what, std::uint64_t features, std::uint64_t train_samples,
                               std::uint64_t test_samples);

}  // namespace descent
