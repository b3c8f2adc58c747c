#include "algorithms/constraints/constraint.hpp"
#include "algorithms/constraints/sets.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace descent {
namespace {

template <class Real>
std::span<Real> elements_of(Buffer& buffer) {
  return {buffer.as<Real>().data(), buffer.size()};
}

/// A set that Frank-Wolfe finds vertices of.
template <class Set>
concept Bounded = requires(const Set& set, std::span<const double> g, std::span<double> s) {
  set.minimize(g, s);
};

/// A set of sets.hpp as a Constraint.
template <class Set>
class SetConstraint final : public Constraint {
 public:
  explicit SetConstraint(const Set& set) : set_(set) {}

  void project(Buffer& x) const override {
    with_real(x.precision(), [&](auto real) { set_.project(elements_of<decltype(real)>(x)); });
  }

  Snapshot minimizer(const Snapshot& g) const override {
    if constexpr (Bounded<Set>) {
      Buffer s(g.precision(), g.size());
      with_real(g.precision(), [&](auto real) {
        using Real = decltype(real);
        set_.minimize(std::span<const Real>(g.as<Real>().data(), g.size()), elements_of<Real>(s));
      });
      return std::move(s).freeze();
    } else {
      throw std::logic_error("a linear function has no least value on an unbounded set");
    }
  }

  bool coupled() const override { return Set::coupled; }
  bool bounded() const override { return Bounded<Set>; }
  double projection_flops() const override { return set_.projection_flops(); }
  double minimizer_flops() const override {
    if constexpr (Bounded<Set>) {
      return set_.minimizer_flops();
    } else {
      return 0;
    }
  }

 private:
  Set set_;
};

template <class Set>
std::unique_ptr<Constraint> constraint_of(const Set& set) {
  return std::make_unique<SetConstraint<Set>>(set);
}

std::unique_ptr<Constraint> make_box(const Settings& settings) {
  return constraint_of(sets::Box{settings.real("lower"), settings.real("upper")});
}

std::unique_ptr<Constraint> make_non_negative(const Settings& /*settings*/) {
  return constraint_of(sets::NonNegative{});
}

std::unique_ptr<Constraint> make_l2_ball(const Settings& settings) {
  return constraint_of(sets::L2Ball{settings.real("radius")});
}

std::unique_ptr<Constraint> make_l1_ball(const Settings& settings) {
  return constraint_of(sets::L1Ball{settings.real("radius")});
}

std::unique_ptr<Constraint> make_simplex(const Settings& settings) {
  return constraint_of(sets::Simplex{settings.real("sum")});
}

Parameter bound(std::string name) {
  return {.name = std::move(name), .type = ParameterType::real, .meaning = "of every coordinate"};
}

Parameter size(std::string name, std::optional<std::string> fallback, std::string meaning) {
  return {.name = std::move(name),
          .type = ParameterType::real,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning),
          .least = 0,
          .above = true};
}

template <class Set>
ConstraintRow row(Entry entry, std::unique_ptr<Constraint> (*make)(const Settings& settings)) {
  return {std::move(entry), make, Set::coupled, Bounded<Set>};
}

std::vector<ConstraintRow> make_constraint_rows() {
  const Parameter radius = size("radius", std::nullopt, "the largest norm");
  const std::string duchi = "Duchi et al. 2008, Efficient projections onto the l1-ball for learning in high dimensions";
  return {
      row<sets::Box>({"box", "lower ≤ x ≤ upper, coordinate by coordinate", "", {bound("lower"), bound("upper")}},
                     make_box),
      row<sets::NonNegative>({"non-negative", "x ≥ 0, coordinate by coordinate", "", {}}, make_non_negative),
      row<sets::L2Ball>({"l2-ball", "‖x‖₂ ≤ radius", "", {radius}}, make_l2_ball),
      row<sets::L1Ball>({"l1-ball", "‖x‖₁ ≤ radius", duchi, {radius}}, make_l1_ball),
      row<sets::Simplex>(
          {"simplex", "x ≥ 0, its coordinates adding up to `sum`", duchi, {size("sum", "1", "of all coordinates")}},
          make_simplex),
  };
}

}  // namespace

std::span<const ConstraintRow> constraint_rows() {
  static const std::vector<ConstraintRow> rows = make_constraint_rows();
  return rows;
}

const ConstraintRow& find_constraint(std::string_view name) {
  const auto rows = constraint_rows();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such constraint");
  }
  return *row;
}

}  // namespace descent
