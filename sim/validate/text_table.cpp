#include "sim/validate/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace descent {
namespace {

/// Characters, in UTF-8.
std::size_t length_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string aligned(const Cells& cells) {
  std::vector<std::size_t> widths(cells.front().size());
  for (const auto& row : cells) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], length_of(row[column]));
    }
  }
  std::string text;
  for (const auto& row : cells) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string padding(widths[column] - length_of(row[column]), ' ');
      text += "  " + (column == 0 ? row[column] + padding : padding + row[column]);
    }
    text += "\n";
  }
  return text;
}

std::string markdown(const Cells& cells) {
  std::string text;
  for (const auto& row : cells) {
    text += fmt::format("| {} |\n", fmt::join(row, " | "));
    if (&row == &cells.front()) {
      text += "|---|";
      for (std::size_t column = 1; column < row.size(); ++column) {
        text += "---:|";
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace descent
