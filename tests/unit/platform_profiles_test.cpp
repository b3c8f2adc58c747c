// What SimGrid's profiles do to computations and messages, against times computed by hand.
#include "algorithms/core/error.hpp"
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>

namespace descent::test {
namespace {

constexpr double kExact = 1e-6;

/// A platform file and its profiles beside it, gone at the end.
class PlatformFiles {
 public:
  PlatformFiles(const std::string& inside_zone, const std::map<std::string, std::string>& profiles)
      : directory_(std::filesystem::temp_directory_path() / ("descent-platform-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(directory_);
    for (const auto& [name, text] : profiles) {
      std::ofstream(directory_ / name) << text;
    }
    std::ofstream(platform()) << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM "
                                 "\"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">\n<zone id=\"z\" "
                                 "routing=\"Full\">\n"
                              << inside_zone << "</zone>\n</platform>\n";
  }
  ~PlatformFiles() { std::filesystem::remove_all(directory_); }
  PlatformFiles(const PlatformFiles&) = delete;
  PlatformFiles& operator=(const PlatformFiles&) = delete;
  std::filesystem::path platform() const { return directory_ / "platform.xml"; }

 private:
  std::filesystem::path directory_;
};

using Program = std::function<void(Communicator&)>;

/// Runs a program per rank, on these hosts, and returns the simulated time.
double simulate(const PlatformFiles& files, const std::vector<std::pair<std::string, Program>>& ranks) {
  std::vector<CountingObserver> observers(ranks.size());
  KernelPool pool(2);
  SimGridWorld world(files.platform(), neutral_network(), 1, pool);
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    world.add({ranks[i].first, charge_at_speed, ranks[i].second, &observers[i]});
  }
  return world.run();
}

Program compute(double flops) {
  return [flops](Communicator& communicator) { communicator.compute({flops, std::nullopt}, [] {}); };
}

Program send(std::uint64_t bytes, double after = 0) {
  return [bytes, after](Communicator& communicator) {
    if (after > 0) {
      communicator.receive(1, 9, after);  // Nobody sends this: it waits.
    }
    Message message;
    message.wire_bytes = bytes;
    communicator.wait(communicator.send(1, 1, message));
  };
}

void receive(Communicator& communicator) {
  communicator.receive(0, 1);
}

std::string failure_of(const std::function<void()>& run) {
  try {
    run();
  } catch (const RunError& error) {
    return error.what();
  }
  return "no failure";
}

std::string two_hosts(const std::string& of_link, const std::string& of_alpha = "") {
  return "<host id=\"alpha\" speed=\"1Gf\" " + of_alpha + "/><host id=\"beta\" speed=\"1Gf\"/>\n<link id=\"wire\" " +
         of_link + "/>\n<route src=\"alpha\" dst=\"beta\"><link_ctn id=\"wire\"/></route>\n";
}

TEST(HostSpeedProfile, HalvesTheSpeedInTheMiddleOfAComputation) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" speed_file=\"half.profile\"/>",
                            {{"half.profile", "0 1.0\n10 0.5\n"}});
  // 10 s at 1 Gf, and the other 5 Gflop at 0.5 Gf.
  EXPECT_NEAR(simulate(files, {{"alpha", compute(15e9)}}), 20, kExact);
}

TEST(HostSpeedProfile, RepeatsItself) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" speed_file=\"loop.profile\"/>",
                            {{"loop.profile", "0 1.0\n10 0.5\nLOOPAFTER 10\n"}});
  // Every 20 s are worth 10 + 5 Gflop.
  EXPECT_NEAR(simulate(files, {{"alpha", compute(35e9)}}), 45, kExact);
}

TEST(HostSpeedProfile, OfATraceInThePlatform) {
  const PlatformFiles files(
      "<host id=\"alpha\" speed=\"1Gf\"/></zone>\n<trace id=\"half\" periodicity=\"0\">\n0 1.0\n10 0.5\n</trace>\n"
      "<trace_connect kind=\"SPEED\" trace=\"half\" element=\"alpha\"/>\n<zone id=\"other\" routing=\"None\">",
      {});
  EXPECT_NEAR(simulate(files, {{"alpha", compute(15e9)}}), 20, kExact);
}

TEST(HostSpeedProfile, MayNotStopAComputation) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" speed_file=\"pause.profile\"/>",
                            {{"pause.profile", "0 1.0\n10 0\n20 1.0\n"}});
  const std::string failure = failure_of([&] { simulate(files, {{"alpha", compute(15e9)}}); });
  EXPECT_NE(failure.find("a profile stops host alpha at 10 s while it is in use"), std::string::npos) << failure;
}

TEST(HostSpeedProfile, MayStopAHostThatComputesNothing) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" speed_file=\"pause.profile\"/>",
                            {{"pause.profile", "0 1.0\n10 0\n20 1.0\n"}});
  EXPECT_NEAR(simulate(files, {{"alpha", compute(5e9)}}), 5, kExact);
}

TEST(HostSpeedProfile, MayNotStopAHostThatIsToCompute) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" speed_file=\"pause.profile\"/>",
                            {{"pause.profile", "0 0\n20 1.0\n"}});
  const std::string failure = failure_of([&] { simulate(files, {{"alpha", compute(5e9)}}); });
  EXPECT_NE(failure.find("a profile stops host alpha at 0 s"), std::string::npos) << failure;
}

TEST(PerformanceState, IsTheOneThatThePlatformStates) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"2Gf,1Gf\" pstate=\"1\"/>", {});
  EXPECT_NEAR(simulate(files, {{"alpha", compute(10e9)}}), 10, kExact);
}

TEST(Cores, OneIsShared) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" core=\"1\"/>", {});
  EXPECT_NEAR(simulate(files, {{"alpha", compute(10e9)}, {"alpha", compute(10e9)}}), 20, kExact);
}

TEST(Cores, TwoServeTwoRanksAtFullSpeed) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" core=\"2\"/>", {});
  EXPECT_NEAR(simulate(files, {{"alpha", compute(10e9)}, {"alpha", compute(10e9)}}), 10, kExact);
}

TEST(Cores, TwoAreSharedByThreeRanks) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" core=\"2\"/>", {});
  EXPECT_NEAR(simulate(files, {{"alpha", compute(10e9)}, {"alpha", compute(10e9)}, {"alpha", compute(10e9)}}), 15,
              kExact);
}

TEST(LinkBandwidthProfile, HalvesTheBandwidthInTheMiddleOfAMessage) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\" bandwidth_file=\"half.profile\""),
                            {{"half.profile", "10 500000\n"}});
  EXPECT_NEAR(simulate(files, {{"alpha", send(15'000'000)}, {"beta", receive}}), 20, kExact);
}

TEST(LinkBandwidthProfile, HoldsForMessagesThatStartLater) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\" bandwidth_file=\"double.profile\""),
                            {{"double.profile", "10 2000000\n"}});
  EXPECT_NEAR(simulate(files, {{"alpha", send(10'000'000, 12)}, {"beta", receive}}), 17, kExact);
}

TEST(LinkBandwidthProfile, GivesAMessageUnderWayNoMore) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\" bandwidth_file=\"double.profile\""),
                            {{"double.profile", "10 2000000\n"}});
  EXPECT_NEAR(simulate(files, {{"alpha", send(15'000'000)}, {"beta", receive}}), 15, kExact);
}

TEST(LinkBandwidthProfile, MayNotStopAMessage) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\" bandwidth_file=\"pause.profile\""),
                            {{"pause.profile", "10 0\n20 1000000\n"}});
  const std::string failure = failure_of([&] { simulate(files, {{"alpha", send(15'000'000)}, {"beta", receive}}); });
  EXPECT_NE(failure.find("a profile stops link wire at 10 s"), std::string::npos) << failure;
}

TEST(LinkBandwidthProfile, MayNotStopALinkThatIsToTransfer) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\" bandwidth_file=\"pause.profile\""),
                            {{"pause.profile", "10 0\n20 1000000\n"}});
  const std::string failure = failure_of([&] {
    simulate(files, {{"alpha", send(15'000'000, 12)}, {"beta", receive}});
  });
  EXPECT_NE(failure.find("a profile stops link wire at 12 s"), std::string::npos) << failure;
}

TEST(LinkLatencyProfile, HoldsForMessagesThatStartLater) {
  const std::string link = "bandwidth=\"1MBps\" latency=\"1s\" latency_file=\"slow.profile\"";
  const PlatformFiles files(two_hosts(link), {{"slow.profile", "10 3\n"}});
  EXPECT_NEAR(simulate(files, {{"alpha", send(1'000'000, 12)}, {"beta", receive}}), 16, kExact);
}

TEST(HostStateProfile, KillsARankInTheMiddleOfItsKernel) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" state_file=\"crash.profile\"/>",
                            {{"crash.profile", "10 0\n"}});
  const std::string failure = failure_of([&] {
    simulate(files, {{"alpha", [](Communicator& communicator) {
                        std::vector<int> output(1000);
                        communicator.compute({15e9, std::nullopt}, [&output] {
                          std::this_thread::sleep_for(std::chrono::milliseconds(200));
                          std::fill(output.begin(), output.end(), 1);  // The rank must still be there.
                        });
                      }}});
  });
  EXPECT_NE(failure.find("rank 0 died with its host alpha, which went off at 10 s"), std::string::npos) << failure;
}

TEST(HostStateProfile, ThatRepeatsItselfEndsTheRunAllTheSame) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\"", "state_file=\"flap.profile\""),
                            {{"flap.profile", "5 0\n6 1\nLOOPAFTER 4\n"}});
  const std::string failure = failure_of([&] { simulate(files, {{"alpha", send(10'000'000)}, {"beta", receive}}); });
  EXPECT_NE(failure.find("rank 0 died with its host alpha, which went off at 5 s"), std::string::npos) << failure;
  EXPECT_NE(failure.find("a message of 10000000 bytes from rank 0 on alpha to rank 1 on beta was lost at 5 s"),
            std::string::npos)
      << failure;
  EXPECT_NE(failure.find("rank 1 on beta waits for a message (tag 1) from rank 0"), std::string::npos) << failure;
}

TEST(HostStateProfile, OfAHostThatIsOffAtTheStart) {
  const PlatformFiles files("<host id=\"alpha\" speed=\"1Gf\" state_file=\"late.profile\"/>",
                            {{"late.profile", "0 0\n10 1\n"}});
  const std::string failure = failure_of([&] { simulate(files, {{"alpha", compute(1e9)}}); });
  EXPECT_NE(failure.find("rank 0 cannot start: its host alpha is off at 0 s"), std::string::npos) << failure;
}

TEST(LinkStateProfile, LosesTheMessageUnderWay) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\" state_file=\"cut.profile\""),
                            {{"cut.profile", "10 0\n20 1\n"}});
  const std::string failure = failure_of([&] { simulate(files, {{"alpha", send(15'000'000)}, {"beta", receive}}); });
  EXPECT_NE(failure.find("from rank 0 on alpha to rank 1 on beta was lost at 10 s"), std::string::npos) << failure;
  EXPECT_NE(failure.find("rank 1 on beta waits for"), std::string::npos) << failure;
}

TEST(LinkStateProfile, LosesMessagesThatStartMeanwhileAndNoOthers) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\" state_file=\"cut.profile\""),
                            {{"cut.profile", "10 0\n20 1\n"}});
  const Program send_three = [](Communicator& communicator) {
    for (const double at : {12.0, 13.0, 22.0}) {
      communicator.receive(1, 9, at);  // Nobody sends this: it waits.
      Message message;
      message.wire_bytes = 5'000'000;
      message.note = static_cast<std::int64_t>(at);
      communicator.wait(communicator.send(1, 1, message));
    }
  };
  std::int64_t received = 0;
  const Program receive_one = [&](Communicator& communicator) { received = communicator.receive(0, 1).note; };
  EXPECT_NEAR(simulate(files, {{"alpha", send_three}, {"beta", receive_one}}), 27, kExact);
  EXPECT_EQ(received, 22);
}

TEST(LinkStateProfile, LeavesMessagesAfterItAlone) {
  const PlatformFiles files(two_hosts("bandwidth=\"1MBps\" latency=\"0\" state_file=\"cut.profile\""),
                            {{"cut.profile", "10 0\n20 1\n"}});
  EXPECT_NEAR(simulate(files, {{"alpha", send(5'000'000, 22)}, {"beta", receive}}), 27, kExact);
}

}  // namespace
}  // namespace descent::test
