#pragma once

#include "algorithms/compression/compressors.hpp"
#include "tests/unit/model_helpers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace descent {

using Given = std::map<std::string, std::string>;

inline constexpr std::uint64_t kSeed = 7;

/// A compressor of the catalogue with these settings and otherwise its defaults.
inline std::shared_ptr<const Compressor> compressor(const std::string& name, const Given& given = {},
                                                    std::span<const Tensor> tensors = {}, std::size_t senders = 1) {
  std::vector<Complaint> complaints;
  const Settings settings = check_settings(find_compressor(name).entry.parameters, given, complaints);
  EXPECT_TRUE(complaints.empty()) << name << " " << complaints.front().what;
  return make_compressor(name, {settings, tensors, senders, kSeed});
}

inline bool has_parameter(const CompressorRow& row, std::string_view name) {
  return std::any_of(row.entry.parameters.begin(), row.entry.parameters.end(),
                     [name](const Parameter& parameter) { return parameter.name == name; });
}

inline bool has_feedback(const CompressorRow& row) {
  return has_parameter(row, "error-feedback");
}

/// Settings with which every row can be made: some send a tenth of the elements.
inline Given least_settings(const CompressorRow& row) {
  return has_parameter(row, "ratio") ? Given{{"ratio", "0.1"}} : Given{};
}

template <class Real>
Snapshot snapshot(const Vector<Real>& values) {
  Buffer buffer(precision_of<Real>, static_cast<std::size_t>(values.size()));
  buffer.as<Real>() = values;
  return std::move(buffer).freeze();
}

inline Snapshot doubles(const std::vector<double>& values) {
  return snapshot<double>(Eigen::Map<const Vector<double>>(values.data(), static_cast<Eigen::Index>(values.size())));
}

inline std::vector<double> values_of(const Snapshot& vector) {
  return with_real(vector.precision(), [&](auto real) {
    const auto values = vector.as<decltype(real)>();
    return std::vector<double>(values.begin(), values.end());
  });
}

inline Part whole(const Snapshot& vector) {
  return {0, vector.size()};
}

/// What arrives of a vector that is encoded without a state.
inline Snapshot sent(const Compressor& compressor, const Snapshot& vector, std::uint64_t step = 0,
                     std::uint64_t rank = 0) {
  const Part part = whole(vector);
  return compressor.decode(compressor.encode(vector, {}, {part, rank, step}).words, part, vector.precision());
}

inline double squared_distance(const Snapshot& a, const Snapshot& b) {
  const std::vector<double> left = values_of(a);
  const std::vector<double> right = values_of(b);
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    sum += (left[i] - right[i]) * (left[i] - right[i]);
  }
  return sum;
}

}  // namespace descent
