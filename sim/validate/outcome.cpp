#include "sim/validate/outcome.hpp"

#include "algorithms/core/error.hpp"
#include "sim/validate/quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <vector>

namespace descent {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) {
    throw RunError(fmt::format("{}: cannot be read", path.string()));
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) {
    fields.push_back(field);
  }
  return fields;
}

}  // namespace

std::map<std::uint64_t, double> losses_of(const std::string& metrics_csv) {
  std::istringstream in(metrics_csv);
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = fields_of(line);
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  const std::size_t iteration = column("iteration");
  const std::size_t loss = column("loss");
  std::map<std::uint64_t, double> losses;
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = fields_of(line);
    if (std::max(iteration, loss) < fields.size() && !fields[loss].empty()) {
      losses[std::strtoull(fields[iteration].c_str(), nullptr, 10)] = std::strtod(fields[loss].c_str(), nullptr);
    }
  }
  return losses;
}

RunOutcome outcome_of(const nlohmann::json& summary, const std::string& metrics_csv) {
  RunOutcome outcome;
  outcome.strategy = summary.at("strategy");
  outcome.ranks = summary.at("ranks");
  outcome.race_free = summary.at("race_free");
  std::set<std::string> hosts;
  for (const auto& rank : summary.at("per_rank")) {
    hosts.insert(rank.at("host").get<std::string>());
  }
  outcome.hosts = hosts.size();
  const auto& digest = summary.at("parameters_digest");
  outcome.digest = digest.is_null() ? "" : digest.get<std::string>();
  for (const Quantity& quantity : quantities()) {
    outcome.quantities.push_back(quantity.of(summary));
  }
  for (const auto& [value, gradients] : summary.at("staleness").at("histogram").items()) {
    outcome.staleness[std::strtoull(value.c_str(), nullptr, 10)] = gradients;
  }
  outcome.losses = losses_of(metrics_csv);
  return outcome;
}

RunOutcome read_outcome(const std::filesystem::path& directory) {
  const std::filesystem::path summary = directory / "summary.json";
  try {
    return outcome_of(nlohmann::json::parse(text_of(summary)), text_of(directory / "metrics.csv"));
  } catch (const nlohmann::json::exception&) {
    throw RunError(fmt::format("{}: is no summary of a run", summary.string()));
  }
}

}  // namespace descent
