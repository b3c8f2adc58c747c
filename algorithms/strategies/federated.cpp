#include "algorithms/strategies/federated.hpp"

#include "algorithms/strategies/federation.hpp"

#include <fmt/format.h>

#include <utility>

namespace descent {
namespace {

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
    federation_.server = server_rule_of(settings);
    federation_.recovery = parts.recovery;
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
    return active * (2 + static_cast<double>(slots)) + 2 + static_cast<double>(federation_.server.optimizer->slots()) +
           (federation_.control_variates ? federation_.cast.workers : 0);
  }

  std::vector<std::string> faults(const Problem& problem) const override {
    if (federation_.local_epochs && problem.samples() == 0) {
      return {"local-epochs: the model has no data to pass over; allowed: local-steps"};
    }
    if (federation_.control_variates && federation_.recovery.checkpoints()) {
      return {
          "<recovery> checkpoints: a server that begins anew would not know which control variates its clients have; "
          "allowed: control-variates=\"false\""};
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

std::vector<Parameter> federated_parameters() {
  std::vector<Parameter> all{
      {.name = "fraction",
       .type = ParameterType::real,
       .fallback = "1",
       .meaning = "C: of the clients, in a round; with a buffer, at work at once",
       .least = 0,
       .most = 1,
       .above = true},
      {.name = "local-steps",
       .type = ParameterType::integer,
       .fallback = "",
       .meaning = "a client's steps in a round",
       .least = 1},
      {.name = "local-epochs",
       .type = ParameterType::real,
       .fallback = "",
       .meaning = "E: a client's passes over its own data in a round",
       .least = 0,
       .above = true},
      {.name = "proximal",
       .type = ParameterType::real,
       .fallback = "0",
       .meaning = "mu: clients minimize F_k(x) + mu/2 |x - x_server|^2 (FedProx)",
       .least = 0},
      {.name = "control-variates",
       .type = ParameterType::boolean,
       .fallback = "false",
       .meaning = "clients correct their gradients for how their data differ (SCAFFOLD, option II; with sgd). "
                  "Twice the bytes"}};
  for (Parameter& parameter : server_rule_parameters()) {
    all.push_back(std::move(parameter));
  }
  all.push_back({.name = "buffer",
                 .type = ParameterType::integer,
                 .fallback = "",
                 .meaning = "K: asynchronous, the server moves by every K updates, each of weight 1/sqrt(1 + "
                            "staleness) (FedBuff)",
                 .least = 1});
  return all;
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
           federated_parameters()},
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
      .tolerance = {.losses = true, .checkpoints = true},
      .race_free = {"buffer"},
  };
}

}  // namespace descent
