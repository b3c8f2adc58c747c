// What scenarios/papers says of papers whose workers have no server.
#include "tests/support/swept_paper.hpp"

namespace descent {
namespace {

using test::expect_below;
using test::is;
using test::SweptPaper;

TEST(Patarasuk2009, TheRingMovesTheFewestBytesAndTakesTheLeastTimeWhereThereAreMany) {
  const SweptPaper sweep("patarasuk2009/collectives", {{"1kB, 10kB, 100kB, 1MB, 10MB, 100MB", "1kB, 100MB"}});
  constexpr double kHosts = 16;
  constexpr double kRate = 1.25e9;
  const auto seconds = [&](const std::string& collective, const std::string& bytes, const std::string& switches) {
    return sweep
        .metric("collective_time_s.mean",
                is("collective", collective) + " AND " + is("bytes", bytes) + " AND " + is("switches", switches))
        .mean;
  };
  const double least = 2 * (kHosts - 1) / kHosts * 1e8;
  for (const std::string collective : {"ring", "halving-doubling", "recursive-doubling", "tree", "coordinator"}) {
    // By the busiest rank in five sums.
    const double busiest = sweep.numbers(
        "SELECT max(json_extract(r.value, '$.bytes_sent')) FROM points p, "
        "json_each(p.summary, '$.per_rank') r WHERE " +
        is("collective", collective) + " AND " + is("bytes", "100MB") + " AND " + is("switches", "one"))[0];
    EXPECT_GE(busiest, 5 * least * (1 - 1e-6)) << collective;
    if (collective == "ring") {
      EXPECT_NEAR(busiest, 5 * least, 1e-6 * 5 * least);
    }
    EXPECT_GE(seconds(collective, "100MB", "one"), least / kRate) << collective;
  }
  // Its latencies are 30, and the switches' cable costs it nothing besides.
  EXPECT_NEAR(seconds("ring", "100MB", "one"), least / kRate + 30 * 25e-6, 1e-3 * least / kRate);
  EXPECT_NEAR(seconds("ring", "100MB", "two"), least / kRate + 30 * 37.5e-6, 1e-3 * least / kRate);
  EXPECT_GT(seconds("halving-doubling", "100MB", "two"), 2 * seconds("ring", "100MB", "two"));
  EXPECT_GT(seconds("recursive-doubling", "100MB", "one"), 2 * seconds("ring", "100MB", "one"));
  EXPECT_LT(seconds("recursive-doubling", "1kB", "one"), 0.5 * seconds("ring", "1kB", "one"));
}

TEST(Lian2017, NeighboursBeatACentreWhereTheNetworkIsSlow) {
  const SweptPaper sweep("lian2017/network",
                         {{"3, 10, 30, 100, 1000, 10000", "3, 100, 10000"}, {"0.025, 1, 10, 40", "0.025, 40"}});
  const auto seconds = [&](const std::string& how, const std::string& rate, const std::string& latency) {
    return sweep
        .metric("time_s", is("how", how) + " AND " + is("Mbit-per-s", rate) + " AND " + is("latency-ms", latency))
        .mean;
  };
  const auto loss = [&](const std::string& how) {
    return sweep.metric("loss",
                        is("how", how) + " AND " + is("Mbit-per-s", "10000") + " AND " + is("latency-ms", "0.025"));
  };
  // As good after as many epochs.
  EXPECT_NEAR(loss("decentralized").mean, loss("allreduce").mean, 0.02 * loss("allreduce").mean);
  EXPECT_GT(seconds("server", "3", "0.025"), 3 * seconds("decentralized", "3", "0.025"));
  // An allreduce without a centre sends fewer bytes, but not while it computes.
  EXPECT_LT(seconds("allreduce", "3", "0.025"), 0.95 * seconds("decentralized", "3", "0.025"));
  EXPECT_GT(seconds("allreduce", "3", "0.025"), 0.8 * seconds("decentralized", "3", "0.025"));
  EXPECT_GT(seconds("allreduce", "100", "0.025"), 1.3 * seconds("decentralized", "100", "0.025"));
  EXPECT_GT(seconds("allreduce", "10000", "40"), 3 * seconds("decentralized", "10000", "40"));
  // Other than in the paper, whose server is slower than its allreduce there.
  EXPECT_GT(seconds("server", "10000", "40"), 1.5 * seconds("decentralized", "10000", "40"));
  EXPECT_LT(seconds("server", "10000", "40"), 0.5 * seconds("allreduce", "10000", "40"));
}

/// Through a server goes all that is sent; of peers all send, and receive, as much as each other.
TEST(Lian2017, ABusiestPeerHasAsManyBytesWhateverTheWorkers) {
  const SweptPaper sweep("lian2017/busiest");
  constexpr double kUpdates = 100;
  constexpr double kModel = 1e6;
  const auto models_an_update = [&](const char* aggregate, const std::string& how, int workers) {
    return sweep.numbers(std::string("SELECT ") + aggregate +
                         "(json_extract(r.value, '$.bytes_sent')) FROM points p, json_each(p.summary, '$.per_rank') r "
                         "WHERE " +
                         is("how", how) + " AND " + is("workers", std::to_string(workers)))[0] /
           kUpdates / kModel;
  };
  for (const int workers : {4, 8, 16}) {
    SCOPED_TRACE(workers);
    EXPECT_NEAR(models_an_update("sum", "server", workers), 2.0 * workers, 0.02 * workers);
    EXPECT_NEAR(models_an_update("max", "decentralized", workers), 2, 0.02);
    EXPECT_NEAR(models_an_update("min", "decentralized", workers), 2, 0.02);
    EXPECT_NEAR(models_an_update("max", "allreduce", workers), 2.0 * (workers - 1) / workers, 0.02);
  }
}

/// Steps take the same time for any number of workers, and messages next to none.
TEST(Lian2017, TimeToALossFallsInProportionToTheWorkers) {
  const SweptPaper sweep("lian2017/speed-up", {{"2, 4, 8, 16, 32", "2, 4, 8, 16"}});
  const auto seconds = [&](const std::string& how, const std::string& workers) {
    return sweep.metric("time_to_target_s", is("how", how) + " AND " + is("workers", workers)).mean;
  };
  for (const int workers : {4, 8, 16}) {
    const std::string many = std::to_string(workers);
    EXPECT_NEAR(seconds("decentralized", "2") / seconds("decentralized", many), workers / 2.0, 0.1 * workers / 2.0);
    EXPECT_NEAR(seconds("decentralized", many), seconds("centralized", many), 0.1 * seconds("centralized", many));
  }
}

TEST(Wang2019, AveragesTakeTheirShareOfThePeriod) {
  const SweptPaper sweep("wang2019/runtime");
  for (const std::string alpha : {"0.5", "1", "4"}) {
    for (const int tau : {1, 2, 4, 6, 10, 20, 40}) {
      const double seconds = sweep.metric("time_s", is("alpha", alpha) + " AND " + is("tau", std::to_string(tau))).mean;
      const double expected = 120 * 0.1 * (1 + std::stod(alpha) / tau);
      EXPECT_NEAR(seconds, expected, 2e-3 * expected) << alpha << " " << tau;
    }
  }
}

TEST(Wang2019, AdaCommIsAsSoonDownAsALongPeriodAndEndsAsLowAsAShortOne) {
  const SweptPaper sweep(
      "wang2019/adaptive",
      {{"<case name=\"4\"><strategy kind=\"local-sgd\" period=\"4\"><collective kind=\"ring\"/></strategy></case>", ""},
       {"time=\"400s\"", "time=\"300s\""}});
  const auto early = [&](const char* period) { return sweep.between("loss", 10, 40, is("period", period)); };
  const auto late = [&](const char* period) { return sweep.between("loss", 250, 300, is("period", period)); };
  expect_below(early("32"), early("1"));
  expect_below(early("AdaComm"), early("1"));
  expect_below(late("1"), late("32"));
  expect_below(late("AdaComm"), late("32"));
}

}  // namespace
}  // namespace descent
