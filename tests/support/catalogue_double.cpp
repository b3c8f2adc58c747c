// A small catalogue in the place of the real one, so that tests of the scenario reader do not depend on what the
// other rooms offer.
#include "algorithms/catalogue.hpp"
#include "algorithms/models/models.hpp"
#include "algorithms/strategies/strategy.hpp"

#include <stdexcept>

namespace descent {
namespace {

struct Row {
  Section section;
  Entry entry;
};

Parameter parameter(const std::string& name, ParameterType type, std::optional<std::string> fallback) {
  Parameter result;
  result.name = name;
  result.type = type;
  result.fallback = std::move(fallback);
  return result;
}

Parameter learning_rate() {
  Parameter result = parameter("learning-rate", ParameterType::real, std::nullopt);
  result.least = 0;
  result.above = true;
  return result;
}

std::vector<Parameter> of_parameter_server() {
  Parameter consistency = parameter("consistency", ParameterType::choice, std::nullopt);
  consistency.choices = {"bsp", "asp", "ssp"};
  return {consistency, parameter("bound", ParameterType::integer, "")};
}

const std::vector<Row>& table() {
  static const std::vector<Row> rows{
      {Section::strategy, {"gradient-descent", "", "", {}}},
      {Section::strategy, {"sgd", "", "", {}}},
      {Section::strategy, {"d-sgd", "", "", {}}},
      {Section::strategy, {"parameter-server", "", "", of_parameter_server()}},
      {Section::strategy, {"allreduce", "", "", {}}},
      {Section::collective, {"ring", "", "", {}}},
      {Section::collective, {"tree", "", "", {}}},
      {Section::model, {"quadratic", "", "", {parameter("dimension", ParameterType::integer, std::nullopt)}}},
      {Section::model, {"softmax", "", "", {}}},
      {Section::model, {"mlp", "", "", {parameter("hidden", ParameterType::integers, "")}}},
      {Section::optimizer, {"sgd", "", "", {learning_rate()}}},
      {Section::optimizer, {"momentum", "", "", {learning_rate(), parameter("momentum", ParameterType::real, "0.9")}}},
      {Section::schedule, {"constant", "", "", {}}},
      {Section::schedule, {"cosine", "", "", {parameter("steps", ParameterType::integer, std::nullopt)}}},
      {Section::data, {"csv", "", "", {parameter("file", ParameterType::path, std::nullopt)}}},
      {Section::data,
       {"synthetic-classification", "", "", {parameter("samples", ParameterType::integer, std::nullopt)}}},
      {Section::partition, {"iid", "", "", {}}},
      {Section::partition, {"dirichlet", "", "", {parameter("alpha", ParameterType::real, std::nullopt)}}},
  };
  return rows;
}

const std::vector<StrategyRow>& strategies() {
  static const std::vector<StrategyRow> rows{
      {.entry = {"gradient-descent", "", "", {}}, .make = nullptr, .roles = {.most_workers = 1}, .full_batch = true},
      {.entry = {"sgd", "", "", {}}, .make = nullptr, .roles = {.most_workers = 1}},
      {.entry = {"d-sgd", "", "", {}}, .make = nullptr, .roles = {.least_servers = 1, .most_servers = 1}},
      {.entry = {"parameter-server", "", "", {}},
       .make = nullptr,
       .roles = {.least_servers = 1, .most_servers = Roles{}.most_workers}},
      {.entry = {"allreduce", "", "", {}}, .make = nullptr, .needs_collective = true},
  };
  return rows;
}

}  // namespace

std::vector<const Entry*> entries(Section section) {
  std::vector<const Entry*> found;
  for (const Row& row : table()) {
    if (row.section == section) {
      found.push_back(&row.entry);
    }
  }
  return found;
}

const Entry* find_entry(Section section, std::string_view name) {
  for (const Row& row : table()) {
    if (row.section == section && row.entry.name == name) {
      return &row.entry;
    }
  }
  return nullptr;
}

std::span<const StrategyRow> strategy_rows() {
  return strategies();
}

const StrategyRow& find_strategy(std::string_view name) {
  for (const StrategyRow& row : strategies()) {
    if (row.entry.name == name) {
      return row;
    }
  }
  throw std::logic_error("no such strategy");
}

const ModelRow& find_model(std::string_view name) {
  static const ModelRow with_data{{}, true, nullptr, nullptr};
  static const ModelRow without_data{{}, false, nullptr, nullptr};
  return name == "quadratic" ? without_data : with_data;
}

}  // namespace descent
