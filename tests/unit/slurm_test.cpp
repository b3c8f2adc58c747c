// What is submitted and where points are, without Slurm.
#include "algorithms/core/error.hpp"
#include "sim/slurm/queue.hpp"
#include "sim/slurm/submission.hpp"
#include "sim/slurm/whereabouts.hpp"
#include "tests/support/temporary.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace descent {
namespace {

using Keys = std::vector<std::vector<std::string>>;

SweepIdentity identity_named(const std::string& scenario) {
  return {.scenario_name = scenario,
          .scenario_digest = "s",
          .platform_digest = "p",
          .base = "",
          .version = "",
          .git_revision = "",
          .build = "",
          .host = "",
          .inputs = {{"data.csv", "d"}}};
}

TEST(Submission, DealsPointsOutInTurn) {
  EXPECT_EQ(deal({"e", "b", "a", "c", "d"}, 2), (Keys{{"a", "c", "e"}, {"b", "d"}}));
  EXPECT_EQ(deal({"a", "b"}, 5), (Keys{{"a"}, {"b"}}));
  EXPECT_EQ(deal({}, 5), Keys());
}

TEST(Submission, IsReadAsItWasWritten) {
  const test::TemporaryDirectory directory;
  const SweepIdentity identity = identity_named("my net, 2");
  Submission first = new_submission(directory.path(), identity, {{"a", "b"}, {"c"}});
  EXPECT_EQ(first.name.find("my-net--2-"), 0U) << first.name;
  note_job(first, "12");
  note_over(first);
  EXPECT_EQ(new_submission(directory.path(), identity, {{"d"}}).directory, directory.path() / "slurm" / "2");
  std::filesystem::create_directories(directory.path() / "slurm" / "10");  // killed before it was written
  std::filesystem::create_directories(directory.path() / "slurm" / "notes");
  const std::vector<Submission> all = submissions_in(directory.path());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, first.name);
  EXPECT_EQ(all[0].job, "12");
  EXPECT_TRUE(all[0].over);
  EXPECT_EQ(all[0].tasks, (Keys{{"a", "b"}, {"c"}}));
  EXPECT_EQ(all[1].job, "");
  EXPECT_FALSE(all[1].over);
  EXPECT_EQ(new_submission(directory.path(), identity, {{"d"}}).directory, directory.path() / "slurm" / "11");
  std::ofstream(directory.path() / "slurm" / "2" / "submission.json") << "{";
  EXPECT_THROW(submissions_in(directory.path()), InputError);
}

TEST(Submission, TellsWhatHasChangedSince) {
  const test::TemporaryDirectory directory;
  const SweepIdentity identity = identity_named("n");
  Submission submission = new_submission(directory.path(), identity, {{"a"}});
  SweepIdentity now = identity;
  now.inputs["more.csv"] = "m";
  EXPECT_EQ(change_since(submission, now), "");
  now.inputs["data.csv"] = "e";
  EXPECT_EQ(change_since(submission, now), "the file 'data.csv'");
  now.platform_digest = "q";
  EXPECT_EQ(change_since(submission, now), "the platform file");
  now.scenario_digest = "t";
  EXPECT_EQ(change_since(submission, now), "the scenario");
  submission.program_digest = "another";
  EXPECT_EQ(change_since(submission, identity), "the program");
}

TEST(Sbatch, WordsThatAreNotTheUsersAreRefused) {
  EXPECT_NO_THROW(check_sbatch_words({"--time=5", "-p", "short", "--array-like=no"}));
  for (const char* word :
       {"--array=1-3", "-a1-3", "--job-name", "-J", "--output=x", "--wait", "--clusters=b", "x.sh"}) {
    EXPECT_THROW(check_sbatch_words({word}), InputError) << word;
  }
}

TEST(Sbatch, WordsAreQuotedForTheShell) {
  EXPECT_EQ(shell_text({"a-b", "", "it's", "$HOME x"}), "a-b '' 'it'\\''s' '$HOME x'");
}

TEST(Whereabouts, ArePerPoint) {
  const test::TemporaryDirectory directory;
  const SweepIdentity identity{.scenario_name = "n",
                               .scenario_digest = "",
                               .platform_digest = "",
                               .base = "",
                               .version = "",
                               .git_revision = "",
                               .build = "",
                               .host = ""};
  Submission first = new_submission(directory.path(), identity, {{"a", "b"}, {"c", "d"}});
  note_job(first, "12");
  note_over(first);
  const std::vector<SweepPoint> points{
      {1, {}, 1, "a"}, {2, {}, 1, "b"}, {3, {}, 1, "c"}, {4, {}, 1, "d"}, {5, {}, 1, "e"}};
  const std::map<std::string, RecordedPoint> recorded{{"a", {.status = "done"}},
                                                      {"b", {.status = "failed"}},
                                                      {"c", {.status = "pending"}},
                                                      {"d", {.status = "killed"}},
                                                      {"e", {.status = "pending"}}};
  const Whereabouts found = whereabouts_of(points, recorded, SlurmTasks(directory.path()));
  EXPECT_TRUE(found.active.empty());
  ASSERT_EQ(found.lost.size(), 1U);
  EXPECT_EQ(found.lost[0].task, "12_1");
  EXPECT_EQ(found.lost[0].points, 2U);
  EXPECT_EQ(found.elsewhere, 1U);
  EXPECT_EQ(describe_left(found), "left: 2 of lost tasks, which --slurm submits again, 1 not submitted");
  EXPECT_EQ(last_words(found.lost[0]), "it has not begun");
  std::ofstream(found.lost[0].log) << "";
  EXPECT_EQ(last_words(found.lost[0]), "it has left no message");
  std::ofstream(found.lost[0].log) << "----\nslurmstepd: error: TIME LIMIT\n";
  EXPECT_EQ(last_words(found.lost[0]), "slurmstepd: error: TIME LIMIT");
}

}  // namespace
}  // namespace descent
