// Ends of collectives against times worked out by hand, and the recurrence against the flows where both hold.
#include "sim/schedule/schedule_timing.hpp"
#include "sim/schedule/schedule_player.hpp"

#include "algorithms/core/random.hpp"
#include "algorithms/math/vector.hpp"
#include "tests/support/collective_forms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace descent {
namespace {

constexpr double kLinkLatency = 1e-3;
constexpr double kBandwidth = 1e6;

/// A switch: each rank has a link up and one down, or one for both; and all share a backbone, where there is one.
struct Switch final : Interconnect {
  bool duplex = true;
  double backbone = 0;

  Route route(int from, int to) override {
    Route route;
    route.latency = kLinkLatency;
    route.rate = backbone > 0 ? std::min(kBandwidth, backbone) : kBandwidth;
    route.penalty = kLinkLatency;
    route.uses = {{2 * from, 1}, {duplex ? 2 * to + 1 : 2 * to, 1}};
    if (backbone > 0) {
      route.uses.push_back({1'000'000, 1});
    }
    return route;
  }
  double capacity(int link) const override { return link == 1'000'000 ? backbone : kBandwidth; }
  double latency_factor(double) const override { return 1; }
  double rate_factor(double) const override { return 1; }
};

/// A collective on a network, played by flows or told by the recurrence.
class Case {
 public:
  Case(const char* name, Switch network, int ranks, std::size_t elements)
      : network_(network), timing_(plan_of(name, ranks, elements), Group::first(ranks), routes_) {}

  const ScheduleTiming& timing() const { return timing_; }
  Passage recur(std::span<const double> arrivals) const { return timing_.recur(arrivals); }

  Passage play(const std::vector<double>& arrivals) {
    struct Listener final : PlayListener {
      explicit Listener(std::size_t ranks) : under_way(ranks), since(ranks), passage{since, since} {}
      void transfer_began(int rank, double now) override {
        const auto at = static_cast<std::size_t>(rank);
        since[at] = under_way[at]++ == 0 ? now : since[at];
      }
      void transfer_ended(int rank, double now) override {
        const auto at = static_cast<std::size_t>(rank);
        passage.communicating[at] += --under_way[at] == 0 ? now - since[at] : 0;
      }
      void member_ended(int rank, double now) override { passage.end[static_cast<std::size_t>(rank)] = now; }
      std::vector<int> under_way;
      std::vector<double> since;
      Passage passage;
    } listener(arrivals.size());
    FlowNetwork flows(routes_);
    SchedulePlayer player(timing_, flows, listener);
    std::vector<std::pair<double, int>> coming;
    for (std::size_t rank = 0; rank < arrivals.size(); ++rank) {
      coming.emplace_back(arrivals[rank], static_cast<int>(rank));
    }
    std::sort(coming.begin(), coming.end());
    auto next = coming.begin();
    while (next != coming.end() || flows.busy()) {
      const double now = std::min(flows.next(), next != coming.end() ? next->first : flows.next());
      for (; next != coming.end() && next->first <= now; ++next) {
        player.arrive(next->second, now);
      }
      flows.advance(now);
    }
    EXPECT_TRUE(player.over());
    return listener.passage;
  }

 private:
  static std::shared_ptr<const CollectivePlan> plan_of(const char* name, int ranks, std::size_t elements) {
    auto schedule = test::allreduce_schedule(name, ranks, elements);
    const ChunkLayout layout(elements, schedule->chunks());
    return std::make_shared<CollectivePlan>(CollectivePlan{CollectiveOperation::allreduce, schedule, layout, 1});
  }

  Switch network_;
  Routes routes_{network_};
  ScheduleTiming timing_;
};

std::vector<double> jitter(int ranks) {
  std::vector<double> arrivals;
  for (int rank = 0; rank < ranks; ++rank) {
    RandomStream random(3, Purpose::test, static_cast<std::uint64_t>(rank), 0);
    arrivals.push_back(0.1 * static_cast<double>(random()) / 4294967296.0);
  }
  return arrivals;
}

TEST(ScheduleTiming, RanksThatComeTogetherEndAtTheClosedForm) {
  Switch network;
  for (const int ranks : {2, 3, 8, 13}) {
    Case ring("ring", network, ranks, 10000);
    ASSERT_TRUE(ring.timing().contention_free());
    const Passage passage = ring.recur(std::vector<double>(static_cast<std::size_t>(ranks), 5.0));
    const double largest = static_cast<double>((10000 + ranks - 1) / ranks);
    const double longest = 2 * (ranks - 1) * (kLinkLatency + largest / kBandwidth);
    for (const double end : passage.end) {
      EXPECT_LE(end, 5 + longest + 1e-12);
      EXPECT_GE(end, 5 + longest - 2 * ranks * 1 / kBandwidth);  // chunks differ by one byte
    }
    for (const double busy : passage.communicating) {
      EXPECT_LE(busy, longest + 1e-12);
    }
  }
}

TEST(ScheduleTiming, ALateRankDelaysWhoNeedsIt) {
  // Three ranks, a ring of 3 chunks of 1000 bytes: 2 ms a transfer. Rank 2 comes 10 ms later.
  Switch network;
  Case ring("ring", network, 3, 3000);
  const std::vector<double> arrivals = {0, 0, 0.010};
  const Passage passage = ring.recur(arrivals);
  // Round 1 ends for rank 0 when it has from 2 (12 ms), for rank 1 when it has sent to 2, for all at 12 ms; three more
  // rounds of 2 ms follow.
  for (const double end : passage.end) {
    EXPECT_NEAR(end, 0.018, 1e-12);
  }
  // Rank 0 sends to rank 1 at once (2 ms), and then waits for rank 2 until 10 ms.
  EXPECT_NEAR(passage.communicating[0], 0.018 - 0.008, 1e-12);
  EXPECT_NEAR(passage.communicating[2], 0.008, 1e-12);
}

TEST(ScheduleTiming, GathererSharesItsLink) {
  // A coordinator with three others, 1000 bytes each. Ranks 1 and 2 start at 0, rank 3 half a millisecond later.
  Switch network;
  Case star("coordinator", network, 4, 1000);
  EXPECT_FALSE(star.timing().contention_free());
  const Passage passage = star.play(std::vector<double>{0, 0, 0, 0.0005});
  // Latency until 1 ms; two share until 1.5 ms (250 bytes each), then three; ranks 1 and 2 have 750 left, which takes
  // 2.25 ms; rank 3 then has 250 left, alone: 0.25 ms more. That is 3000 bytes in 3 ms without a gap: 4 ms. The
  // answers: latency, and three shares of one link.
  for (std::size_t rank = 0; rank < 4; ++rank) {
    EXPECT_NEAR(passage.end[rank], 0.004 + 0.001 + 0.003, 1e-9);
  }
  EXPECT_NEAR(passage.communicating[3], 0.008 - 0.0005, 1e-9);
}

TEST(ScheduleTiming, OneLinkForBothWaysHalvesARing) {
  Switch network;
  network.duplex = false;
  Case ring("ring", network, 4, 4000);
  EXPECT_FALSE(ring.timing().contention_free());
  const Passage passage = ring.play(std::vector<double>(4, 0.0));
  for (const double end : passage.end) {
    EXPECT_NEAR(end, 6 * (kLinkLatency + 2 * 1000 / kBandwidth), 1e-9);
  }
}

TEST(ScheduleTiming, ABackboneCountsWhereItIsTooNarrow) {
  Switch wide;
  wide.backbone = 8 * kBandwidth;
  EXPECT_TRUE(Case("ring", wide, 8, 8000).timing().contention_free());
  Switch narrow;
  narrow.backbone = 2 * kBandwidth;
  Case ring("ring", narrow, 8, 8000);
  EXPECT_FALSE(ring.timing().contention_free());
  const Passage passage = ring.play(std::vector<double>(8, 0.0));
  for (const double end : passage.end) {
    EXPECT_NEAR(end, 14 * (kLinkLatency + 4 * 1000 / kBandwidth), 1e-9);
  }
}

TEST(ScheduleTiming, RecurrenceAndFlowsAgreeWhereNothingIsShared) {
  for (const char* name : {"ring", "recursive-doubling", "halving-doubling", "tree", "double-tree", "torus"}) {
    for (const int ranks : {2, 3, 8, 12, 13}) {
      Switch network;
      Case both(name, network, ranks, 10007);
      ASSERT_TRUE(both.timing().contention_free()) << name;
      const std::vector<double> arrivals = jitter(ranks);
      const Passage expected = both.recur(arrivals);
      const Passage found = both.play(arrivals);
      for (std::size_t rank = 0; rank < arrivals.size(); ++rank) {
        EXPECT_NEAR(found.end[rank], expected.end[rank], 1e-8) << name << " " << ranks;
        EXPECT_NEAR(found.communicating[rank], expected.communicating[rank], 1e-7) << name << " " << ranks;
      }
    }
  }
}

TEST(ScheduleTiming, CountsWhatIsSent) {
  Switch network;
  const int ranks = 5;
  const Case ring("ring", network, ranks, 1003);
  std::uint64_t bytes = 0;
  for (const Traffic& traffic : ring.timing().traffic()) {
    EXPECT_EQ(traffic.messages, 8U);
    bytes += traffic.bytes;
  }
  EXPECT_EQ(bytes, 2U * 4 * 1003);
}

}  // namespace
}  // namespace descent
