#include "tests/support/program.hpp"

#include <gtest/gtest.h>

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

TEST(Utilization, AddsUpToTheRunTimeOnEveryRank) {
  const auto summary = run(source_path("tests/integration/small.xml"));
  for (const auto& rank : summary["per_rank"]) {
    const auto& use = rank["utilization"];
    const double sum = use["compute"].get<double>() + use["communication"].get<double>() + use["idle"].get<double>();
    EXPECT_NEAR(sum, 1, 1e-9);
    EXPECT_GE(use["idle"].get<double>(), -1e-9);
  }
}

}  // namespace
}  // namespace descent
