#include "algorithms/data/idx_file.hpp"

#include "algorithms/data/allocate.hpp"

#include <fmt/format.h>
#include <array>
#include <utility>

namespace descent {
namespace {

constexpr unsigned kUnsignedBytes = 8;

/// The 4 bytes at the reading position as a number, the highest byte first.
std::uint32_t read_word(InputFile& file) {
  std::array<std::uint8_t, 4> bytes{};
  if (file.read(bytes.data(), bytes.size()) < bytes.size()) {
    file.fail_at_byte(file.byte(), "the file ends within the IDX header");
  }
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U | bytes[3];
}

/// Reads the header. `least` to `most` dimensions are allowed.
IdxFile open_idx(const std::string& path, std::string_view hint, unsigned least, unsigned most) {
  IdxFile idx{InputFile(path, hint), 0, 1};
  const std::uint32_t magic = read_word(idx.file);
  const unsigned type = magic >> 8U;
  const unsigned dimensions = magic & 0xFFU;
  if (type != kUnsignedBytes) {
    idx.file.fail_at_byte(0, fmt::format("no IDX file of unsigned bytes: it begins with {:#010x}; allowed: 0x000008 "
                                         "and the number of dimensions",
                                         magic));
  }
  if (dimensions < least || dimensions > most) {
    idx.file.fail_at_byte(3,
                          fmt::format("{} dimensions; allowed: {}", dimensions,
                                      least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most)));
  }
  idx.items = read_word(idx.file);
  for (unsigned i = 1; i < dimensions; ++i) {
    const std::uint32_t extent = read_word(idx.file);
    if (extent == 0 || __builtin_mul_overflow(idx.item_bytes, std::size_t{extent}, &idx.item_bytes)) {
      idx.file.fail_at_byte(idx.file.byte() - 4, fmt::format("dimension {} is {}; allowed: 1 or more, all together "
                                                             "less than 2^64",
                                                             i + 1, extent));
    }
  }
  check_fits_memory(path, idx.item_bytes, 1, 1);
  return idx;
}

}  // namespace

void IdxFile::read_item(std::size_t index, std::span<std::uint8_t> to) {
  if (file.read(to.data(), to.size()) < to.size()) {
    file.fail_at_byte(file.byte(), fmt::format("the file ends within item {} of {}", index + 1, items));
  }
}

void IdxFile::expect_end() {
  const std::uint64_t end = file.byte();
  std::uint8_t more = 0;
  if (file.read(&more, 1) > 0) {
    file.fail_at_byte(end, fmt::format("more data after the last of {} items", items));
  }
}

IdxFile open_idx_images(const std::string& path, std::string_view hint) {
  return open_idx(path, hint, 2, 4);
}

std::vector<std::uint8_t> read_idx_labels(const std::string& path, std::string_view hint) {
  IdxFile idx = open_idx(path, hint, 1, 1);
  check_fits_memory(path, 0, idx.items, 1);
  std::vector<std::uint8_t> labels(idx.items);
  const std::size_t got = idx.file.read(labels.data(), labels.size());
  if (got < labels.size()) {
    idx.file.fail_at_byte(idx.file.byte(), fmt::format("the file ends after {} of {} labels", got, labels.size()));
  }
  idx.expect_end();
  return labels;
}

}  // namespace descent
