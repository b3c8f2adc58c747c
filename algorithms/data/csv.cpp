#include "algorithms/core/error.hpp"
#include "algorithms/data/allocate.hpp"
#include "algorithms/data/csv_line.hpp"
#include "algorithms/data/input_file.hpp"
#include "algorithms/data/number.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/data/tabular.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {
namespace {

enum class Header { automatic, present, absent };

struct CsvOptions {
  Header header = Header::automatic;
  char separator = ',';
  /// "last", a column's number from 1, or its name in the header.
  std::string target;
};

CsvOptions csv_options(const Settings& settings) {
  CsvOptions options;
  const std::string& header = settings.text("header");
  options.header = header == "yes" ? Header::present : header == "no" ? Header::absent : Header::automatic;
  const std::string& separator = settings.text("separator");
  options.separator = separator == "tab" ? '\t' : separator == "semicolon" ? ';' : ',';
  options.target = settings.text("target");
  return options;
}

/// What is read from one file to the end, and the checks on the way.
template <class Real>
class CsvReader {
 public:
  CsvReader(const std::string& path, CsvOptions options) : file_(path), options_(std::move(options)) {
    table_.file = path;
  }

  Table<Real> read() && {
    std::string line;
    while (file_.next_line(line)) {
      if (file_.line() == 1 && line.starts_with("\xEF\xBB\xBF")) {  // A byte order mark.
        line.erase(0, 3);
      }
      if (line.find_first_not_of(" \t") != std::string::npos) {
        read_line(line);
      }
    }
    if (table_.labels.empty()) {
      throw InputError(fmt::format("{}: no samples; allowed: a line of numbers for each", table_.file));
    }
    const auto rows = static_cast<Eigen::Index>(columns_ - 1);
    table_.inputs = Eigen::Map<const Matrix<Real>>(values_.data(), rows, static_cast<Eigen::Index>(table_.size()));
    return std::move(table_);
  }

 private:
  void read_line(std::string_view line) {
    const auto fields = split_csv_line(line, options_.separator);
    if (!fields) {
      file_.fail_at_line("a quote is not closed, or something other than a separator follows it");
    }
    if (!begun_) {
      begun_ = true;
      if (is_header(*fields)) {
        header_ = *fields;
        return;
      }
    }
    if (columns_ == 0) {
      begin_rows(fields->size());
    }
    read_row(*fields);
  }

  bool is_header(const std::vector<std::string>& fields) const {
    const auto no_number = [](const std::string& field) { return !parse_number<double>(field).has_value(); };
    return options_.header == Header::present ||
           (options_.header == Header::automatic && std::any_of(fields.begin(), fields.end(), no_number));
  }

  void begin_rows(std::size_t columns) {
    columns_ = columns;
    if (columns_ < 2) {
      file_.fail_at_line("1 field; allowed: 2 or more, separated by the character that 'separator' names");
    }
    target_ = find_target();
  }

  /// The target's column, from 0.
  std::size_t find_target() const {
    const std::string& target = options_.target;
    if (target == "last") {
      return columns_ - 1;
    }
    std::size_t number = 0;
    const auto [stopped, error] = std::from_chars(target.data(), target.data() + target.size(), number);
    if (error == std::errc{} && stopped == target.data() + target.size()) {
      if (number < 1 || number > columns_) {
        file_.fail_at_line(fmt::format("there is no target column {}; allowed: 1 to {}", number, columns_));
      }
      return number - 1;
    }
    return find_column(target);
  }

  std::size_t find_column(const std::string& name) const {
    if (header_.empty()) {
      file_.fail_at_line(fmt::format("target column '{}' and no header; allowed: last, 1 to {}", name, columns_));
    }
    if (header_.size() != columns_) {
      file_.fail_at_line(
          fmt::format("{} fields and {} in the header; allowed: as many, when the target is given by "
                      "name",
                      columns_, header_.size()));
    }
    const auto found = std::find(header_.begin(), header_.end(), name);
    if (found == header_.end()) {
      file_.fail_at_line(fmt::format("the header has no target column '{}'{}; allowed: last, 1 to {}, {}", name,
                                     did_you_mean(name, header_), columns_, fmt::join(header_, ", ")));
    }
    return static_cast<std::size_t>(found - header_.begin());
  }

  void read_row(const std::vector<std::string>& fields) {
    if (fields.size() != columns_) {
      file_.fail_at_line(fmt::format("{} fields; allowed: {}, as in the lines before", fields.size(), columns_));
    }
    for (std::size_t column = 0; column < columns_; ++column) {
      const std::optional<double> value = parse_number<Real>(fields[column]);
      if (!value) {
        file_.fail_at_line(fmt::format("field {} is '{}'; allowed: a finite number", column + 1, fields[column]));
      }
      if (column == target_) {
        table_.labels.push_back(*value);
      } else {
        values_.push_back(static_cast<Real>(*value));
      }
    }
    table_.lines.push_back(file_.line());
    // Twice: at the end the values are copied.
    check_fits_memory(table_.file, columns_, table_.size(), 2 * sizeof(Real));
  }

  InputFile file_;
  CsvOptions options_;
  bool begun_ = false;
  std::vector<std::string> header_;
  std::size_t columns_ = 0;
  std::size_t target_ = 0;
  /// Features of one sample after the other.
  std::vector<Real> values_;
  Table<Real> table_;
};

}  // namespace

template <class Real>
Dataset<Real> load_csv(const Settings& settings, std::uint64_t seed) {
  const CsvOptions options = csv_options(settings);
  Table<Real> train = CsvReader<Real>(settings.text("file"), options).read();
  std::optional<Table<Real>> test;
  if (settings.has("test-file")) {
    test = CsvReader<Real>(settings.text("test-file"), options).read();
    if (test->inputs.rows() != train.inputs.rows()) {
      throw InputError(fmt::format("{}: {} columns; allowed: {}, as in {}", test->file, test->inputs.rows() + 1,
                                   train.inputs.rows() + 1, train.file));
    }
  }
  return dataset_of(std::move(train), std::move(test), settings, seed);
}

template Dataset<float> load_csv(const Settings&, std::uint64_t);
template Dataset<double> load_csv(const Settings&, std::uint64_t);

}  // namespace descent
