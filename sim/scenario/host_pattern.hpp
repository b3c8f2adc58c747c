#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// A part of a list of hosts.
struct HostPattern {
  std::string text;
  /// It stood in quotes: a name as it is, whatever characters it has.
  bool literal = false;
};

/// The parts of a list that is separated by blanks or commas, except within brackets and quotes (' or ").
std::vector<HostPattern> split_patterns(std::string_view list);

/// A name as a list must have it: in quotes where it would not be read as itself.
std::string quoted_host(const std::string& name);

/// Every name that `node-[00-15,20]` stands for, in order; a range whose first number begins with 0 keeps its width.
/// Nothing when the brackets are malformed or stand for more than a million names.
std::optional<std::vector<std::string>> expand_brackets(std::string_view pattern);

/// `*` stands for any characters, also none.
bool matches_glob(std::string_view glob, std::string_view name);

/// Order of names in which numbers count as numbers: node-2 before node-10.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace descent
