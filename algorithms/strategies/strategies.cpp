#include "algorithms/strategies/admm.hpp"
#include "algorithms/strategies/allreduce.hpp"
#include "algorithms/strategies/d_sgd.hpp"
#include "algorithms/strategies/elastic_averaging.hpp"
#include "algorithms/strategies/federated.hpp"
#include "algorithms/strategies/gossip.hpp"
#include "algorithms/strategies/gradient_coding.hpp"
#include "algorithms/strategies/local_sgd.hpp"
#include "algorithms/strategies/parameter_server.hpp"
#include "algorithms/strategies/sgd.hpp"
#include "algorithms/strategies/sharded.hpp"
#include "algorithms/strategies/strategy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace descent {
namespace {

constexpr auto kAny = static_cast<std::size_t>(-1);

std::unique_ptr<Strategy> make_sgd(const StrategyParts& parts) {
  return std::make_unique<Sgd>(parts.recovery);
}

std::unique_ptr<Strategy> make_d_sgd(const StrategyParts& parts) {
  return std::make_unique<DistributedSgd>(parts.cast, parts.compressor);
}

std::unique_ptr<Strategy> make_parameter_server(const StrategyParts& parts) {
  const bool whole = parts.settings.text("shards") == "whole-tensors";
  return std::make_unique<ParameterServer>(parts.cast, consistency_of(parts.settings, parts.cast), parts.compressor,
                                           parts.recovery, whole ? ServerShards::whole_tensors : ServerShards::equal);
}

std::unique_ptr<Strategy> make_allreduce(const StrategyParts& parts) {
  const bool buckets = parts.settings.has("bucket");
  return std::make_unique<Allreduce>(parts.cast, parts.collective.value(),
                                     buckets ? std::optional(parts.settings.quantity("bucket")) : std::nullopt,
                                     parts.compressor, parts.recovery);
}

Parameter bucket() {
  return {.name = "bucket",
          .type = ParameterType::bytes,
          .fallback = "",
          .meaning =
              "gradients are sent in buckets of so many bytes on the wire, the last layers' first, while the "
              "backward pass goes on (Li et al. 2020, PyTorch distributed); as a whole at its end by default",
          .least = 0,
          .above = true};
}

std::vector<Parameter> server_parameters() {
  std::vector<Parameter> parameters = consistency_parameters();
  parameters.push_back(bucket());
  parameters.push_back(
      {.name = "shards",
       .type = ParameterType::choice,
       .fallback = "equal",
       .meaning = "what of the parameters each server has: equal, as many elements each, wherever tensors end; "
                  "whole-tensors, a run of whole tensors, the largest as small as can be",
       .choices = {"equal", "whole-tensors"}});
  return parameters;
}

std::string needs_nothing(const Settings& /*settings*/) {
  return "";
}

std::string needs_bsp(const Settings& settings) {
  return settings.text("consistency") == "bsp" ? "" : "consistency=\"bsp\"";
}

const std::vector<StrategyRow>& table() {
  static const std::vector<StrategyRow> rows = {
      {.entry = {"gradient-descent", "one node, all samples in every step: x <- x - eta grad F(x)", "Cauchy 1847", {}},
       .make = make_sgd,
       .roles = {.most_workers = 1},
       .tolerance = {.checkpoints = true},
       .full_batch = true},
      {.entry = {"sgd", "one node, a mini-batch in every step: x <- x - eta g", "Robbins & Monro 1951", {}},
       .make = make_sgd,
       .roles = {.most_workers = 1},
       .tolerance = {.checkpoints = true}},
      {.entry = {"d-sgd",
                 "workers send gradients to one server, which averages them, updates and sends x back",
                 "Dekel et al. 2012",
                 {}},
       .make = make_d_sgd,
       .roles = {.least_servers = 1, .most_servers = 1},
       .takes_compression = true,
       .balance_needs = needs_nothing},
      {.entry = {"parameter-server", "x sharded over the servers; workers push gradients and pull parameters",
                 "Li et al. 2014", server_parameters()},
       .make = make_parameter_server,
       .roles = {.least_servers = 1, .most_servers = kAny},
       .faults = consistency_faults,
       .takes_compression = true,
       .tolerance = {.losses = true, .checkpoints = true},
       .balance_needs = needs_bsp,
       .race_free = {"consistency", {"bsp"}}},
      {.entry = {"allreduce",
                 "replicas; a collective sums the gradients, and every rank applies the mean",
                 "Goyal et al. 2017",
                 {bucket()}},
       .make = make_allreduce,
       .needs_collective = true,
       .takes_compression = true,
       .tolerance = {.losses = true, .agreement = true},
       .balance_needs = needs_nothing},
      sharded_row(),
      local_sgd_row(),
      federated_row(),
      elastic_averaging_row(),
      gossip_row(),
      gradient_coding_row(),
      admm_row(),
  };
  return rows;
}

}  // namespace

bool OnlyWith::met_by(const Settings& settings) const {
  if (attribute.empty() || (values.empty() && !settings.has(attribute))) {
    return true;
  }
  return !values.empty() && std::find(values.begin(), values.end(), settings.text(attribute)) != values.end();
}

std::string to_string(const OnlyWith& condition) {
  if (condition.attribute.empty()) {
    return "";
  }
  return condition.values.empty() ? fmt::format("without {}", condition.attribute)
                                  : fmt::format("{}={}", condition.attribute, fmt::join(condition.values, "|"));
}

std::span<const StrategyRow> strategy_rows() {
  return table();
}

const StrategyRow& find_strategy(std::string_view name) {
  const auto& rows = table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such strategy");
  }
  return *row;
}

}  // namespace descent
