#include "algorithms/strategies/consistency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace descent {
namespace {

using Answer = Consistency::Answer;

/// A kind of consistency; `own` is the parameter that it needs and others do not take.
struct Kind {
  std::string_view name;
  std::string_view own;
  bool distinct;
  bool synchronous;
  Answer answer;
  bool restarts;
};

constexpr Kind kKinds[] = {
    {"bsp", "", true, true, Answer::with_update, false},
    {"asp", "", true, false, Answer::with_update, false},
    {"ssp", "bound", false, false, Answer::within_bound, false},
    {"k-sync", "k", true, true, Answer::with_update, true},
    {"k-batch-sync", "k", false, true, Answer::none, true},
    {"k-async", "k", true, false, Answer::with_update, false},
    {"k-batch-async", "k", false, false, Answer::at_once, false},
    {"backup", "backups", true, true, Answer::with_update, false},
};

const Kind& kind_of(const Settings& settings) {
  const std::string& name = settings.text("consistency");
  const auto* const kind =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return k.name == name; });
  if (kind == std::end(kKinds)) {
    throw std::logic_error("no such consistency");
  }
  return *kind;
}

template <class Wanted>
std::vector<std::string> names_of(Wanted&& wanted) {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (wanted(kind)) {
      names.emplace_back(kind.name);
    }
  }
  return names;
}

/// "ssp has", "k-sync, k-async have"
std::string who_has(std::string_view parameter) {
  const std::vector<std::string> names = names_of([&](const Kind& kind) { return kind.own == parameter; });
  return fmt::format("{} {}", fmt::join(names, ", "), names.size() == 1 ? "has" : "have");
}

}  // namespace

std::vector<Parameter> consistency_parameters() {
  return {
      {.name = "consistency",
       .type = ParameterType::choice,
       .fallback = std::nullopt,
       .meaning = "bsp: one update per round, the mean of all gradients; asp: one per gradient, nobody waits; ssp: one "
                  "per gradient, each of weight 1/P, and nobody more than `bound` rounds ahead of the slowest; k-sync: "
                  "the mean of the first k workers' gradients, the rest cancelled; k-batch-sync: of the first k "
                  "gradients, workers going on meanwhile; k-async: of k workers' gradients, the others going on with "
                  "stale parameters; k-batch-async: of any k gradients, nobody waits; backup: of the first P - backups "
                  "gradients, late ones dropped as they arrive",
       .choices = names_of([](const Kind&) { return true; })},
      {.name = "bound",
       .type = ParameterType::integer,
       .fallback = "",
       .meaning = "rounds that a worker may be ahead of the slowest (ssp only; Ho et al. 2013)",
       .least = 0},
      {.name = "pull",
       .type = ParameterType::choice,
       .fallback = "",
       .meaning = "when a worker reads parameters (ssp only): every-step: after each of its gradients, the newest; "
                  "when-stale: when gradients of more than `bound` rounds ago may be missing in what it read last (Ho "
                  "et al. 2013); every-step by default",
       .choices = {"every-step", "when-stale"}},
      {.name = "k",
       .type = ParameterType::integer,
       .fallback = "",
       .meaning = "gradients that make an update (k-sync, k-batch-sync, k-async, k-batch-async; Dutta et al. 2018)",
       .least = 1},
      {.name = "backups",
       .type = ParameterType::integer,
       .fallback = "",
       .meaning = "workers that a round does not wait for (backup; Chen et al. 2016)",
       .least = 0},
      {.name = "staleness-scaling",
       .type = ParameterType::real,
       .fallback = "",
       .meaning =
           "p: a gradient that is tau updates old weighs 1/(1 + tau)^p (after Zhang et al. 2016, Staleness-aware "
           "async-SGD)",
       .least = 0,
       .above = true},
      {.name = "delay-compensation",
       .type = ParameterType::real,
       .fallback = "",
       .meaning =
           "lambda: a gradient g becomes g + lambda g*g*(x_now - x_read), element by element (Zheng et al. 2017)",
       .least = 0,
       .above = true},
      {.name = "max-staleness",
       .type = ParameterType::integer,
       .fallback = "",
       .meaning = "a gradient that is more updates old is dropped",
       .least = 0},
  };
}

std::vector<std::string> consistency_faults(const Settings& settings, const Cast* cast) {
  const Kind& kind = kind_of(settings);
  std::vector<std::string> faults;
  for (const std::string_view name : {"bound", "k", "backups"}) {
    if (name == kind.own && !settings.has(name)) {
      faults.push_back(fmt::format("consistency=\"{}\" needs the attribute '{}'", kind.name, name));
    } else if (name != kind.own && settings.has(name)) {
      faults.push_back(fmt::format("consistency=\"{}\" has no {}; only {}", kind.name, name, who_has(name)));
    }
  }
  if (kind.answer != Answer::within_bound && settings.has("pull")) {
    faults.push_back(fmt::format("consistency=\"{}\" has no pull; only {}", kind.name, who_has("bound")));
  }
  for (const std::string_view name : {"staleness-scaling", "delay-compensation", "max-staleness"}) {
    if (kind.synchronous && settings.has(name)) {
      faults.push_back(fmt::format("consistency=\"{}\" takes no {}: no gradient in an update is stale; allowed with {}",
                                   kind.name, name,
                                   fmt::join(names_of([](const Kind& k) { return !k.synchronous; }), ", ")));
    }
  }
  if (settings.has("pull") && settings.text("pull") == "when-stale" && settings.has("bucket")) {
    faults.emplace_back("pull=\"when-stale\" takes no bucket: a gradient is held back where the run is over");
  }
  if (kind.restarts && settings.has("bucket")) {
    faults.push_back(fmt::format("consistency=\"{}\" takes no bucket: a gradient is given up as a whole", kind.name));
  }
  if (cast == nullptr || !faults.empty()) {
    return faults;
  }
  const auto workers = static_cast<std::size_t>(cast->workers);
  if (kind.own == "k" && kind.distinct && settings.integer("k") > workers) {
    faults.push_back(fmt::format("consistency=\"{}\": k={} gradients of distinct workers, of which there are {}",
                                 kind.name, settings.integer("k"), workers));
  } else if (kind.own == "backups" && settings.integer("backups") >= workers) {
    faults.push_back(fmt::format("backups={} of {} workers; allowed: at most {}", settings.integer("backups"), workers,
                                 workers - 1));
  }
  return faults;
}

Consistency consistency_of(const Settings& settings, const Cast& cast) {
  const Kind& kind = kind_of(settings);
  const auto workers = static_cast<std::size_t>(cast.workers);
  Consistency consistency;
  consistency.distinct = kind.distinct;
  consistency.synchronous = kind.synchronous;
  consistency.answer = kind.answer;
  consistency.restarts = kind.restarts;
  if (kind.own == "k") {
    consistency.gradients = settings.integer("k");
  } else if (kind.name == "bsp") {
    consistency.gradients = workers;
  } else if (kind.own == "backups") {
    consistency.gradients = workers - settings.integer("backups");
  } else if (kind.own == "bound") {
    consistency.bound = settings.integer("bound");
    consistency.shares_step = true;
    consistency.reads_when_stale = settings.has("pull") && settings.text("pull") == "when-stale";
  }
  if (settings.has("staleness-scaling")) {
    consistency.scaling = settings.real("staleness-scaling");
  }
  if (settings.has("delay-compensation")) {
    consistency.compensation = settings.real("delay-compensation");
  }
  if (settings.has("max-staleness")) {
    consistency.oldest = settings.integer("max-staleness");
  }
  if (settings.has("bucket")) {
    consistency.bucket_bytes = settings.quantity("bucket");
  }
  return consistency;
}

}  // namespace descent
