// Points of a <sweep>, without running any.
#include "algorithms/core/error.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/sweep_reader.hpp"
#include "sim/sweep/designs.hpp"
#include "sim/sweep/expansion.hpp"
#include "sim/sweep/level_check.hpp"
#include "tests/support/temporary.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace descent {
namespace {

constexpr const char* kBefore =
    "<scenario version=\"1\" name=\"base\" seed=\"7\"><platform file=\"p.xml\"/>\n<network model=\"CM02\"/>"
    "<deployment><role name=\"worker\" hosts=\"a b\"/><role name=\"server\" hosts=\"c\"/></deployment>\n"
    "<model kind=\"quadratic\" dimension=\"9\"/><training batch=\"4\"><optimizer kind=\"sgd\" "
    "learning-rate=\"0.1\"/></training>\n"
    "<strategy kind=\"parameter-server\" consistency=\"bsp\"/><stop iterations=\"9\"/><observe every=\"3\"/>\n";
/// The line on which the <sweep> begins.
constexpr int kSweepLine = 5;

SweepResult read(const std::string& sweep, const std::vector<std::string>& overrides = {},
                 std::optional<std::uint64_t> seed = {}) {
  const test::TemporaryFile file("sweep.xml", kBefore + sweep + "</scenario>");
  return load_sweep(file.path(), overrides, seed);
}

SweepSettings settings(const std::string& sweep) {
  const SweepResult result = read(sweep);
  for (const Diagnostic& problem : result.problems) {
    ADD_FAILURE() << to_string(problem);
  }
  return result.sweep.value_or(SweepSettings{});
}

std::vector<SweepPoint> points(const std::string& sweep) {
  return expand(settings(sweep));
}

using Values = std::vector<std::vector<std::string>>;
Values values_of(const std::vector<SweepPoint>& points) {
  Values values;
  for (const SweepPoint& point : points) {
    values.push_back(point.values);
  }
  return values;
}

std::set<std::string> keys(const std::vector<SweepPoint>& points) {
  std::set<std::string> all;
  for (const SweepPoint& point : points) {
    all.insert(point.key);
  }
  return all;
}

constexpr const char* kRate = "<axis path=\"//optimizer/@learning-rate\" name=\"rate\" values=\"0.1, 0.2\"/>";
constexpr const char* kConsistency = "<axis path=\"//strategy/@consistency\" values=\"bsp,asp\"/>";
constexpr const char* kNetwork =
    "<axis name=\"net\"><case name=\"as-is\"/><case name=\"slow\"><network model=\"LV08\"/><disturbances><host-speed "
    "hosts=\"a\" factor=\"0.5\"/></disturbances></case></axis>";

std::string sweep_of(const std::string& content, const std::string& attributes = "") {
  return "<sweep " + attributes + ">" + content + "</sweep>";
}

TEST(SweepExpansion, GridHasAllCombinationsTheLastAxisAndTheSeedFastest) {
  const auto all = points(sweep_of(std::string(kRate) + kConsistency, "seeds=\"1, 3-4\""));
  ASSERT_EQ(all.size(), 12U);
  EXPECT_EQ(all[0].values, (std::vector<std::string>{"0.1", "bsp"}));
  EXPECT_EQ(all[3].values, (std::vector<std::string>{"0.1", "asp"}));
  EXPECT_EQ(all[6].values, (std::vector<std::string>{"0.2", "bsp"}));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].number, i + 1);
    EXPECT_EQ(all[i].seed, (std::vector<std::uint64_t>{1, 3, 4}[i % 3]));
  }
  EXPECT_EQ(keys(all).size(), 12U);
}

TEST(SweepExpansion, SeedIsTheScenariosOrWhatTheCommandSays) {
  EXPECT_EQ(points(sweep_of(kRate))[0].seed, 7U);
  EXPECT_EQ(read(sweep_of(kRate, "seeds=\"1-3\""), {}, 9).sweep->seeds, std::vector<std::uint64_t>{9});
  EXPECT_EQ(points("<sweep seeds=\"1-3\"/>").size(), 3U);
}

TEST(SweepExpansion, KeysDoNotDependOnTheOrderOfAxesOrOnOtherValues) {
  const auto one = keys(points(sweep_of(std::string(kRate) + kConsistency + kNetwork)));
  EXPECT_EQ(keys(points(sweep_of(std::string(kNetwork) + kConsistency + kRate))), one);
  const auto wider =
      keys(points(sweep_of("<axis path=\"//optimizer/@learning-rate\" name=\"rate\" values=\"0.4, 0.2, 0.1\"/>" +
                           std::string(kConsistency) + kNetwork)));
  EXPECT_TRUE(std::includes(wider.begin(), wider.end(), one.begin(), one.end()));
  EXPECT_EQ(wider.size(), 12U);
}

TEST(SweepExpansion, CasesComeBeforeValuesAndNameWhereTheirElementsStand) {
  const SweepSettings sweep = settings(sweep_of(
      std::string(kRate) +
      "<axis name=\"o\"><case name=\"m\"><optimizer kind=\"momentum\" learning-rate=\"1\"/></case></axis>" + kNetwork));
  const auto all = expand(sweep);
  EXPECT_EQ(overrides_of(sweep, all[3]),
            (std::vector<std::string>{"/scenario//optimizer=<optimizer kind=\"momentum\" learning-rate=\"1\"/>",
                                      "/scenario//network=<network model=\"LV08\"/>",
                                      "/scenario/disturbances=<disturbances><host-speed hosts=\"a\" "
                                      "factor=\"0.5\"/></disturbances>",
                                      "//optimizer/@learning-rate=0.2"}));
  const test::TemporaryFile file("case.xml", std::string(kBefore) + "</scenario>");
  const LoadResult loaded = load_scenario(file.path(), overrides_of(sweep, all[3]), {});
  ASSERT_TRUE(loaded.scenario) << to_string(loaded.problems.front());
  EXPECT_EQ(loaded.scenario->training.optimizer.kind, "momentum");
  EXPECT_EQ(loaded.scenario->training.optimizer.settings.real("learning-rate"), 0.2);
  EXPECT_EQ(loaded.scenario->network.model, "LV08");
  EXPECT_EQ(loaded.scenario->host_speeds.size(), 1U);
}

TEST(SweepExpansion, ZippedAxesMoveTogether) {
  const auto all =
      points(sweep_of("<axis path=\"//training/@batch\" values=\"4, 8\" zip=\"z\"/>" + std::string(kConsistency) +
                      "<axis path=\"//optimizer/@learning-rate\" from=\"1\" to=\"2\" points=\"2\" zip=\"z\"/>"));
  EXPECT_EQ(values_of(all), (Values{{"4", "bsp", "1"}, {"4", "asp", "1"}, {"8", "bsp", "2"}, {"8", "asp", "2"}}));
}

TEST(SweepExpansion, ExcludesWhatMeetsAllConditions) {
  const auto all = points(
      sweep_of(std::string(kRate) + kConsistency +
               "<exclude><when axis=\"rate\" above=\"0.15\"/><when axis=\"consistency\" values=\"asp\"/></exclude>"));
  EXPECT_EQ(values_of(all), (Values{{"0.1", "bsp"}, {"0.1", "asp"}, {"0.2", "bsp"}}));
  EXPECT_THROW(points(sweep_of(std::string(kRate) + "<exclude><when axis=\"rate\" below=\"1\"/></exclude>")),
               InputError);
}

TEST(SweepExpansion, RangesHaveUnitsStepsAndRatios) {
  const auto axis = [](const std::string& attributes) {
    std::vector<std::string> values;
    for (const auto& point : points(sweep_of("<axis path=\"//stop/@time\" " + attributes + "/>"))) {
      values.push_back(point.values[0]);
    }
    return values;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(axis("from=\"1ms\" to=\"100ms\" points=\"3\" scale=\"log\""), (Texts{"1ms", "10ms", "100ms"}));
  EXPECT_EQ(axis("from=\"0\" to=\"0.3\" step=\"0.1\""), (Texts{"0", "0.1", "0.2", "0.3"}));
  EXPECT_EQ(axis("from=\"1\" to=\"2\" step=\"0.4\""), (Texts{"1", "1.4", "1.8"}));
  EXPECT_EQ(axis("from=\"1\" to=\"64\" points=\"4\" scale=\"log\" whole=\"yes\""), (Texts{"1", "4", "16", "64"}));
}

TEST(SweepExpansion, RefusesMoreThanAllowed) {
  const SweepSettings sweep = settings(sweep_of(
      "<axis path=\"//stop/@time\" from=\"1\" to=\"2\" points=\"1000\"/><axis path=\"//training/@batch\" from=\"1\" "
      "to=\"1000\" step=\"1\"/>"));
  try {
    expand(sweep);
    FAIL() << "not refused";
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(":5: <sweep> has 1000000 points; allowed: at most 100000"), std::string::npos) << message;
  }
}

std::string random_axes(bool reversed = false) {
  const std::string rate =
      "<axis path=\"//optimizer/@learning-rate\" name=\"rate\" from=\"0.001\" to=\"1\" scale=\"log\"/>";
  const std::string time = "<axis path=\"//stop/@time\" name=\"time\" from=\"1ms\" to=\"2ms\"/>";
  return reversed ? time + kConsistency + rate : rate + time + kConsistency;
}

TEST(SweepDesigns, RandomIsReproducibleAndBeginsWithFewerPoints) {
  const auto twenty = points(sweep_of(random_axes(), "design=\"random\" points=\"20\""));
  ASSERT_EQ(twenty.size(), 20U);
  EXPECT_EQ(values_of(points(sweep_of(random_axes(), "design=\"random\" points=\"20\""))), values_of(twenty));
  EXPECT_EQ(keys(points(sweep_of(random_axes(true), "design=\"random\" points=\"20\""))), keys(twenty));
  const auto ten = values_of(points(sweep_of(random_axes(), "design=\"random\" points=\"10\"")));
  EXPECT_TRUE(std::equal(ten.begin(), ten.end(), values_of(twenty).begin()));
  EXPECT_NE(values_of(points(sweep_of(random_axes(), "design=\"random\" points=\"20\" design-seed=\"2\""))),
            values_of(twenty));
}

TEST(SweepDesigns, RandomValuesAreEvenlySpread) {
  const auto all = points(sweep_of(random_axes(), "design=\"random\" points=\"4000\""));
  std::size_t below = 0;
  std::size_t asp = 0;
  for (const SweepPoint& point : all) {
    const double rate = number_in(point.values[0]).value();
    EXPECT_GE(rate, 0.001);
    EXPECT_LE(rate, 1);
    below += rate < 0.01 ? 1 : 0;
    asp += point.values[2] == "asp" ? 1 : 0;
  }
  // A decade of three, and a half: within five standard deviations.
  EXPECT_NEAR(static_cast<double>(below), 4000.0 / 3, 5 * std::sqrt(4000 * 2.0 / 9));
  EXPECT_NEAR(static_cast<double>(asp), 2000, 5 * std::sqrt(1000.0));
}

TEST(SweepDesigns, RandomDrawsACombinationOnce) {
  EXPECT_EQ(points(sweep_of(std::string(kRate) + kConsistency, "design=\"random\" points=\"200\"")).size(), 4U);
}

TEST(SweepDesigns, LatinHypercubeHasOnePointInEachPartOfEveryAxis) {
  constexpr std::size_t kPoints = 50;
  const auto all = points(sweep_of(random_axes(), "design=\"latin-hypercube\" points=\"50\""));
  ASSERT_EQ(all.size(), kPoints);
  std::set<std::size_t> rates;
  std::set<std::size_t> times;
  std::size_t asp = 0;
  for (const SweepPoint& point : all) {
    const double rate = (std::log10(number_in(point.values[0]).value()) + 3) / 3;
    const double time = (number_in(point.values[1]).value() - 1e-3) / 1e-3;
    rates.insert(static_cast<std::size_t>(rate * kPoints));
    times.insert(static_cast<std::size_t>(time * kPoints));
    asp += point.values[2] == "asp" ? 1 : 0;
  }
  EXPECT_EQ(rates.size(), kPoints);
  EXPECT_EQ(times.size(), kPoints);
  EXPECT_EQ(asp, kPoints / 2);
}

struct Refusal {
  std::string sweep;
  std::string message;
};

TEST(SweepReader, SaysWhatIsWrongAndWhere) {
  const std::string rate = kRate;
  const std::vector<Refusal> refusals = {
      {sweep_of("<axis path=\"//optimizer/@x\" name=\"a\" values=\"1\"/>\n<axis path=\"//nothing/@x\" values=\"1\"/>"),
       "6: <axis>: '//nothing/@x' matches nothing"},
      {sweep_of("<axis path=\"//optimizer\" values=\"1\"/>"), "is no XPath of an attribute"},
      {sweep_of("<axis path=\"//[/@x\" values=\"1\"/>"), "is no XPath of an attribute"},
      {sweep_of("<axis path=\"//role[@name='worker']\" values=\"1\"/>"), "is no XPath of an attribute"},
      {sweep_of(rate + "\n" + "<axis path=\"//stop/@time\" name=\"rate\" values=\"1\"/>"),
       "6: <axis>: the name 'rate'"},
      {sweep_of(rate + "<axis path=\"//optimizer/@learning-rate\" name=\"b\" values=\"1\"/>"), "sets the same"},
      {sweep_of("<axis path=\"//stop/@time\" values=\"1,2\" zip=\"z\"/>\n"
                "<axis path=\"//training/@batch\" values=\"1,2,3\" zip=\"z\"/>"),
       "6: <axis>: 3 values move together with 2"},
      {sweep_of("<axis path=\"//stop/@time\" values=\"1,,2\"/>"), "has an empty one"},
      {sweep_of("<axis path=\"//stop/@time\" values=\"1,1\"/>"), "'1' stands twice"},
      {sweep_of("<axis path=\"//stop/@time\" name=\"seed\" values=\"1,2\"/>"), "another name"},
      {sweep_of("<axis path=\"//stop/@time\" from=\"1\" to=\"2\"/>"), "needs step or points"},
      {sweep_of("<axis path=\"//stop/@time\" from=\"1s\" to=\"2ms\" points=\"2\"/>"), "units"},
      {sweep_of("<axis path=\"//stop/@time\" from=\"2\" to=\"1\" points=\"2\"/>"), "from is not below to"},
      {sweep_of("<axis path=\"//stop/@time\" from=\"0\" to=\"1\" points=\"2\" scale=\"log\"/>"), "from above 0"},
      {sweep_of("<axis path=\"//stop/@time\" from=\"0\" to=\"1e9\" step=\"1e-9\"/>"), "allowed: 2 to 1000000"},
      {sweep_of("<axis path=\"//stop/@time\" from=\"a\" to=\"b\" points=\"2\"/>"), "a range needs from and to"},
      {sweep_of("<axis path=\"//stop/@time\"/>"), "needs values, or from and to"},
      {sweep_of("<axis name=\"x\"/>"), "needs a path or an element <case>"},
      {sweep_of("<axis name=\"x\"><case name=\"y\"><role name=\"worker\" hosts=\"a\"/></case></axis>"),
       "<role> 2 times"},
      {sweep_of(std::string(kNetwork) + "<axis name=\"x\"><case name=\"y\"><network model=\"CM02\"/></case></axis>"),
       "both have <network>"},
      {sweep_of(rate + "<exclude><when axis=\"raet\" values=\"0.1\"/></exclude>"), "did you mean 'rate'"},
      {sweep_of(rate + "<exclude><when axis=\"rate\" values=\"0.3\"/></exclude>"), "'0.3' is not on the axis"},
      {sweep_of(rate + "<exclude><when axis=\"rate\"/></exclude>"), "needs values, above or below"},
      {sweep_of(rate + "<exclude><when axis=\"rate\" above=\"much\"/></exclude>"), "is no number"},
      {sweep_of(rate, "seeds=\"3-1\""), "are no seeds"},
      {sweep_of(rate, "seeds=\"1, 1\""), "are no seeds"},
      {sweep_of(rate, "seeds=\"1-99999999999\""), "are no seeds"},
      {sweep_of(rate, "points=\"3\""), "a grid has all combinations"},
      {sweep_of(rate, "design=\"random\""), "needs the number of points"},
      {"<sweep/>", "varies nothing"},
      {"", "has no element <sweep>"},
  };
  for (const Refusal& refusal : refusals) {
    const SweepResult result = read(refusal.sweep);
    std::string all;
    for (const Diagnostic& problem : result.problems) {
      EXPECT_TRUE(problem.line >= kSweepLine || refusal.sweep.empty()) << to_string(problem);
      all += to_string(problem) + "\n";
    }
    EXPECT_NE(all.find(refusal.message), std::string::npos) << refusal.sweep << "\n" << all;
  }
}

TEST(SweepReader, PathsMayLeadIntoWhatACaseBrings) {
  const auto all = points(sweep_of("<axis path=\"//host-speed/@factor\" values=\"0.5\"/>" + std::string(kNetwork)));
  EXPECT_EQ(all.size(), 2U);
}

TEST(SweepReader, OverridesAreOfTheScenarioAndNotOfTheSweep) {
  const std::string sweep = sweep_of(kNetwork);
  const test::TemporaryFile file("sweep.xml", kBefore + sweep + "</scenario>");
  const LoadResult loaded = load_scenario(file.path(), {"//network/@model=SMPI"}, {});
  ASSERT_TRUE(loaded.scenario) << to_string(loaded.problems.front());
  EXPECT_EQ(loaded.sweep_line, kSweepLine);
  EXPECT_EQ(loaded.effective_xml.find("<sweep"), std::string::npos);
  const SweepResult read_again = load_sweep(file.path(), {"//network/@model=SMPI"}, {});
  EXPECT_NE(read_again.sweep->base.find("SMPI"), std::string::npos);
  EXPECT_EQ(read_again.sweep->axes[0].levels[1].overrides[0], "/scenario//network=<network model=\"LV08\"/>");
}

TEST(SweepReader, BaseIsWithoutCommentsSeedAndSweep) {
  const std::string base = settings(sweep_of(kRate)).base;
  EXPECT_EQ(settings("<!-- said -->" + sweep_of(kConsistency)).base, base);
  EXPECT_EQ(base.find("seed"), std::string::npos);
  EXPECT_NE(read(sweep_of(kRate), {"//training/@batch=5"}).sweep->base, base);
}

TEST(SweepLevels, AreRefusedWhereNoPointCanHaveThem) {
  const auto check = [](const std::string& sweep) {
    const test::TemporaryFile file("sweep.xml", kBefore + sweep + "</scenario>");
    const SweepSettings read = *load_sweep(file.path(), {}, {}).sweep;
    std::string all;
    std::set<std::filesystem::path> inputs;
    for (const Diagnostic& problem : check_levels(read, expand(read), {}, inputs)) {
      all += to_string(problem) + "\n";
    }
    return all;
  };
  EXPECT_EQ(check(sweep_of(std::string(kRate) + kConsistency + kNetwork)), "");
  const std::string refused =
      check(sweep_of(kRate + std::string("\n<axis path=\"//strategy/@consistency\" values=\"bsp, apx\"/>")));
  EXPECT_NE(refused.find(":6: value 'apx' of the axis 'consistency': "), std::string::npos) << refused;
  EXPECT_EQ(refused.find("bsp'"), std::string::npos) << refused;
  // Of ssp alone.
  EXPECT_EQ(check(sweep_of("<axis path=\"//strategy/@bound\" values=\"3\"/><axis path=\"//strategy/@consistency\" "
                           "values=\"bsp, ssp\"/>")),
            "");
}

}  // namespace
}  // namespace descent
