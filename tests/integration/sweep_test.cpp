// `descent sweep` as a user runs it, on scenarios of a few hundredths of a second.
#include "tests/support/swept.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <random>
#include <thread>

namespace descent {
namespace {

namespace fs = std::filesystem;
using test::Background;
using test::done_points;
using test::kConsistency;
using test::kRates;
using test::query;
using test::Rows;
using test::text_of;
using test::value;

class Sweep : public test::SweptScenario {};

TEST_F(Sweep, HasTheBitsOfDirectRunsAndTheirScenarios) {
  write("<sweep seeds=\"3-4\">" + std::string(kRates) + kConsistency + "</sweep>");
  const test::Outcome outcome = sweep();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_NE(outcome.output.find("swept: 12 points: 12 done, 0 failed"), std::string::npos) << outcome.output;
  EXPECT_EQ(done(), "12");
  for (const char* number : {"2", "7", "12"}) {
    const auto row =
        query(results(), std::string("SELECT rate, consistency, seed, loss, bytes_sent FROM points_wide WHERE "
                                     "number = ") +
                             number)[0];
    const auto direct = test::results_of(file().string() + " --set //optimizer/@learning-rate=" + row[0] +
                                         " --set //strategy/@consistency=" + row[1] + " --seed " + row[2]);
    const std::string of_point = std::string(" FROM points WHERE number = ") + number;
    EXPECT_EQ(value(results(), "SELECT json_extract(summary, '$.parameters_digest')" + of_point),
              direct.summary["parameters_digest"]);
    EXPECT_NEAR(std::stod(row[3]), direct.summary["loss"].get<double>(), 1e-12);
    EXPECT_EQ(std::stod(row[4]), direct.summary["bytes_sent"].get<double>());
    const auto iterations = query(results(), std::string("SELECT iteration FROM curves WHERE point = ") + number);
    EXPECT_EQ(iterations.size(), direct.metrics.at("iteration").size());
    // What is recorded repeats the run, from where the file is.
    std::ofstream(out() / "again.xml") << value(results(), "SELECT scenario" + of_point);
    EXPECT_EQ(test::run((out() / "again.xml").string())["parameters_digest"], direct.summary["parameters_digest"]);
  }
  // Nothing is left to do, and nothing lies about.
  EXPECT_EQ(sweep().exit_code, 0);
  EXPECT_EQ(value(results(), "SELECT count(*) FROM sessions"), "1");
  EXPECT_EQ(std::distance(fs::directory_iterator(out()), {}), 3);  // results.sqlite, lock, again.xml
}

TEST_F(Sweep, DoesNotDependOnJobsOrThreads) {
  write("<sweep seeds=\"1-2\">" + std::string(kRates) + "</sweep>");
  EXPECT_EQ(sweep("--quiet --jobs 1 --threads 2").output, "");
  const Rows one = digests(results());
  ASSERT_EQ(one.size(), 6U);
  fs::remove_all(out());
  EXPECT_EQ(sweep("--quiet --jobs 3 --threads 1").output, "");
  EXPECT_EQ(digests(results()), one);
}

TEST_F(Sweep, KilledAtAnyInstantLosesNothingAndGoesOn) {
  write("<sweep seeds=\"1-30\">" + std::string(kConsistency) + "</sweep>");
  std::mt19937 random(20260101);
  Rows before;
  int killed = 0;
  for (int i = 0; i < 20; ++i) {
    const Background running(command("--quiet"));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 250));
    running.signal(SIGKILL);
    killed += WIFSIGNALED(running.wait()) ? 1 : 0;
    if (!fs::exists(results()) || value(results(), "SELECT count(*) FROM sqlite_master") == "0") {
      continue;
    }
    EXPECT_EQ(value(results(), "PRAGMA integrity_check"), "ok");
    const Rows after = done_points(results());
    EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end())) << "kill " << i;
    // Whole or not at all.
    EXPECT_EQ(value(results(),
                    "SELECT count(*) FROM points p WHERE (status = 'done') != (4 = (SELECT count(*) FROM curves c "
                    "WHERE c.point = p.id))"),
              "0");
    EXPECT_EQ(value(results(), "SELECT count(*) FROM points WHERE (status = 'done') != (summary IS NOT NULL)"), "0");
    before = after;
  }
  EXPECT_GT(killed, 10);
  const test::Outcome last = sweep("--quiet");
  EXPECT_EQ(last.exit_code, 0) << last.output;
  EXPECT_EQ(query(results(),
                  "SELECT count(*), count(DISTINCT key), count(DISTINCT number) FROM points WHERE status = 'done'")[0],
            (std::vector<std::string>{"60", "60", "60"}));
  const Rows after = done_points(results());
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  const Rows interrupted = digests(results());
  fs::remove_all(out());
  EXPECT_EQ(sweep("--quiet").exit_code, 0);
  EXPECT_EQ(digests(results()), interrupted);
}

/// Of processes whose parent this is, the first.
pid_t child_of(pid_t parent) {
  const std::string tasks = "/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children";
  pid_t child = 0;
  for (int i = 0; i < 1000 && child == 0; ++i) {
    std::ifstream(tasks) >> child;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return child;
}

constexpr const char* kLongRun = "--set //stop/@iterations=100000000";

TEST_F(Sweep, AChildThatIsKilledIsRunAgainByTheSameCommand) {
  write("<sweep>" + std::string(kConsistency) + "</sweep>");
  {
    const Background running(command(std::string("--jobs 1 --quiet --time-limit 2s ") + kLongRun));
    kill(child_of(running.pid()), SIGKILL);
    EXPECT_EQ(WEXITSTATUS(running.wait()), 1);
  }
  EXPECT_EQ(query(results(), "SELECT status, message FROM points ORDER BY number"),
            (Rows{{"killed", "killed from outside, or by the system for want of memory"},
                  {"failed", "had not ended after 2 s, the time limit"}}));
  const auto again = sweep(std::string("--jobs 1 --time-limit 1s ") + kLongRun);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(query(results(), "SELECT status, message FROM points ORDER BY number"),
            (Rows{{"failed", "had not ended after 1 s, the time limit"},
                  {"failed", "had not ended after 2 s, the time limit"}}));
}

TEST_F(Sweep, EndsWithItsChildrenWhenItIsInterrupted) {
  write("<sweep seeds=\"1-2\">" + std::string(kConsistency) + "</sweep>");
  const Background running(command(std::string("--jobs 2 ") + kLongRun));
  const pid_t child = child_of(running.pid());
  running.signal(SIGINT);
  const int status = running.wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
  EXPECT_NE(kill(child, 0), 0);
  EXPECT_EQ(value(results(), "SELECT count(*) FROM points WHERE status = 'pending'"), "4");
}

TEST_F(Sweep, PointsThatFailAreRecordedOnceAndDoNotStopTheOthers) {
  write("<sweep><axis path=\"//role[@name='worker']/@hosts\" name=\"hosts\" values=\"node-0, node-77, node-1\"/>" +
        std::string(kConsistency) + "</sweep>");
  const test::Outcome outcome = sweep();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("6 points: 4 done, 2 failed"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("point 3 and 1 others failed: "), std::string::npos) << outcome.output;
  const Rows failed =
      query(results(), "SELECT number, exit_code, message FROM points WHERE status = 'failed' ORDER BY number");
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0][0] + failed[1][0], "34");
  EXPECT_EQ(failed[0][1], "2");
  EXPECT_NE(failed[0][2].find("node-77"), std::string::npos);
  EXPECT_EQ(sweep().exit_code, 1);
  EXPECT_EQ(value(results(), "SELECT count(*) FROM sessions"), "1");
  EXPECT_EQ(sweep("--retry").exit_code, 1);
  EXPECT_EQ(query(results(), "SELECT status, max(session) FROM points GROUP BY status"),
            (Rows{{"done", "1"}, {"failed", "2"}}));
}

TEST_F(Sweep, RunsThatTakeMoreMemoryThanTheyMayFail) {
  write("<sweep><axis path=\"//data/@samples\" values=\"960, 2000000\"/></sweep>");
  EXPECT_EQ(sweep("--memory-limit 200MB").exit_code, 1);
  EXPECT_EQ(query(results(), "SELECT status, message FROM points ORDER BY number"),
            (Rows{{"done", ""}, {"failed", "took more than 200 MB of memory, the limit"}}));
  EXPECT_GT(std::stod(value(results(), "SELECT peak_memory_bytes FROM points WHERE number = 2")), 190e6);
  EXPECT_LT(std::stod(value(results(), "SELECT peak_memory_bytes FROM points WHERE number = 1")), 100e6);
}

TEST_F(Sweep, AWiderOneKeepsWhatIsDone) {
  write("<sweep>" + std::string(kConsistency) + "</sweep>");
  EXPECT_EQ(sweep().exit_code, 0);
  const Rows before = done_points(results());
  write(
      "<!-- wider --><sweep seeds=\"7, 8\"><axis path=\"//strategy/@consistency\" values=\"asp, ssp, bsp\"/></sweep>");
  EXPECT_EQ(sweep().exit_code, 1);  // ssp needs a bound
  EXPECT_EQ(done(), "4");
  const Rows after = done_points(results());
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  EXPECT_EQ(query(results(), "SELECT consistency, seed, status FROM points_wide"), (Rows{{"asp", "7", "done"},
                                                                                         {"asp", "8", "done"},
                                                                                         {"ssp", "7", "failed"},
                                                                                         {"ssp", "8", "failed"},
                                                                                         {"bsp", "7", "done"},
                                                                                         {"bsp", "8", "done"}}));
}

TEST_F(Sweep, RefusesTheResultsOfOthersAndLeavesThemAlone) {
  write("<sweep>" + std::string(kConsistency) + "</sweep>");
  EXPECT_EQ(sweep().exit_code, 0);
  const auto refused = [&](const std::string& words, const std::string& why) {
    const std::string before = text_of(results());
    const test::Outcome outcome = sweep(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    EXPECT_NE(outcome.output.find(why), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("Nothing was changed"), std::string::npos) << outcome.output;
    EXPECT_EQ(text_of(results()), before) << words;
  };
  refused("--set //stop/@iterations=61", "results of another scenario");
  refused("--dry-run --set //stop/@iterations=61", "results of another scenario");
  query(results(), "PRAGMA user_version = 99");
  refused("", "has version 99 of the results' tables, and this program writes version 3");
  fs::remove(results());
  query(results(), "CREATE TABLE somebody_elses(x)");
  refused("", "is no results file of `descent sweep`");
  std::ofstream(results()) << "my notes, at some length, and no database at all";
  refused("", "file is not a database");
}

TEST_F(Sweep, RefusesDataThatHasChangedSince) {
  const auto write_rows = [&](const std::string& name, double first) {
    std::ofstream rows(directory_.path() / name);
    for (int i = 0; i < 64; ++i) {
      rows << (i == 0 ? first : 0.1 * i) << ',' << 0.5 * (i % 7) << ',' << i % 2 << '\n';
    }
  };
  const std::string sources =
      "<axis name=\"source\"><case name=\"one\"><data source=\"csv\" file=\"one.csv\"><partition "
      "kind=\"iid\"/></data></case>"
      "<case name=\"two\"><data source=\"csv\" file=\"two.csv\"><partition kind=\"iid\"/></data></case></axis>";
  write_rows("one.csv", 1);
  write_rows("two.csv", 2);
  write_rows("three.csv", 3);
  write("<sweep>" + sources + "</sweep>");
  const test::Outcome first = sweep();
  EXPECT_EQ(first.exit_code, 0) << first.output;
  EXPECT_EQ(query(results(), "SELECT path FROM inputs WHERE path LIKE '%.csv' ORDER BY path"),
            (Rows{{"one.csv"}, {"two.csv"}}));
  write_rows("two.csv", 2.5);
  const test::Outcome changed = sweep();
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_NE(changed.output.find("has results with another 'two.csv': that file has changed since"), std::string::npos)
      << changed.output;
  // Back as it was, and one more.
  write_rows("two.csv", 2);
  std::string wider = sources;
  wider.insert(wider.find("</axis>"),
               "<case name=\"three\"><data source=\"csv\" file=\"three.csv\"><partition kind=\"iid\"/></data></case>");
  write("<sweep>" + wider + "</sweep>");
  EXPECT_EQ(sweep().exit_code, 0);
  EXPECT_EQ(done(), "3");
  EXPECT_EQ(value(results(), "SELECT count(*) FROM inputs WHERE path LIKE '%.csv'"), "3");
}

TEST_F(Sweep, RefusesProfilesOfThePlatformThatHaveChangedSince) {
  const auto write_profile = [&](const std::string& text) { std::ofstream(directory_.path() / "speed.txt") << text; };
  std::string hosts;
  std::string routes;
  for (int node = 0; node < 5; ++node) {
    const std::string name = "node-" + std::to_string(node);
    hosts += "<host id=\"" + name + "\" speed=\"1Gf\"" + (node == 0 ? " speed_file=\"speed.txt\"/>" : "/>");
    for (int other = 0; other < node; ++other) {
      routes += "<route src=\"node-" + std::to_string(other) + "\" dst=\"" + name + "\"><link_ctn id=\"l\"/></route>";
    }
  }
  std::ofstream(directory_.path() / "platform.xml")
      << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n<platform "
         "version=\"4.1\">"
         "<zone id=\"z\" routing=\"Full\">"
      << hosts << "<link id=\"l\" bandwidth=\"1GBps\" latency=\"50us\"/>" << routes << "</zone></platform>\n";
  write_profile("0 1.0\n0.1 0.25\n");
  write("<sweep seeds=\"1-2\"/>");
  const std::string here = "--set //platform/@file=" + (directory_.path() / "platform.xml").string();
  const test::Outcome first = sweep(here);
  EXPECT_EQ(first.exit_code, 0) << first.output;
  EXPECT_EQ(value(results(), "SELECT path FROM inputs WHERE path LIKE '%speed.txt'"), "speed.txt");
  EXPECT_EQ(sweep(here).exit_code, 0);
  write_profile("0 1.0\n0.1 0.5\n");
  const test::Outcome changed = sweep(here);
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_NE(changed.output.find("has results with another 'speed.txt': that file has changed since"), std::string::npos)
      << changed.output;
}

TEST_F(Sweep, SaysWhatSlurmLacksAndShowsWhatItWouldDo) {
  write("<sweep seeds=\"1-3\">" + std::string(kConsistency) + "</sweep>");
  const auto refused = [&](const std::string& words, const std::string& why) {
    const test::Outcome outcome = test::shell("PATH=/nowhere " + command(words), true);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    EXPECT_NE(outcome.output.find(why), std::string::npos) << outcome.output;
    EXPECT_FALSE(fs::exists(out()));
  };
  refused("--slurm", "there is no sbatch on the PATH; allowed: on a machine that submits jobs to a Slurm cluster");
  refused("--collect", "is not there; allowed: the directory of a sweep that --slurm has submitted");
  refused("--wait", "--wait: allowed with --slurm or --collect");
  refused("-- --time=5", "'--time=5': what stands after -- is for sbatch; allowed with --slurm");
  refused("another.xml", "another.xml");
  refused("--slurm --dry-run=measure", "--dry-run=measure: allowed without --slurm and --collect");
  refused("--slurm --collect", "");
  refused("--tasks 3", "");
  refused("--task " + directory_.path().string(), "--task: is for tasks of an array that --slurm has submitted");
  const test::Outcome plan =
      test::shell("PATH=/nowhere " +
                      command("--slurm --dry-run --tasks 4 --jobs 3 --set \"//role[@name='worker']/@hosts=node-[0-2]\" "
                              "-- --time=5"),
                  true);
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  for (const char* part : {"4 tasks of at most 2 points", "--cpus-per-task=3", " --time=5 --job-name=", " --array=0-3 ",
                           "\n#!/bin/sh\n", "\nexec /", "--set '//role[@name='\\''worker'\\'']/@hosts=node-[0-2]'"}) {
    EXPECT_NE(plan.output.find(part), std::string::npos) << part << "\n" << plan.output;
  }
  EXPECT_FALSE(fs::exists(out()));
}

TEST_F(Sweep, OneAtATimeWritesAFile) {
  write("<sweep>" + std::string(kConsistency) + "</sweep>");
  const Background running(command(kLongRun));
  child_of(running.pid());
  const test::Outcome outcome = sweep(kLongRun);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.output.find("another `descent sweep` is writing there (process " + std::to_string(running.pid())),
            std::string::npos)
      << outcome.output;
  running.signal(SIGTERM);
  running.wait();
}

/// A file that may not grow beyond 100 kB is a disk that is full: it has room for some of the points.
TEST_F(Sweep, AFullDiskEndsItWithASoundFile) {
  write("<sweep seeds=\"1-30\">" + std::string(kConsistency) + "</sweep>");
  const test::Outcome outcome = test::shell("bash -c 'ulimit -f 100; " + command("--quiet") + "'", true);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("what is recorded is sound, and the same command goes on when this is mended"),
            std::string::npos)
      << outcome.output;
  EXPECT_EQ(value(results(), "PRAGMA integrity_check"), "ok");
  const Rows before = done_points(results());
  EXPECT_GT(before.size(), 2U);
  EXPECT_LT(before.size(), 60U);
  EXPECT_EQ(value(results(), "SELECT count(*) FROM points WHERE status NOT IN ('done', 'pending')"), "0");
  EXPECT_EQ(sweep("--quiet").exit_code, 0);
  const Rows after = done_points(results());
  EXPECT_EQ(after.size(), 60U);
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
}

TEST_F(Sweep, DryRunListsChecksAndRunsNothing) {
  write("<sweep><axis path=\"//role[@name='worker']/@hosts\" name=\"hosts\" values=\"node-0, node-77\"/>" +
        std::string(kConsistency) + "</sweep>");
  const test::Outcome outcome = sweep("--dry-run");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_FALSE(fs::exists(out()));
  EXPECT_NE(outcome.output.find("swept: 4 points, 4 to run"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("point 3 and 1 others invalid: "), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("node-77"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("unknown"), std::string::npos) << outcome.output;
  const auto json = nlohmann::json::parse(test::shell(command("--dry-run --json")).output);
  EXPECT_EQ(json["points"], 4);
  EXPECT_EQ(json["estimate_s"], nullptr);
  EXPECT_EQ(json["list"][1]["parameters"], (nlohmann::json{{"hosts", "node-0"}, {"consistency", "asp"}}));
  EXPECT_EQ(json["list"][1]["status"], "pending");
  EXPECT_EQ(json["list"][2]["status"], "invalid");
}

TEST_F(Sweep, DryRunEstimatesByWhatItMeasures) {
  write("<sweep seeds=\"1-5\">" + std::string(kConsistency) + "</sweep>");
  const auto json = nlohmann::json::parse(test::shell(command("--dry-run=measure --json --jobs 2")).output);
  EXPECT_EQ(done(), "3");
  EXPECT_EQ(json["done"], 3);
  EXPECT_EQ(json["left"], 7);
  EXPECT_NEAR(json["estimate_s"].get<double>(), json["runs_wall_s"].get<double>() / 3 * 7 / 2, 1e-9);
  EXPECT_EQ(query(results(), "SELECT number FROM points WHERE status = 'done' ORDER BY number"),
            (Rows{{"1"}, {"5"}, {"10"}}));
}

TEST_F(Sweep, TellsItsSummaryAsJson) {
  write("<sweep>" + std::string(kConsistency) + "</sweep>");
  const auto json = nlohmann::json::parse(test::shell(command("--json")).output);
  EXPECT_EQ(json["scenario"], "swept");
  EXPECT_EQ(json["results"], results().string());
  EXPECT_EQ(json["done"], 2);
  EXPECT_EQ(json["list"][0]["status"], "done");
  EXPECT_GT(json["list"][0]["loss"], 0);
  EXPECT_EQ(json["list"][0]["key"].get<std::string>().size(), 32U);
}

TEST_F(Sweep, RefusesBadInputWithItsLine) {
  const auto refused = [&](const std::string& sweep_element, const std::string& words, const std::string& why) {
    write(sweep_element);
    const test::Outcome outcome = sweep(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    EXPECT_NE(outcome.output.find(why), std::string::npos) << outcome.output;
    EXPECT_FALSE(fs::exists(out()));
  };
  const std::string rates = kRates;
  const std::string at = file().string() + ":23: ";
  refused("<sweep><axis path=\"//nothing/@x\" values=\"1\"/></sweep>", "",
          at + "<axis>: '//nothing/@x' matches nothing");
  refused("<sweep><axis path=\"//optimizer/@learning-rate\" values=\"0.1, fast\"/></sweep>", "",
          at + "value 'fast' of the axis 'learning-rate': <optimizer>: ");
  refused("<sweep><axis path=\"//optimizer/@learning-rate\" valuse=\"1\"/></sweep>", "", "did you mean 'values'");
  refused("<sweep>" + rates + "</sweep>", "--max-points 2", at + "<sweep> has 3 points; allowed: at most 2");
  refused("", "", "has no element <sweep>");
  for (const char* words :
       {"--jobs 0", "--time-limit soon", "--memory-limit lots", "--dry-run=maybe", "--max-points 0"}) {
    refused("<sweep>" + rates + "</sweep>", words, "");
  }
}

/// And `report` and `plot gantt` find it.
TEST_F(Sweep, KeepsTimelinesThatAreThoseOfSingleRuns) {
  write("<sweep>" + std::string(kConsistency) + "</sweep>");
  ASSERT_EQ(sweep("--trace").exit_code, 0);
  EXPECT_EQ(value(results(), "SELECT count(*) FROM timelines"), "2");
  const fs::path run = directory_.path() / "run";
  const std::string single = " run " + file().string() + " --set //strategy/@consistency=asp --trace --out ";
  ASSERT_EQ(test::shell(DESCENT_PROGRAM + single + run.string()).exit_code, 0);
  for (const auto& [from, to] : {std::pair(out().string() + " --point 2", "sweep"), std::pair(run.string(), "run")}) {
    const test::Outcome plot = test::shell(std::string(DESCENT_PROGRAM) + " plot gantt " + from + " --table --out " +
                                               (directory_.path() / to).string() + ".png",
                                           true);
    if (plot.output.find("install python3-") != std::string::npos) {
      GTEST_SKIP() << plot.output;
    }
    EXPECT_EQ(plot.exit_code, 0) << plot.output;
  }
  const std::string table = text_of(directory_.path() / "sweep-table.csv");
  EXPECT_GT(table.size(), 100U);
  EXPECT_EQ(table, text_of(directory_.path() / "run-table.csv"));
}

TEST_F(Sweep, IsCheckedAndLeftOutOfARun) {
  write("<sweep>" + std::string(kRates) + kConsistency + "</sweep>");
  const test::Outcome check = test::shell(std::string(DESCENT_PROGRAM) + " check " + file().string(), true);
  EXPECT_EQ(check.exit_code, 0);
  EXPECT_NE(check.output.find("a sweep of 6 points"), std::string::npos) << check.output;
  const test::Outcome run =
      test::shell(std::string(DESCENT_PROGRAM) + " run " + file().string() + " --out " + out().string(), true);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_NE(run.output.find(":23: note: <sweep> is left out"), std::string::npos) << run.output;
  EXPECT_EQ(text_of(out() / "scenario.xml").find("<sweep"), std::string::npos);
  write("<sweep>" + std::string(kRates) + kRates + "</sweep>");
  const test::Outcome bad = test::shell(std::string(DESCENT_PROGRAM) + " check " + file().string(), true);
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.output.find("the name 'rate'"), std::string::npos) << bad.output;
}

}  // namespace
}  // namespace descent
