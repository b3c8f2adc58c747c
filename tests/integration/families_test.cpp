// What the families of strategies owe to one another, and to theory.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace descent {
namespace {

using nlohmann::json;

const std::string kDouble = "--set //training/@precision=double ";

json server(const std::string& strategy, const std::string& words = "") {
  return test::run(test::source_path("tests/integration/small.xml") + " " + kDouble + "--set '//strategy=<strategy " +
                   strategy + "/>' " + words);
}

json replicas(const std::string& strategy, const std::string& collective, const std::string& words = "") {
  return test::run(test::source_path("tests/integration/allreduce.xml") + " " + kDouble +
                   "--set '//strategy=<strategy " + strategy + "><collective kind=\"" + collective +
                   "\"/></strategy>' " + words);
}

json peers(const std::string& strategy, const std::string& words = "") {
  return test::run(test::source_path("tests/integration/allreduce.xml") + " " + kDouble +
                   "--set '//strategy=<strategy " + strategy + "/>' " + words);
}

double loss_of(const json& summary) {
  return summary["loss"];
}

constexpr double kRounding = 1e-10;

TEST(Families, AgreeToRoundingWhereTheyDoTheSame) {
  const double bsp = loss_of(server("kind=\"parameter-server\" consistency=\"bsp\""));
  EXPECT_NEAR(loss_of(replicas("kind=\"local-sgd\" period=\"1\"", "ring")), bsp, kRounding);
  EXPECT_NEAR(loss_of(server("kind=\"federated\" local-steps=\"1\"")), bsp, kRounding);
  EXPECT_NEAR(loss_of(server("kind=\"gradient-coding\" stragglers=\"2\"")), bsp, kRounding);
  EXPECT_NEAR(loss_of(server("kind=\"gradient-coding\" stragglers=\"1\" scheme=\"fractional\"")), bsp, kRounding);
  // On a complete graph a mean with the neighbours is the mean of all.
  EXPECT_NEAR(loss_of(peers("kind=\"gossip\" algorithm=\"sgp\" graph=\"complete\"")), bsp, kRounding);
  EXPECT_NEAR(loss_of(replicas("kind=\"allreduce\" bucket=\"1kB\"", "ring")), bsp, kRounding);
}

TEST(Families, LocalStepsOfFederatedAndOfLocalSgdAreTheSame) {
  EXPECT_NEAR(loss_of(server("kind=\"federated\" local-steps=\"4\"")),
              loss_of(replicas("kind=\"local-sgd\" period=\"4\"", "ring")), kRounding);
  // Averaged one by one until all steps are taken.
  EXPECT_NEAR(loss_of(replicas("kind=\"local-sgd\" period=\"4\" post-local=\"60\"", "ring")),
              loss_of(replicas("kind=\"allreduce\"", "ring")), kRounding);
}

TEST(KSync, OfAllWorkersHasTheBitsOfBsp) {
  const json bsp = server("kind=\"parameter-server\" consistency=\"bsp\"");
  EXPECT_EQ(server("kind=\"parameter-server\" consistency=\"k-sync\" k=\"4\"")["parameters_digest"],
            bsp["parameters_digest"]);
}

/// Buckets of one tensor each are one sum in a tree, whatever they are cut into.
TEST(Buckets, DoNotChangeTheBitsOfATree) {
  EXPECT_EQ(replicas("kind=\"allreduce\" bucket=\"1B\"", "tree")["parameters_digest"],
            replicas("kind=\"allreduce\"", "tree")["parameters_digest"]);
  EXPECT_EQ(server("kind=\"parameter-server\" consistency=\"bsp\" bucket=\"1B\"")["parameters_digest"],
            server("kind=\"parameter-server\" consistency=\"bsp\"")["parameters_digest"]);
}

/// After a first step with noise nobody moves any more, and what is left is averaging: on a ring of Metropolis weights
/// 1/3 the distance from the mean shrinks by the second eigenvalue, 1/3 + 2/3 cos(2π/P), a round.
TEST(Gossip, ConsensusOnARingShrinksByTheSecondEigenvalue) {
  for (const int workers : {4, 8}) {
    const std::string words =
        test::source_path("tests/integration/stragglers.xml") +
        " --set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-" + std::to_string(workers - 1) +
        "]\"/></deployment>' --set '//model=<model kind=\"quadratic\" dimension=\"200\" noise=\"1\"><cost "
        "flops-per-sample=\"1Mf\"/></model>' --set '//training=<training batch=\"1\" precision=\"double\"><optimizer "
        "kind=\"sgd\" learning-rate=\"1\"/><schedule kind=\"step\" every=\"1\" gamma=\"1e-30\"/></training>' "
        "--set '//strategy=<strategy kind=\"gossip\" algorithm=\"d-psgd\" graph=\"ring\"/>' --set "
        "//stop/@iterations=30";
    const std::vector<double> distance = test::results_of(words).metrics.at("consensus_distance");
    ASSERT_EQ(distance.size(), 31U);
    EXPECT_GT(distance[1], 0.1);
    const double lambda = 1.0 / 3 + 2.0 / 3 * std::cos(2 * std::numbers::pi / workers);
    EXPECT_NEAR(distance[30] / distance[29], lambda, 1e-3) << workers;
  }
}

/// A round of D-PSGD takes the longer of computing and exchanging, which go on at the same time, and the mixing.
TEST(Gossip, ComputesWhileParametersAreOnTheirWay) {
  const auto round = [](const std::string& algorithm, const std::string& flops) {
    return peers("kind=\"gossip\" algorithm=\"" + algorithm + "\" graph=\"ring\"",
                 "--set '//model=<model kind=\"mlp\" hidden=\"24\"><cost parameter-bytes=\"12.5MB\" "
                 "flops-per-sample=\"" +
                     flops + "\"/></model>'")["iteration_time_s"]["mean"]
        .get<double>();
  };
  // Two vectors of 10 ms each way on links of 1.25 GB/s; 8 samples of 250 Mflop at 100 Gflop/s are 20 ms.
  EXPECT_NEAR(round("d-psgd", "1f"), 0.02, 1e-3);
  EXPECT_NEAR(round("d-psgd", "250Mf"), 0.02, 1e-3);
  EXPECT_NEAR(round("sgp", "250Mf"), 0.04, 1e-3);
}

/// Where all is sent and γ = 1, what is known is all there is: a step and then the mean of the neighbourhood, as SGP on
/// a ring.
TEST(Choco, OfWholeDifferencesIsAMeanAfterEveryStep) {
  const json choco = peers("kind=\"gossip\" algorithm=\"choco-sgd\" graph=\"ring\" consensus-step=\"1\"");
  const json sgp = peers("kind=\"gossip\" algorithm=\"sgp\" graph=\"ring\"");
  EXPECT_NEAR(loss_of(choco), loss_of(sgp), kRounding);
  EXPECT_NEAR(choco["consensus_distance"], sgp["consensus_distance"], kRounding);
  EXPECT_EQ(choco["bytes_sent"], sgp["bytes_sent"]);
}

/// What a compressor leaves out only delays consensus (Koloskova et al. 2019, theorem 2: linear), and never moves the
/// mean. After one step with noise nobody moves any more.
TEST(Choco, AgreesWhateverIsLeftOutAndKeepsTheMean) {
  for (const std::string compression : {"kind=\"top-k\" ratio=\"0.1\"", "kind=\"random-k\" ratio=\"0.1\"",
                                        "kind=\"sign\"", "kind=\"qsgd\" levels=\"31\""}) {
    const std::string words =
        test::source_path("tests/integration/stragglers.xml") +
        " --set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-7]\"/></deployment>' --set "
        "'//model=<model kind=\"quadratic\" dimension=\"200\" noise=\"1\"><cost flops-per-sample=\"1Mf\"/></model>' "
        "--set "
        "'//training=<training batch=\"1\" precision=\"double\"><optimizer kind=\"sgd\" learning-rate=\"1\"/><schedule "
        "kind=\"step\" every=\"1\" gamma=\"1e-30\"/></training>' --set '//strategy=<strategy kind=\"gossip\" "
        "algorithm=\"choco-sgd\" graph=\"ring\" consensus-step=\"0.1\"><compression error-feedback=\"yes\" " +
        compression + "/></strategy>' --set //stop/@iterations=1000 --set //observe/@every=1";
    const auto metrics = test::results_of(words).metrics;
    const std::vector<double>& distance = metrics.at("consensus_distance");
    ASSERT_EQ(distance.size(), 1001U);
    EXPECT_GT(distance[1], 0.1) << compression;
    EXPECT_LT(distance[500], 0.1 * distance[1]) << compression;
    EXPECT_LT(distance[1000], 0.1 * distance[500]) << compression;
    EXPECT_NEAR(metrics.at("loss")[1000], metrics.at("loss")[1], kRounding) << compression;
  }
}

/// ADMM against proximal gradients on the same problem, whose workers have too few samples to come near the
/// solution alone. Compressed, it loses nothing.
TEST(Admm, SolvesWhatProximalGradientsSolve) {
  const auto solve = [](const std::string& composite, const std::string& words) {
    return test::run(test::source_path("scenarios/admm.xml") +
                     " --set '//training=<training batch=\"20\" precision=\"double\"><optimizer kind=\"sgd\" "
                     "learning-rate=\"0.1\"/>" +
                     composite + "</training>' --set //observe/@every=400 " + words);
  };
  const auto admm = [](const std::string& compression) {
    return "--set //stop/@iterations=400 --set '//strategy=<strategy kind=\"admm\" penalty=\"2\" local-steps=\"8\">"
           "<collective kind=\"ring\"/>" +
           compression + "</strategy>'";
  };
  const std::string one_node =
      "--set //stop/@iterations=2000 --set '//strategy=<strategy kind=\"sgd\"/>' --set //training/@batch=80 --set "
      "'//role/@hosts=east-0'";
  const std::string lasso = "<regularizer kind=\"l1\" lambda=\"0.5\"/>";
  for (const auto& [composite, compression] : std::vector<std::pair<std::string, std::string>>{
           {lasso, ""},
           {lasso, "<compression kind=\"top-k\" ratio=\"0.2\" error-feedback=\"yes\"/>"},
           {"<regularizer kind=\"elastic-net\" lambda=\"0.3\"/>", ""},
           {"<constraint kind=\"l1-ball\" radius=\"3\"/>", ""},
           {"<constraint kind=\"non-negative\"/>", ""}}) {
    const json reference = solve(composite, one_node);
    ASSERT_LT(reference["kkt_residual"].get<double>(), 1e-6) << composite;
    const json consensus = solve(composite, admm(compression));
    EXPECT_LT(consensus["kkt_residual"].get<double>(), 1e-6) << composite << compression;
    EXPECT_LT(consensus["constraint_violation"].get<double>(), 1e-12) << composite << compression;
    EXPECT_NEAR(loss_of(consensus), loss_of(reference), 1e-8) << composite << compression;
  }
}

std::string uneven(const std::string& strategy, const std::string& deployment) {
  return test::source_path("tests/integration/small.xml") + " " + kDouble + "--set '//strategy=<strategy " + strategy +
         "/>' --set '//partition=<partition kind=\"label-shards\"/>' --set //stop/@iterations=100 "
         "--set '//deployment=<deployment>" +
         deployment + "</deployment>'";
}

/// Where workers see different classes, local steps pull apart what control variates (SCAFFOLD) and D² hold together.
TEST(Heterogeneity, IsWhatScaffoldAndD2AreFor) {
  const std::string servers = "<role name=\"worker\" hosts=\"node-[0-3]\"/><role name=\"server\" hosts=\"node-4\"/>";
  const std::string alone = "<role name=\"worker\" hosts=\"node-[0-3]\"/>";
  const json fedavg = test::run(uneven("kind=\"federated\" local-steps=\"20\"", servers));
  const json scaffold = test::run(uneven("kind=\"federated\" local-steps=\"20\" control-variates=\"true\"", servers));
  EXPECT_LT(loss_of(scaffold), loss_of(fedavg));
  EXPECT_EQ(scaffold["messages_sent"].get<int>() - 4, 2 * (fedavg["messages_sent"].get<int>() - 4));
  const json d_psgd = test::run(uneven("kind=\"gossip\" algorithm=\"d-psgd\" graph=\"ring\"", alone));
  const json d2 = test::run(uneven("kind=\"gossip\" algorithm=\"d2\" graph=\"ring\"", alone));
  EXPECT_LT(d2["consensus_distance"].get<double>(), d_psgd["consensus_distance"].get<double>());
}

TEST(FedProx, HoldsClientsNearTheServer) {
  const auto run = [](const std::string& proximal) {
    return server("kind=\"federated\" local-steps=\"8\" proximal=\"" + proximal + "\"", "--set //stop/@iterations=1");
  };
  // The heavier the pull, the smaller the first round's move, and so the gain.
  const double free = loss_of(run("0"));
  EXPECT_LT(free, loss_of(run("1")));
  EXPECT_LT(loss_of(run("1")), loss_of(run("5")));
}

TEST(FedBuff, TakesKUpdatesAtOnce) {
  const json summary = server("kind=\"federated\" local-steps=\"2\" buffer=\"3\" fraction=\"0.75\"");
  EXPECT_EQ(summary["iterations"], 60);
  EXPECT_EQ(summary["samples"], 60 * 3 * 2 * 8);
  EXPECT_GT(summary["staleness"]["max"], 0);
}

}  // namespace
}  // namespace descent
