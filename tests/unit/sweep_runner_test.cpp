// Children with limits, and the results file, with programs that are no simulations.
#include "algorithms/core/error.hpp"
#include "sim/sweep/point_check.hpp"
#include "sim/sweep/run_points.hpp"
#include "tests/support/temporary.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

namespace descent {
namespace {

namespace fs = std::filesystem;
using Cause = ChildEnd::Cause;
using Status = PointOutcome::Status;

constexpr std::uint64_t kMegabyte = 1'000'000;

ChildEnd end_of(const std::function<int()>& program, const ChildLimits& limits = {}) {
  const test::TemporaryDirectory directory;
  ForkPool pool(limits);
  pool.start(42, program, directory.path() / "log");
  const auto woken = pool.wait(ForkPool::Clock::now() + std::chrono::seconds(20));
  EXPECT_TRUE(woken.end);
  return woken.end.value_or(ChildEnd{});
}

int sleep_long() {
  std::this_thread::sleep_for(std::chrono::seconds(60));
  return 0;
}

/// Writes so much memory.
void fill(std::uint64_t bytes) {
  auto* memory = static_cast<volatile char*>(std::malloc(bytes));
  for (std::uint64_t i = 0; i < bytes; i += 512) {
    memory[i] = 1;
  }
}

TEST(ForkPool, TellsExitCodeTimeAndMemory) {
  const ChildEnd end = end_of([] {
    fill(100 * kMegabyte);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return 5;
  });
  EXPECT_EQ(end.id, 42U);
  EXPECT_EQ(WEXITSTATUS(end.status), 5);
  EXPECT_GE(end.wall_s, 0.05);
  EXPECT_GT(end.peak_bytes, 100 * kMegabyte);
  EXPECT_LT(end.peak_bytes, 300 * kMegabyte);
}

TEST(ForkPool, EndsWhatTakesTooLongOrTooMuch) {
  EXPECT_EQ(end_of(sleep_long, {.seconds = 0.1, .bytes = {}}).cause, Cause::time_limit);
  const ChildEnd end = end_of(
      [] {
        fill(200 * kMegabyte);
        return sleep_long();
      },
      {.seconds = {}, .bytes = 150 * kMegabyte});
  EXPECT_EQ(end.cause, Cause::memory_limit);
  EXPECT_EQ(end_of([] { return 0; }, {.seconds = 10, .bytes = 150 * kMegabyte}).cause, Cause::own);
}

/// Whether the process is there and no zombie.
bool lives(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string id;
  std::string name;
  std::string state;
  in >> id >> name >> state;
  return in && state != "Z";
}

pid_t pid_in(const fs::path& file) {
  pid_t pid = 0;
  for (int i = 0; i < 500 && pid == 0; ++i) {
    std::ifstream(file) >> pid;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return pid;
}

bool dies(pid_t pid) {
  for (int i = 0; i < 500 && lives(pid); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return !lives(pid);
}

int write_pid_and_sleep(const fs::path& file) {
  std::ofstream(file) << getpid() << "\n" << std::flush;
  return sleep_long();
}

TEST(ForkPool, ChildrenDieWithTheirParent) {
  const test::TemporaryDirectory directory;
  const fs::path file = directory.path() / "pid";
  const pid_t parent = fork();
  if (parent == 0) {
    ForkPool pool({});
    pool.start(
        0, [&] { return write_pid_and_sleep(file); }, directory.path() / "log");
    pool.wait(ForkPool::Clock::now() + std::chrono::seconds(60));
    _exit(0);
  }
  const pid_t child = pid_in(file);
  ASSERT_GT(child, 0);
  EXPECT_TRUE(lives(child));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(dies(child));
}

TEST(ForkPool, EndsWhatAChildHasStarted) {
  const test::TemporaryDirectory directory;
  const fs::path file = directory.path() / "pid";
  const ChildEnd end = end_of(
      [&] {
        if (fork() == 0) {
          _exit(write_pid_and_sleep(file));
        }
        return sleep_long();
      },
      {.seconds = 1, .bytes = {}});
  EXPECT_EQ(end.cause, Cause::time_limit);
  EXPECT_TRUE(dies(pid_in(file)));
}

TEST(ForkPool, TellsSignalsAndEndsItsChildren) {
  const test::TemporaryDirectory directory;
  pid_t child = 0;
  {
    ForkPool pool({});
    pool.start(
        0, [&] { return write_pid_and_sleep(directory.path() / "pid"); }, directory.path() / "log");
    child = pid_in(directory.path() / "pid");
    raise(SIGTERM);
    EXPECT_EQ(pool.wait(ForkPool::Clock::now() + std::chrono::seconds(10)).signal, SIGTERM);
    EXPECT_EQ(pool.running(), 1U);
  }
  EXPECT_FALSE(lives(child));
}

TEST(PointCheck, TellsWhatIsWrongWithWhich) {
  const std::vector<SweepPoint> all{{1, {}, 1, "a"}, {2, {}, 2, "b"}, {3, {}, 3, "c"}};
  const auto wrong = check_points(
      {all.data(), &all[1], &all[2]},
      [](const SweepPoint& point) -> int {
        if (point.number == 2) {
          throw InputError("file:2: no");
        }
        return point.number == 3 ? raise(SIGSEGV) : 0;
      },
      2);
  EXPECT_EQ(wrong, (std::map<std::size_t, std::string>{{2, "file:2: no"}, {3, "the check crashed"}}));
}

/// A sweep of one axis, x, and a results file in a directory.
class SweepRun : public testing::Test {
 protected:
  SweepRun() {
    sweep_.file = "none.xml";
    sweep_.scenario_name = "made-up";
    sweep_.base = "<scenario/>";
    sweep_.axes.push_back({.name = "x", .path = "//a/@x", .levels = {}, .range = {}, .zip = {}, .line = 1});
    for (int i = 0; i < 6; ++i) {
      sweep_.axes[0].levels.push_back({std::to_string(i), {"//a/@x=" + std::to_string(i)}, 1});
    }
    sweep_.seeds = {1};
    points_ = expand(sweep_);
  }

  fs::path file() const { return directory_.path() / "results.sqlite"; }
  SweepIdentity identity() const { return identity_of(sweep_, "nowhere", {}); }

  std::vector<const SweepPoint*> all() const {
    std::vector<const SweepPoint*> list;
    for (const SweepPoint& point : points_) {
      list.push_back(&point);
    }
    return list;
  }

  /// Runs these and returns the signal that ended it.
  int run(const PointProgram& program, const std::vector<const SweepPoint*>& points) {
    const SweepLock lock(directory_.path());
    ResultsFile results = ResultsFile::open(file(), identity());
    results.plan(sweep_, points_, {2, 1});
    const Scratch scratch(directory_.path());
    return run_points(record_left_behind(points, scratch, results), program, {.jobs = 2, .limits = {}}, scratch,
                      results, {});
  }

  std::map<std::string, RecordedPoint> recorded() const { return ResultsFile::find(file(), identity())->points(); }
  std::string query(const std::string& sql) const {
    const Database database(file(), Database::Access::existing);
    Statement statement(database, sql);
    return statement.step() ? statement.text(0) : "";
  }

  test::TemporaryDirectory directory_;
  SweepSettings sweep_;
  std::vector<SweepPoint> points_;
};

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

/// What a run leaves; the loss is x / 10.
int leave_results(const SweepPoint& point, const fs::path& directory) {
  write_file(directory / "metrics.csv", "time_s,loss\n0,1\n1,0." + point.values[0] + "\n");
  write_file(directory / "scenario.xml", "<scenario/>");
  write_file(directory / "summary.json",
             "{\"time_s\": 1, \"loss\": 0." + point.values[0] +
                 ", \"wall_s\": 0.5, \"memory_peak_bytes\": 7, \"staleness\": {\"mean\": 2, "
                 "\"histogram\": {\"2\": 1}}, \"per_rank\": [{\"rank\": 0}]}");
  return 0;
}

TEST_F(SweepRun, RecordsEachPointWithItsEnd) {
  EXPECT_EQ(run(
                [](const SweepPoint& point, const fs::path& directory) -> int {
                  switch (point.number) {
                    case 2:
                      std::fputs("\n====\ndescent: went wrong\nmore\n", stderr);
                      return 1;
                    case 3:
                      return raise(SIGABRT);
                    case 4:
                      return raise(SIGKILL);
                    case 5:
                      return 0;  // and leaves nothing
                    default:
                      return leave_results(point, directory);
                  }
                },
                all()),
            0);
  const auto told = recorded();
  const auto of = [&](std::size_t number) { return told.at(points_[number - 1].key); };
  EXPECT_EQ(of(1).status, "done");
  EXPECT_EQ(of(6).loss, 0.5);
  EXPECT_EQ(of(6).time_s, 1);
  EXPECT_EQ(of(2).status + ": " + of(2).message, "failed: went wrong");
  EXPECT_EQ(of(3).status, "failed");
  EXPECT_NE(of(3).message.find("signal 6"), std::string::npos) << of(3).message;
  EXPECT_EQ(of(4).status, "killed");
  EXPECT_EQ(of(5).status, "failed");
  EXPECT_NE(of(5).message.find("summary.json: cannot be read"), std::string::npos) << of(5).message;
  EXPECT_EQ(query("SELECT count(*) FROM curves"), "4");
  EXPECT_EQ(query("SELECT group_concat(name) FROM (SELECT name FROM metrics WHERE point = 1 ORDER BY name)"),
            "loss,memory_peak_bytes,staleness.mean,time_s,wall_s");
  EXPECT_EQ(query("SELECT group_concat(x || ':' || loss) FROM points_wide WHERE status = 'done'"), "0.0:0.0,5.0:0.5");
  EXPECT_EQ(query("SELECT count(*) FROM sessions"), "1");
}

TEST_F(SweepRun, RecordsWhatWasLeftBehindAndRunsItNoMore) {
  {
    const Scratch scratch(directory_.path());
    leave_results(points_[0], scratch.make(points_[0].key));
    write_file(scratch.make(points_[1].key) / "metrics.csv", "time_s\n0\n");  // it did not come to its end
    leave_results(points_[2], scratch.make(points_[2].key));
    write_file(scratch.of_point(points_[2].key) / "summary.json", "{\"time_s\": 1");
  }
  const fs::path torn = directory_.path() / "unrecorded-of-another-start";
  fs::create_directories(torn / points_[3].key);
  leave_results(points_[3], torn / points_[3].key);
  run(
      [&](const SweepPoint& point, const fs::path& directory) {
        write_file(directory_.path() / ("ran-" + std::to_string(point.number)), "");
        return leave_results(point, directory);
      },
      all());
  EXPECT_EQ(query("SELECT count(*) FROM points WHERE status = 'done'"), "6");
  EXPECT_FALSE(fs::exists(directory_.path() / "ran-1"));
  for (const char* file : {"ran-2", "ran-3", "ran-4", "ran-6"}) {
    EXPECT_TRUE(fs::exists(directory_.path() / file)) << file;
  }
  EXPECT_FALSE(fs::exists(torn));
  EXPECT_EQ(query("SELECT wall_s FROM points WHERE id = 1"), "0.5");
}

TEST_F(SweepRun, EndsWhereResultsCannotBeWritten) {
  const PointProgram program = [this](const SweepPoint& point, const fs::path& directory) -> int {
    if (point.number == 3) {
      // On a busy machine it would else fail before its neighbour has ended.
      for (int i = 0; i < 1000 && query("SELECT count(*) FROM points WHERE status = 'done'") != "2"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      std::fputs("cannot write x: No space left on device\n", stderr);
      return kCannotWrite;
    }
    return point.number < 3 ? leave_results(point, directory) : sleep_long();
  };
  try {
    run(program, all());
    FAIL() << "went on";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("cannot write x: No space left on device"), std::string::npos);
  }
  EXPECT_EQ(query("SELECT count(*) FROM points WHERE status = 'done'"), "2");
  EXPECT_EQ(query("SELECT count(*) FROM points WHERE status = 'pending'"), "4");
}

TEST_F(SweepRun, RecordsAPointOnce) {
  run(leave_results, all());
  ResultsFile results = ResultsFile::open(file(), identity());
  PointOutcome again{.key = points_[0].key, .status = Status::failed, .message = "again"};
  results.record(std::span(&again, 1));
  EXPECT_EQ(recorded().at(points_[0].key).status, "done");
  EXPECT_EQ(query("SELECT count(*) FROM metrics WHERE point = 1"), "5");
}

/// Another results file of the same sweep: a task's.
class OtherFile {
 public:
  OtherFile(const fs::path& path, const SweepIdentity& identity, const SweepSettings& sweep,
            const std::vector<SweepPoint>& points)
      : file_(ResultsFile::open(path, identity)) {
    file_.plan(sweep, points, {1, 1, "7_0"});
  }
  ResultsFile& file() { return file_; }
  void record(PointOutcome outcome) { file_.record(std::span(&outcome, 1)); }

 private:
  ResultsFile file_;
};

TEST_F(SweepRun, TakesOverWhatAnotherFileHasOnce) {
  run(leave_results, {points_.data(), &points_[1]});
  OtherFile other(directory_.path() / "other.sqlite", identity(), sweep_, points_);
  other.record({.key = points_[0].key, .status = Status::failed, .message = "too late", .started = "9999"});
  other.record({.key = points_[2].key,
                .status = Status::done,
                .exit_code = 0,
                .wall_s = 3,
                .peak_bytes = 5,
                .started = "2026-01-31T12:00:00Z",
                .summary = "{}",
                .scenario = "<scenario/>",
                .metrics = {{"loss", 0.25}},
                .curve = {{"time_s", "bytes"}, {{0.5, 9}, {std::nullopt, 10}}}});
  other.record({.key = points_[3].key, .status = Status::failed, .message = "wrong", .exit_code = 2, .started = "2"});
  other.record({.key = points_[4].key, .status = Status::killed, .message = "gone", .started = "2"});
  ResultsFile results = ResultsFile::open(file(), identity());
  for (int i = 0; i < 2; ++i) {
    results.merge(other.file());
    EXPECT_EQ(query("SELECT group_concat(status) FROM (SELECT status FROM points ORDER BY number)"),
              "done,done,done,failed,killed,pending");
    EXPECT_EQ(query("SELECT count(*) FROM sessions"), "2");
    EXPECT_EQ(query("SELECT group_concat(coalesce(time_s, '-') || ' ' || bytes) FROM (SELECT c.* FROM curves c JOIN "
                    "points ON id = point WHERE number = 3 ORDER BY row)"),
              "0.5 9.0,- 10.0");
    EXPECT_EQ(query("SELECT count(*) FROM curves"), "6");
  }
  EXPECT_EQ(query("SELECT wall_s || ' ' || peak_memory_bytes || ' ' || exit_code || ' ' || started FROM points WHERE "
                  "number = 3"),
            "3.0 5 0 2026-01-31T12:00:00Z");
  EXPECT_EQ(recorded().at(points_[2].key).loss, 0.25);
  EXPECT_EQ(recorded().at(points_[2].key).task, "7_0");
  EXPECT_EQ(recorded().at(points_[3].key).message, "wrong");
  // What failed is replaced by what came later, whatever that is, and not by what was before.
  OtherFile later(directory_.path() / "later.sqlite", identity(), sweep_, points_);
  later.record({.key = points_[3].key, .status = Status::failed, .message = "still wrong", .started = "3"});
  later.record({.key = points_[4].key, .status = Status::failed, .message = "before", .started = "1"});
  results.merge(later.file());
  EXPECT_EQ(recorded().at(points_[3].key).message, "still wrong");
  EXPECT_EQ(recorded().at(points_[4].key).message, "gone");
}

TEST_F(SweepRun, TakesOverPointsThatItDoesNotKnow) {
  OtherFile other(directory_.path() / "other.sqlite", identity(), sweep_, points_);
  other.record({.key = points_[5].key, .started = "1", .summary = "{}", .scenario = "<scenario/>"});
  ResultsFile results = ResultsFile::open(file(), identity());
  results.merge(other.file());
  EXPECT_EQ(query("SELECT value || ' ' || seed FROM points JOIN parameters ON point = points.id"), "5 1");
  results.plan(sweep_, points_, {1, 1, ""});
  EXPECT_EQ(query("SELECT status FROM points WHERE number = 6"), "done");
}

TEST_F(SweepRun, RefusesAnotherInput) {
  const fs::path input = directory_.path() / "data.csv";
  sweep_.file = (directory_.path() / "swept.xml").string();
  const auto open = [&] {
    ResultsFile::open(file(), identity_of(sweep_, "nowhere", {input})).plan(sweep_, points_, {1, 1, ""});
  };
  open();  // it is not there yet, and may come
  write_file(input, "1,2\n");
  open();
  EXPECT_EQ(query("SELECT path FROM inputs"), "data.csv");
  open();
  write_file(input, "1,3\n");
  EXPECT_THROW(open(), InputError);
}

TEST_F(SweepRun, PointsThatAreNoLongerSweptStayWithoutANumber) {
  run(leave_results, all());
  sweep_.axes[0].levels.erase(sweep_.axes[0].levels.begin());
  sweep_.axes[0].levels.push_back({"9", {"//a/@x=9"}, 1});
  points_ = expand(sweep_);
  run(leave_results, {&points_.back()});
  EXPECT_EQ(query("SELECT count(*) FROM points WHERE status = 'done'"), "7");
  EXPECT_EQ(query("SELECT group_concat(x) FROM points_wide"), "1.0,2.0,3.0,4.0,5.0,9.0");
}

}  // namespace
}  // namespace descent
