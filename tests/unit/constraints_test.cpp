#include "algorithms/constraints/composite.hpp"
#include "algorithms/constraints/sets.hpp"
#include "algorithms/constraints/shrinkage.hpp"
#include "tests/support/data.hpp"
#include "tests/unit/counting_real.hpp"
#include "tests/unit/model_helpers.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace descent {
namespace {

using test::Values;

template <class Real>
Buffer buffer_of(const Vector<Real>& values) {
  Buffer buffer(precision_of<Real>, static_cast<std::size_t>(values.size()));
  buffer.as<Real>() = values;
  return buffer;
}

std::shared_ptr<const Constraint> constraint(const std::string& kind, const Values& given = {}) {
  return find_constraint(kind).make(test::settings_of(constraint_rows(), kind, given));
}

std::shared_ptr<const Regularizer> regularizer(const std::string& kind, const Values& given) {
  return find_regularizer(kind).make(test::settings_of(regularizer_rows(), kind, given));
}

Vector<double> projected(const Constraint& set, const Vector<double>& x) {
  Buffer result = buffer_of(x);
  set.project(result);
  return result.as<double>();
}

Vector<double> minimizer(const Constraint& set, const Vector<double>& g) {
  return set.minimizer(buffer_of(g).freeze()).as<double>();
}

/// Every kind, at a size that cuts through normal vectors of `size` elements.
std::vector<std::pair<std::string, std::shared_ptr<const Constraint>>> all_sets(std::size_t size, double scale) {
  const auto n = static_cast<double>(size);
  const auto text = [scale](double value) { return std::to_string(scale * value); };
  return {{"box", constraint("box", {{"lower", text(-0.5)}, {"upper", text(0.25)}})},
          {"non-negative", constraint("non-negative")},
          {"l2-ball", constraint("l2-ball", {{"radius", text(0.5 * std::sqrt(n))}})},
          {"l1-ball", constraint("l1-ball", {{"radius", text(0.2 * n)}})},
          {"simplex", constraint("simplex", {{"sum", text(0.2 * n)}})}};
}

/// Normal vectors, also with ties and zeros.
std::vector<Vector<double>> points(std::size_t size) {
  std::vector<Vector<double>> all;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    all.push_back(normal_vector<double>(size, seed));
  }
  all.push_back((2 * normal_vector<double>(size, 6)).array().round());
  all.push_back(Vector<double>::Zero(static_cast<Eigen::Index>(size)));
  all.push_back(Vector<double>::Constant(static_cast<Eigen::Index>(size), 3));
  return all;
}

constexpr std::size_t kSizes[] = {1, 2, 3, 16, 33, 500};

/// z is the nearest point of C if and only if it is in C and ⟨x − z, y − z⟩ ≤ 0 for all y in C; the largest of these is
/// at the minimizer of ⟨z − x, y⟩.
TEST(Constraints, ProjectionsAreTheNearestPoints) {
  for (const std::size_t size : kSizes) {
    for (const double scale : {0.01, 1.0, 10.0}) {
      for (const auto& [name, set] : all_sets(size, scale)) {
        for (const Vector<double>& x : points(size)) {
          const Vector<double> z = projected(*set, x);
          const double tolerance = 1e-12 * static_cast<double>(size) * (1 + scale);
          SCOPED_TRACE(name + " " + std::to_string(size) + " " + std::to_string(scale));
          EXPECT_LT((projected(*set, z) - z).norm(), tolerance);
          if (set->bounded()) {
            EXPECT_LT((x - z).dot(minimizer(*set, z - x) - z), tolerance);
          } else {
            EXPECT_GE(z.minCoeff(), 0);
            EXPECT_GE((z - x).minCoeff(), 0);
            EXPECT_EQ(z.dot(z - x), 0);
          }
        }
      }
    }
  }
}

TEST(Constraints, ProjectionsAreInTheSet) {
  for (const std::size_t size : kSizes) {
    for (const Vector<double>& x : points(size)) {
      const double n = static_cast<double>(size);
      const auto in = [&](const std::string& kind, const Values& given) {
        return projected(*constraint(kind, given), x);
      };
      const Vector<double> boxed = in("box", {{"lower", "-0.5"}, {"upper", "0.25"}});
      EXPECT_GE(boxed.minCoeff(), -0.5);
      EXPECT_LE(boxed.maxCoeff(), 0.25);
      EXPECT_LE(in("l2-ball", {{"radius", "2"}}).norm(), 2 + 1e-14);
      EXPECT_LE(in("l1-ball", {{"radius", "2"}}).lpNorm<1>(), 2 + 1e-15 * n);
      const Vector<double> weights = in("simplex", {});
      EXPECT_GE(weights.minCoeff(), 0);
      EXPECT_NEAR(weights.sum(), 1, 1e-15 * n);
    }
  }
}

TEST(Constraints, PointsOfTheSetStayToTheBit) {
  const Vector<double> x = normal_vector<double>(100, 1).array().abs();
  for (const auto& [kind, given] : {std::pair<std::string, Values>{"box", {{"lower", "0"}, {"upper", "10"}}},
                                    {"non-negative", {}},
                                    {"l2-ball", {{"radius", "100"}}},
                                    {"l1-ball", {{"radius", "1000"}}}}) {
    EXPECT_EQ(projected(*constraint(kind, given), x), x) << kind;
  }
}

/// The shift by sorting: Duchi et al. 2008, figure 1.
double sorted_shift(Vector<double> v, double sum) {
  std::sort(v.begin(), v.end(), std::greater<>());
  double before = 0;
  double shift = 0;
  for (Eigen::Index j = 0; j < v.size(); ++j) {
    before += v(j);
    const double candidate = (before - sum) / static_cast<double>(j + 1);
    shift = v(j) > candidate ? candidate : shift;
  }
  return shift;
}

TEST(Constraints, ShiftsAreThoseOfSorting) {
  for (const std::size_t size : kSizes) {
    for (const double sum : {1e-9, 0.1, 1.0, 50.0}) {
      for (const Vector<double>& x : points(size)) {
        const auto at = [&x](std::size_t i) { return x(static_cast<Eigen::Index>(i)); };
        const double expected = sorted_shift(x, sum);
        EXPECT_NEAR(sets::shift_to_sum<double>(size, sum, at), expected, 1e-13 * (1 + std::abs(expected)));
      }
    }
  }
}

TEST(Constraints, ProjectionsOfExtremes) {
  Vector<double> x(3);
  x << 1e10, -1e10, 1;
  EXPECT_NEAR(projected(*constraint("l1-ball", {{"radius", "1"}}), x).lpNorm<1>(), 1, 1e-5);
  Buffer single = buffer_of<float>(x.cast<float>());
  constraint("l1-ball", {{"radius", "1"}})->project(single);
  EXPECT_NEAR(single.as<float>().lpNorm<1>(), 1, 1e-5F);
  x << 1e-300, -2e-300, 0;
  EXPECT_EQ(projected(*constraint("l1-ball", {{"radius", "1"}}), x), x);
  EXPECT_NEAR(projected(*constraint("simplex"), x).sum(), 1, 1e-15);
  const Vector<double> none(0);
  for (const auto& [name, set] : all_sets(1, 1)) {
    EXPECT_EQ(projected(*set, none).size(), 0) << name;
  }
}

/// In single precision: as good as its elements, though sums are formed in double.
TEST(Constraints, SinglePrecisionAgreesWithDouble) {
  constexpr std::size_t kSize = 100'000;
  const Vector<float> x = normal_vector<float>(kSize, 1);
  for (const auto& [name, set] : all_sets(kSize, 1)) {
    Buffer single = buffer_of(x);
    set->project(single);
    const Vector<double> expected = projected(*set, x.cast<double>());
    EXPECT_LT((single.as<float>().cast<double>() - expected).cwiseAbs().maxCoeff(), 1e-6) << name;
  }
}

TEST(Constraints, MinimizersAreTheBestVertices) {
  for (const std::size_t size : kSizes) {
    const auto n = static_cast<Eigen::Index>(size);
    for (const Vector<double>& g : points(size)) {
      const auto value = [&](const std::string& kind, const Values& given) {
        return g.dot(minimizer(*constraint(kind, given), g));
      };
      EXPECT_NEAR(value("l2-ball", {{"radius", "2"}}), -2 * g.norm(), 1e-12 * static_cast<double>(n));
      EXPECT_EQ(value("l1-ball", {{"radius", "2"}}), -2 * g.cwiseAbs().maxCoeff());
      EXPECT_EQ(value("simplex", {{"sum", "2"}}), 2 * g.minCoeff());
      EXPECT_NEAR(value("box", {{"lower", "-1"}, {"upper", "2"}}), g.cwiseMin(0).sum() * 2 - g.cwiseMax(0).sum(),
                  1e-12 * static_cast<double>(n));
    }
  }
  EXPECT_THROW(constraint("non-negative")->minimizer(buffer_of<double>(Vector<double>::Ones(2)).freeze()),
               std::logic_error);
}

/// (v − p)/η is a subgradient of r at p = prox_{ηr}(v): λ₂pᵢ, and beside it λ₁ sign(pᵢ), or anything in [−λ₁, λ₁] at 0.
TEST(Regularizers, ShrinkToTheProximalPoint) {
  constexpr double kStep = 0.3;
  for (const auto& [kind, given, l1, l2] :
       {std::tuple<std::string, Values, double, double>{"l1", {{"lambda", "2"}}, 2, 0},
        {"l2", {{"lambda", "2"}}, 0, 2},
        {"elastic-net", {{"lambda", "2"}, {"l1-ratio", "0.25"}}, 0.5, 1.5},
        {"elastic-net", {{"lambda", "2"}, {"l1-ratio", "0"}}, 0, 2}}) {
    const auto r = regularizer(kind, given);
    for (const std::size_t size : kSizes) {
      for (const Vector<double>& v : points(size)) {
        Buffer shrunk = buffer_of(v);
        r->shrink(shrunk, kStep);
        const Vector<double> p = shrunk.as<double>();
        for (Eigen::Index i = 0; i < v.size(); ++i) {
          const double of_l1 = (v(i) - p(i)) / kStep - l2 * p(i);
          if (p(i) == 0) {
            EXPECT_FALSE(std::signbit(p(i)) && l1 > 0);
            EXPECT_LE(std::abs(of_l1), l1 + 1e-12);
          } else {
            EXPECT_NEAR(of_l1, std::copysign(l1, p(i)), 1e-12);
          }
        }
        EXPECT_NEAR(r->value(buffer_of(p).freeze()), l1 * p.lpNorm<1>() + 0.5 * l2 * p.squaredNorm(),
                    1e-12 * (1 + p.squaredNorm()));
      }
    }
  }
}

/// p = P(prox_{ηr}(v)) minimizes ½‖y − v‖² + η r(y) over C: ⟨v − p, y − p⟩ ≤ η (r(y) − r(p)) for all y in C. Near p,
/// where it is tight, and far from it.
TEST(Composites, StepsAreTheProximalPointsOfBothTogether) {
  constexpr double kStep = 0.7;
  constexpr std::size_t kSize = 12;
  for (const auto& [kind, given] : {std::pair<std::string, Values>{"l1", {{"lambda", "0.4"}}},
                                    {"l2", {{"lambda", "0.4"}}},
                                    {"elastic-net", {{"lambda", "0.4"}}}}) {
    for (const auto& [name, set] : all_sets(kSize, 1)) {
      if (name == "simplex" && kind != "l2") {
        continue;  // constant there, and refused
      }
      const Composite composite{.constraint = set, .regularizer = regularizer(kind, given)};
      const auto r = [&](const Vector<double>& y) { return composite.regularizer->value(buffer_of(y).freeze()); };
      for (const Vector<double>& v : points(kSize)) {
        Buffer stepped = buffer_of(v);
        composite.step(stepped, kStep);
        const Vector<double> p = stepped.as<double>();
        for (std::uint64_t seed = 100; seed < 300; ++seed) {
          const double distance = seed % 2 == 0 ? 0.01 : 3;
          const Vector<double> y = projected(*set, p + distance * normal_vector<double>(kSize, seed));
          ASSERT_LE((v - p).dot(y - p), kStep * (r(y) - r(p)) + 1e-12) << name << " " << kind;
        }
      }
    }
  }
}

TEST(Composites, OptimalityByHand) {
  Vector<double> x(2);
  x << 3, -1;
  Vector<double> g(2);
  g << 1, -2;
  const Composite box{.constraint = constraint("box", {{"lower", "-1"}, {"upper", "2"}}), .regularizer = nullptr};
  const Optimality in_box = optimality_of(box, buffer_of(x).freeze(), buffer_of(g).freeze());
  EXPECT_DOUBLE_EQ(in_box.violation, 1);
  // x − g = (2, 1) is in the box.
  EXPECT_DOUBLE_EQ(in_box.residual, std::sqrt(1.0 + 4));
  // s = (−1, 2): ⟨g, x − s⟩ = 4 + 6.
  ASSERT_TRUE(in_box.gap);
  EXPECT_DOUBLE_EQ(*in_box.gap, 10);

  const Composite lasso{.constraint = nullptr, .regularizer = regularizer("l1", {{"lambda", "1.5"}})};
  const Optimality of_lasso = optimality_of(lasso, buffer_of(x).freeze(), buffer_of(g).freeze());
  EXPECT_EQ(of_lasso.violation, 0);
  // (2, 1) shrinks to (0.5, 0).
  EXPECT_DOUBLE_EQ(of_lasso.residual, std::sqrt(2.5 * 2.5 + 1));
  EXPECT_FALSE(of_lasso.gap);
  const Composite cone{.constraint = constraint("non-negative"), .regularizer = nullptr};
  EXPECT_FALSE(optimality_of(cone, buffer_of(x).freeze(), buffer_of(g).freeze()).gap);
}

/// Flops of `work` on a vector of so many elements.
double counted(std::size_t size, const std::function<void(std::span<CountingReal>)>& work) {
  Vector<CountingReal> x = normal_vector<CountingReal>(size, 1);
  CountingReal::reset();
  work({x.data(), size});
  return static_cast<double>(CountingReal::counted());
}

/// What is done once per vector falls out of the difference.
double per_element(const std::function<void(std::span<CountingReal>)>& work) {
  return (counted(3200, work) - counted(1600, work)) / 1600;
}

template <class Set>
void expect_set_flops(const Set& set) {
  EXPECT_EQ(per_element([&](std::span<CountingReal> x) { set.project(x); }), set.projection_flops());
  if constexpr (requires { set.minimizer_flops(); }) {
    std::vector<CountingReal> s(3200);
    EXPECT_EQ(per_element([&](std::span<CountingReal> x) {
                set.minimize(std::span<const CountingReal>(x), std::span(s).first(x.size()));
              }),
              set.minimizer_flops());
  }
}

TEST(Constraints, FlopsPerParameter) {
  expect_set_flops(sets::Box{-1, 1});
  expect_set_flops(sets::NonNegative{});
  expect_set_flops(sets::L2Ball{1});
  for (const Shrinkage& shrinkage : {Shrinkage{1, 0}, Shrinkage{0, 1}, Shrinkage{1, 1}}) {
    EXPECT_EQ(per_element([&](std::span<CountingReal> x) { shrinkage.apply(x, 0.1); }),
              shrinkage.flops_per_parameter());
  }
  std::vector<CountingReal> s(3200);
  const auto minimizes = [&s](const auto& set) {
    return per_element([&](std::span<CountingReal> x) {
      set.minimize(std::span<const CountingReal>(x), std::span(s).first(x.size()));
    });
  };
  EXPECT_EQ(minimizes(sets::L1Ball{1}), sets::L1Ball{}.minimizer_flops());
  EXPECT_EQ(minimizes(sets::Simplex{1}), sets::Simplex{}.minimizer_flops());
}

/// How many passes a shift takes depends on the vector: 4 of the 9.5 that are charged where most elements remain, 13
/// where hardly any does.
TEST(Constraints, ShiftsTakeAboutAsManyFlopsAsCharged) {
  constexpr std::size_t kSize = 100'000;
  for (const double sum : {0.1, 10.0, 1000.0, 50000.0}) {
    const double ball = counted(kSize, [&](std::span<CountingReal> x) { sets::L1Ball{sum}.project(x); });
    const double simplex = counted(kSize, [&](std::span<CountingReal> x) { sets::Simplex{sum}.project(x); });
    for (const double part : {ball / sets::L1Ball{}.projection_flops(), simplex / sets::Simplex{}.projection_flops()}) {
      EXPECT_GT(part, 0.4 * kSize) << sum;
      EXPECT_LT(part, 1.4 * kSize) << sum;
    }
  }
}

TEST(Constraints, TablesAreInOrder) {
  for (const ConstraintRow& row : constraint_rows()) {
    EXPECT_FALSE(row.entry.summary.empty());
    Values given;
    for (const Parameter& parameter : row.entry.parameters) {
      EXPECT_FALSE(parameter.meaning.empty()) << row.entry.name << " " << parameter.name;
      given[parameter.name] = "1";
    }
    const auto made = constraint(row.entry.name, given);
    EXPECT_EQ(made->bounded(), row.bounded) << row.entry.name;
    EXPECT_EQ(made->coupled(), row.coupled) << row.entry.name;
  }
  for (const std::string kind : {"l2-ball", "l1-ball", "simplex"}) {
    for (const std::string size : {"0", "-1", "nan"}) {
      std::vector<Complaint> complaints;
      check_settings(find_constraint(kind).entry.parameters, {{kind == "simplex" ? "sum" : "radius", size}},
                     complaints);
      EXPECT_EQ(complaints.size(), 1U) << kind << " " << size;
    }
  }
}

}  // namespace
}  // namespace descent
