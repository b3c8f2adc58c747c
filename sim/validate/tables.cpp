#include "sim/validate/tables.hpp"

#include "sim/validate/explanation.hpp"
#include "sim/validate/ranking.hpp"
#include "sim/validate/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace descent {
namespace {

constexpr const char* kNothing = "–";

/// To four digits, zeros at the end among them: an error of a tenth of a per cent shows.
std::string time_of(double seconds) {
  constexpr std::array<const char*, 4> kUnits{"ns", "us", "ms", "s"};
  double value = seconds * 1e9;
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) {
    value /= 1000;
  }
  return fmt::format("{:#.4g} {}", value, kUnits[unit]);
}

/// Of (predicted − measured) / measured.
std::string percent(const std::optional<double>& error) {
  if (!error) {
    return kNothing;
  }
  if (*error == 0) {
    return "0";
  }
  return std::abs(*error) < 5e-5 ? std::string("< 0.01 %") : fmt::format("{:+.2f} %", 100 * *error);
}

std::string distance(const std::optional<double>& error) {
  return error ? fmt::format("{:.2g}", *error) : kNothing;
}

const char* sign_of(Digests digests) {
  switch (digests) {
    case Digests::none:
      return kNothing;
    case Digests::equal:
      return "✓";
    case Digests::race:
      return "race";
    case Digests::different:
      return "≠";
  }
  return "";
}

Cells iteration_times(const std::vector<Comparison>& comparisons) {
  Cells cells{{"time per iteration", "ranks", "hosts", "measured", "least", "most", "predicted", "error", "digest"}};
  for (const Comparison& comparison : comparisons) {
    std::vector<std::string> row{comparison.scenario};
    if (!comparison.failure.empty()) {
      row.resize(cells.front().size(), kNothing);
      row.back() = "failed";
      cells.push_back(row);
      continue;
    }
    const Compared& time = comparison.at("iteration_time_s");
    row.push_back(std::to_string(comparison.ranks));
    row.push_back(std::to_string(comparison.hosts));
    for (const auto which : {&Spread::median, &Spread::least, &Spread::most}) {
      row.push_back(time.measured ? time_of((*time.measured).*which) : kNothing);
    }
    row.push_back(time.predicted ? time_of(*time.predicted) : kNothing);
    row.push_back(percent(time.error));
    row.emplace_back(sign_of(comparison.digests));
    cells.push_back(row);
  }
  return cells;
}

Cells other_errors(const std::vector<Comparison>& comparisons) {
  Cells cells{{"errors", "median iteration", "run", "collective", "to target", "bytes", "messages", "staleness",
               "its distribution", "loss"}};
  for (const Comparison& comparison : comparisons) {
    if (!comparison.failure.empty()) {
      continue;
    }
    std::vector<std::string> row{comparison.scenario};
    for (const char* quantity : {"iteration_time_p50_s", "time_s", "collective_time_s", "time_to_target_s",
                                 "bytes_sent", "messages_sent", "staleness_mean"}) {
      row.push_back(percent(comparison.at(quantity).error));
    }
    row.push_back(distance(comparison.at("staleness_distance").error));
    row.push_back(distance(comparison.at("loss_difference").error));
    cells.push_back(row);
  }
  return cells;
}

bool has(const Validation& validation, Digests digests) {
  return std::any_of(validation.comparisons.begin(), validation.comparisons.end(),
                     [&](const Comparison& comparison) { return comparison.digests == digests; });
}

void add_ranking(const std::vector<Comparison>& comparisons, std::vector<std::string>& lines) {
  const Ranking ranking = rank_by_time_to_target(comparisons);
  if (ranking.tau) {
    lines.push_back(fmt::format(
        "Ranking by time to target: Kendall's tau-b {:.3g} over {} scenarios{}", *ranking.tau, ranking.scenarios,
        ranking.tau_of_told_apart
            ? fmt::format("; {:.3g} over the {} of {} pairs that the repeats tell apart", *ranking.tau_of_told_apart,
                          ranking.told_apart, ranking.scenarios * (ranking.scenarios - 1) / 2)
            : ""));
  }
  for (const Swap& swap : ranking.swaps) {
    lines.push_back(fmt::format("{} is measured faster than {}, and predicted slower{}", swap.faster, swap.slower,
                                swap.overlap ? "; their repeats overlap" : ""));
  }
}

/// What came of it all.
std::vector<std::string> conclusions(const Validation& validation) {
  std::vector<std::string> lines;
  if (const auto errors = summarize_errors(validation.comparisons)) {
    lines.push_back(fmt::format("Error of the time per iteration: mean {:.2f} %, worst {:.2f} % ({})",
                                100 * errors->mean, 100 * errors->worst, errors->worst_scenario));
  }
  add_ranking(validation.comparisons, lines);
  for (std::string& explanation : explain_errors(validation.comparisons)) {
    lines.push_back(std::move(explanation));
  }
  if (has(validation, Digests::race)) {
    lines.emplace_back("Digest race: who comes first decides, so the parameters at the end may differ");
  }
  if (has(validation, Digests::different)) {
    lines.emplace_back("Digest ≠: the parameters at the end differ, and should not");
  }
  for (const Comparison& comparison : validation.comparisons) {
    if (!comparison.failure.empty()) {
      lines.push_back(fmt::format("{} failed: {}", comparison.scenario, comparison.failure));
    }
  }
  return lines;
}

std::string title(const Validation& validation) {
  const bool smpi = validation.measured_by == "smpi";
  return fmt::format("Simulation against {}, {} repeat{}", smpi ? "the MPI program in SMPI" : "real MPI",
                     validation.repeats, validation.repeats == 1 ? "" : "s");
}

}  // namespace

std::string to_text(const Validation& validation) {
  std::string text = title(validation) + "\n" + aligned(iteration_times(validation.comparisons));
  const Cells errors = other_errors(validation.comparisons);
  if (errors.size() > 1) {
    text += "\n" + aligned(errors);
  }
  text += "\n";
  for (const std::string& line : conclusions(validation)) {
    text += "  " + line + "\n";
  }
  return text;
}

std::string to_markdown(const Validation& validation) {
  std::string text = title(validation) + ".\n\n" + markdown(iteration_times(validation.comparisons)) + "\n" +
                     markdown(other_errors(validation.comparisons)) + "\n";
  for (const std::string& line : conclusions(validation)) {
    text += "* " + line + "\n";
  }
  return text;
}

}  // namespace descent
