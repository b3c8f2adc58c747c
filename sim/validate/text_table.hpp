#pragma once

#include <string>
#include <vector>

namespace descent {

/// Rows of equally many cells, of which the first is the header. The first column is for names, the others for numbers.
using Cells = std::vector<std::vector<std::string>>;

/// Columns of equal width.
std::string aligned(const Cells& cells);
std::string markdown(const Cells& cells);

}  // namespace descent
