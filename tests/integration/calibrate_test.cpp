// `descent calibrate` measures platforms in simulation, where what it is to find is known.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace descent {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

test::Outcome calibrate(const std::string& words) {
  return test::shell(std::string(DESCENT_PROGRAM) + " calibrate " + words, true);
}

/// Hosts a, b, … with a link up and a link down each, in MB/s; 40 us both.
std::string star(const std::vector<std::pair<int, int>>& rates, const std::string& config = "") {
  std::string hosts;
  std::string links;
  std::string routes;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    hosts += "<host id='" + name + "' speed='1Gf'/>";
    for (const auto& [direction, rate] : {std::pair("up", rates[i].first), std::pair("down", rates[i].second)}) {
      links +=
          "<link id='" + name + "-" + direction + "' latency='40us' bandwidth='" + std::to_string(rate) + "MBps'/>";
    }
    for (std::size_t j = 0; j < rates.size(); ++j) {
      const std::string other(1, static_cast<char>('a' + j));
      if (i != j) {
        routes += "<route src='" + name + "' dst='" + other + "' symmetrical='NO'><link_ctn id='" + name +
                  "-up'/><link_ctn id='" + other + "-down'/></route>";
      }
    }
  }
  return "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n<platform "
         "version='4.1'><config><prop id='smpi/lat-factor' value='0:1'/><prop id='smpi/bw-factor' value='0:1'/>" +
         config + "</config><zone id='star' routing='Full'>" + hosts + links + routes + "</zone></platform>\n";
}

/// Median seconds by pattern and bytes.
std::map<std::pair<std::string, std::string>, double> medians_of(const fs::path& csv) {
  std::map<std::pair<std::string, std::string>, std::vector<double>> all;
  std::ifstream in(csv);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, ',');) {
      fields.push_back(field);
    }
    all[{fields[0], fields[5]}].push_back(std::stod(fields[7]));
  }
  std::map<std::pair<std::string, std::string>, double> medians;
  for (auto& [kind, seconds] : all) {
    std::sort(seconds.begin(), seconds.end());
    medians[kind] = seconds[seconds.size() / 2];
  }
  return medians;
}

/// The platform that was written gives the times that were measured, of every kind.
void expect_same_times(const fs::path& directory, double tolerance) {
  const auto measured = medians_of(directory / "points.csv");
  const auto predicted = medians_of(directory / "predicted.csv");
  ASSERT_EQ(measured.size(), predicted.size());
  ASSERT_GT(measured.size(), 50U);
  for (const auto& [kind, seconds] : measured) {
    EXPECT_NEAR(predicted.at(kind), seconds, tolerance * seconds + 1e-9) << kind.first << " " << kind.second;
  }
}

struct Calibrated {
  explicit Calibrated(const std::string& platform, const std::string& words = "--rounds 2") {
    std::ofstream(directory.path() / "given.xml") << platform;
    outcome = calibrate("--simulate " + (directory.path() / "given.xml").string() + " " + words +
                        " --no-figure --out " + directory.path().string());
    std::ifstream in(directory.path() / "calibration.json");
    if (outcome.exit_code == 0) {
      found = json::parse(in);
    }
  }

  test::TemporaryDirectory directory;
  test::Outcome outcome;
  json found;
};

TEST(Calibrate, FindsTheLinksOfAStar) {
  const Calibrated star_of_four(star({{100, 100}, {100, 100}, {25, 50}, {100, 100}}));
  ASSERT_EQ(star_of_four.outcome.exit_code, 0) << star_of_four.outcome.output;
  const json& hosts = star_of_four.found["hosts"];
  ASSERT_EQ(hosts.size(), 4U);
  for (const json& host : hosts) {
    const bool slow = host["name"] == "c";
    EXPECT_NEAR(host["up_Bps"]["value"], slow ? 25e6 : 100e6, 1e5) << host;
    EXPECT_NEAR(host["down_Bps"]["value"], slow ? 50e6 : 100e6, 1e5) << host;
    EXPECT_NEAR(host["latency_s"]["value"], 40e-6, 0.4e-6) << host;
    EXPECT_LE(host["up_Bps"]["low"], host["up_Bps"]["value"]);
    EXPECT_GE(host["up_Bps"]["high"], host["up_Bps"]["value"]);
  }
  EXPECT_EQ(star_of_four.found["slow_pairs"].size(), 0U);
  EXPECT_EQ(star_of_four.found["eager_below_bytes"], 0);
  EXPECT_NEAR(star_of_four.found["overlap"].back()["share"], 0, 0.02) << "messages wait for receivers that compute";
  expect_same_times(star_of_four.directory.path(), 0.01);
}

TEST(Calibrate, FindsSegmentsEagerMessagesAndWhatSendsCost) {
  const std::string config =
      "<prop id='smpi/async-small-thresh' value='65536'/><prop id='smpi/ois' value='0:5e-6:0;4096:1e-5:1e-10'/>";
  std::string platform = star({{100, 100}, {100, 100}, {100, 100}}, config);
  platform.replace(platform.find("0:1'/>"), 6, "0:1;4096:3'/>");
  const std::size_t factors = platform.find("bw-factor' value='") + 18;
  platform.replace(factors, 3, "0:0.5;4096:1");
  const Calibrated found(platform);
  ASSERT_EQ(found.outcome.exit_code, 0) << found.outcome.output;
  ASSERT_GE(found.found["segments"].size(), 2U) << found.found;
  EXPECT_EQ(found.found["segments"][1]["above_bytes"], 4096);
  EXPECT_NEAR(found.found["segments"][0]["bandwidth_factor"], 0.5, 0.01);
  EXPECT_EQ(found.found["eager_below_bytes"], 32769);  // the sizes tried: 32,768 is eager, 65,536 is not
  EXPECT_NEAR(found.found["overlap"].front()["share"], 1, 0.02);
  EXPECT_NEAR(found.found["overlap"].back()["share"], 0, 0.02);
  expect_same_times(found.directory.path(), 0.01);
}

TEST(Calibrate, FindsAPairThatIsSlowerThanItsHosts) {
  std::string platform = star({{100, 100}, {100, 100}, {100, 100}, {100, 100}});
  platform.insert(platform.find("<route"), "<link id='detour' bandwidth='20MBps' latency='0s'/>");
  const std::string route = "<link_ctn id='b-up'/>";
  platform.insert(platform.find(route, platform.find("src='b' dst='d'")) + route.size(), "<link_ctn id='detour'/>");
  const Calibrated found(platform);
  ASSERT_EQ(found.outcome.exit_code, 0) << found.outcome.output;
  ASSERT_EQ(found.found["slow_pairs"].size(), 1U) << found.found;
  EXPECT_EQ(found.found["slow_pairs"][0]["from"], "b");
  EXPECT_EQ(found.found["slow_pairs"][0]["to"], "d");
  EXPECT_NEAR(found.found["slow_pairs"][0]["Bps"], 20e6, 2e5);
}

/// What is told of the network is not told by ranks that share a host.
TEST(Calibrate, FindsTheNetworkBetweenHostsOfSeveralRanks) {
  std::string platform = star({{100, 100}, {100, 100}});
  for (const std::string host : {"a", "b"}) {
    const std::string id = "<host id='" + host + "' speed='1Gf'";
    platform.insert(platform.find(id) + id.size(), " core='2'");
    platform.insert(platform.find("<route"),
                    "<link id='own-" + host + "' bandwidth='2GBps' latency='1us' sharing_policy='FATPIPE'/>");
    platform.insert(platform.find("</zone>"),
                    "<route src='" + host + "' dst='" + host + "'><link_ctn id='own-" + host + "'/></route>");
  }
  const Calibrated found(platform);
  ASSERT_EQ(found.outcome.exit_code, 0) << found.outcome.output;
  EXPECT_EQ(found.found["eager_below_bytes"], 0) << found.found;
  for (const json& host : found.found["hosts"]) {
    EXPECT_EQ(host["ranks"], 2);
    EXPECT_NEAR(host["up_Bps"]["value"], 100e6, 1e6);
    EXPECT_NEAR(host["own_Bps"]["value"], 2e9, 2e7);
  }
}

TEST(Calibrate, FindsTheWayWithinAHost) {
  const std::string platform =
      "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n<platform "
      "version='4.1'><config><prop id='smpi/lat-factor' value='0:1'/><prop id='smpi/bw-factor' value='0:1'/></config>"
      "<zone id='one' routing='Full'><host id='box' speed='1Gf' core='3'/><link id='memory' bandwidth='4GBps' "
      "latency='1us' sharing_policy='FATPIPE'/><route src='box' dst='box'><link_ctn id='memory'/></route></zone>"
      "</platform>\n";
  const Calibrated found(platform);
  ASSERT_EQ(found.outcome.exit_code, 0) << found.outcome.output;
  ASSERT_EQ(found.found["hosts"].size(), 1U);
  EXPECT_NEAR(found.found["hosts"][0]["own_Bps"]["value"], 4e9, 4e7);
  EXPECT_NEAR(found.found["hosts"][0]["own_latency_s"]["value"], 1e-6, 2e-8);
  expect_same_times(found.directory.path(), 0.01);
}

TEST(Calibrate, FitsATableThatIsThereAndRefusesOthers) {
  const Calibrated measured(star({{100, 100}, {100, 100}}));
  const std::string points = (measured.directory.path() / "points.csv").string();
  const test::TemporaryDirectory again;
  const test::Outcome fitted = calibrate("--from " + points + " --out " + again.path().string());
  EXPECT_EQ(fitted.exit_code, 0);
  EXPECT_NE(fs::exists(again.path() / "calibration.png"), fitted.output.find("no figure: ") != std::string::npos);
  std::ifstream one(measured.directory.path() / "calibration.json");
  std::ifstream other(again.path() / "calibration.json");
  EXPECT_EQ(json::parse(one), json::parse(other));
  const test::Outcome both =
      calibrate("--from " + points + " --for " + test::source_path("tests/integration/small.xml"));
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_NE(both.output.find("--from excludes --for"), std::string::npos) << both.output;

  const auto refuse = [&](const std::string& text, const std::string& message) {
    const fs::path file = again.path() / "bad.csv";
    std::ofstream(file) << text;
    const test::Outcome outcome = calibrate("--from " + file.string() + " --out " + again.path().string());
    EXPECT_EQ(outcome.exit_code, 2) << text;
    EXPECT_NE(outcome.output.find(message), std::string::npos) << outcome.output;
  };
  const std::string header = "pattern,from,to,from_host,to_host,bytes,round,seconds\n";
  refuse("", "bad.csv:1: the first line is to be");
  refuse(header, "measurements between at least two ranks are needed");
  refuse(header + "round-trip,0,1,a,b,8,0\n", "bad.csv:2: 8 fields are needed");
  refuse(header + "circle,0,1,a,b,8,0,1e-3\n", "bad.csv:2: unknown pattern 'circle'; allowed: round-trip, exchange");
  refuse(header + "round-trip,0,1,a,b,8,0,-1\n", "bad.csv:2: '-1' is not a time");
  refuse(header + "round-trip,0,1,a,b,8,0,1e-3\nround-trip,0,1,c,b,8,0,1e-3\n", "bad.csv:3: rank 0 is on host 'c'");
  refuse(header + "round-trip,0,1,a,b,8,0,1e-3\n", "no round trips of larger messages");
  std::ifstream measurements(points);
  std::string one_round;
  for (std::string line; std::getline(measurements, line);) {
    one_round += line.substr(line.rfind(',') - 2, 3) == ",1," ? "" : line + "\n";
  }
  refuse(one_round, "the measurements are of one round");
}

TEST(Calibrate, RefusesOneRound) {
  const Calibrated found(star({{100, 100}, {100, 100}}), "--rounds 1");
  EXPECT_EQ(found.outcome.exit_code, 2);
  EXPECT_NE(found.outcome.output.find("allowed: 2 to 1000"), std::string::npos) << found.outcome.output;
}

TEST(Calibrate, BadHostFilesAreRefused) {
  const test::TemporaryDirectory directory;
  const fs::path hosts = directory.path() / "hosts";
  const auto refuse = [&](const std::string& text, const std::string& message) {
    std::ofstream(hosts) << text;
    const test::Outcome outcome =
        calibrate("--hostfile " + hosts.string() + " --out " + (directory.path() / "out").string());
    EXPECT_EQ(outcome.exit_code, 2) << text;
    EXPECT_NE(outcome.output.find(message), std::string::npos) << outcome.output;
  };
  EXPECT_EQ(calibrate("--hostfile " + (directory.path() / "none").string()).exit_code, 2);
  EXPECT_EQ(calibrate("--simulate " + (directory.path() / "none.xml").string()).exit_code, 2);
  refuse("# nothing\n", "names no host");
  refuse("one slots=0\n", "hosts:1: 'slots=0' is no number of slots");
}

}  // namespace
}  // namespace descent
