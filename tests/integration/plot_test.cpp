// `descent plot` and `descent report` on what `descent sweep` and `descent run` wrote.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace descent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScenario = R"(<scenario version="1" name="plotted" seed="1">
  <platform file="PLATFORM"/><network model="CM02"/>
  <deployment><role name="worker" hosts="node-[0-3]"/><role name="server" hosts="node-8"/></deployment>
  <model kind="quadratic" dimension="20" condition="10" noise="0.5"><cost flops-per-sample="10Mf"/></model>
  <training batch="4"><optimizer kind="sgd" learning-rate="0.1"/></training>
  <strategy kind="parameter-server" consistency="bsp"/>
  <stop iterations="20"/><observe every="5"/>
  <sweep seeds="1-3"><axis path="//strategy/@consistency" values="bsp, asp"/></sweep>
</scenario>)";

test::Outcome descent(const std::string& words) {
  return test::shell(std::string(DESCENT_PROGRAM) + " " + words, true);
}

/// This program's scenario, as a file there.
fs::path scenario_in(const fs::path& directory) {
  std::string text = kScenario;
  const std::string mark = "PLATFORM";
  text.replace(text.find(mark), mark.size(), test::source_path("platforms/ethernet-10g.xml"));
  const fs::path file = directory / "plotted.xml";
  std::ofstream(file) << text;
  return file;
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool has_libraries(const std::string& modules) {
  return test::shell("/usr/bin/python3 -c 'import " + modules + "'").exit_code == 0;
}

TEST(Plot, DrawsASweep) {
  if (!has_libraries("matplotlib, pandas")) {
    GTEST_SKIP() << "there is no python3-matplotlib or python3-pandas on this machine";
  }
  const test::TemporaryDirectory directory;
  const fs::path out = directory.path() / "sweep";
  const std::string sweep = "sweep " + scenario_in(directory.path()).string() + " --quiet --out " + out.string();
  ASSERT_EQ(descent(sweep).exit_code, 0);
  const test::Outcome drawn = descent("plot loss " + out.string() + " --x iterations --table");
  ASSERT_EQ(drawn.exit_code, 0) << drawn.output;
  EXPECT_NE(drawn.output.find("medians over 3 seeds"), std::string::npos) << drawn.output;
  EXPECT_EQ(contents(out / "loss.pdf").substr(0, 5), "%PDF-");
  const std::string table = contents(out / "loss-table.csv");
  EXPECT_EQ(table.substr(0, table.find('\n')), "consistency,iteration,loss median,low,high,runs");
  // Two lines of five observations below the header.
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 11) << table;
  EXPECT_NE(table.find("\nasp,20,"), std::string::npos) << table;

  const test::Outcome refused =
      descent("plot loss " + out.string() + " --by consistncy --out " + out.string() + "/new");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.output.find("did you mean 'consistency'?"), std::string::npos) << refused.output;
  EXPECT_FALSE(fs::exists(out / "new.pdf"));
}

TEST(Plot, ReportsASweepWithATimeline) {
  if (!has_libraries("matplotlib, plotly")) {
    GTEST_SKIP() << "there is no python3-matplotlib or python3-plotly on this machine";
  }
  const test::TemporaryDirectory directory;
  const std::string file = scenario_in(directory.path()).string();
  const std::string sweep = (directory.path() / "sweep").string();
  const std::string run = (directory.path() / "run").string();
  ASSERT_EQ(descent("sweep " + file + " --quiet --out " + sweep).exit_code, 0);
  ASSERT_EQ(descent("run " + file + " --quiet --trace --out " + run).exit_code, 0);
  const test::Outcome made = descent("report " + sweep + " " + run + " --out " + run + "/all.html");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const std::string page = contents(run + "/all.html");
  for (const char* part : {"id=\"plotly\"", "worker 3 on node-3", "scenario digest", "\"plotted\""}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  const test::Outcome gantt = descent("plot gantt " + run + " --table");
  EXPECT_EQ(gantt.exit_code, 0) << gantt.output;
  EXPECT_NE(contents(run + "/gantt-table.csv").find("\nserver 4 on node-8,"), std::string::npos)
      << contents(run + "/gantt-table.csv");
}

TEST(Plot, RefusesBadUsage) {
  for (const char* words : {"plot", "plot loss", "plot loss nowhere", "report", "report nowhere"}) {
    EXPECT_EQ(descent(words).exit_code, 2) << words;
  }
  EXPECT_EQ(descent("plot --help").exit_code, 0);
}

}  // namespace
}  // namespace descent
