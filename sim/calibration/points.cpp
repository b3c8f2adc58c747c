#include "sim/calibration/points.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"
#include "algorithms/data/csv_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

namespace descent {
namespace {

constexpr std::array kPatterns = {
    std::pair(Pattern::round_trip, "round-trip"), std::pair(Pattern::exchange, "exchange"),
    std::pair(Pattern::shift, "shift"),           std::pair(Pattern::fan_in, "fan-in"),
    std::pair(Pattern::fan_out, "fan-out"),       std::pair(Pattern::send_call, "send-call"),
    std::pair(Pattern::stream, "stream"),         std::pair(Pattern::late, "late"),
    std::pair(Pattern::overlap, "overlap")};

constexpr const char* kHeader = "pattern,from,to,from_host,to_host,bytes,round,seconds";
constexpr std::size_t kColumns = 8;

std::optional<Pattern> pattern_of(const std::string& name) {
  const auto* found =
      std::find_if(kPatterns.begin(), kPatterns.end(), [&](const auto& known) { return known.second == name; });
  return found == kPatterns.end() ? std::nullopt : std::optional(found->first);
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file), in_(file) {
    if (!in_) {
      throw InputError(fmt::format("{}: cannot be read", file.string()));
    }
  }

  Measurements read() {
    if (!next() || text_ != kHeader) {
      refuse(fmt::format("the first line is to be '{}', as `descent calibrate` writes it", kHeader));
    }
    while (next()) {
      row();
    }
    if (measurements_.hosts.size() < 2) {
      refuse("measurements between at least two ranks are needed");
    }
    for (std::size_t rank = 0; rank < measurements_.hosts.size(); ++rank) {
      if (measurements_.hosts[rank].empty()) {
        refuse(fmt::format("nothing was measured at rank {}", rank));
      }
    }
    return std::move(measurements_);
  }

 private:
  bool next() {
    ++line_;
    return static_cast<bool>(std::getline(in_, text_));
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw InputError(fmt::format("{}:{}: {}", file_.string(), line_, what));
  }

  void row() {
    const auto fields = split_csv_line(text_, ',');
    if (!fields || fields->size() != kColumns) {
      refuse(fmt::format("{} fields are needed: {}", kColumns, kHeader));
    }
    const auto pattern = pattern_of((*fields)[0]);
    if (!pattern) {
      std::string known;
      for (const auto& [value, name] : kPatterns) {
        known += (known.empty() ? "" : ", ") + std::string(name);
      }
      refuse(fmt::format("unknown pattern '{}'; allowed: {}", (*fields)[0], known));
    }
    Point point;
    point.pattern = *pattern;
    point.from = rank((*fields)[1], (*fields)[3]);
    point.to = rank((*fields)[2], (*fields)[4]);
    point.bytes = integer((*fields)[5]);
    point.round = static_cast<int>(integer((*fields)[6]));
    const auto seconds = parse_real((*fields)[7]);
    if (!seconds || *seconds < 0) {
      refuse(fmt::format("'{}' is not a time >= 0 in seconds", (*fields)[7]));
    }
    point.seconds = *seconds;
    measurements_.points.push_back(point);
  }

  unsigned long long integer(const std::string& text) const {
    const auto value = parse_integer(text);
    if (!value || *value > (1ULL << 40U)) {
      refuse(fmt::format("'{}' is not a whole number from 0 to 2^40", text));
    }
    return *value;
  }

  int rank(const std::string& number, const std::string& host) {
    constexpr std::size_t kMost = 100000;
    const auto index = static_cast<std::size_t>(integer(number));
    if (index >= kMost) {
      refuse(fmt::format("rank {} is not below {}", index, kMost));
    }
    auto& hosts = measurements_.hosts;
    hosts.resize(std::max(hosts.size(), index + 1));
    if (host.empty() || (!hosts[index].empty() && hosts[index] != host)) {
      refuse(fmt::format("rank {} is on host '{}' here and on '{}' before", index, host, hosts[index]));
    }
    hosts[index] = host;
    return static_cast<int>(index);
  }

  std::filesystem::path file_;
  std::ifstream in_;
  std::string text_;
  int line_ = 0;
  Measurements measurements_;
};

}  // namespace

std::string_view name_of(Pattern pattern) {
  return std::find_if(kPatterns.begin(), kPatterns.end(), [&](const auto& known) { return known.first == pattern; })
      ->second;
}

std::string to_csv(const Measurements& measurements) {
  std::string text = std::string(kHeader) + "\n";
  const auto host = [&](int rank) -> const std::string& { return measurements.hosts[static_cast<std::size_t>(rank)]; };
  for (const Point& point : measurements.points) {
    text += fmt::format("{},{},{},{},{},{},{},{:.9g}\n", name_of(point.pattern), point.from, point.to, host(point.from),
                        host(point.to), point.bytes, point.round, point.seconds);
  }
  return text;
}

Measurements read_measurements(const std::filesystem::path& file) {
  return Reader(file).read();
}

}  // namespace descent
