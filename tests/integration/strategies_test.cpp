#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using test::run;
using test::source_path;

std::string server(const std::string& words = "") {
  return source_path("tests/integration/small.xml") + " " + words;
}
std::string replicas(const std::string& words = "") {
  return source_path("tests/integration/allreduce.xml") + " " + words;
}

constexpr const char* kDouble = " --set //training/@precision=double ";

TEST(SynchronousStrategies, AgreeToRounding) {
  const double bsp = run(server(kDouble))["loss"];
  EXPECT_NEAR(run(server(std::string(kDouble) + "--set '//strategy=<strategy kind=\"d-sgd\"/>'"))["loss"], bsp, 1e-10);
  for (const char* collective : {"ring", "recursive-doubling", "tree", "coordinator", "native"}) {
    EXPECT_NEAR(run(replicas(std::string(kDouble) + "--set //collective/@kind=" + collective))["loss"], bsp, 1e-10)
        << collective;
  }
  // One worker that owns all four shards and takes their four batches at once.
  const auto large =
      run(server(std::string(kDouble) +
                 "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-0\"/></deployment>' "
                 "--set '//strategy=<strategy kind=\"sgd\"/>' --set //training/@batch=32 "
                 "--set //partition/@shards=4"));
  EXPECT_NEAR(large["loss"], bsp, 1e-10);
  // Ssp with bound 0 applies the same gradients one after the other.
  const auto ssp = run(server(std::string(kDouble) + "--set //strategy/@consistency=ssp --set //strategy/@bound=0 "
                                                     "--set //stop/@iterations=240"));
  EXPECT_NEAR(ssp["loss"], bsp, 1e-10);
}

TEST(AsynchronousParallel, HasAMeanStalenessOfWorkersLessOne) {
  const auto summary =
      run(server("--set //strategy/@consistency=asp --set //stop/@iterations=4000 "
                 "--set //observe/@every=4000"));
  // The first P updates have staleness 0 … P−1 instead.
  EXPECT_NEAR(summary["staleness"]["mean"].get<double>(), 3.0, 0.01);
}

TEST(StaleSynchronousParallel, NeverExceedsItsBound) {
  for (const int bound : {0, 1, 3}) {
    const auto summary =
        run(server("--set //strategy/@consistency=ssp --set //strategy/@bound=" + std::to_string(bound) +
                   " --set //stop/@iterations=2000 --set //observe/@every=2000"));
    // A peer can push at most 2·bound + 1 times between a worker's read and its push.
    EXPECT_LE(summary["staleness"]["max"].get<int>(), 3 * (2 * bound + 1)) << bound;
  }
}

double quickstart_seconds(const std::string& words) {
  return run(source_path("scenarios/quickstart.xml") +
             " --set //data/@limit=2048 --set //stop/@epochs=2 --set //observe/@every=1000 " + words)["time_s"];
}

TEST(Monotonicity, WorseHardwareIsNeverFaster) {
  const double base = quickstart_seconds("");
  EXPECT_GT(quickstart_seconds("--set //host-speed/@factor=0.01"), base);
  EXPECT_LT(quickstart_seconds("--set //host-speed/@factor=1"), base);
  EXPECT_GT(quickstart_seconds("--set //network/@latency-factor=20"), base);
  // The network is what bounds this run.
  EXPECT_GT(quickstart_seconds("--set //network/@bandwidth-factor=0.5"), 1.5 * base);
}

}  // namespace
}  // namespace descent
