#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace descent {

/// Where a start tag and each of its attributes begin, counting lines from 1.
struct TagLines {
  std::string name;
  int line = 0;
  std::vector<std::pair<std::string, int>> attributes;
};

/// The start tags of a well-formed XML text without a document type, in document order. Needed because libxml2
/// gives an element the line where its start tag ends, and attributes none. On other input the result is of no
/// use, but nothing is read out of bounds.
std::vector<TagLines> scan_tags(std::string_view text);

}  // namespace descent
