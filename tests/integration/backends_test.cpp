#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace descent {
namespace {

using test::run;
using test::source_path;

struct Case {
  std::string name;
  std::string words;
};

std::vector<Case> race_free() {
  const std::string server = source_path("tests/integration/small.xml") + " ";
  const std::string replicas = source_path("tests/integration/allreduce.xml") + " ";
  std::vector<Case> cases = {{"bsp", server},
                             {"bsp_two_servers", server + "--set \"//role[@name='server']/@hosts=node-[4-5]\""},
                             {"bsp_double", server + "--set //training/@precision=double"},
                             {"d_sgd", server + "--set '//strategy=<strategy kind=\"d-sgd\"/>'"}};
  for (const char* collective : {"ring", "recursive-doubling", "halving-doubling", "tree", "double-tree", "two-level",
                                 "torus", "direct", "coordinator"}) {
    std::string name = collective;
    std::replace(name.begin(), name.end(), '-', '_');
    cases.push_back({name, replicas + "--set //collective/@kind=" + collective});
  }
  for (const std::string optimizer : {"lars", "lamb", "adamw", "adagrad", "rmsprop"}) {
    cases.push_back(
        {optimizer, replicas + "--set '//optimizer=<optimizer kind=\"" + optimizer + "\" learning-rate=\"0.01\"/>'"});
  }
  const auto with_strategy = [](const std::string& scenario, const std::string& strategy) {
    return scenario + "--set '//strategy=<strategy " + strategy + "</strategy>'";
  };
  const std::string ring = "><collective kind=\"ring\"/>";
  for (const auto& [name, strategy] : std::vector<std::pair<std::string, std::string>>{
           {"k_sync_of_all", "kind=\"parameter-server\" consistency=\"k-sync\" k=\"4\">"},
           {"no_backups", "kind=\"parameter-server\" consistency=\"backup\" backups=\"0\">"},
           {"bsp_buckets", "kind=\"parameter-server\" consistency=\"bsp\" bucket=\"1kB\">"},
           {"elastic_averaging", "kind=\"elastic-averaging\" mode=\"synchronous\" period=\"3\">"},
           {"gradient_coding", "kind=\"gradient-coding\" stragglers=\"0\">"},
           {"fedavg", "kind=\"federated\" local-epochs=\"0.1\" fraction=\"0.5\">"},
           {"fedprox", "kind=\"federated\" local-steps=\"3\" proximal=\"0.1\">"},
           {"scaffold", "kind=\"federated\" local-steps=\"3\" control-variates=\"true\">"},
           {"fedyogi", "kind=\"federated\" local-steps=\"3\" server=\"yogi\" server-rate=\"0.03\">"}}) {
    cases.push_back({name, with_strategy(server, strategy)});
  }
  for (const auto& [name, strategy] : std::vector<std::pair<std::string, std::string>>{
           {"local_sgd", "kind=\"local-sgd\" period=\"3\"" + ring},
           {"local_sgd_adaptive", "kind=\"local-sgd\" period=\"6\" adapt-every=\"8\"" + ring},
           {"slowmo",
            "kind=\"local-sgd\" period=\"3\" outer=\"slowmo\" outer-rate=\"1\" outer-momentum=\"0.5\"" + ring},
           {"diloco",
            "kind=\"local-sgd\" period=\"3\" outer=\"nesterov\" outer-rate=\"0.7\" outer-momentum=\"0.9\"" + ring},
           {"d_psgd", "kind=\"gossip\" algorithm=\"d-psgd\" graph=\"ring\">"},
           {"sgp", "kind=\"gossip\" algorithm=\"sgp\" graph=\"star\">"},
           {"sgp_in_turn", "kind=\"gossip\" algorithm=\"sgp\" graph=\"exponential\">"},
           {"d2", "kind=\"gossip\" algorithm=\"d2\" graph=\"torus\">"},
           {"d2_erdos_renyi", "kind=\"gossip\" algorithm=\"d2\" graph=\"erdos-renyi\" probability=\"0.7\">"},
           {"sgp_random_regular", "kind=\"gossip\" algorithm=\"sgp\" graph=\"random-regular\" degree=\"2\">"},
           {"d_psgd_hypercube", "kind=\"gossip\" algorithm=\"d-psgd\" graph=\"hypercube\">"},
           {"choco_top_k",
            "kind=\"gossip\" algorithm=\"choco-sgd\" graph=\"complete\" consensus-step=\"0.4\"><compression "
            "kind=\"top-k\" ratio=\"0.1\" error-feedback=\"yes\"/>"},
           {"admm", "kind=\"admm\" penalty=\"0.1\" local-steps=\"3\"" + ring},
           {"sharded", "kind=\"sharded\"" + ring},
           {"dgc", "kind=\"allreduce\"" + ring + "<compression kind=\"dgc\" ratio=\"0.05\"/>"},
           {"powersgd", "kind=\"allreduce\"" + ring + "<compression kind=\"powersgd\" error-feedback=\"yes\"/>"},
           {"qsgd", "kind=\"sharded\"" + ring + "<compression kind=\"qsgd\" levels=\"7\"/>"},
           {"one_bit",
            "kind=\"local-sgd\" period=\"2\"" + ring + "<compression kind=\"one-bit\" error-feedback=\"yes\"/>"}}) {
    cases.push_back({name, with_strategy(replicas, strategy)});
  }
  cases.push_back({"two_level_of_two", replicas +
                                           "--set //collective/@kind=two-level --set \"//role/@hosts=node-[0-1]\" "
                                           "--set //role/@count=4"});
  cases.push_back({"torus_of_six", replicas + "--set //collective/@kind=torus --set \"//role/@hosts=node-[0-5]\""});
  // Workers of different speed.
  const std::string uneven = source_path("tests/integration/uneven.xml") + " ";
  const std::string three =
      "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-2]\"/></deployment>' ";
  for (const auto& [name, of] :
       {std::pair<std::string, std::string>{"balanced_batches", "batches"}, {"balanced_shards", "shards"}}) {
    const std::string balance = "<balance kind=\"static\" of=\"" + of + "\"/>";
    cases.push_back({name, with_strategy(uneven, "kind=\"parameter-server\" consistency=\"bsp\">" + balance)});
    cases.push_back({name + "_of_replicas", with_strategy(uneven + three, "kind=\"allreduce\"" + ring + balance)});
  }
  cases.push_back({"whole_tensors", server + "--set \"//role[@name='server']/@hosts=node-[4-5]\" --set "
                                             "//strategy/@shards=whole-tensors"});
  for (const auto& [name, words] :
       {std::pair<std::string, std::string>{"l1_ball", "<constraint kind=\"l1-ball\" radius=\"1\"/>"},
        {"elastic_net", "<regularizer kind=\"elastic-net\" lambda=\"0.01\"/>"}}) {
    cases.push_back(
        {name, replicas + "--set '//training=<training batch=\"10\"><optimizer kind=\"sgd\" learning-rate=\"0.1\"/>" +
                   words + "</training>'"});
  }
  for (const int workers : {1, 2, 3}) {
    cases.push_back({"ring_P" + std::to_string(workers),
                     replicas + "--set \"//role/@hosts=node-[0-" + std::to_string(workers - 1) + "]\""});
    cases.push_back({"bsp_P" + std::to_string(workers),
                     server + "--set \"//role[@name='worker']/@hosts=node-[0-" + std::to_string(workers - 1) + "]\""});
  }
  return cases;
}

class SameBits : public ::testing::TestWithParam<Case> {};

TEST_P(SameBits, OnEveryBackendAndAnyNumberOfThreadsAndOnRepeat) {
  const auto& [name, words] = GetParam();
  const auto simulated = run(words + " --threads 1");
  const std::string digest = simulated["parameters_digest"];
  EXPECT_EQ(simulated["iterations"], 60);
  // That these two wait for all follows from their numbers.
  EXPECT_EQ(simulated["race_free"], name != "k_sync_of_all" && name != "no_backups");
  const auto again = run(words + " --threads 2");
  EXPECT_EQ(again["parameters_digest"], digest);
  EXPECT_EQ(again["time_s"], simulated["time_s"]);
  const auto mpi = run(words + " --mpi");
  EXPECT_EQ(mpi["parameters_digest"], digest);
  EXPECT_EQ(mpi["bytes_sent"], simulated["bytes_sent"]);
  EXPECT_EQ(mpi["loss"], simulated["loss"]);
  const auto smpi = run(words + " --smpi");
  EXPECT_EQ(smpi["parameters_digest"], digest);
}

INSTANTIATE_TEST_SUITE_P(All, SameBits, ::testing::ValuesIn(race_free()),
                         [](const auto& test) { return test.param.name; });

/// What a real run with step times of this slowdown takes at least, that is in simulation without network, and at most:
/// messages, and a machine that is busy.
class PacedByChance : public ::testing::TestWithParam<Case> {};

TEST_P(PacedByChance, TakesTheTimeThatItsStepsAddUpTo) {
  const std::string words =
      source_path("tests/integration/stragglers.xml") +
      " --set //cost/@flops-per-sample=20Mf --set //stop/@iterations=25 --set '//slowdown=" + GetParam().words + "'";
  const double simulated = run(words)["time_s"];
  const double real = run(words + " --mpi")["time_s"];
  EXPECT_GE(real, simulated * (1 - 1e-6));
  EXPECT_LE(real, 2 * simulated + 1);
  const double smpi = run(words + " --smpi")["time_s"];
  EXPECT_NEAR(smpi, simulated, 1e-4 * simulated);
}

INSTANTIATE_TEST_SUITE_P(
    All, PacedByChance,
    ::testing::Values(Case{"pareto", "<slowdown distribution=\"pareto\" shape=\"1.5\"/>"},
                      Case{"bimodal", "<slowdown distribution=\"bimodal\" probability=\"0.2\" factor=\"4\"/>"},
                      Case{"shared", "<slowdown distribution=\"weibull\" shape=\"0.7\" shared=\"yes\"/>"},
                      Case{"trace", "<slowdown distribution=\"trace\" unit=\"seconds\" file=\"" +
                                        source_path("scenarios/data/step-times.csv") + "\"/>"}),
    [](const auto& test) { return test.param.name; });

TEST(PacedBySlowPeriods, TakesTheTimeOfTheClosedForm) {
  // 20 steps of 8.168 ms: see changes_test.cpp.
  const std::string words =
      source_path("tests/integration/neutral.xml") +
      " --set '//deployment=<deployment><role name=\"worker\" hosts=\"node-0\"/></deployment>' --set "
      "'//strategy=<strategy kind=\"sgd\"/>' --set '//disturbances=<disturbances>"
      "<slow-period hosts=\"node-0\" start=\"50ms\" end=\"100ms\" factor=\"0.5\"/>"
      "<slow-period hosts=\"*\" start=\"80ms\" end=\"200ms\" factor=\"0.25\"/></disturbances>' ";
  const double expected = 0.2 + 20 * 8.168e-3 - (0.05 + 0.03 / 2 + 0.02 / 8 + 0.1 / 4);
  const double real = run(words + "--mpi")["time_s"];
  EXPECT_GE(real, expected * (1 - 1e-6));
  EXPECT_LE(real, 2 * expected + 1);
  EXPECT_NEAR(run(words + "--smpi")["time_s"].get<double>(), expected, 1e-4 * expected);
}

/// Lines are threads over MPI, which SMPI has not.
TEST(Buckets, HaveTheSameBitsOnBothBackends) {
  const std::string words = source_path("tests/integration/allreduce.xml") +
                            " --set '//strategy=<strategy kind=\"allreduce\" bucket=\"1kB\"><collective "
                            "kind=\"ring\"/></strategy>'";
  EXPECT_EQ(run(words + " --mpi")["parameters_digest"], run(words)["parameters_digest"]);
}

/// What workers measure differs from run to run, and with it who does how much. Where shards are divided, the samples
/// of a round stay the same; where batches are, and shards are alike, what is learnt is as good.
class MeasuredBalance : public ::testing::TestWithParam<Case> {};

TEST_P(MeasuredBalance, LearnsTheSameOverMpi) {
  const std::string words = source_path("tests/integration/uneven.xml") + " --set //partition/@kind=";
  const auto balanced = [](const std::string& of) {
    const std::string& strategy = GetParam().words;
    return strategy + "<balance kind=\"adaptive\" every=\"5\" of=\"" + of + "\"/></strategy>' --mpi";
  };
  const auto shards = run(words + "label-shards " + balanced("shards"));
  EXPECT_EQ(shards["samples"], 60 * 42);
  EXPECT_NEAR(shards["loss"], run(words + "label-shards")["loss"], 1e-12);
  const auto batches = run(words + "iid " + balanced("batches"));
  const double equal = run(words + "iid")["loss"];
  EXPECT_EQ(batches["samples"], 60 * 42);
  EXPECT_NEAR(batches["loss"], equal, 0.05 * equal);
}

INSTANTIATE_TEST_SUITE_P(
    All, MeasuredBalance,
    ::testing::Values(Case{"bsp", "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"bsp\">"},
                      Case{"d_sgd", "--set '//strategy=<strategy kind=\"d-sgd\">"},
                      Case{"allreduce",
                           "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-2]\"/></deployment>' "
                           "--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"ring\"/>"}),
    [](const auto& test) { return test.param.name; });

/// A scenario of each strategy as a user finds it, cut short because MPI computes in real time.
class ScenarioOverMpi : public ::testing::TestWithParam<Case> {
 protected:
  static std::string words() { return source_path("scenarios/" + GetParam().name + ".xml") + " " + GetParam().words; }
};

class RaceFreeScenario : public ScenarioOverMpi {};

TEST_P(RaceFreeScenario, HasTheSameBits) {
  const auto simulated = run(words());
  const auto mpi = run(words() + " --mpi");
  EXPECT_EQ(mpi["parameters_digest"], simulated["parameters_digest"]);
  EXPECT_EQ(mpi["iterations"], simulated["iterations"]);
  EXPECT_EQ(mpi["bytes_sent"], simulated["bytes_sent"]);
  EXPECT_EQ(simulated["race_free"], true);
}

class RacingScenario : public ScenarioOverMpi {};

TEST_P(RacingScenario, MakesTheSameNumberOfUpdates) {
  const auto simulated = run(words());
  const auto mpi = run(words() + " --mpi");
  EXPECT_EQ(mpi["iterations"], simulated["iterations"]);
  EXPECT_EQ(mpi["samples"], simulated["samples"]);
  EXPECT_EQ(simulated["race_free"], false);
  if (GetParam().name == "stale-synchronous") {
    EXPECT_LE(mpi["staleness"]["max"], 3 * (2 * 3 + 1));
  }
}

std::string scenario_name(const ::testing::TestParamInfo<Case>& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, RaceFreeScenario,
                         ::testing::Values(Case{"gradient-descent", ""}, Case{"sgd", ""},
                                           Case{"d-sgd", "--set //stop/@iterations=20"},
                                           Case{"stragglers", "--set //stop/@iterations=10"},
                                           Case{"three-hosts", "--set //stop/@iterations=20"}),
                         scenario_name);
INSTANTIATE_TEST_SUITE_P(All, RacingScenario,
                         ::testing::Values(Case{"label-shards", "--set //stop/@iterations=50"},
                                           Case{"stale-synchronous", "--set //stop/@iterations=60"}),
                         scenario_name);

}  // namespace
}  // namespace descent
