#include "sim/scenario/host_pattern.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>

namespace descent {
namespace {

constexpr std::size_t kMostNames = 1'000'000;

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::optional<std::uint64_t> to_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  return whole ? std::optional(number) : std::nullopt;
}

/// The numbers of `3` or `00-15` as text, appended; false when it is neither.
bool expand_range(std::string_view range, std::vector<std::string>& numbers) {
  const std::size_t dash = range.find('-');
  const std::string_view first_digits = range.substr(0, dash);
  const std::string_view last_digits = dash == std::string_view::npos ? first_digits : range.substr(dash + 1);
  const std::optional<std::uint64_t> first = to_number(first_digits);
  const std::optional<std::uint64_t> last = to_number(last_digits);
  if (!first || !last || *first > *last || *last - *first >= kMostNames - numbers.size()) {
    return false;
  }
  const std::size_t width = first_digits.front() == '0' ? first_digits.size() : 1;
  for (std::uint64_t offset = 0; offset <= *last - *first; ++offset) {
    numbers.push_back(fmt::format("{:0{}}", *first + offset, width));
  }
  return true;
}

/// What the text between two brackets stands for.
std::optional<std::vector<std::string>> expand_list(std::string_view list) {
  std::vector<std::string> numbers;
  while (true) {
    const std::size_t comma = list.find(',');
    if (!expand_range(list.substr(0, comma), numbers)) {
      return std::nullopt;
    }
    if (comma == std::string_view::npos) {
      return numbers;
    }
    list.remove_prefix(comma + 1);
  }
}

/// Takes the digits at the front, without leading zeros.
std::string_view take_number(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

bool is_separator(char c) {
  return c == ',' || std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// Up to the first separator outside brackets.
std::size_t length_of_pattern(std::string_view list) {
  bool in_brackets = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    in_brackets = list[i] == '[' || (in_brackets && list[i] != ']');
    if (!in_brackets && is_separator(list[i])) {
      return i;
    }
  }
  return list.size();
}

}  // namespace

std::vector<HostPattern> split_patterns(std::string_view list) {
  std::vector<HostPattern> parts;
  while (true) {
    const auto begin = std::find_if_not(list.begin(), list.end(), is_separator);
    list.remove_prefix(static_cast<std::size_t>(begin - list.begin()));
    if (list.empty()) {
      return parts;
    }
    const char quote = list.front();
    const std::size_t closing = quote == '\'' || quote == '"' ? list.find(quote, 1) : std::string_view::npos;
    if (closing != std::string_view::npos) {
      parts.push_back({std::string(list.substr(1, closing - 1)), true});
      list.remove_prefix(closing + 1);
    } else {
      const std::size_t length = length_of_pattern(list);
      parts.push_back({std::string(list.substr(0, length)), false});
      list.remove_prefix(length);
    }
  }
}

std::string quoted_host(const std::string& name) {
  const bool plain = std::none_of(name.begin(), name.end(), is_separator) &&
                     name.find_first_of("[]*'\"") == std::string::npos && !name.empty();
  const char* quote = name.find('\'') == std::string::npos ? "'" : "\"";
  return plain ? name : quote + name + quote;
}

std::optional<std::vector<std::string>> expand_brackets(std::string_view pattern) {
  std::vector<std::string> names{""};
  while (true) {
    const std::size_t open = pattern.find('[');
    if (pattern.substr(0, open).find(']') != std::string_view::npos) {
      return std::nullopt;
    }
    for (std::string& name : names) {
      name += pattern.substr(0, open);
    }
    if (open == std::string_view::npos) {
      return names;
    }
    const std::size_t close = pattern.find(']', open);
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    const std::optional<std::vector<std::string>> numbers = expand_list(pattern.substr(open + 1, close - open - 1));
    if (!numbers || names.size() * numbers->size() > kMostNames) {
      return std::nullopt;
    }
    std::vector<std::string> longer;
    longer.reserve(names.size() * numbers->size());
    for (const std::string& name : names) {
      for (const std::string& number : *numbers) {
        longer.push_back(name + number);
      }
    }
    names = std::move(longer);
    pattern.remove_prefix(close + 1);
  }
}

bool matches_glob(std::string_view glob, std::string_view name) {
  std::size_t g = 0;
  std::size_t n = 0;
  // Where to go on when what follows the last star does not fit: let the star take one character more.
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      taken = n;
    } else if (g < glob.size() && glob[g] == name[n]) {
      ++g;
      ++n;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == std::string_view::npos;
}

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view number_a = take_number(a);
      const std::string_view number_b = take_number(b);
      if (number_a.size() != number_b.size()) {
        return number_a.size() < number_b.size();
      }
      if (number_a != number_b) {
        return number_a < number_b;
      }
    } else if (a.front() != b.front()) {
      return a.front() < b.front();
    } else {
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) {
    return a.empty();
  }
  return whole_a < whole_b;  // Equal but for leading zeros.
}

}  // namespace descent
