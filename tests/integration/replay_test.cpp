#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace descent {
namespace {

using test::run;
using test::shell;
using test::source_path;

struct Race {
  std::string name;
  std::string words;
};

std::string of_strategy(const std::string& scenario, const std::string& strategy) {
  return source_path("tests/integration/" + scenario) + " --set '//strategy=<strategy " + strategy + "</strategy>' ";
}

std::string of_servers(const std::string& strategy) {
  return of_strategy("small.xml", "kind=\"parameter-server\" consistency=" + strategy);
}

std::vector<Race> races() {
  const std::string asp = of_servers("\"asp\">");
  const std::string gossip = of_strategy("allreduce.xml", "kind=\"gossip\" algorithm=\"ad-psgd\" graph=\"ring\">");
  const std::string buckets =
      of_strategy("allreduce.xml", "kind=\"allreduce\" bucket=\"1kB\"><collective kind=\"ring\"/>");
  const std::string two = "--set \"//role[@name='server']/@hosts=node-[4-5]\" ";
  const std::string for_a_while = "--set '//stop=<stop time=\"0.2\"/>' ";
  const std::string to_a_target = "--set '//stop=<stop target-loss=\"0.5\" iterations=\"5000\"/>' ";
  return {
      {"asp", asp},
      {"asp_for_a_while", asp + for_a_while},
      {"asp_to_a_target", asp + to_a_target},
      {"asp_of_two_servers", asp + two},
      {"asp_of_large_messages", asp + "--set //model/@hidden=4000"},
      {"asp_of_schedules", asp + "--set //network/@fidelity=schedule"},
      {"asp_compressed", of_servers("\"asp\"><compression kind=\"top-k\" ratio=\"0.1\" error-feedback=\"yes\"/>")},
      {"ssp_of_two_servers", of_servers("\"ssp\" bound=\"1\">") + two},
      {"ssp_when_stale", of_servers("\"ssp\" bound=\"2\" pull=\"when-stale\">") + two},
      {"k_sync", of_servers("\"k-sync\" k=\"2\">")},
      {"k_async", of_servers("\"k-async\" k=\"2\">")},
      {"k_batch_async", of_servers("\"k-batch-async\" k=\"2\">")},
      {"k_batch_sync", of_servers("\"k-batch-sync\" k=\"2\">")},
      {"backup", of_servers("\"backup\" backups=\"1\">")},
      {"bsp_with_a_short_patience",
       of_servers("\"bsp\"><recovery timeout=\"500us\" give-up=\"60s\"/>") + "--set //stop/@iterations=300"},
      {"elastic_averaging", of_strategy("small.xml", "kind=\"elastic-averaging\" mode=\"asynchronous\" period=\"3\">")},
      {"federated_buffer", of_strategy("small.xml", "kind=\"federated\" local-steps=\"3\" buffer=\"2\">")},
      {"gradient_coding", of_strategy("small.xml", "kind=\"gradient-coding\" stragglers=\"1\">")},
      {"gossip", gossip},
      {"gossip_for_a_while", gossip + for_a_while},
      {"buckets", buckets},
      {"buckets_for_a_while_as_schedules", buckets + for_a_while + "--set //network/@fidelity=schedule"},
  };
}

/// The run over MPI, with its order of events in the file.
nlohmann::json recorded(const std::string& words, const std::filesystem::path& order, const char* how = "--mpi") {
  return run(words + " " + how + " --record " + order.string());
}

void expect_same_run(const nlohmann::json& replayed, const nlohmann::json& real) {
  for (const char* field : {"parameters_digest", "iterations", "samples", "staleness", "gradients_wasted", "loss",
                            "messages_sent", "bytes_sent"}) {
    EXPECT_EQ(replayed[field], real[field]) << field;
  }
}

class ReplayOfARace : public ::testing::TestWithParam<Race> {};

TEST_P(ReplayOfARace, EndsWithTheSameBits) {
  const test::TemporaryDirectory directory;
  const std::filesystem::path order = directory.path() / "order";
  const nlohmann::json real = recorded(GetParam().words, order);
  const std::string replay = GetParam().words + " --replay " + order.string();
  const nlohmann::json replayed = run(replay + " --threads 1");
  ASSERT_GT(real["iterations"], 0);  // for a while may be short on a busy machine
  expect_same_run(replayed, real);
  EXPECT_EQ(replayed["backend"], "simgrid");
  EXPECT_EQ(replayed["replayed"], order.string());
  const nlohmann::json again = run(replay + " --threads 2 --set //network/@model=LV08 --set //observe/@every=7");
  EXPECT_EQ(again["parameters_digest"], real["parameters_digest"]);
}

INSTANTIATE_TEST_SUITE_P(All, ReplayOfARace, ::testing::ValuesIn(races()),
                         [](const auto& test) { return test.param.name; });

/// Else the tests above would say nothing.
TEST(Replay, IsWhatMakesTheBitsTheSame) {
  const test::TemporaryDirectory directory;
  const std::string words = of_servers("\"asp\">");
  const nlohmann::json real = recorded(words, directory.path() / "order");
  const nlohmann::json another = recorded(words, directory.path() / "another");
  EXPECT_NE(run(words)["parameters_digest"], real["parameters_digest"]);
  EXPECT_NE(another["parameters_digest"], real["parameters_digest"]);
  expect_same_run(run(words + " --replay " + (directory.path() / "another").string()), another);
}

TEST(Replay, FollowsSmpiToo) {
  const test::TemporaryDirectory directory;
  const std::string words = of_servers("\"asp\">") + "--set //network/@model=LV08";
  const nlohmann::json real = recorded(words, directory.path() / "order", "--smpi");
  expect_same_run(run(words + " --replay " + (directory.path() / "order").string()), real);
}

TEST(Replay, FollowsARunInsideAnMpirunOfOnesOwn) {
  const test::TemporaryDirectory directory;
  const std::string words = of_servers("\"asp\">");
  const std::string order = (directory.path() / "order").string();
  const auto outcome = shell(
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun -n 5 --oversubscribe --mca mpi_yield_when_idle "
      "1 " DESCENT_PROGRAM "-mpi " +
      words + " --json --record " + order + " --out " + directory.path().string());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  expect_same_run(run(words + " --replay " + order), nlohmann::json::parse(outcome.output));
}

/// The last error of `descent run` with these words; it must end with exit code 2.
std::string refusal(const std::string& words) {
  const auto outcome = shell(DESCENT_PROGRAM " run " + words, true);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
  return outcome.output;
}

void expect_refusal(const std::string& words, const std::string& text) {
  const std::string output = refusal(words);
  EXPECT_NE(output.find(text), std::string::npos) << output;
}

TEST(Replay, RefusesTheOrderOfAnotherRun) {
  const test::TemporaryDirectory directory;
  const std::string words = of_servers("\"asp\">");
  const std::string order = (directory.path() / "order").string();
  recorded(words, order);
  const std::string replay = " --replay " + order;
  expect_refusal(words + "--seed 8" + replay, "seed: recorded was '7', here it is '8'");
  expect_refusal(of_servers("\"ssp\" bound=\"1\">") + replay, "strategy: recorded was ");
  expect_refusal(words + "--set //training/@batch=16" + replay, "training: recorded was 'batch=8");
  expect_refusal(words + "--set //model/@hidden=25" + replay, "model: recorded was ");
  expect_refusal(words + "--set //data/@samples=1920" + replay, "data: recorded was ");
  expect_refusal(words + "--set //stop/@iterations=61" + replay, "stop: recorded was 'iterations=60'");
  expect_refusal(words + "--set \"//role[@name='worker']/@hosts=node-[0-2]\"" + replay,
                 "ranks: recorded was 'workers=4 servers=1', here it is 'workers=3 servers=1'");
}

TEST(Replay, RefusesFilesThatAreNoOrderOfEvents) {
  const test::TemporaryDirectory directory;
  const std::string words = of_servers("\"asp\">") + "--replay ";
  expect_refusal(words + source_path("README.md"), "is no order of events");
  expect_refusal(words + directory.path().string(), "is a directory");
  expect_refusal(words + (directory.path() / "none").string(), "cannot be read: No such file");
  const std::string order = (directory.path() / "order").string();
  recorded(of_servers("\"asp\">"), order);
  std::filesystem::resize_file(order, std::filesystem::file_size(order) / 2);
  expect_refusal(words + order, order + ": is damaged or not whole");
}

TEST(Record, RefusesWhatCannotBeRepeatedAndWhatIsNoUse) {
  const std::string allreduce = source_path("tests/integration/allreduce.xml");
  const std::string failing = source_path("tests/integration/failing-workers.xml");
  const test::TemporaryDirectory directory;
  const std::string record = " --record " + (directory.path() / "order").string();
  expect_refusal(allreduce + record, "--record: a simulation repeats itself; allowed with --mpi or --smpi");
  expect_refusal(allreduce + " --set //collective/@kind=native --mpi" + record, "an order of its own");
  expect_refusal(failing + " --mpi" + record, "ranks that live");
  expect_refusal(allreduce + " --mpi --replay some", "--mpi excludes --replay");
  expect_refusal(allreduce + " --smpi --replay some", "--smpi excludes --replay");
  expect_refusal(allreduce + " --mpi --out " + directory.path().string() + " --record " +
                     (directory.path() / "none/order").string(),
                 "cannot be written; allowed: a file in a directory that is there");
}

}  // namespace
}  // namespace descent
