// Platforms whose hosts know how fast kernels are there: `descent calibrate --for` finds it, and runs are charged it.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

using nlohmann::json;

/// Two cores of a host that knows these rates, or none.
std::string two_cores(const std::string& properties) {
  return "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n<platform "
         "version='4.1'><zone id='z' routing='Full'><host id='h' speed='2Gf' core='2'>" +
         properties +
         "</host><link id='own' latency='1us' bandwidth='10GBps' sharing_policy='FATPIPE'/><route src='h' dst='h' "
         "symmetrical='NO'><link_ctn id='own'/></route></zone></platform>\n";
}

const char* const kRates =
    "<prop id='rate.gradient.softmax.210.single' value='1000:1e9;40000:4e9'/>"
    "<prop id='rate.update.sgd.single' value='420:3e8'/><prop id='rate.combination.single' value='840:5e8'/>"
    "<prop id='rate.reduction.single' value='210:1e7'/>";

/// 20 features and 10 classes; a sample's gradient is some 800 flops.
std::string softmax(const std::string& strategy) {
  return "<?xml version='1.0'?>\n<scenario version='1' name='softmax' seed='1'><platform file='given.xml'/><network "
         "model='CM02' crosstraffic='no'/><deployment><role name='worker' hosts='h' count='2'/>" +
         std::string(strategy.find("d-sgd") == std::string::npos ? "" : "<role name='server' hosts='h'/>") +
         "</deployment><data "
         "source='synthetic-classification' samples='400' features='20' classes='10'><partition kind='iid'/></data>"
         "<model kind='softmax'/><training batch='16'><optimizer kind='sgd' learning-rate='0.1'/></training>" +
         strategy + "<stop iterations='10'/><observe every='5'/></scenario>\n";
}

/// Of a platform with these properties, for the kernels of a softmax.
struct CalibratedKernels {
  explicit CalibratedKernels(const std::string& properties) {
    std::ofstream(directory.path() / "given.xml") << two_cores(properties);
    std::ofstream(directory.path() / "softmax.xml") << softmax("<strategy kind='d-sgd'/>");
    const std::string at = directory.path().string();
    outcome = test::shell(std::string(DESCENT_PROGRAM) + " calibrate --simulate " + at + "/given.xml --for " + at +
                              "/softmax.xml --no-figure --rounds 2 --largest 65536 --out " + at,
                          true);
    std::ifstream in(directory.path() / "calibration.json");
    if (outcome.exit_code == 0) {
      found = json::parse(in)["hosts"][0];
    }
  }

  test::TemporaryDirectory directory;
  test::Outcome outcome;
  json found;
};

TEST(CalibrateKernels, FindsTheSpeedOfAHostWithoutRates) {
  const CalibratedKernels plain("");
  ASSERT_EQ(plain.outcome.exit_code, 0) << plain.outcome.output;
  const json& kernels = plain.found["kernels"];
  ASSERT_EQ(kernels.size(), 3U) << "a reduction takes no time: " << kernels;
  for (const auto& [name, sizes] : kernels.items()) {
    for (const json& size : sizes) {
      EXPECT_NEAR(size["flop_per_s"]["value"], 2e9, 1e4) << name << " " << size;
    }
  }
  std::vector<int> batches;
  for (const json& size : kernels["gradient.softmax.210.single"]) {
    batches.push_back(size["size"]);
  }
  EXPECT_EQ(batches, (std::vector<int>{1, 2, 4, 8, 16, 32}));
  EXPECT_NEAR(plain.found["write_Bps"]["value"], 200e6, 1e3);
  EXPECT_NEAR(plain.found["read_Bps"]["value"], 400e6, 1e3);
}

TEST(CalibrateKernels, FindsRatesThatDependOnTheBatch) {
  const CalibratedKernels rated(kRates);
  ASSERT_EQ(rated.outcome.exit_code, 0) << rated.outcome.output;
  const json& kernels = rated.found["kernels"];
  ASSERT_EQ(kernels.size(), 4U) << kernels;
  for (const json& size : kernels["gradient.softmax.210.single"]) {
    const double flops = size["flops"];
    const double from = 1e-6;
    const double to = 1e-5;
    const double seconds = flops < 1000    ? flops / 1e9
                           : flops > 40000 ? flops / 4e9
                                           : from + (to - from) * (flops - 1000) / 39000;
    EXPECT_NEAR(flops / seconds / size["flop_per_s"]["value"].get<double>(), 1, 1e-5) << size;
  }
  EXPECT_NEAR(kernels["update.sgd.single"][0]["flop_per_s"]["value"], 3e8, 1e3);
  EXPECT_NEAR(kernels["reduction.single"][0]["flop_per_s"]["value"], 1e7, 1e2);
  // And the platform that it writes has them once more.
  std::ifstream in(rated.directory.path() / "platform.xml");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(text.find("<prop id=\"rate.reduction.single\" value=\"210:10000000\""), std::string::npos) << text;
}

/// The summary of this scenario on this platform.
json summary_of(const std::string& platform, const std::string& scenario) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "given.xml") << platform;
  std::ofstream(directory.path() / "softmax.xml") << scenario;
  const test::Outcome outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " run " + (directory.path() / "softmax.xml").string() +
                      " --quiet --out " + (directory.path() / "out").string(),
                  true);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  std::ifstream in(directory.path() / "out" / "summary.json");
  return json::parse(in);
}

json run_on(const std::string& properties, const std::string& strategy) {
  return summary_of(two_cores(properties), softmax(strategy));
}

TEST(Rates, AreWhatARunIsCharged) {
  const char* const ring = "<strategy kind='allreduce'><collective kind='ring'/></strategy>";
  const double plain = run_on("", ring)["time_s"];
  const double rated = run_on(kRates, ring)["time_s"];
  // 16 samples: 2·20·10·2 + … flops as the model says, found from the time at 2 Gf, which has an update of 420 too.
  const double network = 2 * (1e-6 + 420.0 / 10e9);
  const double gradient = (plain / 10 - network) * 2e9 - 420;
  const double seconds = 1e-6 + 9e-6 * (gradient - 1000) / 39000 + 420 / 3e8 + 105 / 1e7 + network;
  EXPECT_NEAR(rated / 10, seconds, 1e-3 * seconds);
}

TEST(Rates, OfAServersSumsAreChargedInTurn) {
  const char* const server = "<strategy kind='d-sgd'/>";
  const json without = run_on("", server);
  const json with = run_on("<prop id='rate.reduction.single' value='210:1e5'/>", server);
  // One of two gradients is added, and the sum is scaled: twice 210 at 1e5 a second, ten times.
  EXPECT_NEAR(with["time_s"].get<double>() - without["time_s"].get<double>(), 10 * 2 * 210 / 1e5, 1e-6);
  EXPECT_EQ(with["parameters_digest"], without["parameters_digest"]);
}

/// What a worker's computing takes of a round: hosts of equal speed, one of which has a three times as fast kernel.
std::vector<double> seconds_of_computing(const std::string& balance) {
  const auto host = [](const std::string& id, const std::string& rate) {
    return "<host id='" + id + "' speed='2Gf'><prop id='rate.gradient.softmax.210.single' value='1:" + rate +
           "'/></host>";
  };
  const std::string platform =
      "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n<platform "
      "version='4.1'><zone id='z' routing='Full'>" +
      host("h-0", "1e8") + host("h-1", "3e8") +
      "<link id='l' latency='1us' bandwidth='10GBps'/><route src='h-0' dst='h-1'><link_ctn id='l'/></route>"
      "</zone></platform>\n";
  std::string scenario = softmax("<strategy kind='allreduce'><collective kind='ring'/>" + balance + "</strategy>");
  const std::string role = "hosts='h' count='2'";
  scenario.replace(scenario.find(role), role.size(), "hosts='h-[0-1]'");
  const json summary = summary_of(platform, scenario);
  std::vector<double> seconds;
  for (const json& rank : summary["per_rank"]) {
    seconds.push_back(rank["utilization"]["compute"].get<double>() * summary["time_s"].get<double>());
  }
  return seconds;
}

TEST(Rates, AreWhatAStaticBalanceGoesBy) {
  const std::vector<double> equal = seconds_of_computing("");
  EXPECT_NEAR(equal[0] / equal[1], 3, 0.05) << "the update is as fast on both";
  const std::vector<double> balanced = seconds_of_computing("<balance kind='static'/>");
  EXPECT_NEAR(balanced[0] / balanced[1], 1, 0.05);
  EXPECT_NEAR(balanced[0] / equal[0], 0.5, 0.05) << "8 samples for 16";
}

TEST(Rates, ThatAreNoneAreRefused) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "given.xml") << two_cores("<prop id='rate.update.sgd.single' value='5'/>");
  std::ofstream(directory.path() / "softmax.xml") << softmax("<strategy kind='d-sgd'/>");
  const test::Outcome outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " run " + (directory.path() / "softmax.xml").string(), true);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.output.find("host h, property rate.update.sgd.single: \"5\" is no rate of a kernel; allowed"),
            std::string::npos)
      << outcome.output;
}

TEST(Rates, ThatAreMissingAreTold) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "given.xml") << two_cores("<prop id='rate.update.sgd.single' value='420:3e8'/>");
  std::ofstream(directory.path() / "softmax.xml") << softmax("<strategy kind='d-sgd'/>");
  const test::Outcome outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " run " + (directory.path() / "softmax.xml").string() + " --out " +
                      (directory.path() / "out").string(),
                  true);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.output.find("not all hosts have the rate of gradient.softmax.210.single"), std::string::npos)
      << outcome.output;
}

/// What else a rank does while it computes.
TEST(Rates, OfAHostThatDoesNotOverlapAddUpWithItsMessages) {
  const char* const gossip = "<strategy kind='gossip' algorithm='d-psgd' graph='complete'/>";
  const auto mean = [&](const std::string& overlap) {
    return run_on("<prop id='overlap' value='" + overlap + "'/>", gossip)["iteration_time_s"]["mean"].get<double>();
  };
  const double network = 1e-6 + 840 / 10e9;
  EXPECT_NEAR(mean("no") - mean("yes"), network, 1e-3 * network);
}

}  // namespace
}  // namespace descent
