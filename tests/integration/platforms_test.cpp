// Platform files as users bring them: what runs, what is said of what does not.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

namespace descent {
namespace {

/// A directory with a platform file, and `descent` run on it.
class Platform {
 public:
  explicit Platform(const std::string& elements) {
    std::ofstream(file()) << "<?xml version=\"1.0\"?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                             "<platform version=\"4.1\">\n"
                          << elements << "</platform>\n";
  }

  void add(const std::string& name, const std::string& text) const { std::ofstream(directory_.path() / name) << text; }
  std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }

  /// Workers on these hosts, in a ring. Standard output and error.
  test::Outcome allreduce(const std::string& hosts, const std::string& words = "") const {
    return test::shell("cd " + directory_.path().string() + " && " + DESCENT_PROGRAM + " run " +
                           test::source_path("tests/integration/allreduce.xml") + " --json --out " +
                           path("results").string() + " --set //platform/@file=" + file().string() +
                           " --set \"//role/@hosts=" + hosts + "\" " + words,
                       true);
  }

 private:
  std::filesystem::path file() const { return path("platform.xml"); }

  test::TemporaryDirectory directory_;
};

double time_of(const test::Outcome& outcome) {
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  const std::size_t summary = outcome.output.find("{\n");
  return outcome.exit_code == 0 ? nlohmann::json::parse(outcome.output.substr(summary))["time_s"].get<double>() : 0;
}

void expect_failure(const test::Outcome& outcome, int exit_code, const std::string& text) {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.output;
  EXPECT_NE(outcome.output.find(text), std::string::npos) << outcome.output;
}

std::string three_hosts(const std::string& of_alpha = "", const std::string& of_link = "") {
  std::string text = "<zone id=\"z\" routing=\"Full\">\n<host id=\"alpha\" speed=\"1Gf\" " + of_alpha +
                     "/>\n<host id=\"beta\" speed=\"1Gf\"/>\n<host id=\"gamma\" speed=\"1Gf\"/>\n"
                     "<link id=\"wire\" bandwidth=\"1GBps\" latency=\"10us\" " +
                     of_link + "/>\n";
  for (const char* ends : {"src=\"alpha\" dst=\"beta\"", "src=\"alpha\" dst=\"gamma\"", "src=\"beta\" dst=\"gamma\""}) {
    text += std::string("<route ") + ends + "><link_ctn id=\"wire\"/></route>\n";
  }
  return text + "</zone>\n";
}

constexpr const char* kWithLatency = "bandwidth=\"1GBps\" latency=\"10us\"";

// SimGrid computes these routes when the platform is complete, not when it is read.
TEST(Zones, FloydDijkstraAndStarHaveRoutes) {
  for (const char* routing : {"Floyd", "Dijkstra", "DijkstraCache"}) {
    std::string text = std::string("<zone id=\"z\" routing=\"") + routing + "\">\n";
    for (const char* host : {"alpha", "beta", "gamma"}) {
      text += std::string("<host id=\"") + host + "\" speed=\"1Gf\"/>\n";
    }
    text += std::string("<link id=\"wire\" ") + kWithLatency + "/>\n";
    text +=
        "<route src=\"alpha\" dst=\"beta\"><link_ctn id=\"wire\"/></route>\n"
        "<route src=\"beta\" dst=\"gamma\"><link_ctn id=\"wire\"/></route>\n</zone>\n";
    EXPECT_GT(time_of(Platform(text).allreduce("alpha beta gamma")), 4.8) << routing;
  }
}

TEST(Zones, ClustersInAZoneHaveRoutes) {
  std::string text = "<zone id=\"z\" routing=\"Full\">\n";
  for (const std::string& name : {std::string("a"), std::string("b")}) {
    text += "<cluster id=\"" + name + "\" prefix=\"" + name +
            "-\" suffix=\".site.org\" radical=\"0-1\" speed=\"1Gf\" "
            "bw=\"1GBps\" lat=\"10us\" router_id=\"router-" +
            name + "\"/>\n";
  }
  text += std::string("<link id=\"wire\" ") + kWithLatency + "/>\n" +
          "<zoneRoute src=\"a\" dst=\"b\" gw_src=\"router-a\" gw_dst=\"router-b\"><link_ctn id=\"wire\"/></zoneRoute>\n"
          "</zone>\n";
  EXPECT_GT(time_of(Platform(text).allreduce("a-[0-1].site.org b-*")), 4.8);
}

TEST(Zones, VivaldiHasLatenciesWithoutLinks) {
  EXPECT_GT(time_of(Platform("<zone id=\"z\" routing=\"Vivaldi\">\n"
                             "<host id=\"alpha\" speed=\"1Gf\" coordinates=\"25.5 9.4 1.4\"/>\n"
                             "<host id=\"beta\" speed=\"1Gf\" coordinates=\"-12.7 -9.9 2.1\"/>\n</zone>\n")
                        .allreduce("alpha beta")),
            4.8);
}

TEST(Zones, WifiStationsUseTheFirstRate) {
  const auto time = [](const std::string& rates) {
    const Platform platform(
        "<zone id=\"z\" routing=\"Wifi\">\n<prop id=\"access_point\" value=\"router\"/>\n"
        "<host id=\"alpha\" speed=\"1Gf\"/>\n<host id=\"beta\" speed=\"1Gf\"/>\n<router id=\"router\"/>\n"
        "<link id=\"air\" sharing_policy=\"WIFI\" bandwidth=\"" +
        rates + "\" latency=\"0\"/>\n</zone>\n");
    return time_of(platform.allreduce("alpha beta"));
  };
  EXPECT_DOUBLE_EQ(time("54Mbps,6Mbps"), time("54Mbps"));
  EXPECT_GT(time("6Mbps,54Mbps"), time("54Mbps"));
}

TEST(Zones, WithoutARouteAreRefused) {
  const Platform platform(
      "<zone id=\"z\" routing=\"Full\">\n<host id=\"alpha\" speed=\"1Gf\"/>\n"
      "<host id=\"beta\" speed=\"1Gf\"/>\n</zone>\n");
  expect_failure(platform.allreduce("alpha beta"), 2, "there is no route from alpha to beta");
}

TEST(HostNames, MayHaveAnyCharactersInQuotes) {
  const Platform platform(
      "<zone id=\"z\" routing=\"Full\">\n<host id=\"Cpu A\" speed=\"1Gf\"/>\n<host id=\"Cpu [B], 2\" "
      "speed=\"1Gf\"/>\n<link id=\"wire\" " +
      std::string(kWithLatency) +
      "/>\n<route src=\"Cpu A\" dst=\"Cpu [B], 2\"><link_ctn id=\"wire\"/></route>\n</zone>\n");
  EXPECT_GT(time_of(platform.allreduce("'Cpu A' 'Cpu [B], 2'")), 4.8);
  expect_failure(platform.allreduce("Cpu"), 2, "it has 'Cpu A', 'Cpu [B], 2' (2 hosts)");
}

TEST(Settings, OfTheScenarioWinAndOthersAreShown) {
  const Platform platform(
      "<config>\n<prop id=\"network/model\" value=\"SMPI\"/>\n<prop id=\"host/model\" value=\"ptask_L07\"/>\n"
      "<prop id=\"network/crosstraffic\" value=\"yes\"/>\n<prop id=\"tracing\" value=\"yes\"/>\n"
      "<prop id=\"tracing/filename\" value=\"simgrid.trace\"/>\n<prop id=\"network/loopback-lat\" value=\"0.001\"/>\n"
      "</config>\n" +
      three_hosts());
  const auto outcome = platform.allreduce("alpha beta gamma");
  EXPECT_DOUBLE_EQ(time_of(outcome), time_of(Platform(three_hosts()).allreduce("alpha beta gamma")));
  expect_failure(outcome, 0, "platform.xml:5: note: <config> network/model=SMPI is without effect");
  expect_failure(outcome, 0, "platform.xml:6: note: <config> host/model=ptask_L07 is without effect");
  expect_failure(outcome, 0, "platform.xml:7: note: <config> network/crosstraffic=yes is without effect");
  expect_failure(outcome, 0, "CM02 crosstraffic=no tcp-gamma=4.1943e+06, platform: network/loopback-lat=0.001");
  EXPECT_FALSE(std::filesystem::exists(platform.path("simgrid.trace")));
}

TEST(Settings, OfTheProcessorModelHold) {
  const Platform platform("<config><prop id=\"cpu/optim\" value=\"TI\"/></config>\n" + three_hosts());
  EXPECT_NEAR(time_of(platform.allreduce("alpha beta gamma")),
              time_of(Platform(three_hosts()).allreduce("alpha beta gamma")), 1e-6);
}

TEST(StateProfiles, NameTheRankThatDiedAndWhoWaitsForIt) {
  const Platform platform(three_hosts("state_file=\"crash.profile\""));
  platform.add("crash.profile", "0 1\n2 0\n3 1\nLOOPAFTER 1\n");
  const auto outcome = platform.allreduce("alpha beta gamma");
  expect_failure(outcome, 1, "rank 0 died with its host alpha, which went off at 2 s");
  expect_failure(outcome, 1, "rank 1 on beta waits for a message (tag 0) from rank 0");
}

TEST(StateProfiles, OfALinkNameTheMessageThatWasLost) {
  const Platform platform(three_hosts("", "state_file=\"cut.profile\""));
  platform.add("cut.profile", "0 1\n2 0\n");
  expect_failure(platform.allreduce("alpha beta gamma"), 1, "was lost at 2.001");
}

TEST(SpeedProfiles, SlowARun) {
  const Platform platform(three_hosts("speed_file=\"half.profile\""));
  platform.add("half.profile", "0 0.5\n");
  EXPECT_NEAR(time_of(platform.allreduce("alpha beta gamma")),
              2 * time_of(Platform(three_hosts()).allreduce("alpha beta gamma")), 0.1);
}

TEST(SimGrid, IsNotHeardWhereItGivesUp) {
  const Platform platform(three_hosts("speed_file=\"normal.profile\""));
  platform.add("normal.profile", "STOCHASTIC LOOP\nDET 0.5 NORM 0.1 5\n");
  const auto outcome = platform.allreduce("alpha beta gamma");
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_LE(outcome.exit_code, 2) << outcome.output;
  EXPECT_EQ(outcome.output.find("CRITICAL"), std::string::npos) << outcome.output;
}

TEST(LargePlatforms, OfTenThousandHostsAreReadInSeconds) {
  const Platform platform(
      "<cluster id=\"c\" prefix=\"node-\" suffix=\".site.org\" radical=\"0-9999\" speed=\"1Gf\" bw=\"1GBps\" "
      "lat=\"10us\"/>\n");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_GT(time_of(platform.allreduce("node-[9996-9999].site.org")), 4.8);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace descent
