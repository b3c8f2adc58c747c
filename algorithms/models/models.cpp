#include "algorithms/models/models.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/models/network.hpp"
#include "algorithms/models/quadratic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace descent {
namespace {

template <class Real>
std::unique_ptr<Model<Real>> make_quadratic(const Settings& settings, DataShape /*data*/, std::uint64_t seed) {
  QuadraticShape shape;
  shape.dimension = settings.integer("dimension");
  shape.condition = settings.real("condition");
  shape.spectrum = settings.text("spectrum") == "linear" ? Spectrum::linear : Spectrum::geometric;
  shape.noise = settings.real("noise");
  return std::make_unique<Quadratic<Real>>(shape, seed);
}

template <class Real>
std::unique_ptr<Model<Real>> make_linear(const Settings& settings, DataShape data, std::uint64_t /*seed*/) {
  if (data.classes != 0) {
    throw InputError(fmt::format("model linear is for regression; the data have {} classes", data.classes));
  }
  return std::make_unique<Network<Real>>(
      NetworkShape{.widths = {data.features, 1}, .loss = OutputLoss::squared, .l2 = settings.real("l2")});
}

template <class Real>
std::unique_ptr<Model<Real>> make_logistic(const Settings& settings, DataShape data, std::uint64_t /*seed*/) {
  if (data.classes != 2) {
    throw InputError(fmt::format("model logistic is for two classes; {}",
                                 data.classes == 0 ? "the data are for regression"
                                                   : fmt::format("the data have {}: use softmax", data.classes)));
  }
  return std::make_unique<Network<Real>>(
      NetworkShape{.widths = {data.features, 1}, .loss = OutputLoss::logistic, .l2 = settings.real("l2")});
}

template <class Real>
std::unique_ptr<Model<Real>> make_softmax(const Settings& settings, DataShape data, std::uint64_t /*seed*/) {
  if (data.classes < 2) {
    throw InputError("model softmax is for classification; the data are for regression or have one class only");
  }
  return std::make_unique<Network<Real>>(
      NetworkShape{.widths = {data.features, data.classes}, .loss = OutputLoss::softmax, .l2 = settings.real("l2")});
}

template <class Real>
std::unique_ptr<Model<Real>> make_mlp(const Settings& settings, DataShape data, std::uint64_t /*seed*/) {
  NetworkShape shape;
  shape.widths.push_back(data.features);
  for (const std::uint64_t width : settings.integers("hidden")) {
    shape.widths.push_back(width);
  }
  shape.widths.push_back(data.classes == 0 ? 1 : data.classes);
  shape.activation = settings.text("activation") == "relu" ? HiddenActivation::relu : HiddenActivation::tanh;
  shape.loss = data.classes == 0 ? OutputLoss::squared : OutputLoss::softmax;
  shape.l2 = settings.real("l2");
  return std::make_unique<Network<Real>>(std::move(shape));
}

Parameter l2() {
  return {.name = "l2",
          .type = ParameterType::real,
          .fallback = "0",
          .meaning = "lambda of the regularizer lambda/2 |W|^2, biases not included",
          .least = 0};
}

const std::vector<ModelRow>& table() {
  static const std::vector<ModelRow> rows = {
      {{"quadratic",
        "F(x) = 1/2 (x - x*)' A (x - x*) with known optimum and spectrum, noisy gradients, no data",
        "Nocedal & Wright 2006, section 3.3",
        {{.name = "dimension",
          .type = ParameterType::integer,
          .fallback = "100",
          .meaning = "d",
          .least = 1,
          .most = 1e9},
         {.name = "condition",
          .type = ParameterType::real,
          .fallback = "100",
          .meaning = "largest eigenvalue (1) over the smallest",
          .least = 1},
         {.name = "spectrum",
          .type = ParameterType::choice,
          .fallback = "linear",
          .meaning = "eigenvalues evenly spaced, or evenly in the logarithm",
          .choices = {"linear", "geometric"}},
         {.name = "noise",
          .type = ParameterType::real,
          .fallback = "0",
          .meaning = "standard deviation of each coordinate of a one-sample gradient",
          .least = 0}}},
       false,
       make_quadratic<float>,
       make_quadratic<double>},
      {{"linear", "mean of 1/2 (w'x + b - y)^2 + lambda/2 |w|^2", "Hoerl & Kennard 1970", {l2()}},
       true,
       make_linear<float>,
       make_linear<double>},
      {{"logistic", "mean of log(1 + exp(z)) - y z with z = w'x + b, y in {0, 1}", "Cox 1958", {l2()}},
       true,
       make_logistic<float>,
       make_logistic<double>},
      {{"softmax", "mean of log sum_c exp(z_c) - z_y with z = Wx + b", "Bishop 2006, section 4.3.4", {l2()}},
       true,
       make_softmax<float>,
       make_softmax<double>},
      {{"mlp",
        "fully connected layers; cross-entropy for classes, 1/2 squared error for regression",
        "Rumelhart, Hinton & Williams 1986; He et al. 2015",
        {{.name = "hidden",
          .type = ParameterType::integers,
          .fallback = std::nullopt,
          .meaning = "widths of the hidden layers, such as 256 or '512 256'",
          .least = 1,
          .most = 1e7},
         {.name = "activation",
          .type = ParameterType::choice,
          .fallback = "relu",
          .meaning = "of the hidden layers",
          .choices = {"relu", "tanh"}},
         l2()}},
       true,
       make_mlp<float>,
       make_mlp<double>},
  };
  return rows;
}

}  // namespace

Evaluation& Evaluation::operator+=(const Evaluation& other) {
  loss_sum += other.loss_sum;
  correct += other.correct;
  samples += other.samples;
  return *this;
}

std::span<const ModelRow> model_rows() {
  return table();
}

const ModelRow& find_model(std::string_view name) {
  const auto& rows = table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such model");
  }
  return *row;
}

}  // namespace descent
