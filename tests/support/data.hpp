#pragma once

#include "algorithms/core/error.hpp"
#include "algorithms/core/settings.hpp"
#include "algorithms/data/partitions.hpp"
#include "algorithms/data/sources.hpp"
#include "tests/support/temporary.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace descent::test {

/// A directory of data files, gone at the end.
class DataDirectory : public TemporaryDirectory {
 public:
  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    return path(name);
  }

  std::string write_gzip(const std::string& name, std::string_view content) const {
    gzFile file = gzopen(path(name).c_str(), "wb");
    gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    gzclose(file);
    return path(name);
  }
};

using Values = std::map<std::string, std::string>;

/// `given` checked against the entry of this name, with its defaults.
template <class Rows>
Settings settings_of(const Rows& rows, std::string_view name, const Values& given) {
  for (const auto& row : rows) {
    if (row.entry.name == name) {
      std::vector<Complaint> complaints;
      Settings settings = check_settings(row.entry.parameters, given, complaints);
      for (const Complaint& complaint : complaints) {
        ADD_FAILURE() << name << " " << complaint.parameter << ": " << complaint.what;
      }
      return settings;
    }
  }
  throw std::logic_error("no such entry: " + std::string(name));
}

template <class Real = double>
Dataset<Real> load(std::string_view source, const Values& given, std::uint64_t seed = 1) {
  return load_data<Real>(source, settings_of(source_rows(), source, given), seed);
}

/// The message of the InputError that `f` throws; "" and a failure if it throws none.
template <class F>
std::string input_error_of(F&& f) {
  try {
    f();
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no InputError";
  return "";
}

}  // namespace descent::test
