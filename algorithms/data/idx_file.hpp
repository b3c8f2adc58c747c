#pragma once

#include "algorithms/data/input_file.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// A file of the IDX format after its header: two zero bytes, a type (8: unsigned bytes), the number of dimensions,
/// each dimension as 4 bytes, the highest first; then the items.
struct IdxFile {
  InputFile file;
  /// The first dimension.
  std::size_t items;
  /// The product of the others.
  std::size_t item_bytes;

  /// Reads the next item, number `index`, to `to` (item_bytes). Throws InputError where the data end too soon.
  void read_item(std::size_t index, std::span<std::uint8_t> to);
  /// Throws InputError if there is more data.
  void expect_end();
};

/// Two to four dimensions: images × pixels, × rows × columns, or × rows × columns × channels.
IdxFile open_idx_images(const std::string& path, std::string_view hint);
/// One dimension: all labels of the file.
std::vector<std::uint8_t> read_idx_labels(const std::string& path, std::string_view hint);

}  // namespace descent
