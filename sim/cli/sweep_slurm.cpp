#include "algorithms/core/error.hpp"
#include "sim/cli/slurm_script.hpp"
#include "sim/cli/sweep_progress.hpp"
#include "sim/cli/sweep_work.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/slurm/queue.hpp"
#include "sim/slurm/tasks.hpp"
#include "sim/slurm/whereabouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace descent {
namespace {

namespace fs = std::filesystem;

/// The sweep at one moment.
struct SlurmState {
  RecordedPoints recorded;
  Whereabouts whereabouts;
};

class SlurmCommand {
 public:
  explicit SlurmCommand(const SweepWork& work) : work_(work), options_(work.options()) {}

  int run() {
    SlurmState state = look(options_.slurm);
    if (options_.wait) {
      state = wait(std::move(state));
    }
    const std::size_t done = tally(work_.points(), state.recorded).done;
    const bool under_way = options_.slurm && !state.whereabouts.active.empty();
    print(std::move(state));
    return done == work_.points().size() || under_way ? 0 : 1;
  }

 private:
  /// Takes over what is there and, where wanted, submits what is missing.
  SlurmState look(bool submit_missing) const {
    const SweepLock lock(work_.directory());
    SlurmTasks tasks(work_.directory());
    ResultsFile results = ResultsFile::open(work_.file(), work_.identity());
    results.plan(work_.settings(), work_.points(), {options_.job_count(), options_.thread_count(), ""});
    for (const std::string& problem : collect_shards(work_.directory(), tasks, work_.identity(), results)) {
      fmt::print(stderr, "{}: note: its points count as not done\n", problem);
    }
    tasks.note_over();
    RecordedPoints recorded = results.points();
    Whereabouts whereabouts = whereabouts_of(work_.points(), recorded, tasks);
    if (submit_missing && submit(recorded, whereabouts)) {
      whereabouts = whereabouts_of(work_.points(), recorded, SlurmTasks(work_.directory()));
    }
    return {std::move(recorded), std::move(whereabouts)};
  }

  /// Submits the pending points that no task has. Returns whether there were any.
  bool submit(const RecordedPoints& recorded, const Whereabouts& whereabouts) const {
    std::vector<std::string> keys;
    for (const SweepPoint* point : work_.pending(work_.points(), recorded)) {
      if (!whereabouts.state_of.contains(point->key)) {
        keys.push_back(point->key);
      }
    }
    if (keys.empty()) {
      return false;
    }
    const std::size_t count = keys.size();
    Submission submission = new_submission(work_.directory(), work_.identity(), deal(std::move(keys), options_.tasks));
    write_whole(submission.directory / kBatchScript, batch_script(work_, submission.directory));
    hand_over(submission);
    if (!options_.quiet && !options_.json) {
      print_lost(whereabouts.lost, "; submitted again");
      fmt::print("submitted job {}: {} points in {} tasks, with logs in {}\n", submission.job, count,
                 submission.tasks.size(), submission.directory.string());
    }
    return true;
  }

  /// A job that Slurm has taken although it did not say so in time is found by its name.
  void hand_over(Submission& submission) const {
    const fs::path log = submission.directory / "sbatch.log";
    try {
      note_job(
          submission,
          descent::submit(sbatch_command(work_, submission.directory, submission.name, submission.tasks.size()), log));
    } catch (const RunError&) {
      const auto queued = tasks_in_queue({submission.name}, submission.directory / "squeue.log");
      if (queued.empty()) {
        std::error_code ignored;
        fs::remove_all(submission.directory, ignored);
        throw;
      }
      note_job(submission, queued.begin()->second.front().job);
    }
  }

  SlurmState wait(SlurmState state) const {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::duration<double> kShortestPause(1);
    constexpr std::chrono::duration<double> kLongestPause(30);
    constexpr int kMostFailures = 20;
    SweepProgressDisplay display(work_.settings().scenario_name, !options_.quiet && !options_.json);
    const Clock::time_point begin = Clock::now();
    const SweepTally before = tally(work_.points(), state.recorded);
    int failures = 0;
    while (!state.whereabouts.active.empty()) {
      const std::chrono::duration<double> elapsed = Clock::now() - begin;
      const SweepTally now = tally(work_.points(), state.recorded);
      display.show({now.done, now.failed, now.done + now.failed - before.done - before.failed, work_.points().size(),
                    elapsed.count()});
      std::this_thread::sleep_for(std::clamp(elapsed / 4, kShortestPause, kLongestPause));
      try {
        state = look(false);
        failures = 0;
      } catch (const RunError&) {  // controllers of Slurm are restarted now and then
        if (++failures > kMostFailures) {
          throw;
        }
      }
    }
    return state;
  }

  void print(SlurmState state) const {
    const Whereabouts& whereabouts = state.whereabouts;
    for (const auto& [key, status] : whereabouts.state_of) {
      state.recorded[key].status = status;
    }
    if (options_.json) {
      nlohmann::ordered_json json = work_.summary(state.recorded);
      json["tasks"] = tasks_json(whereabouts);
      fmt::print("{}\n", json.dump(2));
    } else if (!options_.quiet) {
      print_results(work_, state.recorded, describe_left(whereabouts));
      print_lost(whereabouts.lost, "");
    }
  }

  void print_lost(const std::vector<TaskShare>& lost, const char* and_then) const {
    constexpr std::size_t kMostLines = 10;
    for (std::size_t i = 0; i < std::min(lost.size(), kMostLines); ++i) {
      fmt::print("  lost: task {} with {} points: {} ({}){}\n", lost[i].task, lost[i].points, last_words(lost[i]),
                 lost[i].log.string(), and_then);
    }
    if (lost.size() > kMostLines) {
      fmt::print("  lost: {} other tasks{}\n", lost.size() - kMostLines, and_then);
    }
  }

  const SweepWork& work_;
  const SweepOptions& options_;
};

}  // namespace

int run_in_slurm(const SweepWork& work) {
  if (work.options().slurm) {
    require_slurm();
    check_sbatch_words(work.options().sbatch_words);
  } else if (!fs::exists(work.directory())) {
    throw InputError(fmt::format("{}: is not there; allowed: the directory of a sweep that --slurm has submitted",
                                 work.directory().string()));
  }
  return SlurmCommand(work).run();
}

}  // namespace descent
