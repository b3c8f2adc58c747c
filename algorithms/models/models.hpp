#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/models/model.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace descent {

/// What a model must know of the data it is fitted to.
struct ModelShape {
  /// Features of a sample; 0 for no data.
  std::size_t features = 0;
  /// Classes; 0 for regression.
  std::size_t classes = 0;
};

/// Makes a model from checked settings. `seed` fixes a generated problem. Throws InputError when the data do not
/// suit the model, or it would have more than 10⁹ parameters.
template <class Real>
using MakeModel = std::unique_ptr<Model<Real>> (*)(const Settings& settings, ModelShape shape, std::uint64_t seed);

struct ModelRow {
  Entry entry;
  /// False for an objective that needs no data, and takes none.
  bool needs_data;
  MakeModel<float> make_float;
  MakeModel<double> make_double;

  template <class Real>
  MakeModel<Real> make() const {
    if constexpr (precision_of<Real> == Precision::single_precision) {
      return make_float;
    } else {
      return make_double;
    }
  }
};

/// All models, in the order of `descent list`.
std::span<const ModelRow> model_rows();
/// Precondition: the name is in the table.
const ModelRow& find_model(std::string_view name);

}  // namespace descent
