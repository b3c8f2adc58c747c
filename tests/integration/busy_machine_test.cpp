#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <string>

namespace descent {
namespace {

/// A rank gets its turn after milliseconds only, in which it is lost, and all others ask again and again.
TEST(BusyMachine, LetsServersWithShortTimeoutsEnd) {
  const test::TemporaryDirectory directory;
  const auto words = [](const std::string& recovery) {
    return test::source_path("tests/integration/small.xml") +
           " --set '//strategy=<strategy kind=\"parameter-server\" consistency=\"bsp\">" + recovery +
           "</strategy>' --set //stop/@iterations=100 ";
  };
  const test::Outcome outcome = test::shell(
      "for i in 1 2 3 4; do timeout 100 sh -c 'while :; do :; done' & others=\"$others $!\"; done; "
      "timeout 100 " DESCENT_PROGRAM " run " +
      words("<recovery timeout=\"500us\" give-up=\"60s\"/>") + "--mpi --json --out " + directory.path().string() +
      "; code=$?; kill $others; exit $code");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const auto summary = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(summary["iterations"], 100);
  EXPECT_LT(summary["bytes_sent"], 8 * test::run(words(""))["bytes_sent"].get<double>());
}

}  // namespace
}  // namespace descent
