#include "sim/scenario/source_lines.hpp"

#include <algorithm>

namespace descent {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

/// A position in the text that knows its line.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool at_end() const { return position_ >= text_.size(); }
  int line() const { return line_; }
  bool starts_with(std::string_view prefix) const { return text_.substr(position_).starts_with(prefix); }
  char peek() const { return at_end() ? '\0' : text_[position_]; }

  void advance(std::size_t count) {
    const std::size_t end = std::min(position_ + count, text_.size());
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(position_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    position_ = end;
  }

  /// Goes behind the next `mark`, or to the end.
  void skip_past(std::string_view mark) {
    const std::size_t found = text_.find(mark, position_);
    advance(found == std::string_view::npos ? text_.size() : found + mark.size() - position_);
  }

  /// Goes to the first of `stops` and returns what lies before it.
  std::string_view take_until(std::string_view stops) {
    const std::size_t found = std::min(text_.find_first_of(stops, position_), text_.size());
    const std::string_view taken = text_.substr(position_, found - position_);
    advance(taken.size());
    return taken;
  }

  void skip_blanks() {
    const std::size_t found = std::min(text_.find_first_not_of(kBlank, position_), text_.size());
    advance(found - position_);
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  int line_ = 1;
};

/// Behind `<`.
TagLines scan_tag(Cursor& cursor) {
  TagLines tag;
  tag.line = cursor.line();
  tag.name = cursor.take_until(" \t\r\n/>");
  while (true) {
    cursor.skip_blanks();
    if (cursor.at_end() || cursor.peek() == '>' || cursor.peek() == '/') {
      cursor.skip_past(">");
      return tag;
    }
    const int line = cursor.line();
    tag.attributes.emplace_back(cursor.take_until("= \t\r\n/>"), line);
    cursor.skip_past("=");
    cursor.skip_blanks();
    const std::string quote(1, cursor.peek());
    cursor.advance(1);
    cursor.skip_past(quote);
  }
}

}  // namespace

std::vector<TagLines> scan_tags(std::string_view text) {
  std::vector<TagLines> tags;
  Cursor cursor(text);
  while (true) {
    cursor.take_until("<");
    if (cursor.at_end()) {
      return tags;
    }
    if (cursor.starts_with("<!--")) {
      cursor.advance(4);
      cursor.skip_past("-->");
    } else if (cursor.starts_with("<![CDATA[")) {
      cursor.skip_past("]]>");
    } else if (cursor.starts_with("<?")) {
      cursor.skip_past("?>");
    } else if (cursor.starts_with("</") || cursor.starts_with("<!")) {
      cursor.skip_past(">");
    } else {
      cursor.advance(1);
      tags.push_back(scan_tag(cursor));
    }
  }
}

}  // namespace descent
