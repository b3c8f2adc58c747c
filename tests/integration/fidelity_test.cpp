// fidelity="schedule" gives the bits of fidelity="message", and its times: to rounding where rounds share no link, else
// within the bounds that scenarios/README.md states. math="off" gives the times without the mathematics.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace descent {
namespace {

using nlohmann::json;

std::string set(const std::string& path, const std::string& value) {
  return " --set '" + path + "=" + value + "'";
}

struct Both {
  json message;
  json schedule;

  double time_error() const { return std::abs(schedule["time_s"].get<double>() / message["time_s"].get<double>() - 1); }
  /// The largest difference in what a rank does with its time.
  double utilization_error() const {
    double error = 0;
    for (std::size_t rank = 0; rank < message["per_rank"].size(); ++rank) {
      for (const char* kind : {"compute", "communication", "idle"}) {
        error = std::max(error, std::abs(message["per_rank"][rank]["utilization"][kind].get<double>() -
                                         schedule["per_rank"][rank]["utilization"][kind].get<double>()));
      }
    }
    return error;
  }
};

Both run_both(const std::string& words, const std::string& scenario = "tests/integration/fidelity.xml") {
  const std::string file = (scenario.front() == '/' ? scenario : test::source_path(scenario)) + words;
  Both both{test::run(file), test::run(file + set("//network/@fidelity", "schedule"))};
  EXPECT_EQ(both.message["fidelity"], "message");
  EXPECT_EQ(both.schedule["fidelity"], "schedule") << words;
  for (const char* same : {"parameters_digest", "loss", "bytes_sent", "messages_sent", "iterations", "samples"}) {
    EXPECT_EQ(both.message[same], both.schedule[same]) << same << words;
  }
  for (std::size_t rank = 0; rank < both.message["per_rank"].size(); ++rank) {
    EXPECT_EQ(both.message["per_rank"][rank]["bytes_sent"], both.schedule["per_rank"][rank]["bytes_sent"]);
  }
  return both;
}

const std::vector<std::string>& collectives() {
  static const std::vector<std::string> all = {
      "ring",   "recursive-doubling", "halving-doubling", "tree", "double-tree", "two-level", "torus", "direct",
      "native", "coordinator"};
  return all;
}

/// A torus is one of a number that has divisors.
std::string with(const std::string& collective) {
  return set("//collective/@kind", collective) + (collective == "torus" ? set("//role/@count", "12") : "");
}

/// Another platform of the project's, or "" for the file's own.
std::string on(const std::string& platform) {
  return set("//platform/@file", test::source_path("platforms/" + platform + ".xml"));
}

TEST(Fidelity, ScheduleIsExactWhereRoundsShareNoLink) {
  for (const char* platform : {"ethernet-10g", "two-generations"}) {
    for (const std::string& collective : collectives()) {
      if (collective != "coordinator" && collective != "direct") {
        const Both both = run_both(on(platform) + with(collective));
        EXPECT_LT(both.time_error(), 1e-9) << platform << " " << collective;
        EXPECT_LT(both.utilization_error(), 1e-6) << platform << " " << collective;
      }
    }
  }
}

TEST(Fidelity, ScheduleSharesLinksAsMessagesDo) {
  for (const char* platform : {"ethernet-10g", "two-generations", "two-sites", "fat-tree-infiniband"}) {
    for (const std::string& collective : collectives()) {
      const Both both = run_both(on(platform) + with(collective) + set("//network/@crosstraffic", "yes"));
      EXPECT_LT(both.time_error(), 1e-3) << platform << " " << collective;
    }
  }
}

TEST(Fidelity, ScheduleKnowsTheModels) {
  for (const char* model : {"LV08", "SMPI"}) {
    for (const std::string& collective : collectives()) {
      const Both both = run_both(set("//network/@model", model) + with(collective));
      EXPECT_LT(both.time_error(), 1e-6) << model << " " << collective;
    }
  }
  const auto outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " check " + test::source_path("tests/integration/fidelity.xml") +
                      set("//network/@model", "IB") + set("//network/@fidelity", "schedule"),
                  true);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.output.find("fidelity.xml:5: <network>: fidelity=\"schedule\" knows the models"), std::string::npos)
      << outcome.output;
}

TEST(Fidelity, RanksOfOneHostShareItsLinks) {
  for (const std::string& collective : collectives()) {
    const Both both = run_both(set("//role/@hosts", "node-[0-4]") + with(collective));
    EXPECT_LT(both.time_error(), 0.1) << collective;
  }
}

/// SimGrid that finds all rates anew at every event, and transfers that are long against the nanosecond within which it
/// takes events for simultaneous.
TEST(Fidelity, RanksOfOneHostAgreeWithoutSimGridsSelectiveUpdate) {
  const test::TemporaryDirectory directory;
  const auto platform = directory.path() / "full.xml";
  std::ofstream(platform) << R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <config><prop id="network/optim" value="Full"/><prop id="maxmin/precision" value="1e-9"/></config>
  <cluster id="c" prefix="node-" suffix="" radical="0-6" speed="100Gf" bw="1.25GBps" lat="12.5us"/>
</platform>
)";
  const auto scenario = directory.path() / "large.xml";
  std::stringstream text;
  text << std::ifstream(test::source_path("tests/integration/fidelity.xml")).rdbuf();
  const std::string model = "<model kind=\"mlp\" hidden=\"64\"/>";
  std::string large = text.str();
  large.replace(large.find(model), model.size(),
                "<model kind=\"mlp\" hidden=\"64\"><cost parameter-bytes=\"1GB\"/></model>");
  std::ofstream(scenario) << large;
  for (const std::string& collective : collectives()) {
    const std::string segments = collective == "double-tree" ? set("//collective/@segment-bytes", "250MB") : "";
    for (const char* seed : {"1", "3"}) {
      const Both both =
          run_both(set("//platform/@file", platform.string()) + set("//role/@count", "23") +
                       set("//stop/@iterations", "3") + with(collective) + segments + set("//scenario/@seed", seed),
                   scenario.string());
      EXPECT_LT(both.time_error(), 1e-9) << collective << " " << seed;
      EXPECT_LT(both.utilization_error(), 1e-6) << collective << " " << seed;
    }
  }
}

TEST(Fidelity, MessagesOfServersShareLinksToo) {
  for (const char* platform : {"ethernet-10g", "two-generations", "two-sites"}) {
    for (const char* crosstraffic : {"no", "yes"}) {
      const std::string words = on(platform) + set("//network/@crosstraffic", crosstraffic);
      const std::string bounded = set("//strategy/@consistency", "ssp") + set("//strategy/@bound", "2");
      for (const std::string& consistency :
           {set("//strategy/@consistency", "bsp"), set("//strategy/@consistency", "asp"), bounded,
            bounded + set("//strategy/@pull", "when-stale")}) {
        const Both both = run_both(words + consistency, "tests/integration/fidelity-servers.xml");
        EXPECT_LT(both.time_error(), 1e-3) << platform << " " << consistency;
        EXPECT_LT(both.utilization_error(), 5e-3) << platform << " " << consistency;
        EXPECT_EQ(both.message["staleness"], both.schedule["staleness"]) << platform << " " << consistency;
      }
    }
  }
}

TEST(Fidelity, WindowsOfWideAreaLinksCap) {
  for (const std::string& collective : collectives()) {
    const Both both = run_both(on("two-sites") + set("//network/@tcp-gamma", "64KiB") + with(collective));
    EXPECT_LT(both.time_error(), 1e-3) << collective;
  }
}

/// Writes a platform of two hosts a and b, whose first host and whose link have these attributes too.
std::filesystem::path two_hosts(const std::filesystem::path& file, const std::string& host, const std::string& link) {
  std::ofstream(file) << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                         "<platform version=\"4.1\"><zone id=\"z\" routing=\"Full\">\n  <host id=\"a\" speed=\"1Gf\" "
                      << host << "/><host id=\"b\" speed=\"1Gf\"/>\n  <link id=\"l\" bandwidth=\"1GBps\" "
                      << "latency=\"50us\" " << link
                      << "/>\n  <route src=\"a\" dst=\"b\"><link_ctn id=\"l\"/></route>\n</zone></platform>\n";
  return file;
}

TEST(Fidelity, ChangingLinksFallBackToMessages) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "slower.profile") << "0.001 5e8\n";
  const auto file = two_hosts(directory.path() / "changing.xml", "", "bandwidth_file=\"slower.profile\"");
  const std::string words = test::source_path("tests/integration/fidelity.xml") +
                            set("//platform/@file", file.string()) + set("//role/@count", "2");
  const json schedule = test::run(words + set("//network/@fidelity", "schedule"));
  EXPECT_EQ(schedule["fidelity"], "message");
  EXPECT_EQ(schedule["time_s"], test::run(words)["time_s"]);
  const auto outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " run " + words + set("//network/@fidelity", "schedule") + " --out " +
                      (directory.path() / "out").string(),
                  true);
  EXPECT_NE(outcome.output.find("changing.xml:5: note: a profile changes a link"), std::string::npos) << outcome.output;
}

TEST(Fidelity, WifiIsRefused) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "wifi.xml";
  std::ofstream(file) << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                         "<platform version=\"4.1\"><zone id=\"z\" routing=\"Wifi\">\n"
                         "<prop id=\"access_point\" value=\"router\"/>\n"
                         "<host id=\"a\" speed=\"1Gf\"/><host id=\"b\" speed=\"1Gf\"/><router id=\"router\"/>\n"
                         "<link id=\"air\" sharing_policy=\"WIFI\" bandwidth=\"54MBps\" latency=\"0\"/>\n"
                         "</zone></platform>\n";
  const std::string words = std::string(DESCENT_PROGRAM) + " run " +
                            test::source_path("tests/integration/fidelity.xml") +
                            set("//platform/@file", file.string()) + set("//role/@count", "2") + " --out " +
                            (directory.path() / "out").string();
  EXPECT_EQ(test::shell(words, true).exit_code, 0);
  const auto outcome = test::shell(words + set("//network/@fidelity", "schedule"), true);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.output.find("link air is Wi-Fi"), std::string::npos) << outcome.output;
}

TEST(Fidelity, NotesSayWhatANetworkIsWorth) {
  const std::string words =
      std::string(DESCENT_PROGRAM) + " check " + test::source_path("tests/integration/fidelity.xml");
  const auto quiet = test::shell(words, true);
  EXPECT_EQ(quiet.output.find("note"), std::string::npos) << quiet.output;
  const auto infiniband = test::shell(words + set("//network/@model", "IB"), true);
  EXPECT_EQ(infiniband.exit_code, 0);
  EXPECT_NE(infiniband.output.find("fidelity.xml:5: <network>: note: SimGrid's model IB"), std::string::npos)
      << infiniband.output;
  const std::string many = set("//role/@count", "2001") + set("//data/@samples", "50000");
  const auto large = test::shell(words + many, true);
  EXPECT_NE(large.output.find("note: 2001 ranks; fidelity=\"schedule\""), std::string::npos) << large.output;
  EXPECT_EQ(test::shell(words + many + set("//network/@fidelity", "schedule"), true).output.find("note"),
            std::string::npos);
}

TEST(Fidelity, WithoutMathematicsTheTimesAreTheSame) {
  const std::string file = test::source_path("tests/integration/fidelity.xml");
  const std::string servers = test::source_path("tests/integration/neutral.xml");
  std::vector<std::string> runs = {file, file + set("//network/@fidelity", "schedule")};
  for (const char* consistency : {"bsp", "asp"}) {
    runs.push_back(servers + set("//strategy/@consistency", consistency));
  }
  for (const std::string& words : runs) {
    const test::Results on = test::results_of(words);
    const test::Results off = test::results_of(words + set("//training/@math", "off"));
    for (const char* same :
         {"time_s", "iterations", "samples", "bytes_sent", "messages_sent", "utilization", "staleness"}) {
      EXPECT_EQ(on.summary[same], off.summary[same]) << same << " " << words;
    }
    EXPECT_EQ(on.summary["math"], "on");
    EXPECT_EQ(off.summary["math"], "off");
    for (const char* none : {"loss", "test_loss", "test_accuracy", "parameters_digest"}) {
      EXPECT_TRUE(off.summary[none].is_null()) << none;
    }
    ASSERT_EQ(on.metrics.at("time_s"), off.metrics.at("time_s"));
    for (const double loss : off.metrics.at("loss")) {
      EXPECT_TRUE(std::isnan(loss));
    }
  }
}

TEST(Fidelity, WithoutMathematicsNoTargetAndNoMpi) {
  const std::string words = test::source_path("tests/integration/fidelity.xml") + set("//training/@math", "off");
  const auto check =
      test::shell(std::string(DESCENT_PROGRAM) + " check " + words + set("//stop/@target-loss", "0.1"), true);
  EXPECT_EQ(check.exit_code, 2);
  EXPECT_NE(check.output.find("no target is ever met"), std::string::npos) << check.output;
  const auto mpi = test::shell(std::string(DESCENT_PROGRAM) + " run --mpi " + words, true);
  EXPECT_EQ(mpi.exit_code, 2);
  EXPECT_NE(mpi.output.find("fidelity.xml:11: <training> math=\"off\""), std::string::npos) << mpi.output;
}

TEST(Fidelity, AMissingRankIsNamed) {
  // Hosts whose first one dies in its first step: the others wait for it in the collective.
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "off.profile") << "1e-6 0\n";
  const auto file = two_hosts(directory.path() / "dying.xml", "state_file=\"off.profile\"", "");
  const auto outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " run " + test::source_path("tests/integration/fidelity.xml") +
                      set("//platform/@file", file.string()) + set("//role/@count", "2") +
                      set("//network/@fidelity", "schedule") + " --out " + (directory.path() / "out").string(),
                  true);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(
      outcome.output.find("rank 1 on b waits for the others of an allreduce (1 of 2 ranks are there, rank 0 is not)"),
      std::string::npos)
      << outcome.output;
}

}  // namespace
}  // namespace descent
