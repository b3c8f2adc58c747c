#include "sim/scenario/elements.hpp"

#include <algorithm>
#include <stdexcept>

namespace descent {
namespace {

using Type = ParameterType;

/// Most ranks of a run: a slip of the finger should not fill the memory.
constexpr double kMostRanks = 1'000'000;
/// Largest count that a double holds exactly.
constexpr double kMostCount = 9'007'199'254'740'992;

const std::optional<std::string> kRequired = std::nullopt;
const std::optional<std::string> kOptional = "";

Parameter text(std::string name, std::optional<std::string> fallback) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.fallback = std::move(fallback);
  return parameter;
}

Parameter choice(std::string name, std::optional<std::string> fallback, std::vector<std::string> choices) {
  Parameter parameter = text(std::move(name), std::move(fallback));
  parameter.type = Type::choice;
  parameter.choices = std::move(choices);
  return parameter;
}

/// A whole number from 1 up.
Parameter count(std::string name, double most = kMostCount) {
  Parameter parameter = text(std::move(name), kOptional);
  parameter.type = Type::integer;
  parameter.least = 1;
  parameter.most = most;
  return parameter;
}

Parameter number(std::string name, Type type, std::optional<std::string> fallback) {
  Parameter parameter = text(std::move(name), std::move(fallback));
  parameter.type = type;
  return parameter;
}

/// A number or quantity above 0.
Parameter positive(std::string name, Type type, std::optional<std::string> fallback,
                   std::optional<double> most = std::nullopt) {
  Parameter parameter = number(std::move(name), type, std::move(fallback));
  parameter.least = 0;
  parameter.above = true;
  parameter.most = most;
  return parameter;
}

Parameter probability(std::string name) {
  Parameter parameter = number(std::move(name), Type::real, kRequired);
  parameter.least = 0;
  parameter.most = 1;
  return parameter;
}

std::vector<ElementAttributes> make_table() {
  return {
      {"scenario", {choice("version", kRequired, {"1"}), text("name", kRequired), number("seed", Type::integer, "1")}},
      {"platform", {text("file", kRequired)}},
      {"network",
       {choice("model", kRequired, {"CM02", "LV08", "SMPI", "IB"}), choice("crosstraffic", "no", {"yes", "no"}),
        number("tcp-gamma", Type::bytes, "4MiB"), positive("latency-factor", Type::real, kOptional),
        positive("bandwidth-factor", Type::real, kOptional), choice("fidelity", "message", {"message", "schedule"})}},
      {"deployment", {}},
      {"role", {choice("name", kRequired, {"worker", "server"}), text("hosts", kRequired), count("count", kMostRanks)}},
      {"cost",
       {positive("flops-per-sample", Type::flops, kOptional), positive("parameter-bytes", Type::bytes, kOptional),
        choice("compute", "modelled", {"free", "modelled"})}},
      {"training",
       {count("batch"), count("global-batch"), choice("precision", "single", {"single", "double"}),
        choice("math", "on", {"on", "off"})}},
      {"disturbances", {}},
      {"host-speed", {text("hosts", kRequired), positive("factor", Type::real, kRequired)}},
      {"crash",
       {text("hosts", kRequired), number("at", Type::seconds, kOptional), number("at-step", Type::integer, kOptional),
        positive("repair", Type::seconds, kOptional)}},
      {"failures",
       {text("hosts", kRequired), positive("mtbf", Type::seconds, kRequired), number("mttr", Type::seconds, kRequired),
        positive("shape", Type::real, "1")}},
      {"recovery",
       {positive("timeout", Type::seconds, kOptional), positive("give-up", Type::seconds, kOptional),
        count("least-workers"), choice("checkpoint", kOptional, {"auto"}), count("checkpoint-every"),
        positive("checkpoint-time", Type::seconds, kOptional), positive("write", Type::rate, "200MBps"),
        positive("read", Type::rate, "400MBps"), number("latency", Type::seconds, "0s")}},
      {"slow-period",
       {text("hosts", kRequired), number("start", Type::seconds, "0s"), positive("end", Type::seconds, kOptional),
        positive("factor", Type::real, kRequired)}},
      {"link-change",
       {text("links", kRequired), number("start", Type::seconds, "0s"), positive("end", Type::seconds, kOptional),
        positive("bandwidth-factor", Type::real, kOptional), positive("latency-factor", Type::real, kOptional)}},
      {"link-outage",
       {text("links", kRequired), number("start", Type::seconds, "0s"), positive("end", Type::seconds, kOptional)}},
      {"network-partition",
       {text("hosts", kRequired), number("start", Type::seconds, "0s"), positive("end", Type::seconds, kOptional)}},
      {"message-loss",
       {text("from", "*"), text("to", "*"), probability("probability"), number("start", Type::seconds, "0s"),
        positive("end", Type::seconds, kOptional)}},
      {"balance",
       {choice("kind", kRequired, {"none", "static", "adaptive"}), choice("of", "batches", {"batches", "shards"}),
        count("every"), positive("smoothing", Type::real, kOptional, 1)}},
      {"stop",
       {count("iterations"), positive("epochs", Type::real, kOptional), count("samples"),
        positive("time", Type::seconds, kOptional), number("target-loss", Type::real, kOptional),
        positive("target-accuracy", Type::real, kOptional, 1)}},
      {"observe", {count("every"), positive("every-time", Type::seconds, kOptional), count("loss-samples")}},
      {"sweep",
       {choice("design", "grid", {"grid", "random", "latin-hypercube"}), count("points"),
        number("design-seed", Type::integer, "1"), text("seeds", kOptional)}},
      {"axis",
       {text("path", kOptional), text("name", kOptional), text("values", kOptional), text("from", kOptional),
        text("to", kOptional), positive("step", Type::real, kOptional), count("points"),
        choice("scale", "linear", {"linear", "log"}), choice("whole", "no", {"yes", "no"}), text("zip", kOptional)}},
      {"case", {text("name", kRequired)}},
      {"exclude", {}},
      {"when",
       {text("axis", kRequired), text("values", kOptional), text("above", kOptional), text("below", kOptional)}},
      // Beside the parameters of the catalogue's entry, or of the distribution's.
      {"partition", {count("shards", kMostRanks)}},
      {"slowdown", {text("hosts", "*"), choice("shared", "no", {"yes", "no"})}},
      {"jitter", {text("from", "*"), text("to", "*")}},
  };
}

}  // namespace

std::span<const ElementAttributes> element_attributes() {
  static const std::vector<ElementAttributes> table = make_table();
  return table;
}

std::span<const Parameter> attributes_of_element(std::string_view element) {
  for (const ElementAttributes& row : element_attributes()) {
    if (row.element == element) {
      return row.attributes;
    }
  }
  throw std::logic_error("no attributes are listed for <" + std::string(element) + ">");
}

}  // namespace descent
