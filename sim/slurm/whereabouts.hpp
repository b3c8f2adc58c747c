#pragma once

#include "sim/slurm/tasks.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace descent {

/// Of a task, the points that have no result yet.
struct TaskShare {
  /// JOB_TASK.
  std::string task;
  /// As the queue tells it; "LOST": it is over.
  std::string state;
  std::size_t points = 0;
  std::filesystem::path log;
};

/// Where the points are that have no result.
struct Whereabouts {
  /// Tasks that wait or run, also those all of whose points have results.
  std::vector<TaskShare> active;
  /// Tasks that are over, the last that were to run points without a result.
  std::vector<TaskShare> lost;
  /// Of each point that has no result and is with an active task, by key: "queued", "running", ...
  std::map<std::string, std::string> state_of;
  /// Points that were never submitted.
  std::size_t elsewhere = 0;
};

Whereabouts whereabouts_of(const std::vector<SweepPoint>& points, const std::map<std::string, RecordedPoint>& recorded,
                           const SlurmTasks& tasks);

/// "left: 4 with 2 tasks of Slurm (1 running, 1 queued), 2 of lost tasks, which --slurm submits again".
std::string describe_left(const Whereabouts& whereabouts);

/// Why the task was lost, by its log.
std::string last_words(const TaskShare& task);

nlohmann::ordered_json tasks_json(const Whereabouts& whereabouts);

}  // namespace descent
