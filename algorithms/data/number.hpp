#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <system_error>

namespace descent {

/// The number that `text` is as a whole, if it is one that is finite in Real. A leading + is fine.
template <class Real>
std::optional<double> parse_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || !std::isfinite(static_cast<Real>(value))) {
    return std::nullopt;
  }
  return value;
}

}  // namespace descent
