#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/data/dataset.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace descent {

/// What a partition divides.
struct Divided {
  std::size_t samples = 0;
  std::size_t shards = 1;
  /// Class of each sample; empty for regression.
  std::span<const std::uint32_t> labels;
  std::uint64_t seed = 0;
};

struct PartitionRow {
  Entry entry;
  Partition (*make)(const Settings& settings, const Divided& divided);
  bool needs_labels = false;
};
std::span<const PartitionRow> partition_rows();

/// Every sample in exactly one shard, no shard empty. Throws InputError where that cannot be. Precondition: the name
/// is in the table and the settings are checked.
Partition make_partition(std::string_view name, const Settings& settings, const Divided& divided);

}  // namespace descent
