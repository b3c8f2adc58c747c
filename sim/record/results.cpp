#include "sim/record/results.hpp"

#include "algorithms/core/error.hpp"
#include "sim/record/whole_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace descent {
namespace {

namespace fs = std::filesystem;

std::string cell(const std::optional<double>& value) {
  return value ? fmt::format("{:.9g}", *value) : "";
}

/// Columns that only some runs have: they are the same in all rows of one.
std::string optimality_cells(const std::optional<Optimality>& optimality) {
  if (!optimality) {
    return "";
  }
  const std::string gap = optimality->gap ? fmt::format(",{:.9g}", *optimality->gap) : "";
  return fmt::format(",{:.9g},{:.9g}{}", optimality->violation, optimality->residual, gap);
}

std::string optimality_header(const std::vector<Observation>& rows) {
  if (rows.empty() || !rows.front().optimality) {
    return "";
  }
  return rows.front().optimality->gap ? ",constraint_violation,kkt_residual,duality_gap"
                                      : ",constraint_violation,kkt_residual";
}

std::string metrics_csv(const RunResult& result) {
  const bool replicas = std::any_of(result.observations.begin(), result.observations.end(),
                                    [](const Observation& row) { return row.consensus_distance.has_value(); });
  std::string text = "time_s,iteration,epoch,samples,loss,test_loss,test_accuracy,bytes_sent,staleness_mean";
  text += (replicas ? ",consensus_distance" : "") + optimality_header(result.observations) + "\n";
  for (const Observation& row : result.observations) {
    const std::string epoch =
        result.training_samples > 0
            ? fmt::format("{:.6g}", static_cast<double>(row.samples) / static_cast<double>(result.training_samples))
            : "";
    text +=
        fmt::format("{:.9g},{},{},{},{},{},{},{},{:.6g}", row.time_s, row.iteration, epoch, row.samples, cell(row.loss),
                    cell(row.test_loss), cell(row.test_accuracy), row.bytes_sent, row.staleness_mean);
    text += (replicas ? "," + cell(row.consensus_distance) : "") + optimality_cells(row.optimality) + "\n";
  }
  return text;
}

const char* name_of(Activity activity) {
  switch (activity) {
    case Activity::compute:
      return "compute";
    case Activity::communicate:
      return "communicate";
    case Activity::idle:
      return "wait";
    case Activity::down:
      return "fault";
  }
  return "";
}

/// Chrome's trace format: a track per rank, a slice per stretch of time, an arrow per message; and, as another process,
/// a track per disturbance. Microseconds.
std::string timeline_json(const RunResult& result) {
  std::string text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  std::uint64_t arrow = 0;
  const char* separator = "";
  const auto event = [&](const std::string& json) {
    text += separator;
    text += json;
    separator = ",\n";
  };
  for (const RankRecord& rank : result.ranks) {
    const std::string name = fmt::format("{} {} on {}", rank.role, rank.rank, rank.host);
    event(fmt::format(R"({{"ph":"M","name":"thread_name","pid":0,"tid":{},"args":{{"name":{}}}}})", rank.rank,
                      nlohmann::json(name).dump()));
    for (const Span& span : rank.spans) {
      event(fmt::format(R"({{"ph":"X","name":"{0}","cat":"{0}","pid":0,"tid":{1},"ts":{2:.3f},"dur":{3:.3f}}})",
                        name_of(span.activity), rank.rank, span.begin * 1e6, (span.end - span.begin) * 1e6));
    }
    for (const Flow& flow : rank.flows) {
      ++arrow;
      event(fmt::format(
          R"({{"ph":"s","name":"message","cat":"message","id":{},"pid":0,"tid":{},"ts":{:.3f},"args":{{"bytes":{}}}}})",
          arrow, flow.from, flow.sent_at * 1e6, flow.bytes));
      event(
          fmt::format(R"({{"ph":"f","bp":"e","name":"message","cat":"message","id":{},"pid":0,"tid":{},"ts":{:.3f}}})",
                      arrow, rank.rank, flow.received_at * 1e6));
    }
  }
  for (std::size_t track = 0; track < result.disturbances.size(); ++track) {
    const DisturbedPeriod& period = result.disturbances[track];
    if (track == 0) {
      event(R"({"ph":"M","name":"process_name","pid":1,"args":{"name":"disturbances"}})");
    }
    event(fmt::format(R"({{"ph":"X","name":{},"cat":"disturbance","pid":1,"tid":{},"ts":{:.3f},"dur":{:.3f}}})",
                      nlohmann::json(period.what).dump(), track, period.begin * 1e6,
                      (period.end - period.begin) * 1e6));
  }
  return text + "\n]}\n";
}

}  // namespace

std::vector<fs::path> write_results(const fs::path& directory, const RunResult& result,
                                    const nlohmann::ordered_json& summary, const std::string& effective_scenario,
                                    bool trace) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", directory.string(), error.message()));
  }
  std::vector<fs::path> written;
  const auto write = [&](const char* name, const std::string& text) {
    write_whole(directory / name, text);
    written.push_back(directory / name);
  };
  write("metrics.csv", metrics_csv(result));
  write("scenario.xml", effective_scenario);
  if (trace) {
    write("timeline.json", timeline_json(result));
  }
  // Last: a summary says that the run is complete.
  write("summary.json", summary.dump(2) + "\n");
  return written;
}

}  // namespace descent
