// Scenarios, their lines in the README, their tests and the catalogue belong together.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <iterator>
#include <regex>
#include <set>

namespace descent {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Names of the XML files in a folder of the project, without their suffix.
Names xml_files(const std::string& folder) {
  Names names;
  for (const auto& entry : fs::directory_iterator(test::source_path(folder))) {
    if (entry.path().extension() == ".xml") {
      names.insert(entry.path().stem().string());
    }
  }
  return names;
}

Names all_matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  Names found;
  for (std::sregex_iterator match(text.begin(), text.end(), regex); match != std::sregex_iterator(); ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

std::string all_scenarios() {
  std::string text;
  for (const std::string& name : xml_files("scenarios")) {
    text += text_of(test::source_path("scenarios/" + name + ".xml"));
  }
  return text;
}

/// fat-tree-ring: FatTreeRing
std::string test_name(const std::string& file) {
  std::string name;
  bool first = true;
  for (const char c : file) {
    if (c != '-') {
      name += first ? static_cast<char>(std::toupper(c)) : c;
    }
    first = c == '-';
  }
  return name;
}

TEST(ScenarioCoverage, EveryFileHasALineInTheReadmeAndViceVersa) {
  EXPECT_EQ(all_matches(text_of(test::source_path("scenarios/README.md")), "\n\\| `([^`]*)\\.xml` \\|"),
            xml_files("scenarios"));
}

TEST(ScenarioCoverage, EveryFileHasATestOfItsNameAndViceVersa) {
  Names expected;
  for (const std::string& name : xml_files("scenarios")) {
    expected.insert(test_name(name));
  }
  Names tests;
  const auto* all = ::testing::UnitTest::GetInstance();
  for (int suite = 0; suite < all->total_test_suite_count(); ++suite) {
    const auto* one = all->GetTestSuite(suite);
    for (int i = 0; std::string(one->name()) == "Scenario" && i < one->total_test_count(); ++i) {
      tests.insert(one->GetTestInfo(i)->name());
    }
  }
  EXPECT_EQ(tests, expected);
}

TEST(ScenarioCoverage, EveryFileIsNamedAsItsScenarioAndPassesTheCheck) {
  std::string files;
  for (const std::string& name : xml_files("scenarios")) {
    const std::string file = test::source_path("scenarios/" + name + ".xml");
    EXPECT_NE(text_of(file).find("name=\"" + name + "\" seed"), std::string::npos) << file;
    files += " " + file;
  }
  const test::Outcome outcome = test::shell(std::string(DESCENT_PROGRAM) + " check" + files, true);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
}

TEST(ScenarioCoverage, EveryEntryOfTheCatalogueOccurs) {
  const std::string scenarios = all_scenarios();
  for (const char* kind : {"strategy", "collective", "model", "optimizer", "schedule", "constraint", "regularizer",
                           "data", "partition", "compression"}) {
    const test::Outcome list = test::shell(std::string(DESCENT_PROGRAM) + " list " + kind);
    const Names known = all_matches(list.output, "\n  ([^ ]+) ");
    EXPECT_FALSE(known.empty()) << kind;
    EXPECT_EQ(all_matches(scenarios, std::string("<") + kind + " (?:kind|source)=\"([^\"]*)\""), known) << kind;
  }
  EXPECT_EQ(all_matches(scenarios, "<slowdown [^>]*distribution=\"([^\"]*)\""),
            all_matches(test::shell(std::string(DESCENT_PROGRAM) + " list slowdown").output, "\n  ([^ ]+) "));
  EXPECT_EQ(all_matches(scenarios, "consistency=\"([^\"]*)\""),
            (Names{"bsp", "asp", "ssp", "k-sync", "k-batch-sync", "k-async", "k-batch-async", "backup"}));
}

TEST(ScenarioCoverage, EveryStrategyIsAdvisedSomewhereByAScenarioThatThereIs) {
  const std::string advice = text_of(test::source_path("algorithms/README.md"));
  const Names there = xml_files("scenarios");
  for (const std::string& scenario : all_matches(advice, "`([a-z-]*)\\.xml`")) {
    EXPECT_TRUE(there.contains(scenario)) << scenario;
  }
  const test::Outcome list = test::shell(std::string(DESCENT_PROGRAM) + " list strategy");
  for (const std::string& strategy : all_matches(list.output, "\n  ([^ ]+) ")) {
    EXPECT_NE(advice.find("`" + strategy + "`"), std::string::npos) << strategy;
  }
}

/// `descent list strategy NAME` has every element that a scenario gives the strategy, and local-sgd has none for
/// losses.
TEST(ScenarioCoverage, StrategiesAreListedWithTheirElements) {
  const auto list = [](const std::string& strategy) {
    return test::shell(std::string(DESCENT_PROGRAM) + " list strategy " + strategy).output;
  };
  for (const std::string& name : xml_files("scenarios")) {
    const std::string text = text_of(test::source_path("scenarios/" + name + ".xml"));
    const Names strategies = all_matches(text, "<strategy kind=\"([^\"]*)\"");
    ASSERT_EQ(strategies.size(), 1U) << name;
    for (const char* element : {"<collective", "<compression", "<recovery", "<balance"}) {
      if (text.find(element) != std::string::npos) {
        EXPECT_NE(list(*strategies.begin()).find(element), std::string::npos) << name << " " << element;
      }
    }
  }
  EXPECT_EQ(list("local-sgd").find("<recovery"), std::string::npos);
}

TEST(ScenarioCoverage, EveryPlatformOccurs) {
  EXPECT_EQ(all_matches(all_scenarios(), "<platform file=\"\\.\\./platforms/([^\"]*)\\.xml\""), xml_files("platforms"));
}

TEST(ScenarioCoverage, TheCatalogueIsListedInSections) {
  // A kind that is new to the catalogue is to be added to the test above; compression, once a strategy takes it.
  EXPECT_EQ(all_matches("\n" + test::shell(std::string(DESCENT_PROGRAM) + " list").output, "\n([a-z-]+)\n").size(),
            12U);
}

}  // namespace
}  // namespace descent
