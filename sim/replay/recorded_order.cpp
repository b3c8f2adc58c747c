#include "sim/replay/recorded_order.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

namespace descent {
namespace {

using nlohmann::json;

constexpr std::string_view kMagic = "descent order of events, version ";
constexpr std::string_view kVersion = "1";

/// Takes a line off the front, without its end.
std::string_view take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) {
    throw InputError("a line has no end");
  }
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return line;
}

std::string_view take(std::string_view& bytes, const json& size) {
  if (!size.is_number_unsigned() || size.get<std::uint64_t>() > bytes.size()) {
    throw InputError(fmt::format("{} bytes where there are {}", size.dump(), bytes.size()));
  }
  const std::string_view part = bytes.substr(0, size.get<std::size_t>());
  bytes.remove_prefix(part.size());
  return part;
}

void refuse_rest(std::string_view bytes) {
  if (!bytes.empty()) {
    throw InputError(fmt::format("{} bytes too many", bytes.size()));
  }
}

std::string compressed(const std::string& bytes) {
  std::string packed(compressBound(bytes.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  packed.resize(size);
  return packed;
}

/// Ends zlib's stream whatever happens.
struct Inflation {
  Inflation() { inflateInit(&stream); }
  ~Inflation() { inflateEnd(&stream); }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  z_stream stream = {};
};

std::string decompressed(std::string_view packed) {
  Inflation inflation;
  z_stream& stream = inflation.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib reads only
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string bytes;
  std::array<char, 65536> block{};
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = block.size();
    state = inflate(&stream, Z_NO_FLUSH);
    bytes.append(block.data(), block.size() - stream.avail_out);
  }
  if (state != Z_STREAM_END || stream.avail_in != 0) {
    throw InputError("compressed bytes are damaged");
  }
  return bytes;
}

/// So that a damaged file is an error before the run begins, and not in its middle.
void check_events(std::string_view bytes, std::size_t ranks) {
  JournalReader reader(bytes);
  while (const auto event = reader.next()) {
    if (event->source < 0 || static_cast<std::size_t>(event->source) >= ranks) {
      throw InputError(fmt::format("a message comes from rank {} of {}", event->source, ranks));
    }
  }
}

RankEvents unpack(std::string_view packed, std::size_t ranks) {
  const json lines = json::parse(take_line(packed));
  const std::string all = decompressed(packed);
  std::string_view rest = all;
  RankEvents events;
  for (const json& line : lines) {
    const std::string_view bytes = take(rest, line.at(1));
    check_events(bytes, ranks);
    events.emplace(line.at(0).get<int>(), bytes);
  }
  refuse_rest(rest);
  return events;
}

/// What follows the first line.
std::string_view body_of(const std::string& name, std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (!bytes.starts_with(kMagic) || end == std::string_view::npos) {
    throw InputError(fmt::format("{}: is no order of events; allowed: a file that --record has written", name));
  }
  const std::string_view version = bytes.substr(kMagic.size(), end - kMagic.size());
  if (version != kVersion) {
    throw InputError(fmt::format("{}: is of version '{}'; allowed: version {}", name, version, kVersion));
  }
  return bytes.substr(end + 1);
}

}  // namespace

std::string pack(const RankJournals& journals) {
  json lines = json::array();
  std::string all;
  for (const auto& [channel, journal] : journals.all()) {
    lines.push_back({channel, journal.bytes().size()});
    all += journal.bytes();
  }
  return lines.dump() + "\n" + compressed(all);
}

std::string order_bytes(const RunIdentity& identity, const std::vector<std::string>& ranks) {
  json head = {{"identity", identity}, {"ranks", json::array()}};
  std::string all;
  for (const std::string& packed : ranks) {
    head["ranks"].push_back(packed.size());
    all += packed;
  }
  return fmt::format("{}{}\n{}\n", kMagic, kVersion, head.dump()) + all;
}

RecordedOrder parse_order(const std::string& name, const std::string& bytes) {
  std::string_view rest = body_of(name, bytes);
  try {
    const json head = json::parse(take_line(rest));
    RecordedOrder order;
    head.at("identity").get_to(order.identity);
    const json& ranks = head.at("ranks");
    for (const json& size : ranks) {
      order.ranks.push_back(unpack(take(rest, size), ranks.size()));
    }
    refuse_rest(rest);
    return order;
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: is damaged or not whole: {}", name, error.what()));
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: is damaged or not whole: {}", name, error.what()));
  }
}

RecordedOrder read_order(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw InputError(fmt::format("{}: is a directory; allowed: a file that --record has written", path.string()));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw InputError(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  }
  return parse_order(path.string(), {std::istreambuf_iterator<char>(in), {}});
}

}  // namespace descent
