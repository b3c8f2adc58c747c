#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// Cuts a line of a CSV file into its fields, blanks around them removed.
/// Fields may be in double quotes, in which "" stands for a quote (RFC 4180), but not go on in the next line:
/// nothing if a quote is not closed or followed by anything but a separator.
std::optional<std::vector<std::string>> split_csv_line(std::string_view line, char separator);

}  // namespace descent
