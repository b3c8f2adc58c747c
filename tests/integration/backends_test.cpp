#include "tests/support/program.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

using test::run;
using test::source_path;

struct Case {
  std::string name;
  std::string words;
};

std::vector<Case> race_free() {
  const std::string server = source_path("tests/integration/small.xml") + " ";
  const std::string replicas = source_path("tests/integration/allreduce.xml") + " ";
  std::vector<Case> cases = {{"bsp", server},
                             {"bsp_two_servers", server + "--set \"//role[@name='server']/@hosts=node-[4-5]\""},
                             {"bsp_double", server + "--set //training/@precision=double"},
                             {"d_sgd", server + "--set '//strategy=<strategy kind=\"d-sgd\"/>'"}};
  for (const char* collective : {"ring", "recursive-doubling", "tree", "coordinator"}) {
    std::string name = collective;
    std::replace(name.begin(), name.end(), '-', '_');
    cases.push_back({name, replicas + "--set //collective/@kind=" + collective});
  }
  for (const int workers : {1, 2, 3}) {
    cases.push_back({"ring_P" + std::to_string(workers),
                     replicas + "--set \"//role/@hosts=node-[0-" + std::to_string(workers - 1) + "]\""});
    cases.push_back({"bsp_P" + std::to_string(workers),
                     server + "--set \"//role[@name='worker']/@hosts=node-[0-" + std::to_string(workers - 1) + "]\""});
  }
  return cases;
}

class SameBits : public ::testing::TestWithParam<Case> {};

TEST_P(SameBits, OnEveryBackendAndAnyNumberOfThreadsAndOnRepeat) {
  const std::string& words = GetParam().words;
  const auto simulated = run(words + " --threads 1");
  const std::string digest = simulated["parameters_digest"];
  EXPECT_EQ(simulated["iterations"], 60);
  const auto again = run(words + " --threads 2");
  EXPECT_EQ(again["parameters_digest"], digest);
  EXPECT_EQ(again["time_s"], simulated["time_s"]);
  const auto mpi = run(words + " --mpi");
  EXPECT_EQ(mpi["parameters_digest"], digest);
  EXPECT_EQ(mpi["bytes_sent"], simulated["bytes_sent"]);
  EXPECT_EQ(mpi["loss"], simulated["loss"]);
  const auto smpi = run(words + " --smpi");
  EXPECT_EQ(smpi["parameters_digest"], digest);
}

INSTANTIATE_TEST_SUITE_P(All, SameBits, ::testing::ValuesIn(race_free()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace descent
