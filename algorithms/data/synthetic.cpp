#include "algorithms/core/random.hpp"
#include "algorithms/data/allocate.hpp"
#include "algorithms/data/sources.hpp"

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace descent {
namespace {

/// Streams with these owners draw what all samples share; sample i draws from owner i.
constexpr std::uint64_t kShared = std::uint64_t{1} << 40U;

RandomStream stream(std::uint64_t seed, std::uint64_t owner) {
  return {seed, Purpose::synthetic_data, owner};
}

/// `shared_vectors`: vectors of a sample's length that are made beside the samples.
template <class Real>
Dataset<Real> allocate(std::string_view source, const Settings& settings, std::uint64_t shared_vectors) {
  const std::uint64_t features = settings.integer("features");
  check_fits_memory(source, features, shared_vectors, sizeof(double));
  return allocate_dataset<Real>(source, features, settings.integer("samples"), settings.integer("test-samples"));
}

/// Fills training and test samples by `draw(sample's column, its stream)` → target. Sample i is the same however many
/// there are.
template <class Real, class Draw>
void fill(Dataset<Real>& data, std::uint64_t seed, Draw draw) {
  std::uint64_t owner = 0;
  for (Samples<Real>* samples : {&data.train, &data.test}) {
    for (Eigen::Index i = 0; i < samples->targets.size(); ++i) {
      RandomStream random = stream(seed, 2 * static_cast<std::uint64_t>(i) + owner);
      samples->targets(i) = draw(samples->inputs.col(i), random);
    }
    ++owner;
  }
}

}  // namespace

/// x ~ N(0, I), y = wᵀx + b + N(0, noise²) with w ~ N(0, I/features), b ~ N(0, 1).
template <class Real>
Dataset<Real> load_synthetic_regression(const Settings& settings, std::uint64_t seed) {
  Dataset<Real> data = allocate<Real>("synthetic-regression", settings, 1);
  boost::random::normal_distribution<double> normal;
  const auto features = static_cast<Eigen::Index>(settings.integer("features"));
  const double noise = settings.real("noise");
  RandomStream shared = stream(seed, kShared);
  Vector<double> weights(features);
  for (double& weight : weights) {
    weight = normal(shared) / std::sqrt(static_cast<double>(features));
  }
  const double bias = normal(shared);
  fill<Real>(data, seed, [&](auto column, RandomStream& random) {
    double target = bias;
    for (Eigen::Index f = 0; f < features; ++f) {
      const double value = normal(random);
      column(f) = static_cast<Real>(value);
      target += weights(f) * value;
    }
    return static_cast<Real>(target + noise * normal(random));
  });
  return data;
}

/// A class drawn evenly, x ~ N(separation · μ_class, I) with μ ~ N(0, I/features) fixed by the seed; a part of the
/// labels is replaced by a class drawn evenly.
template <class Real>
Dataset<Real> load_synthetic_classification(const Settings& settings, std::uint64_t seed) {
  Dataset<Real> data = allocate<Real>("synthetic-classification", settings, settings.integer("classes"));
  boost::random::normal_distribution<double> normal;
  boost::random::uniform_01<double> uniform;
  const auto features = static_cast<Eigen::Index>(settings.integer("features"));
  const std::size_t classes = settings.integer("classes");
  const double separation = settings.real("separation");
  const double label_noise = settings.real("label-noise");
  Matrix<double> centres(features, static_cast<Eigen::Index>(classes));
  for (std::size_t c = 0; c < classes; ++c) {
    RandomStream shared = stream(seed, kShared + c);
    for (double& element : centres.col(static_cast<Eigen::Index>(c))) {
      element = separation * normal(shared) / std::sqrt(static_cast<double>(features));
    }
  }
  boost::random::uniform_int_distribution<std::size_t> any_class(0, classes - 1);
  data.classes = classes;
  fill<Real>(data, seed, [&](auto column, RandomStream& random) {
    const std::size_t own = any_class(random);
    for (Eigen::Index f = 0; f < features; ++f) {
      column(f) = static_cast<Real>(centres(f, static_cast<Eigen::Index>(own)) + normal(random));
    }
    const bool mislabelled = uniform(random) < label_noise;
    return static_cast<Real>(mislabelled ? any_class(random) : own);
  });
  return data;
}

template Dataset<float> load_synthetic_regression(const Settings&, std::uint64_t);
template Dataset<double> load_synthetic_regression(const Settings&, std::uint64_t);
template Dataset<float> load_synthetic_classification(const Settings&, std::uint64_t);
template Dataset<double> load_synthetic_classification(const Settings&, std::uint64_t);

}  // namespace descent
