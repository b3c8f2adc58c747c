#include "algorithms/strategies/federated.hpp"

#include "algorithms/optimizers/rule_optimizer.hpp"
#include "algorithms/optimizers/rules.hpp"
#include "algorithms/strategies/federation.hpp"
#include "algorithms/strategies/server_rules.hpp"

#include <fmt/format.h>

#include <utility>

namespace descent {
namespace {

using rules::ServerMoment;

template <ServerMoment moment>
std::shared_ptr<const Optimizer> adaptive(const Settings& settings) {
  return std::make_shared<ElementwiseOptimizer<rules::FederatedServer<moment>>>(rules::FederatedServer<moment>{
      settings.real("server-beta1"), settings.real("server-beta2"), settings.real("adaptivity")});
}

std::shared_ptr<const Optimizer> server_of(const Settings& settings) {
  const std::string& name = settings.text("server");
  return name == "adagrad" ? adaptive<ServerMoment::adagrad>(settings)
         : name == "adam"  ? adaptive<ServerMoment::adam>(settings)
         : name == "yogi"  ? adaptive<ServerMoment::yogi>(settings)
                           : std::make_shared<ElementwiseOptimizer<rules::Sgd>>(rules::Sgd{});
}

/// See Federation.
class Federated final : public Strategy {
 public:
  explicit Federated(const StrategyParts& parts) {
    const Settings& settings = parts.settings;
    federation_.cast = parts.cast;
    federation_.compressor = parts.compressor;
    federation_.fraction = settings.real("fraction");
    if (settings.has("local-steps")) {
      federation_.local_steps = settings.integer("local-steps");
    } else {
      federation_.local_epochs = settings.real("local-epochs");
    }
    federation_.proximal = settings.real("proximal");
    federation_.control_variates = settings.flag("control-variates");
    if (settings.has("buffer")) {
      federation_.buffer = settings.integer("buffer");
    }
    federation_.server = server_of(settings);
    federation_.server_rate = settings.real("server-rate");
    if (federation_.server->slots() > 0) {
      const double adaptivity = settings.real("adaptivity");
      federation_.second_moment = adaptivity * adaptivity;
    }
  }

  void run(Communicator& communicator, Learner& learner) const override {
    if (federation_.cast.is_worker(communicator.rank())) {
      run_client(federation_, communicator, learner);
    } else if (federation_.buffer) {
      run_buffer(federation_, communicator, learner);
    } else {
      run_rounds(federation_, communicator, learner);
    }
  }

  /// Clients at work have parameters and moments of their own, and a difference; all have control variates.
  double vectors(std::size_t slots) const override {
    const auto active = static_cast<double>(federation_.clients_at_once());
    return active * (2 + static_cast<double>(slots)) + 2 + static_cast<double>(federation_.server->slots()) +
           (federation_.control_variates ? federation_.cast.workers : 0);
  }

  std::vector<std::string> faults(const Problem& problem) const override {
    if (federation_.local_epochs && problem.samples() == 0) {
      return {"local-epochs: the model has no data to pass over; allowed: local-steps"};
    }
    return {};
  }

 private:
  Federation federation_;
};

std::vector<std::string> federated_faults(const Settings& settings, const Cast* cast) {
  std::vector<std::string> faults;
  if (settings.has("local-steps") == settings.has("local-epochs")) {
    faults.push_back(fmt::format("exactly one of local-steps and local-epochs is needed; {} given",
                                 settings.has("local-steps") ? "both are" : "none is"));
  }
  if (settings.has("buffer") && settings.flag("control-variates")) {
    faults.emplace_back("control-variates need rounds; with a buffer there are none");
  }
  if (cast != nullptr && settings.real("fraction") * cast->workers < 0.5) {
    faults.push_back(fmt::format("fraction={} of {} workers is nobody", settings.text("fraction"), cast->workers));
  }
  return faults;
}

Parameter real(std::string name, std::string fallback, std::string meaning, bool above,
               std::optional<double> most = {}) {
  return {.name = std::move(name),
          .type = ParameterType::real,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning),
          .least = 0,
          .most = most,
          .above = above};
}

Parameter whole(std::string name, std::string meaning) {
  return {.name = std::move(name),
          .type = ParameterType::integer,
          .fallback = "",
          .meaning = std::move(meaning),
          .least = 1};
}

}  // namespace

StrategyRow federated_row() {
  return {
      .entry =
          {"federated",
           "clients drawn at random take steps on their own data; the server moves by the mean of their differences",
           "McMahan et al. 2017, Communication-efficient learning of deep networks from decentralized data; FedProx: "
           "Li et al. 2020; SCAFFOLD: Karimireddy et al. 2020; FedAdagrad, FedAdam, FedYogi: Reddi et al. 2021; "
           "FedBuff: Nguyen et al. 2022",
           {real("fraction", "1", "C: of the clients, in a round; with a buffer, at work at once", true, 1),
            whole("local-steps", "a client's steps in a round"),
            real("local-epochs", "", "E: a client's passes over its own data in a round", true),
            real("proximal", "0", "mu: clients minimize F_k(x) + mu/2 |x - x_server|^2 (FedProx)", false),
            {.name = "control-variates",
             .type = ParameterType::boolean,
             .fallback = "false",
             .meaning = "clients correct their gradients for how their data differ (SCAFFOLD, option II; with sgd). "
                        "Twice the bytes"},
            {.name = "server",
             .type = ParameterType::choice,
             .fallback = "average",
             .meaning = "how the server moves: to the mean of the clients (FedAvg), or adaptively (FedAdagrad, "
                        "FedAdam, FedYogi)",
             .choices = {"average", "adagrad", "adam", "yogi"}},
            real("server-rate", "1", "eta of the server", true),
            real("server-beta1", "0.9", "of the server's mean", false, 0.9999999),
            real("server-beta2", "0.99", "of the server's mean square (adam, yogi)", false, 0.9999999),
            real("adaptivity", "1e-3", "tau: what the server adds to the root of the mean square", true),
            whole("buffer",
                  "K: asynchronous, the server moves by every K updates, each of weight 1/sqrt(1 + "
                  "staleness) (FedBuff)")}},
      .make = [](const StrategyParts& parts) -> std::unique_ptr<Strategy> {
        return std::make_unique<Federated>(parts);
      },
      .roles = {.least_servers = 1, .most_servers = 1},
      .faults = federated_faults,
      .composite_needs = [](const Settings& settings) -> std::string {
        const bool means =
            settings.text("server") == "average" && settings.real("server-rate") == 1 && !settings.has("buffer");
        return means ? "" : "server=\"average\" at server-rate=\"1\" and without buffer";
      },
      .takes_compression = true,
  };
}

}  // namespace descent
