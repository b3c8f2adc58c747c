// Ends of messages that share links, against times worked out by hand and against shares found flow by flow.
#include "sim/schedule/flow_network.hpp"

#include "algorithms/core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

namespace descent {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// Routes as a test sets them.
struct Given final : Interconnect {
  std::map<std::pair<int, int>, Route> routes;
  std::vector<double> capacities;

  Route route(int from, int to) override { return routes.at({from, to}); }
  double capacity(int link) const override { return capacities[static_cast<std::size_t>(link)]; }
  double latency_factor(double) const override { return 1; }
  double rate_factor(double bytes) const override { return bytes > 500 ? 0.5 : 1; }
};

struct Sent {
  int from;
  int to;
  double bytes;
  double at;
};

/// When each message ends.
class Ends final : FlowOwner {
 public:
  Ends(Interconnect& interconnect, std::vector<Sent> messages) : ends_(messages.size(), kNever) {
    Routes routes(interconnect);
    FlowNetwork network(routes);
    std::size_t next = 0;
    while (next < messages.size() || network.busy()) {
      const double now = std::min(network.next(), next < messages.size() ? messages[next].at : kNever);
      for (; next < messages.size() && messages[next].at <= now; ++next) {
        network.begin(messages[next].from, messages[next].to, messages[next].bytes, now, *this, next);
      }
      network.advance(now);
    }
  }
  const std::vector<double>& all() const { return ends_; }

 private:
  void flow_ended(std::uint64_t number, double now) override { ends_[number] = now; }
  std::vector<double> ends_;
};

/// Shares found for each flow by itself, at every event.
std::vector<double> ends_flow_by_flow(Given& network, const std::vector<Sent>& messages) {
  struct Flow {
    std::size_t number;
    const Route* route;
    double starts;
    double left;
    double rate = 0;
  };
  std::vector<Flow> flows;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Route& route = network.routes.at({messages[i].from, messages[i].to});
    flows.push_back(
        {i, &route, messages[i].at + route.latency, messages[i].bytes / network.rate_factor(messages[i].bytes)});
  }
  std::vector<double> ends(messages.size(), kNever);
  double now = 0;
  while (!flows.empty()) {
    std::vector<Flow*> open;
    for (Flow& flow : flows) {
      flow.rate = 0;
      if (flow.starts <= now) {
        open.push_back(&flow);
      }
    }
    std::vector<double> left = network.capacities;
    while (!open.empty()) {
      std::vector<double> usage(left.size(), 0);
      for (const Flow* flow : open) {
        for (const LinkUse& use : flow->route->uses) {
          usage[static_cast<std::size_t>(use.link)] += use.share / flow->route->penalty;
        }
      }
      // The level at which each would be settled; the lowest is.
      const auto level_of = [&](const Flow& flow) {
        double level = flow.route->rate * flow.route->penalty;
        for (const LinkUse& use : flow.route->uses) {
          const auto link = static_cast<std::size_t>(use.link);
          level = std::min(level, left[link] / usage[link]);
        }
        return level;
      };
      const auto lowest = std::min_element(open.begin(), open.end(),
                                           [&](const Flow* a, const Flow* b) { return level_of(*a) < level_of(*b); });
      Flow& settled = **lowest;
      settled.rate = level_of(settled) / settled.route->penalty;
      for (const LinkUse& use : settled.route->uses) {
        left[static_cast<std::size_t>(use.link)] -= use.share * settled.rate;
      }
      open.erase(lowest);
    }
    double next = kNever;
    for (const Flow& flow : flows) {
      next = std::min(next, flow.starts > now ? flow.starts : now + flow.left / flow.rate);
    }
    for (Flow& flow : flows) {
      flow.left -= flow.rate * (next - now);
    }
    now = next;
    std::erase_if(flows, [&](const Flow& flow) {
      const bool over = flow.starts <= now && flow.left <= 1e-9;
      ends[flow.number] = over ? now : ends[flow.number];
      return over;
    });
  }
  return ends;
}

TEST(FlowNetwork, ManyShareOneLinkEvenly) {
  // Three of 300 bytes come to a link of 100 bytes/s, which one alone cannot fill, at 0, 1 and 2 s.
  Given network;
  network.capacities = {100};
  for (int rank = 1; rank <= 3; ++rank) {
    network.routes[{rank, 0}] = {{{0, 1}}, 0, 60, 1};
  }
  const Ends ends(network, {{1, 0, 300, 0}, {2, 0, 300, 1}, {3, 0, 300, 2}});
  // 60 bytes in the first second, then 50, then thirds of 100 until the first has its 300: 2 + 190 / (100/3) = 7.7 s.
  EXPECT_NEAR(ends.all()[0], 7.7, 1e-9);
  // The second has then 250 − 190 = 60 to go at 50 bytes/s: 8.9 s. The third ends 50 bytes later at 60 bytes/s.
  EXPECT_NEAR(ends.all()[1], 8.9, 1e-9);
  EXPECT_NEAR(ends.all()[2], 8.9 + 50.0 / 60, 1e-9);
}

TEST(FlowNetwork, PenaltiesShareUnevenly) {
  Given network;
  network.capacities = {90};
  network.routes[{1, 0}] = {{{0, 1}}, 0, 1000, 1};
  network.routes[{2, 0}] = {{{0, 1}}, 0, 1000, 2};
  const Ends ends(network, {{1, 0, 120, 0}, {2, 0, 120, 0}});
  EXPECT_NEAR(ends.all()[0], 2, 1e-9);             // at 60 bytes/s
  EXPECT_NEAR(ends.all()[1], 2 + 60. / 90, 1e-9);  // at 30, then at 90
}

TEST(FlowNetwork, NothingTakesItsLatencyOnly) {
  Given network;
  network.routes[{0, 1}] = {{}, 0.25, kNever, 1};
  network.routes[{0, 0}] = {{}, 0, kNever, 1};
  const Ends ends(network, {{0, 1, 1e9, 1}, {0, 0, 400, 1}, {0, 1, 0, 2}});
  EXPECT_EQ(ends.all(), (std::vector<double>{1.25, 1, 2.25}));
}

TEST(FlowNetwork, AgreesWithSharesFoundFlowByFlow) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream random(seed, Purpose::test, 0, 0);
    const auto uniform = [&] { return random() / 4294967296.0; };
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(uniform() * static_cast<double>(n)); };
    Given network;
    const int ranks = 3 + static_cast<int>(below(6));
    const std::size_t links = 1 + below(12);
    for (std::size_t i = 0; i < links; ++i) {
      network.capacities.push_back(50 + 100 * uniform());
    }
    for (int from = 0; from < ranks; ++from) {
      for (int to = 0; to < ranks; ++to) {
        Route& route = network.routes[{from, to}];
        route.latency = below(2) == 0 ? 0.5 : 0.1 * uniform();
        route.rate = 80 + 40 * uniform();
        route.penalty = below(2) == 0 ? 1 : 0.5 + uniform();
        for (std::size_t link = below(3); link < links; link += 1 + below(5)) {
          route.uses.push_back({static_cast<int>(link), below(3) == 0 ? 0.05 : 1});
          route.rate = std::min(route.rate, network.capacities[link]);
        }
      }
    }
    std::vector<Sent> messages;
    for (int i = 0; i < 80; ++i) {
      const auto rank = [&] { return static_cast<int>(below(static_cast<std::size_t>(ranks))); };
      messages.push_back({rank(), rank(), std::floor(1000 * uniform()), 10 * uniform()});
    }
    std::sort(messages.begin(), messages.end(), [](const Sent& a, const Sent& b) { return a.at < b.at; });
    const Ends found(network, messages);
    const std::vector<double> expected = ends_flow_by_flow(network, messages);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_NEAR(found.all()[i], expected[i], 1e-6) << "seed " << seed << ", message " << i;
    }
  }
}

}  // namespace
}  // namespace descent
