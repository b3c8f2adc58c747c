// Where <recovery timeout> is shorter than what ranks wait for, every rank is lost again and again. Whatever becomes of
// it, the run ends.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

namespace descent {
namespace {

using nlohmann::json;

/// Four workers and a server, none of which fails; a step takes 80 ms.
const std::string kPlain =
    test::source_path("tests/integration/failing-workers.xml") + " --set '//disturbances=<disturbances/>' ";
const std::string kPeers = kPlain +
                           "--set '//deployment=<deployment><role name=\"worker\" "
                           "hosts=\"node-[0-3]\"/></deployment>' ";
constexpr int kUpdates = 10;

struct Strategy {
  std::string words;
  std::string attributes;
  std::string elements = "";
};

std::vector<Strategy> all_strategies() {
  std::vector<Strategy> all;
  for (const std::string consistency : {"bsp", "asp", "ssp\" bound=\"2", "k-sync\" k=\"2", "k-batch-sync\" k=\"3",
                                        "k-async\" k=\"2", "k-batch-async\" k=\"3", "backup\" backups=\"1"}) {
    all.push_back({kPlain, "kind=\"parameter-server\" consistency=\"" + consistency + "\""});
  }
  for (const std::string more :
       {"", " fraction=\"0.5\"", " control-variates=\"true\"", " control-variates=\"true\" fraction=\"0.5\"",
        " buffer=\"1\"", " buffer=\"2\"", " buffer=\"3\" fraction=\"0.5\""}) {
    all.push_back({kPlain, "kind=\"federated\" local-steps=\"1\"" + more});
  }
  for (const std::string collective : {"ring", "tree", "coordinator", "direct"}) {
    all.push_back({kPeers, "kind=\"allreduce\"", "<collective kind=\"" + collective + "\"/>"});
  }
  for (const std::string algorithm : {"d-psgd", "ad-psgd"}) {
    all.push_back({kPeers, "kind=\"gossip\" graph=\"ring\" algorithm=\"" + algorithm + "\""});
  }
  return all;
}

class ShortTimeouts : public testing::TestWithParam<Strategy> {
 protected:
  /// Runs with this timeout; a run that does not end has exit code 124.
  static test::Outcome run(const std::string& recovery, const std::string& more = "") {
    const test::TemporaryDirectory directory;
    const Strategy& strategy = GetParam();
    return test::shell("timeout 60 " + std::string(DESCENT_PROGRAM) + " run " + strategy.words +
                           "--set '//strategy=<strategy " + strategy.attributes + ">" + strategy.elements +
                           "<recovery " + recovery + "/></strategy>' --set //stop/@iterations=" +
                           std::to_string(kUpdates) + " " + more + "--json --out " + directory.path().string(),
                       true);
  }

  static void expect_end(const test::Outcome& outcome) {
    if (outcome.exit_code == 0) {
      EXPECT_EQ(json::parse(outcome.output)["iterations"], kUpdates);
    } else {
      EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
      EXPECT_NE(outcome.output.find(" gave up: "), std::string::npos) << outcome.output;
    }
  }
};

/// Who is late counts, or is in again in time: the run comes to its end, and nobody is left who waits for one that has
/// ended: that rank would have asked 200 times before it gave up.
TEST_P(ShortTimeouts, OfATenthOfAStepAreEnough) {
  const test::Outcome outcome = run("timeout=\"8ms\"");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  expect_end(outcome);
  const json summary = json::parse(outcome.output);
  for (const json& rank : summary["per_rank"]) {
    EXPECT_LT(rank["messages_sent"], rank["role"] == "server" ? 200 : 100) << rank;
  }
}

/// A step takes longer than all patience.
TEST_P(ShortTimeouts, OfAThousandthOfAStepEndTheRun) {
  expect_end(run("timeout=\"80us\""));
}

const std::string kLargeMessages = "--set '//model/cost=<cost flops-per-sample=\"1Mf\" parameter-bytes=\"40MB\"/>' ";

/// A vector is under way for longer than a rank waits before it asks again.
TEST_P(ShortTimeouts, BelowTheTimeOfAMessageEndTheRun) {
  expect_end(run("timeout=\"2ms\"", kLargeMessages));
}

INSTANTIATE_TEST_SUITE_P(All, ShortTimeouts, testing::ValuesIn(all_strategies()), [](const auto& strategy) {
  std::string name = std::to_string(strategy.index);
  for (const char c : strategy.param.attributes + strategy.param.elements) {
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return name;
});

/// If ranks repeated what is still under way, all would be on its way for ever longer: congestion collapse.
TEST(ShortTimeoutsOfServers, BelowTheTimeOfAMessageCostNextToNothing) {
  const auto time_of = [](const std::string& elements) {
    const json summary = test::run(kPlain + kLargeMessages + "--set //stop/@iterations=10 " +
                                   "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"bsp\">" +
                                   elements + "</strategy>'");
    EXPECT_EQ(summary["iterations"], kUpdates);
    return summary["time_s"].get<double>();
  };
  const double without = time_of("");
  for (const char* timeout : {"20ms", "60ms"}) {  // a round takes 240 ms
    EXPECT_LT(time_of("<recovery timeout=\"" + std::string(timeout) + "\"/>"), 1.2 * without) << timeout;
  }
}

}  // namespace
}  // namespace descent
