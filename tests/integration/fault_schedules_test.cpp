// Random failures and losses of messages, seeded: whatever fails when, a run ends, and ends either as it should or
// saying why not. A schedule that breaks this is cut down to the faults that it needs, and kept as a scenario.
#include "algorithms/core/random.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

namespace descent {
namespace {

using nlohmann::json;

constexpr int kIterations = 30;
constexpr int kBatch = 8;

/// A scenario whose faults can be left out one by one.
struct Schedule {
  std::string name;
  int workers = 1;
  int servers = 0;
  std::string strategy;
  std::vector<std::string> faults;

  std::string text() const {
    std::string xml = "<?xml version=\"1.0\"?>\n<scenario version=\"1\" name=\"" + name + "\" seed=\"1\">\n";
    xml +=
        "  <platform file=\"" + test::source_path("platforms/ethernet-10g.xml") + "\"/>\n  <network model=\"CM02\"/>\n";
    xml += "  <deployment>\n    <role name=\"worker\" hosts=\"node-[0-" + std::to_string(workers - 1) + "]\"/>\n";
    if (servers > 0) {
      xml += "    <role name=\"server\" hosts=\"node-[8-" + std::to_string(7 + servers) + "]\"/>\n";
    }
    xml +=
        "  </deployment>\n  <data source=\"synthetic-regression\" samples=\"320\" features=\"10\"/>\n"
        "  <model kind=\"linear\"><cost flops-per-sample=\"1Gf\" parameter-bytes=\"1MB\"/></model>\n"
        "  <training batch=\"8\" precision=\"double\">\n    <optimizer kind=\"momentum\" learning-rate=\"0.02\"/>\n"
        "  </training>\n  <strategy " +
        strategy + "\n  </strategy>\n  <disturbances>\n";
    for (const std::string& fault : faults) {
      xml += "    " + fault + "\n";
    }
    return xml + "  </disturbances>\n  <stop iterations=\"" + std::to_string(kIterations) +
           "\"/>\n  <observe every=\"10\"/>\n</scenario>\n";
  }
};

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : random_(seed, Purpose::test) {}

  int whole(int least, int most) { return boost::random::uniform_int_distribution<int>(least, most)(random_); }
  /// Around a mean, in milliseconds.
  std::string time(double mean_ms) {
    return std::to_string(static_cast<int>(boost::random::exponential_distribution<double>(1 / mean_ms)(random_)) + 1) +
           "ms";
  }
  const std::string& one_of(const std::vector<std::string>& all) {
    return all[static_cast<std::size_t>(whole(0, static_cast<int>(all.size()) - 1))];
  }

 private:
  RandomStream random_;
};

/// Up to six of them; of the network only where others can be missed.
template <class Host>
void add_faults(Schedule& schedule, Drawing& draw, bool of_network, const Host& a_host) {
  const auto any_host = [&] {
    const bool of_server = schedule.servers > 0 && draw.whole(0, 3) == 0;
    return of_server ? draw.whole(8, 7 + schedule.servers) : draw.whole(0, schedule.workers - 1);
  };
  for (int count = draw.whole(1, 6); count > 0; --count) {
    const std::string hosts = "hosts=\"" + a_host() + "\" ";
    const int start = draw.whole(0, 3000);
    const std::string during =
        " start=\"" + std::to_string(start) + "ms\" end=\"" + std::to_string(start + draw.whole(1, 1500)) + "ms\"/>";
    switch (draw.whole(0, of_network ? 8 : 3)) {
      case 0:
        schedule.faults.push_back("<crash " + hosts + "at=\"" + draw.time(1500) + "\" repair=\"" + draw.time(400) +
                                  "\"/>");
        break;
      case 1:
        schedule.faults.push_back("<crash " + hosts + "at=\"" + draw.time(2500) + "\"/>");
        break;
      case 2:
        schedule.faults.push_back("<crash " + hosts + "at-step=\"" + std::to_string(draw.whole(0, 25)) +
                                  "\" repair=\"" + draw.time(300) + "\"/>");
        break;
      case 4:
        schedule.faults.push_back("<network-partition hosts=\"node-" + std::to_string(any_host()) + ",node-" +
                                  std::to_string(any_host()) + "\"" + during);
        break;
      case 5:
        schedule.faults.push_back("<link-outage links=\"ethernet-10g_link_" + std::to_string(any_host()) +
                                  draw.one_of({"_UP", "_DOWN", "_*"}) + "\"" + during);
        break;
      case 6:
        schedule.faults.push_back("<message-loss from=\"node-" + std::to_string(any_host()) + "\" probability=\"0." +
                                  std::to_string(draw.whole(1, 9)) + "\"" + during);
        break;
      case 7:
        schedule.faults.push_back("<message-loss probability=\"0.0" + std::to_string(draw.whole(1, 9)) + "\"/>");
        break;
      default:
        schedule.faults.push_back("<failures " + hosts + "mtbf=\"" + draw.time(3000) + "\" mttr=\"" + draw.time(200) +
                                  "\"/>");
    }
  }
}

/// A step takes 80 ms, so 30 rounds take 2.4 s.
Schedule schedule_of(std::uint64_t seed) {
  Drawing draw(seed);
  Schedule schedule;
  schedule.name = "faults-" + std::to_string(seed);
  const int kind = draw.whole(0, 6);
  bool server_begins_anew = kind > 2;
  std::string recovery = "<recovery timeout=\"" + std::to_string(draw.whole(200, 600)) + "ms\"";
  if (kind == 0) {
    schedule.strategy = "kind=\"sgd\"><recovery checkpoint-every=\"" + std::to_string(draw.whole(2, 10)) + "\"/>";
  } else if (kind == 1) {
    schedule.workers = draw.whole(2, 5);
    schedule.servers = 1;
    const std::string how = draw.one_of({"", " buffer=\"2\"", " control-variates=\"true\"", " fraction=\"0.5\""});
    if (how.find("control") == std::string::npos) {
      server_begins_anew = true;
      recovery += " checkpoint-every=\"" + std::to_string(draw.whole(1, 12)) + "\"";
    }
    schedule.strategy = "kind=\"federated\" local-steps=\"2\"" + how + ">" + recovery + "/>";
  } else if (kind == 2) {
    schedule.workers = draw.whole(2, 5);
    schedule.strategy = "kind=\"allreduce\"><collective kind=\"" +
                        draw.one_of({"ring", "recursive-doubling", "halving-doubling", "tree", "double-tree", "direct",
                                     "coordinator"}) +
                        "\"/>" + recovery + " least-workers=\"" + std::to_string(schedule.workers / 2 + 1) + "\"/>";
  } else {
    schedule.workers = draw.whole(2, 5);
    schedule.servers = draw.whole(1, 2);
    const std::string two = "\" k=\"2\"";
    schedule.strategy = "kind=\"parameter-server\" consistency=\"" +
                        draw.one_of({"bsp\"", "asp\"", "ssp\" bound=\"2\"", "k-sync" + two, "k-batch-sync" + two,
                                     "k-async" + two, "k-batch-async" + two, "backup\" backups=\"1\""}) +
                        ">" + recovery + " checkpoint-every=\"" + std::to_string(draw.whole(1, 12)) + "\"/>";
  }
  const auto a_host = [&] {
    const bool of_server = server_begins_anew && draw.whole(0, 3) == 0;
    return "node-" +
           std::to_string(of_server ? draw.whole(8, 7 + schedule.servers) : draw.whole(0, schedule.workers - 1));
  };
  add_faults(schedule, draw, kind != 0, a_host);
  return schedule;
}

/// Of workers without a server.
Schedule gossip_of(std::uint64_t seed) {
  Drawing draw(seed);
  Schedule schedule;
  schedule.name = "gossip-faults-" + std::to_string(seed);
  schedule.workers = draw.whole(2, 8);
  schedule.strategy = "kind=\"gossip\" algorithm=\"" + draw.one_of({"d-psgd", "ad-psgd"}) + "\" graph=\"" +
                      draw.one_of({"ring", "torus", "complete", "star"}) + "\"><recovery timeout=\"" +
                      std::to_string(draw.whole(200, 600)) + "ms\"/>";
  // Now and then all hosts at once, or two halves of a ring from each other.
  if (const int many = draw.whole(0, 9); many < 2) {
    const int each = many == 0 ? 1 : std::max(schedule.workers / 2, 1);
    const std::string at = draw.time(1500);
    for (int worker = 0; worker < schedule.workers; worker += each) {
      schedule.faults.push_back("<crash hosts=\"node-" + std::to_string(worker) + "\" at=\"" + at + "\" repair=\"" +
                                draw.time(400) + "\"/>");
    }
  }
  add_faults(schedule, draw, true, [&] { return "node-" + std::to_string(draw.whole(0, schedule.workers - 1)); });
  return schedule;
}

/// What is wrong with a run of it; "" if nothing.
std::string wrong(const Schedule& schedule, bool twice) {
  const test::TemporaryDirectory directory;
  const std::string file = (directory.path() / "scenario.xml").string();
  std::ofstream(file) << schedule.text();
  const std::string command = "timeout 60 " + std::string(DESCENT_PROGRAM) + " run " + file + " --json --out " +
                              (directory.path() / "results").string();
  const auto outcome = test::shell(command, true);
  if (outcome.exit_code == 1) {
    const bool says_why = outcome.output.find("ranks died before their end") != std::string::npos ||
                          outcome.output.find("hosts fail faster than ranks recover") != std::string::npos;
    return says_why ? "" : "exit code 1 without a reason: " + outcome.output;
  }
  if (outcome.exit_code != 0) {
    return "exit code " + std::to_string(outcome.exit_code) + ": " + outcome.output;
  }
  const json summary = json::parse(outcome.output);
  if (summary["iterations"] != kIterations) {
    return "ended after other updates than asked: " + summary["iterations"].dump();
  }
  if (!summary["loss"].is_number()) {
    return "the loss is no number";
  }
  const int steps = schedule.strategy.find("federated") != std::string::npos ? 2 : 1;
  // Where all die at once, those without a server begin once more.
  const bool gossip = schedule.strategy.find("gossip") != std::string::npos;
  const int times = gossip ? 1 + summary.value("deaths", 0) : 1;
  const int samples = summary["samples"];
  if (samples < kIterations * kBatch ||
      samples > kIterations * kBatch * std::max(schedule.workers, 2) * steps * times) {
    return "samples that cannot be: " + std::to_string(samples);
  }
  for (const json& rank : summary["per_rank"]) {
    double sum = 0;
    for (const auto& [name, part] : rank["utilization"].items()) {
      sum += part.get<double>();
      if (part.get<double>() < -1e-9) {
        return "a share of time below zero: " + rank.dump();
      }
    }
    if (std::abs(sum - 1) > 1e-6) {
      return "shares of time do not add up: " + rank.dump();
    }
  }
  if (twice) {
    const json again = json::parse(test::shell(command).output);
    if (again["parameters_digest"] != summary["parameters_digest"] || again["time_s"] != summary["time_s"]) {
      return "another run of it is another one";
    }
  }
  return "";
}

/// With as few of its faults as break it.
Schedule shrunk(Schedule schedule) {
  for (std::size_t i = 0; i < schedule.faults.size();) {
    Schedule smaller = schedule;
    smaller.faults.erase(smaller.faults.begin() + static_cast<std::ptrdiff_t>(i));
    if (!smaller.faults.empty() && !wrong(smaller, true).empty()) {
      schedule = smaller;
    } else {
      ++i;
    }
  }
  return schedule;
}

class FaultSchedules : public ::testing::TestWithParam<int> {};

void expect_good_ends(int first, Schedule (*schedule_of)(std::uint64_t)) {
  constexpr int kEach = 25;
  for (int i = 0; i < kEach; ++i) {
    const auto seed = static_cast<std::uint64_t>(first * kEach + i + 1);
    const Schedule schedule = schedule_of(seed);
    const std::string what = wrong(schedule, i % 10 == 0);
    if (!what.empty()) {
      const Schedule smallest = shrunk(schedule);
      const std::string kept = ::testing::TempDir() + "/" + smallest.name + ".xml";
      std::ofstream(kept) << smallest.text();
      ADD_FAILURE() << what << "\nkept as " << kept << ":\n" << smallest.text();
    }
  }
}

TEST_P(FaultSchedules, EndAsTheyShouldOrSayWhyNot) {
  expect_good_ends(GetParam(), schedule_of);
}

TEST_P(FaultSchedules, OfGossipEndAsTheyShouldOrSayWhyNot) {
  expect_good_ends(GetParam(), gossip_of);
}

INSTANTIATE_TEST_SUITE_P(TwentyFive, FaultSchedules, ::testing::Range(0, 6));

}  // namespace
}  // namespace descent
