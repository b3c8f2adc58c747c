#include "algorithms/data/csv_line.hpp"

#include <algorithm>

namespace descent {
namespace {

/// Reads a line from the left.
class Scanner {
 public:
  Scanner(std::string_view line, char separator) : rest_(line), separator_(separator) {}

  void skip_blanks() {
    const auto blank = [this](char c) { return (c == ' ' || c == '\t') && c != separator_; };
    const auto* end = std::find_if_not(rest_.begin(), rest_.end(), blank);
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.begin()));
  }

  /// A field without quotes: up to the separator, blanks before which are dropped.
  std::string plain_field() {
    std::string_view field = rest_.substr(0, rest_.find(separator_));
    rest_.remove_prefix(field.size());
    field = field.substr(0, field.find_last_not_of(" \t") + 1);
    return std::string(field);
  }

  /// A field in quotes; false if they are not closed.
  bool quoted_field(std::string& field) {
    rest_.remove_prefix(1);
    while (true) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) {
        return false;
      }
      field.append(rest_.substr(0, quote));
      rest_.remove_prefix(quote + 1);
      if (!at('"')) {
        return true;
      }
      field.push_back('"');
      rest_.remove_prefix(1);
    }
  }

  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool at_end() const { return rest_.empty(); }
  /// Steps over a separator; false if there is none.
  bool step() {
    if (!at(separator_)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

 private:
  std::string_view rest_;
  char separator_;
};

}  // namespace

std::optional<std::vector<std::string>> split_csv_line(std::string_view line, char separator) {
  std::vector<std::string> fields;
  Scanner scanner(line, separator);
  while (true) {
    scanner.skip_blanks();
    std::string field;
    if (scanner.at('"')) {
      if (!scanner.quoted_field(field)) {
        return std::nullopt;
      }
      scanner.skip_blanks();
    } else {
      field = scanner.plain_field();
    }
    fields.push_back(std::move(field));
    if (scanner.at_end()) {
      return fields;
    }
    if (!scanner.step()) {
      return std::nullopt;
    }
  }
}

}  // namespace descent
