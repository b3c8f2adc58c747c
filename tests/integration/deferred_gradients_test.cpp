// How many gradients a simulation holds at once makes no difference to what it tells.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <string>

namespace descent {
namespace {

using test::run;
using test::source_path;

class DeferredGradients : public ::testing::TestWithParam<std::string> {};

TEST_P(DeferredGradients, MakeNoDifferenceToResults) {
  const auto usual = run(GetParam());
  // None, about two of these gradients, and threads that compute them together or one alone.
  for (const char* memory : {"0", "10kB", "0 --threads 1", "10kB --threads 3"}) {
    const auto less = run(GetParam() + " --gradient-memory " + memory);
    for (const char* field : {"parameters_digest", "iterations", "time_s", "bytes_sent", "loss", "staleness"}) {
      EXPECT_EQ(less[field], usual[field]) << memory << ": " << field;
    }
  }
}

std::string server(const std::string& words) {
  return source_path("tests/integration/small.xml") + " " + words;
}

std::string replicas(const std::string& words) {
  return source_path("tests/integration/allreduce.xml") + " " + words;
}

INSTANTIATE_TEST_SUITE_P(
    All, DeferredGradients,
    ::testing::Values(replicas("--set //collective/@kind=ring"),
                      replicas("--set //collective/@kind=recursive-doubling"),
                      replicas("--set //collective/@kind=halving-doubling"), replicas("--set //collective/@kind=tree"),
                      replicas("--set //collective/@kind=double-tree"), replicas("--set //collective/@kind=two-level"),
                      replicas("--set //collective/@kind=torus"), replicas("--set //collective/@kind=direct"),
                      replicas("--set //collective/@kind=coordinator"), replicas("--set //network/@fidelity=schedule"),
                      server(""), server("--set \"//role[@name='server']/@hosts=node-[4-5]\""),
                      server("--set '//strategy=<strategy kind=\"d-sgd\"/>'"),
                      server("--set //strategy/@consistency=asp")));

}  // namespace
}  // namespace descent
