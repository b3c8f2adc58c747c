// Worse hardware is never faster: for every strategy, the same updates take longer on half the bandwidth, on twice the
// latency, and with a slow host.
//
// Where asynchronous workers share a link, the last need not hold: equal workers stay in step and queue at the server,
// and a slightly slower one gets out of their way. There the slow host is tried on a network that is wide enough.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace descent {
namespace {

struct Case {
  std::string name;
  /// Roles but the worker's, and the strategy.
  std::string servers;
  std::string strategy;
  int workers = 4;
  bool asynchronous = false;
};

std::vector<Case> cases() {
  const std::string one_server = "<role name=\"server\" hosts=\"node-8\"/>";
  std::vector<Case> all = {
      {"sgd", "", "<strategy kind=\"sgd\"/>", 1},
      {"d_sgd", one_server, "<strategy kind=\"d-sgd\"/>"},
      {"bsp", one_server, "<strategy kind=\"parameter-server\" consistency=\"bsp\"/>"},
      {"bsp_two_servers", "<role name=\"server\" hosts=\"node-[8-9]\"/>",
       "<strategy kind=\"parameter-server\" consistency=\"bsp\"/>"},
      {"asp", one_server, "<strategy kind=\"parameter-server\" consistency=\"asp\"/>", 4, true},
      {"ssp", one_server, "<strategy kind=\"parameter-server\" consistency=\"ssp\" bound=\"2\"/>", 4, true}};
  for (const char* collective : {"ring", "recursive-doubling", "tree", "coordinator", "native"}) {
    std::string name = collective;
    std::replace(name.begin(), name.end(), '-', '_');
    all.push_back(
        {name, "", std::string("<strategy kind=\"allreduce\"><collective kind=\"") + collective + "\"/></strategy>"});
  }
  return all;
}

class Monotonicity : public ::testing::TestWithParam<Case> {
 protected:
  /// The time of 60 updates.
  static double seconds(const std::string& words = "") {
    const Case& one = GetParam();
    return test::run(test::source_path("tests/integration/neutral.xml") +
                     " --set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-" +
                     std::to_string(one.workers - 1) + "]\"/>" + one.servers + "</deployment>' --set '//strategy=" +
                     one.strategy + "' --set //stop/@iterations=60 --set //model/@dimension=840 " + words)["time_s"];
  }
};

TEST_P(Monotonicity, WorseHardwareIsNeverFaster) {
  const double base = seconds();
  const double narrow = seconds("--set //network/@bandwidth-factor=0.5");
  const double far = seconds("--set //network/@latency-factor=2");
  if (GetParam().workers == 1) {
    EXPECT_EQ(narrow, base);
    EXPECT_EQ(far, base);
  } else {
    EXPECT_GT(narrow, base);
    EXPECT_GT(far, base);
  }
  const std::string wide = GetParam().asynchronous ? "--set //network/@bandwidth-factor=1000 " : "";
  const double even = GetParam().asynchronous ? seconds(wide) : base;
  const double slower = seconds(wide + "--set //host-speed/@factor=0.9");
  // A gradient that comes late by less than the others' transfers take holds nobody up.
  EXPECT_GE(slower, even * (1 - 1e-12));
  const double slow = seconds(wide + "--set //host-speed/@factor=0.5");
  EXPECT_GT(slow, even);
  EXPECT_GT(slow, slower);
  EXPECT_GT(seconds(wide + "--set //host-speed/@factor=0.1"), slow);
}

INSTANTIATE_TEST_SUITE_P(All, Monotonicity, ::testing::ValuesIn(cases()),
                         [](const ::testing::TestParamInfo<Case>& one) { return one.param.name; });

double quickstart_seconds(const std::string& words) {
  return test::run(test::source_path("scenarios/quickstart.xml") +
                   " --set //data/@limit=2048 --set //stop/@epochs=2 --set //observe/@every=1000 " + words)["time_s"];
}

TEST(MonotonicityOfTheQuickstart, ItsSlowHostAndThenTheNetworkBoundIt) {
  const double base = quickstart_seconds("");
  const std::string even = "--set //host-speed/@factor=1 ";
  const double equal_hosts = quickstart_seconds(even);
  EXPECT_GT(quickstart_seconds("--set //host-speed/@factor=0.001"), base);
  EXPECT_LT(equal_hosts, base);
  EXPECT_GT(quickstart_seconds("--set //network/@latency-factor=20"), base);
  EXPECT_GT(quickstart_seconds("--set //network/@bandwidth-factor=0.5"), base);
  EXPECT_GT(quickstart_seconds(even + "--set //network/@bandwidth-factor=0.5"), 1.5 * equal_hosts);
}

}  // namespace
}  // namespace descent
