#include "algorithms/strategies/server_rule.hpp"

#include "algorithms/optimizers/rule_optimizer.hpp"
#include "algorithms/optimizers/rules.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace descent {
namespace {

/// How an adaptive server moves along g, the mean of what its clients moved back: m ← β₁m + (1 − β₁)g; v as below;
/// x ← x − η m/(√v + τ), τ the adaptivity. v starts at τ².
enum class ServerMoment {
  /// v ← v + g²
  adagrad,
  /// v ← β₂v + (1 − β₂)g²
  adam,
  /// v ← v − (1 − β₂) g² sign(v − g²)
  yogi,
};

template <ServerMoment moment>
struct AdaptiveServer {
  static constexpr std::size_t slots = 2;
  double beta1 = 0.9;
  double beta2 = 0.99;
  double adaptivity = 1e-3;

  /// m: 3, v: 2 (adagrad), 4 (adam), 5 (yogi), x: root, sum, product, quotient, difference.
  double flops_per_parameter() const {
    return 8.0 + (moment == ServerMoment::adagrad ? 2 : moment == ServerMoment::adam ? 4 : 5);
  }

  template <class Real>
  auto step(double rate, std::uint64_t /*t*/) const {
    return [b1 = static_cast<Real>(beta1), b2 = static_cast<Real>(beta2), c1 = static_cast<Real>(1 - beta1),
            c2 = static_cast<Real>(1 - beta2), tau = static_cast<Real>(adaptivity),
            eta = static_cast<Real>(rate)](Real g, Real& x, Real& m, Real& v) {
      using std::sqrt;
      m = b1 * m + c1 * g;
      const Real square = g * g;
      if constexpr (moment == ServerMoment::adagrad) {
        v += square;
      } else if constexpr (moment == ServerMoment::adam) {
        v = b2 * v + c2 * square;
      } else {
        v -= v > square ? c2 * square : v < square ? -c2 * square : Real(0);
      }
      x -= eta * m / (sqrt(v) + tau);
    };
  }
};

template <ServerMoment moment>
std::shared_ptr<const Optimizer> adaptive(const Settings& settings) {
  return std::make_shared<ElementwiseOptimizer<AdaptiveServer<moment>>>(AdaptiveServer<moment>{
      settings.real("server-beta1"), settings.real("server-beta2"), settings.real("adaptivity")});
}

std::shared_ptr<const Optimizer> optimizer_of(const Settings& settings) {
  const std::string& name = settings.text("server");
  return name == "adagrad" ? adaptive<ServerMoment::adagrad>(settings)
         : name == "adam"  ? adaptive<ServerMoment::adam>(settings)
         : name == "yogi"  ? adaptive<ServerMoment::yogi>(settings)
                           : std::make_shared<ElementwiseOptimizer<rules::Sgd>>(rules::Sgd{});
}

}  // namespace

OptimizerState ServerRule::initial(Snapshot parameters) const {
  OptimizerState state = optimizer->initial(std::move(parameters));
  if (second_moment > 0 && !state.parameters.is_placeholder()) {
    Buffer moment(state.parameters.precision(), state.parameters.size());
    with_real(moment.precision(), [&](auto real) {
      using Real = decltype(real);
      moment.as<Real>().setConstant(static_cast<Real>(second_moment));
    });
    state.slots[1] = std::move(moment).freeze();
  }
  return state;
}

std::vector<Parameter> server_rule_parameters() {
  return {
      {.name = "server",
       .type = ParameterType::choice,
       .fallback = "average",
       .meaning = "how the server moves: to the mean of the clients (FedAvg), or adaptively (FedAdagrad, "
                  "FedAdam, FedYogi)",
       .choices = {"average", "adagrad", "adam", "yogi"}},
      {.name = "server-rate",
       .type = ParameterType::real,
       .fallback = "1",
       .meaning = "eta of the server",
       .least = 0,
       .above = true},
      {.name = "server-beta1",
       .type = ParameterType::real,
       .fallback = "0.9",
       .meaning = "of the server's mean",
       .least = 0,
       .most = 0.9999999},
      {.name = "server-beta2",
       .type = ParameterType::real,
       .fallback = "0.99",
       .meaning = "of the server's mean square (adam, yogi)",
       .least = 0,
       .most = 0.9999999},
      {.name = "adaptivity",
       .type = ParameterType::real,
       .fallback = "1e-3",
       .meaning = "tau: what the server adds to the root of the mean square",
       .least = 0,
       .above = true},
  };
}

ServerRule server_rule_of(const Settings& settings) {
  ServerRule rule{.optimizer = optimizer_of(settings), .rate = settings.real("server-rate")};
  if (rule.optimizer->slots() > 0) {
    const double adaptivity = settings.real("adaptivity");
    rule.second_moment = adaptivity * adaptivity;
  }
  return rule;
}

}  // namespace descent
