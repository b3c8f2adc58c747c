// `descent sweep --slurm` with a real Slurm: each test runs in a cluster of its own, of one node.
#include "tests/support/swept.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <random>
#include <thread>

namespace descent {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Background;
using test::done_points;
using test::kConsistency;
using test::kRates;
using test::query;
using test::Rows;
using test::text_of;
using test::value;

/// Goes on as the same process within a cluster, where it is not in one.
void enter_cluster() {
  if (std::getenv("DESCENT_TEST_CLUSTER") != nullptr) {
    return;
  }
  setenv("DESCENT_TEST_CLUSTER", "1", 1);
  std::vector<std::string> words{test::source_path("tests/integration/slurm_cluster")};
  std::ifstream own("/proc/self/cmdline");
  for (std::string word; std::getline(own, word, '\0');) {
    words.push_back(word);
  }
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  std::fflush(nullptr);
  execv(argv[0], argv.data());
  FAIL() << "cannot run " << words[0];
}

/// Waits for what comes within seconds.
void await(const std::string& what, const std::function<bool()>& has_come) {
  for (int i = 0; i < 600 && !has_come(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_TRUE(has_come()) << what;
}

std::string queue(const std::string& format = "%i %T") {
  return test::shell("squeue --noheader --array --format='" + format + "'").output;
}

class Slurm : public test::SweptScenario {
 protected:
  void SetUp() override { enter_cluster(); }

  fs::path shard(const std::string& task) const { return out() / "shards" / task; }
  fs::path submission(const std::string& number) const { return out() / "slurm" / number; }
  /// How many points the task has recorded.
  int recorded_by(const std::string& task) const {
    const fs::path file = shard(task) / "results.sqlite";
    return fs::exists(file) && value(file, "SELECT count(*) FROM sqlite_master WHERE name = 'points'") == "1"
               ? std::stoi(value(file, "SELECT count(*) FROM points WHERE status = 'done'"))
               : 0;
  }
  json as_json(const std::string& words) const { return json::parse(test::shell(command(words + " --json")).output); }

  /// All that the file has, but ids.
  Rows everything() const {
    const std::string points = "FROM points p LEFT JOIN sessions s ON s.id = session ORDER BY key";
    Rows all = query(results(),
                     "SELECT key, number, seed, status, message, exit_code, wall_s, peak_memory_bytes, p.started, "
                     "summary, scenario, s.started, host, task, (SELECT count(*) FROM metrics m WHERE m.point = p.id), "
                     "(SELECT sum(value) FROM metrics m WHERE m.point = p.id) " +
                         points);
    for (const std::string& sql :
         {std::string("SELECT key, c.* FROM curves c JOIN points p ON p.id = point ORDER BY key, row"),
          std::string("SELECT key, axis, value FROM parameters JOIN points p ON p.id = point ORDER BY key, axis"),
          std::string("SELECT count(*) FROM sessions")}) {
      const Rows more = query(results(), sql);
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }
};

TEST_F(Slurm, AnArrayHasTheBitsOfALocalSweep) {
  write("<sweep seeds=\"3-4\">" + std::string(kRates) + kConsistency + "</sweep>");
  const test::Outcome outcome = sweep("--slurm --wait --tasks 3 -- --time=5 --comment='a word'");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_NE(outcome.output.find("12 points in 3 tasks"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("swept: 12 points: 12 done, 0 failed"), std::string::npos) << outcome.output;
  EXPECT_EQ(query(results(),
                  "SELECT task, host, jobs, threads, count(*) FROM points p JOIN sessions s ON s.id = session GROUP BY "
                  "task ORDER BY task"),
            (Rows{{"1_0", "node", "1", "1", "4"}, {"1_1", "node", "1", "1", "4"}, {"1_2", "node", "1", "1", "4"}}));
  EXPECT_FALSE(fs::exists(out() / "shards"));
  // There is nothing to submit any more.
  EXPECT_EQ(sweep("--slurm").exit_code, 0);
  EXPECT_FALSE(fs::exists(submission("2")));
  const Rows of_tasks = digests(results());
  const std::string runs =
      "SELECT key, number, scenario, (SELECT group_concat(loss) FROM curves WHERE point = id) FROM points ORDER BY key";
  const Rows told_by_tasks = query(results(), runs);
  fs::remove_all(out());
  EXPECT_EQ(sweep("--quiet").exit_code, 0);
  EXPECT_EQ(digests(results()), of_tasks);
  EXPECT_EQ(query(results(), runs), told_by_tasks);
}

TEST_F(Slurm, PointsOfLostTasksAreFoundAndSubmittedAgain) {
  write("<sweep seeds=\"1-100\">" + std::string(kConsistency) + "</sweep>");
  ASSERT_EQ(sweep("--slurm --tasks 2 --quiet").exit_code, 0);
  await("first points", [&] { return recorded_by("1_0") > 0 && recorded_by("1_1") > 0; });
  // They are under way, so nobody else may begin with them.
  EXPECT_EQ(sweep("--slurm --quiet").exit_code, 0);
  EXPECT_FALSE(fs::exists(submission("2")));
  EXPECT_NE(sweep().output.find("tasks of Slurm were to run points of this sweep"), std::string::npos);
  std::ifstream lock(shard("1_0") / "lock");
  std::string word;
  pid_t task = 0;
  lock >> word >> task;
  ASSERT_GT(task, 0);
  kill(task, SIGKILL);
  EXPECT_EQ(test::shell("scancel 1_1").exit_code, 0);
  await("the end of both tasks", [&] { return queue().empty(); });

  const test::Outcome collected = sweep("--collect");
  EXPECT_EQ(collected.exit_code, 1);
  EXPECT_NE(collected.output.find("of lost tasks, which --slurm submits again"), std::string::npos) << collected.output;
  EXPECT_NE(collected.output.find("lost: task 1_0 with "), std::string::npos) << collected.output;
  EXPECT_NE(collected.output.find("CANCELLED"), std::string::npos) << collected.output;
  EXPECT_EQ(value(results(), "SELECT count(*) FROM points WHERE status = 'failed'"), "0");
  const Rows before = done_points(results());
  EXPECT_GE(before.size(), 2U);
  ASSERT_LT(before.size(), 200U);

  const test::Outcome again = sweep("--slurm --wait --tasks 3");
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_NE(again.output.find(std::to_string(200 - before.size()) + " points in 3 tasks"), std::string::npos)
      << again.output;
  EXPECT_EQ(query(results(), "SELECT count(*), count(DISTINCT key) FROM points WHERE status = 'done'"),
            (Rows{{"200", "200"}}));
  const Rows after = done_points(results());
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  EXPECT_EQ(value(results(), "SELECT count(*) FROM curves"), "800");
}

TEST_F(Slurm, CollectingIsSafeToRepeatToKillAndWhileTasksRun) {
  write("<sweep seeds=\"1-60\">" + std::string(kConsistency) + "</sweep>");
  ASSERT_EQ(sweep("--slurm --tasks 1 --quiet").exit_code, 0);
  await("first points", [&] { return recorded_by("1_0") > 2; });
  const json early = as_json("--collect");
  EXPECT_GT(early["done"], 2);
  EXPECT_LT(early["done"], 120);
  ASSERT_EQ(early["tasks"].size(), 1U);
  EXPECT_EQ(early["tasks"][0]["state"], "RUNNING");
  EXPECT_EQ(early["tasks"][0]["points"], early["left"]);
  EXPECT_EQ(early["list"][119]["status"], "running");
  EXPECT_TRUE(fs::exists(shard("1_0")));
  const Rows some = done_points(results());
  await("the task's end", [&] { return queue().empty(); });

  // As if it had been killed just before it removed the shard, and at other instants.
  const fs::path copy = directory_.path() / "shards";
  fs::copy(out() / "shards", copy, fs::copy_options::recursive);
  EXPECT_EQ(sweep("--collect --quiet").exit_code, 0);
  EXPECT_FALSE(fs::exists(out() / "shards"));
  const Rows once = everything();
  const Rows all = done_points(results());
  EXPECT_EQ(all.size(), 120U);
  EXPECT_TRUE(std::includes(all.begin(), all.end(), some.begin(), some.end()));
  fs::copy(copy, out() / "shards", fs::copy_options::recursive);
  EXPECT_EQ(sweep("--collect --quiet").exit_code, 0);
  EXPECT_EQ(everything(), once);
  EXPECT_FALSE(fs::exists(out() / "shards"));

  // One that cannot be read does not stop the others, and is left to be looked at.
  fs::create_directories(shard("9_0"));
  std::ofstream(shard("9_0") / "results.sqlite") << "what a disk has left, and no database at all";
  fs::copy(copy, out() / "shards", fs::copy_options::recursive);
  const test::Outcome damaged = sweep("--collect --quiet");
  EXPECT_EQ(damaged.exit_code, 0);
  EXPECT_NE(damaged.output.find("9_0/results.sqlite: "), std::string::npos) << damaged.output;
  EXPECT_TRUE(fs::exists(shard("9_0")));
  EXPECT_FALSE(fs::exists(shard("1_0")));
  fs::remove_all(shard("9_0"));

  fs::remove(results());
  fs::copy(copy, out() / "shards", fs::copy_options::recursive);
  std::mt19937 random(20260101);
  int killed = 0;
  for (int i = 0; i < 20; ++i) {
    const Background collecting(command("--collect --quiet"));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 120));
    collecting.signal(SIGKILL);
    killed += WIFSIGNALED(collecting.wait()) ? 1 : 0;
  }
  EXPECT_GT(killed, 5);
  EXPECT_EQ(sweep("--collect --quiet").exit_code, 0);
  EXPECT_EQ(everything(), once);
}

TEST_F(Slurm, APointThatFailsIsRecordedWithItsMessage) {
  write("<sweep><axis path=\"//role[@name='worker']/@hosts\" name=\"hosts\" values=\"node-0, node-77, node-1\"/>" +
        std::string(kConsistency) + "</sweep>");
  const test::Outcome outcome = sweep("--slurm --wait --tasks 2 --jobs 2");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("6 points: 4 done, 2 failed\n"), std::string::npos) << outcome.output;
  EXPECT_NE(value(results(), "SELECT message FROM points WHERE number = 3").find("node-77"), std::string::npos);
  EXPECT_EQ(value(results(), "SELECT exit_code FROM points WHERE number = 3"), "2");
  // It is not lost: only who asks for it gets it once more.
  EXPECT_EQ(sweep("--slurm --wait").exit_code, 1);
  EXPECT_FALSE(fs::exists(submission("2")));
  EXPECT_EQ(sweep("--slurm --retry --quiet -- --hold").exit_code, 0);
  EXPECT_EQ(sweep("--slurm --retry --quiet").exit_code, 0);
  EXPECT_FALSE(fs::exists(submission("3")));
  EXPECT_EQ(as_json("--collect")["list"][2]["status"], "queued");
  EXPECT_EQ(test::shell("scontrol release 3").exit_code, 0);
  EXPECT_EQ(sweep("--collect --wait --quiet").exit_code, 1);
  EXPECT_EQ(query(results(),
                  "SELECT status, count(*), min(task), max(task) FROM points p JOIN sessions s ON s.id = session GROUP "
                  "BY status"),
            (Rows{{"done", "4", "1_0", "1_1"}, {"failed", "2", "3_0", "3_1"}}));
}

TEST_F(Slurm, ATaskRunsNothingElseThanWasSubmitted) {
  write("<sweep>" + std::string(kConsistency) + "</sweep>");
  ASSERT_EQ(sweep("--slurm --tasks 1 --quiet -- --hold").exit_code, 0);
  const std::string submitted = text_of(file());
  std::string changed = submitted;
  changed.replace(changed.find("iterations=\""), 12, "iterations=\"1");
  std::ofstream(file()) << changed;
  EXPECT_NE(sweep("--collect").output.find("results of another scenario"), std::string::npos);
  EXPECT_EQ(test::shell("scontrol release 1").exit_code, 0);
  await("the task's end", [&] { return queue().empty(); });
  std::ofstream(file()) << submitted;
  const test::Outcome outcome = sweep("--collect");
  EXPECT_NE(outcome.output.find("2 points: 0 done, 0 failed, 2 left: 2 of lost tasks"), std::string::npos)
      << outcome.output;
  EXPECT_NE(outcome.output.find("the scenario has changed since this task was submitted"), std::string::npos)
      << outcome.output;
  EXPECT_EQ(sweep("--slurm --wait --quiet").exit_code, 0);
}

TEST_F(Slurm, WhatSlurmRefusesIsTold) {
  write("<sweep>" + std::string(kConsistency) + "</sweep>");
  const test::Outcome outcome = sweep("--slurm -- --partition=none");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("sbatch did not take the job: "), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("invalid partition"), std::string::npos) << outcome.output;
  EXPECT_EQ(sweep("--quiet").exit_code, 0);  // nothing of it stands in the way
}

}  // namespace
}  // namespace descent
