#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace descent {

/// Measured step times: a table of numbers above 0.
struct Trace {
  /// By column, all of the same length.
  std::vector<std::vector<double>> columns;

  std::size_t rows() const { return columns.front().size(); }
};

/// Reads a CSV file, plain or gzip. A first row in which nothing is a number is a header; blank lines are skipped.
/// Throws InputError, with the file's own line, for what is no number above 0, for rows of different lengths, and for a
/// file without rows.
Trace read_trace(const std::filesystem::path& path);

/// What a rank replays of a trace: a row for each step, and after the last the first again.
class Replay {
 public:
  /// `first`: the row of step 0.
  Replay(std::shared_ptr<const Trace> trace, std::size_t column, std::size_t first)
      : trace_(std::move(trace)), column_(column), first_(first) {}

  double at(std::uint64_t step) const { return trace_->columns[column_][(first_ + step) % trace_->rows()]; }

 private:
  std::shared_ptr<const Trace> trace_;
  std::size_t column_;
  std::size_t first_;
};

}  // namespace descent
