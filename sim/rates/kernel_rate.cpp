#include "sim/rates/kernel_rate.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/data/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

namespace descent {

KernelRate::KernelRate(std::vector<Point> points) : points_(std::move(points)) {}

double KernelRate::seconds(double flops) const {
  const auto above =
      std::find_if(points_.begin(), points_.end(), [&](const Point& point) { return point.flops >= flops; });
  if (above == points_.begin()) {
    return flops / points_.front().rate;
  }
  if (above == points_.end()) {
    return flops / points_.back().rate;
  }
  const Point& low = *(above - 1);
  const double from = low.flops / low.rate;
  const double to = above->flops / above->rate;
  return from + (to - from) * (flops - low.flops) / (above->flops - low.flops);
}

std::string to_text(const KernelRate& rate) {
  std::string text;
  for (const KernelRate::Point& point : rate.points()) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ";", point.flops, point.rate);
  }
  return text;
}

KernelRate rate_from_text(const std::string& text) {
  std::vector<KernelRate::Point> points;
  std::istringstream pairs(text);
  for (std::string pair; std::getline(pairs, pair, ';');) {
    const std::size_t colon = pair.find(':');
    const auto flops = parse_number<double>(pair.substr(0, colon));
    const auto rate = colon == std::string::npos ? std::nullopt : parse_number<double>(pair.substr(colon + 1));
    if (!flops || !rate || *flops <= 0 || *rate <= 0 || (!points.empty() && *flops <= points.back().flops)) {
      throw InputError(fmt::format(
          "\"{}\" is no rate of a kernel; allowed: flops:flop/s;flops:flop/s…, positive and ascending in flops", text));
    }
    points.push_back({*flops, *rate});
  }
  if (points.empty()) {
    throw InputError("a rate of a kernel is empty; allowed: flops:flop/s;flops:flop/s…");
  }
  return KernelRate(std::move(points));
}

}  // namespace descent
