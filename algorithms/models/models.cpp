#include "algorithms/models/models.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/models/affine.hpp"
#include "algorithms/models/mlp.hpp"
#include "algorithms/models/quadratic.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>
#include <vector>

namespace descent {
namespace {

constexpr double kMostParameters = 1e9;

void check_data(std::string_view model, ModelShape shape) {
  if (shape.features == 0) {
    throw InputError(fmt::format("model '{}' needs data with at least one feature; there is none", model));
  }
}

void check_regression(std::string_view model, ModelShape shape) {
  if (shape.classes != 0) {
    throw InputError(fmt::format("model '{}' needs data with real targets (regression); the data has {} classes", model,
                                 shape.classes));
  }
}

void check_classes(std::string_view model, ModelShape shape) {
  if (shape.classes < 2) {
    throw InputError(fmt::format("model '{}' needs data with at least 2 classes; the data has {}", model,
                                 shape.classes == 0 ? "real targets (regression)" : "1"));
  }
}

void check_two_classes(std::string_view model, ModelShape shape) {
  check_data(model, shape);
  check_classes(model, shape);
  if (shape.classes != 2) {
    throw InputError(
        fmt::format("model '{}' needs data with exactly 2 classes; the data has {} (for more, take "
                    "'softmax')",
                    model, shape.classes));
  }
}

/// `units` as in MlpOptions. In floating point, as the product may exceed every integer.
void check_size(std::string_view model, const std::vector<std::size_t>& units) {
  double parameters = 0;
  for (std::size_t k = 1; k < units.size(); ++k) {
    parameters += (static_cast<double>(units[k - 1]) + 1) * static_cast<double>(units[k]);
  }
  if (parameters > kMostParameters) {
    throw InputError(fmt::format("model '{}' would have {:.3g} parameters; at most {:g} are allowed", model, parameters,
                                 kMostParameters));
  }
}

template <class Real>
std::unique_ptr<Model<Real>> make_quadratic(const Settings& settings, ModelShape shape, std::uint64_t seed) {
  if (shape.features != 0) {
    throw InputError("model 'quadratic' is an objective of its own; it takes no data");
  }
  const QuadraticOptions options{
      .dimension = settings.integer("dimension"),
      .condition = settings.real("condition"),
      .spectrum = settings.text("spectrum") == "linear" ? Spectrum::linear : Spectrum::geometric,
      .noise = settings.real("noise"),
  };
  return std::make_unique<QuadraticModel<Real>>(options, seed);
}

template <class Real>
std::unique_ptr<Model<Real>> make_linear(const Settings& settings, ModelShape shape, std::uint64_t /*seed*/) {
  check_data("linear", shape);
  check_regression("linear", shape);
  check_size("linear", {shape.features, 1});
  return std::make_unique<LinearModel<Real>>(shape.features, 1, settings.real("l2"));
}

template <class Real>
std::unique_ptr<Model<Real>> make_logistic(const Settings& settings, ModelShape shape, std::uint64_t /*seed*/) {
  check_two_classes("logistic", shape);
  check_size("logistic", {shape.features, 1});
  return std::make_unique<LogisticModel<Real>>(shape.features, 1, settings.real("l2"));
}

template <class Real>
std::unique_ptr<Model<Real>> make_svm(const Settings& settings, ModelShape shape, std::uint64_t /*seed*/) {
  check_two_classes("svm", shape);
  check_size("svm", {shape.features, 1});
  return std::make_unique<SvmModel<Real>>(shape.features, 1, settings.real("l2"));
}

template <class Real>
std::unique_ptr<Model<Real>> make_softmax(const Settings& settings, ModelShape shape, std::uint64_t /*seed*/) {
  check_data("softmax", shape);
  check_classes("softmax", shape);
  check_size("softmax", {shape.features, shape.classes});
  return std::make_unique<SoftmaxModel<Real>>(shape.features, shape.classes, settings.real("l2"));
}

template <class Real>
std::unique_ptr<Model<Real>> make_mlp(const Settings& settings, ModelShape shape, std::uint64_t /*seed*/) {
  check_data("mlp", shape);
  MlpOptions options{
      .units = {shape.features},
      .activation = settings.text("activation") == "tanh" ? Activation::tanh : Activation::relu,
      .l2 = settings.real("l2"),
  };
  const std::vector<std::uint64_t> hidden = settings.integers("hidden");
  options.units.insert(options.units.end(), hidden.begin(), hidden.end());
  options.units.push_back(std::max<std::size_t>(shape.classes, 1));
  check_size("mlp", options.units);
  if (shape.classes == 0) {
    return std::make_unique<MlpModel<Real, SquaredError>>(options);
  }
  check_classes("mlp", shape);
  return std::make_unique<MlpModel<Real, CrossEntropy>>(options);
}

Parameter l2_parameter() {
  return {.name = "l2",
          .type = ParameterType::real,
          .fallback = "0",
          .meaning = "weight of the regularizer ½‖W‖² (biases are left out)",
          .least = 0};
}

std::vector<Parameter> quadratic_parameters() {
  return {
      {.name = "dimension",
       .type = ParameterType::integer,
       .fallback = "100",
       .meaning = "number of parameters d",
       .least = 1,
       .most = kMostParameters},
      {.name = "condition",
       .type = ParameterType::real,
       .fallback = "100",
       .meaning = "condition number: the eigenvalues go from 1/condition to 1",
       .least = 1,
       .most = 1e12},
      {.name = "spectrum",
       .type = ParameterType::choice,
       .fallback = "geometric",
       .meaning = "how the eigenvalues are spaced",
       .choices = {"linear", "geometric"}},
      {.name = "noise",
       .type = ParameterType::real,
       .fallback = "0",
       .meaning = "standard deviation of each coordinate of one sample's gradient; a batch of B has noise/√B",
       .least = 0},
  };
}

std::vector<Parameter> mlp_parameters() {
  return {
      {.name = "hidden",
       .type = ParameterType::integers,
       .fallback = "256",
       .meaning = "units of each hidden layer, from the input on",
       .least = 1,
       .most = kMostParameters},
      {.name = "activation",
       .type = ParameterType::choice,
       .fallback = "relu",
       .meaning = "of the hidden layers",
       .choices = {"relu", "tanh"}},
      l2_parameter(),
  };
}

std::vector<ModelRow> make_rows() {
  std::vector<ModelRow> rows;
  rows.push_back({{"quadratic", "½(x − x*)ᵀA(x − x*) with a chosen spectrum, known optimum and chosen gradient noise",
                   "A = H diag(λ) H, H a Householder reflection", quadratic_parameters()},
                  false,
                  make_quadratic<float>,
                  make_quadratic<double>});
  rows.push_back({{"linear",
                   "linear regression: mean of ½(w·a + b − y)², ridge penalty",
                   "Hoerl & Kennard 1970, Ridge regression",
                   {l2_parameter()}},
                  true,
                  make_linear<float>,
                  make_linear<double>});
  rows.push_back({{"logistic",
                   "logistic regression on two classes: mean of log(1 + e^z) − yz, z = w·a + b",
                   "Cox 1958, The regression analysis of binary sequences",
                   {l2_parameter()}},
                  true,
                  make_logistic<float>,
                  make_logistic<double>});
  rows.push_back({{"svm",
                   "linear support-vector machine on two classes: mean of max(0, 1 − ŷz), z = w·a + b, ŷ = ±1",
                   "Cortes & Vapnik 1995, Support-vector networks; this objective: Shalev-Shwartz et al. 2011, Pegasos",
                   {l2_parameter()}},
                  true,
                  make_svm<float>,
                  make_svm<double>});
  rows.push_back({{"softmax",
                   "multinomial logistic regression: mean of −log softmax(W·a + b) at the label",
                   "Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.4",
                   {l2_parameter()}},
                  true,
                  make_softmax<float>,
                  make_softmax<double>});
  rows.push_back({{"mlp", "fully connected network; cross-entropy on classes, ½ squared error in regression",
                   "Goodfellow et al. 2016, Deep Learning, chapter 6; initial weights: He et al. 2015 (relu), Glorot & "
                   "Bengio 2010 (tanh, output)",
                   mlp_parameters()},
                  true,
                  make_mlp<float>,
                  make_mlp<double>});
  return rows;
}

}  // namespace

std::span<const ModelRow> model_rows() {
  static const std::vector<ModelRow> rows = make_rows();
  return rows;
}

const ModelRow& find_model(std::string_view name) {
  const auto rows = model_rows();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such model");
  }
  return *row;
}

}  // namespace descent
