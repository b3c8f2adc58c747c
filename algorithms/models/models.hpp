#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/models/model.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace descent {

/// What a model has to fit.
struct DataShape {
  /// 0: there are no data.
  std::size_t features = 0;
  /// 0: regression.
  std::size_t classes = 0;
};

struct ModelRow {
  Entry entry;
  /// False for a model that is its own problem and takes no data.
  bool needs_data = true;
  std::unique_ptr<Model<float>> (*make_float)(const Settings&, DataShape, std::uint64_t seed);
  std::unique_ptr<Model<double>> (*make_double)(const Settings&, DataShape, std::uint64_t seed);
};
std::span<const ModelRow> model_rows();
/// Precondition: the name is in the table.
const ModelRow& find_model(std::string_view name);

/// Throws InputError when the model cannot fit such data.
template <class Real>
std::unique_ptr<Model<Real>> make_model(std::string_view name, const Settings& settings, DataShape data,
                                        std::uint64_t seed) {
  if constexpr (precision_of<Real> == Precision::single_precision) {
    return find_model(name).make_float(settings, data, seed);
  } else {
    return find_model(name).make_double(settings, data, seed);
  }
}

}  // namespace descent
