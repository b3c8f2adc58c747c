#include "sim/slurm/whereabouts.hpp"

#include "sim/validate/child_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace descent {
namespace {

/// "queued" for PENDING; others as they are, in small letters.
std::string status_in(const std::string& state) {
  if (state == "PENDING") {
    return "queued";
  }
  std::string status = state;
  std::transform(status.begin(), status.end(), status.begin(), [](unsigned char c) { return std::tolower(c); });
  return status;
}

/// `task`: an active one that has the point, or "". One that has failed elsewhere is there to be run once more.
bool has_result(const std::string& key, const std::map<std::string, RecordedPoint>& recorded, const std::string& task) {
  const auto found = recorded.find(key);
  return found != recorded.end() && (found->second.status == "done" || (found->second.status == "failed" &&
                                                                        (task.empty() || found->second.task == task)));
}

std::string id_of(const SlurmTask& task) {
  return fmt::format("{}_{}", task.job, task.number);
}

std::size_t points_of(const std::vector<TaskShare>& tasks) {
  std::size_t points = 0;
  for (const TaskShare& task : tasks) {
    points += task.points;
  }
  return points;
}

}  // namespace

Whereabouts whereabouts_of(const std::vector<SweepPoint>& points, const std::map<std::string, RecordedPoint>& recorded,
                           const SlurmTasks& tasks) {
  const std::map<std::string, const SlurmTask*> last = tasks.last_tasks();
  Whereabouts found;
  std::map<const SlurmTask*, std::size_t> missing;
  for (const SweepPoint& point : points) {
    const auto with_task = last.find(point.key);
    const SlurmTask* task = with_task == last.end() || with_task->second->job.empty() ? nullptr : with_task->second;
    const bool active = task != nullptr && task->active();
    if (has_result(point.key, recorded, active ? id_of(*task) : "")) {
      continue;
    }
    ++(task != nullptr ? missing[task] : found.elsewhere);
    if (active) {
      found.state_of[point.key] = status_in(task->state);
    }
  }
  for (const SlurmTask& task : tasks.tasks()) {
    const std::size_t count = missing.contains(&task) ? missing[&task] : 0;
    const TaskShare share{id_of(task), task.active() ? task.state : "LOST", count, task.log};
    if (task.active()) {
      found.active.push_back(share);
    } else if (count > 0) {
      found.lost.push_back(share);
    }
  }
  return found;
}

std::string describe_left(const Whereabouts& whereabouts) {
  std::vector<std::string> parts;
  if (!whereabouts.active.empty()) {
    std::map<std::string, std::size_t> counts;
    for (const TaskShare& task : whereabouts.active) {
      ++counts[status_in(task.state)];
    }
    std::vector<std::string> states;
    states.reserve(counts.size());
    for (const auto& [state, count] : counts) {
      states.push_back(fmt::format("{} {}", count, state));
    }
    parts.push_back(fmt::format("{} with {} tasks of Slurm ({})", points_of(whereabouts.active),
                                whereabouts.active.size(), fmt::join(states, ", ")));
  }
  if (!whereabouts.lost.empty()) {
    parts.push_back(fmt::format("{} of lost tasks, which --slurm submits again", points_of(whereabouts.lost)));
  }
  if (whereabouts.elsewhere > 0) {
    parts.push_back(fmt::format("{} not submitted", whereabouts.elsewhere));
  }
  return fmt::format("left: {}", fmt::join(parts, ", "));
}

std::string last_words(const TaskShare& task) {
  if (!std::filesystem::exists(task.log)) {
    return "it has not begun";
  }
  std::ifstream in(task.log);
  const std::string message = first_message({std::istreambuf_iterator<char>(in), {}});
  return message.empty() ? "it has left no message" : message;
}

nlohmann::ordered_json tasks_json(const Whereabouts& whereabouts) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto* tasks : {&whereabouts.active, &whereabouts.lost}) {
    for (const TaskShare& task : *tasks) {
      list.push_back({{"task", task.task}, {"state", task.state}, {"points", task.points}, {"log", task.log.string()}});
    }
  }
  return list;
}

}  // namespace descent
