#include "tests/support/program.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

using test::run;
using test::source_path;

std::string server(const std::string& words = "") {
  return source_path("tests/integration/small.xml") + " " + words;
}
std::string replicas(const std::string& words = "") {
  return source_path("tests/integration/allreduce.xml") + " " + words;
}

constexpr const char* kDouble = " --set //training/@precision=double ";

TEST(SynchronousStrategies, AgreeToRounding) {
  const double bsp = run(server(kDouble))["loss"];
  EXPECT_NEAR(run(server(std::string(kDouble) + "--set '//strategy=<strategy kind=\"d-sgd\"/>'"))["loss"], bsp, 1e-10);
  for (const char* collective : {"ring", "recursive-doubling", "tree", "coordinator", "native"}) {
    EXPECT_NEAR(run(replicas(std::string(kDouble) + "--set //collective/@kind=" + collective))["loss"], bsp, 1e-10)
        << collective;
  }
  // One worker that owns all four shards and takes their four batches at once.
  const auto large =
      run(server(std::string(kDouble) +
                 "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-0\"/></deployment>' "
                 "--set '//strategy=<strategy kind=\"sgd\"/>' --set //training/@batch=32 "
                 "--set //partition/@shards=4"));
  EXPECT_NEAR(large["loss"], bsp, 1e-10);
  // Ssp with bound 0 applies the same gradients one after the other.
  const auto ssp = run(server(std::string(kDouble) + "--set //strategy/@consistency=ssp --set //strategy/@bound=0 "
                                                     "--set //stop/@iterations=240"));
  EXPECT_NEAR(ssp["loss"], bsp, 1e-10);
}

/// Whoever makes the updates, and however parameters are averaged, they stay in the set: a ball in which the network's
/// usual initial weights, of norm 7, are not.
TEST(Constraints, HoldWithEveryStrategy) {
  const std::string training =
      "--set '//training=<training batch=\"8\" precision=\"double\"><optimizer kind=\"sgd\" learning-rate=\"0.1\"/>"
      "<constraint kind=\"l2-ball\" radius=\"3\"/></training>' --set '//strategy=<strategy ";
  const std::string ring = "><collective kind=\"ring\"/></strategy>'";
  for (const std::string& words :
       {server(training + "kind=\"d-sgd\"/>'"), server(training + "kind=\"parameter-server\" consistency=\"bsp\"/>'"),
        server(training + "kind=\"parameter-server\" consistency=\"ssp\" bound=\"1\"/>'"),
        server(training + "kind=\"parameter-server\" consistency=\"k-async\" k=\"2\"/>'"),
        server(training + "kind=\"elastic-averaging\" mode=\"synchronous\"/>'"),
        server(training + "kind=\"federated\" local-steps=\"3\" proximal=\"0.1\"/>'"),
        server(training + "kind=\"gradient-coding\" stragglers=\"1\"/>'"),
        replicas(training + "kind=\"allreduce\"" + ring), replicas(training + "kind=\"local-sgd\" period=\"3\"" + ring),
        replicas(training + "kind=\"gossip\" algorithm=\"d-psgd\" graph=\"ring\"/>'")}) {
    const test::Results results = test::results_of(words);
    const auto& violation = results.metrics.at("constraint_violation");
    for (const double distance : violation) {
      EXPECT_LE(distance, 1e-13) << words;
    }
    EXPECT_LT(results.metrics.at("loss").back(), results.metrics.at("loss").front()) << words;
    EXPECT_NEAR(results.summary["constraint_violation"], violation.back(), 1e-18) << words;
  }
}

TEST(Utilization, AddsUpToTheRunTimeOnEveryRank) {
  const auto summary = run(source_path("tests/integration/small.xml"));
  for (const auto& rank : summary["per_rank"]) {
    const auto& use = rank["utilization"];
    const double sum = use["compute"].get<double>() + use["communication"].get<double>() + use["idle"].get<double>();
    EXPECT_NEAR(sum, 1, 1e-9);
    EXPECT_GE(use["idle"].get<double>(), -1e-9);
  }
}

}  // namespace
}  // namespace descent
