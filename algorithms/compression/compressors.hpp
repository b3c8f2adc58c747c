#pragma once

#include "algorithms/compression/compressor.hpp"
#include "algorithms/core/settings.hpp"
#include "algorithms/models/model.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// What a compressor is made of.
struct CompressorParts {
  Settings settings;
  /// What the whole vector consists of, in order.
  std::span<const Tensor> tensors;
  /// Ranks whose vectors are summed.
  std::size_t senders = 1;
  std::uint64_t seed = 0;
};

struct CompressorRow {
  /// Every compressor but those with a memory of their own has the parameter `error-feedback`.
  Entry entry;
  std::unique_ptr<const Codec> (*make)(const CompressorParts& parts);
  /// What of the settings, each right by itself, does not fit together.
  std::vector<std::string> (*faults)(const Settings& settings) = nullptr;
};

/// All compressors, in the order of `descent list`.
std::span<const CompressorRow> compressor_rows();
/// Precondition: the name is in the table.
const CompressorRow& find_compressor(std::string_view name);

/// The compressor of this name with checked settings without faults.
std::shared_ptr<const Compressor> make_compressor(std::string_view name, const CompressorParts& parts);

}  // namespace descent
