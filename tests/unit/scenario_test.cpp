#include "algorithms/catalogue.hpp"
#include "sim/disturbance/distributions.hpp"
#include "sim/scenario/document.hpp"
#include "sim/scenario/elements.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/reader.hpp"
#include "sim/scenario/schema.hpp"
#include "sim/scenario/source_lines.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace descent {
namespace {

constexpr std::string_view kValid = R"(<scenario version="1" name="base" seed="7">
  <platform file="platform.xml"/>
  <network model="CM02"/>
  <deployment>
    <role name="worker" hosts="a b" count="4"/>
    <role name="server" hosts="c"/>
  </deployment>
  <data source="csv" file="data/train.csv">
    <partition kind="dirichlet" alpha="0.5" shards="8"/>
  </data>
  <model kind="mlp" hidden="16">
    <cost flops-per-sample="2Gf" parameter-bytes="100MB"/>
  </model>
  <training batch="10" precision="double">
    <optimizer kind="momentum" learning-rate="0.1"/>
  </training>
  <strategy kind="parameter-server" consistency="ssp" bound="3"/>
  <disturbances>
    <slowdown distribution="log-normal" sigma="0.5"/>
    <host-speed hosts="b" factor="0.5"/>
  </disturbances>
  <stop time="500ms" epochs="1.5"/>
  <observe every="5"/>
</scenario>
)";

class ScenarioTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / ("descent-scenario-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path write(std::string_view text, const std::string& name = "scenario.xml") const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
    return directory_ / name;
  }

  LoadResult load(std::string_view text, const std::vector<std::string>& overrides = {},
                  std::optional<std::uint64_t> seed = std::nullopt) const {
    return load_scenario(write(text), overrides, seed);
  }

  std::filesystem::path directory_;
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string all(const LoadResult& result) {
  std::string text;
  for (const Diagnostic& problem : result.problems) {
    text += to_string(problem) + "\n";
  }
  return text;
}

/// `result` has exactly this problem.
void expect_problem(const LoadResult& result, int line, const std::string& what) {
  EXPECT_FALSE(result.scenario);
  ASSERT_EQ(result.problems.size(), 1U) << all(result);
  EXPECT_EQ(result.problems[0].line, line) << all(result);
  EXPECT_NE(result.problems[0].what.find(what), std::string::npos) << all(result);
}

TEST_F(ScenarioTest, ReadsEveryElement) {
  const LoadResult result = load(kValid);
  ASSERT_TRUE(result.scenario) << all(result);
  const Scenario& s = *result.scenario;
  EXPECT_EQ(s.name, "base");
  EXPECT_EQ(s.seed, 7U);
  EXPECT_EQ(s.platform, directory_ / "platform.xml");
  EXPECT_EQ(s.platform_line, 2);
  EXPECT_EQ(s.network.model, "CM02");
  EXPECT_FALSE(s.network.crosstraffic);
  EXPECT_EQ(s.network.tcp_gamma, 4194304);
  EXPECT_FALSE(s.network.latency_factor);
  EXPECT_EQ(s.network.fidelity, "message");
  ASSERT_EQ(s.deployment.size(), 2U);
  EXPECT_EQ(s.deployment[0].count, 4U);
  EXPECT_FALSE(s.deployment[1].count);
  EXPECT_EQ(s.deployment[1].line, 6);
  ASSERT_TRUE(s.data);
  EXPECT_EQ(s.data->settings.text("file"), (directory_ / "data/train.csv").string());
  EXPECT_EQ(s.partition.kind, "dirichlet");
  EXPECT_EQ(s.partition.settings.real("alpha"), 0.5);
  EXPECT_FALSE(s.partition.settings.has("shards"));
  EXPECT_EQ(s.shards, 8U);
  EXPECT_EQ(s.model.kind, "mlp");
  EXPECT_EQ(s.cost.flops_per_sample, 2e9);
  EXPECT_EQ(s.cost.parameter_bytes, 1e8);
  EXPECT_FALSE(s.cost.compute_free);
  EXPECT_EQ(s.training.batch, 10U);
  EXPECT_FALSE(s.training.global_batch);
  EXPECT_EQ(s.training.precision, Precision::double_precision);
  EXPECT_EQ(s.training.optimizer.settings.real("momentum"), 0.9);
  EXPECT_EQ(s.training.schedule.kind, "constant");
  EXPECT_EQ(s.strategy.settings.integer("bound"), 3U);
  EXPECT_FALSE(s.collective);
  EXPECT_FALSE(s.compression);
  ASSERT_EQ(s.host_speeds.size(), 1U);
  EXPECT_EQ(s.host_speeds[0].factor, 0.5);
  ASSERT_EQ(s.slowdowns.size(), 1U);
  EXPECT_EQ(s.slowdowns[0].hosts, "*");
  EXPECT_EQ(s.slowdowns[0].distribution.kind, "log-normal");
  EXPECT_EQ(s.slowdowns[0].distribution.settings.real("mean"), 1);
  EXPECT_EQ(s.slowdowns[0].distribution.settings.real("sigma"), 0.5);
  EXPECT_FALSE(s.slowdowns[0].shared);
  EXPECT_EQ(s.stop.time_s, 0.5);
  EXPECT_EQ(s.stop.epochs, 1.5);
  EXPECT_FALSE(s.stop.iterations);
  EXPECT_EQ(s.observe.every_iterations, 5U);
}

TEST_F(ScenarioTest, ReadsACompression) {
  const std::string text = replaced(std::string(kValid), "bound=\"3\"/>",
                                    "bound=\"3\">\n<compression kind=\"top-k\" ratio=\"0.01\" "
                                    "error-feedback=\"yes\"/></strategy>");
  std::vector<Diagnostic> problems;
  const auto document = Document::read(write(text), problems);
  ASSERT_TRUE(document);
  std::vector<Finding> findings;
  const Scenario s = read_scenario(*document, findings);
  EXPECT_TRUE(findings.empty());
  ASSERT_TRUE(s.compression);
  EXPECT_EQ(s.compression->kind, "top-k");
  EXPECT_EQ(s.compression->line, 18);
  EXPECT_EQ(s.compression->settings.real("ratio"), 0.01);
  EXPECT_FALSE(s.compression->settings.has("k"));
  EXPECT_EQ(s.compression->settings.text("error-feedback"), "yes");
}

TEST_F(ScenarioTest, ElementsComeInAnyOrder) {
  std::string text = replaced(std::string(kValid), "  <network model=\"CM02\"/>\n", "");
  text = replaced(text, "  <observe", "  <network model=\"IB\"/>\n  <observe");
  const LoadResult result = load(text);
  ASSERT_TRUE(result.scenario) << all(result);
  EXPECT_EQ(result.scenario->network.line, 22);
}

TEST_F(ScenarioTest, ReportsAllProblemsAtOnceInTheOrderOfLines) {
  std::string text = replaced(std::string(kValid), "model=\"CM02\"", "model=\"CM03\"");
  text = replaced(text, "<role name=\"server\" hosts=\"c\"/>", "");
  text = replaced(text, "learning-rate=\"0.1\"", "learning-rate=\"fast\"");
  text = replaced(text, "every=\"5\"", "every=\"5\" every-time=\"1s\"");
  const LoadResult result = load(text);
  ASSERT_EQ(result.problems.size(), 4U) << all(result);
  EXPECT_EQ(result.problems[0].line, 3);
  EXPECT_EQ(result.problems[1].line, 4);
  EXPECT_EQ(result.problems[2].line, 15);
  EXPECT_EQ(result.problems[3].line, 23);
}

TEST_F(ScenarioTest, ContinuesAfterUnexpectedElements) {
  std::string text = replaced(std::string(kValid), "  <network", "  <bogus/>\n  <modl kind=\"mlp\"/>\n  <network");
  text = replaced(text, "<stop time", "<stop tme=\"1s\" time");
  const LoadResult result = load(text);
  ASSERT_EQ(result.problems.size(), 3U) << all(result);
  EXPECT_NE(result.problems[0].what.find("unknown element <bogus>"), std::string::npos) << all(result);
  EXPECT_NE(result.problems[1].what.find("did you mean 'model'"), std::string::npos) << all(result);
  EXPECT_NE(result.problems[2].what.find("time"), std::string::npos) << all(result);
}

TEST_F(ScenarioTest, AProblemBringsNoOthersThatFollowFromIt) {
  expect_problem(load(replaced(std::string(kValid), "<stop time=\"500ms\" epochs=\"1.5\"/>", "")), 1,
                 "needs an element <stop>");
  expect_problem(load(replaced(std::string(kValid), "batch=\"10\"", "batch=\"ten\"")), 14, "batch");
  expect_problem(load(replaced(std::string(kValid), "kind=\"parameter-server\"", "kind=\"parameter-serve\"")), 17,
                 "did you mean 'parameter-server'");
  expect_problem(load(replaced(std::string(kValid), "kind=\"mlp\" ", "")), 11, "needs the attribute 'kind'");
}

TEST_F(ScenarioTest, ProblemsAreAtTheLineOfTheAttribute) {
  const std::string text = replaced(std::string(kValid), "<network model=\"CM02\"/>",
                                    "<network\n    model=\"CM02\"\n    latency-factor=\"-1\"\n    />");
  expect_problem(load(text), 5, "latency-factor");
}

TEST_F(ScenarioTest, SuggestsTheNearestAttribute) {
  const LoadResult result =
      load(replaced(std::string(kValid), "learning-rate=\"0.1\"", "learningrate=\"0.1\" learning-rate=\"0.1\""));
  expect_problem(result, 15, "did you mean 'learning-rate'");
}

TEST_F(ScenarioTest, SeedAndOverrides) {
  const LoadResult result =
      load(kValid,
           {"//optimizer/@learning-rate=0.25", "/scenario/network/@crosstraffic=yes", "//role[@name='worker']/@count=6",
            "//stop=<stop iterations=\"9\"/>", "//role[@name=\"server\"]/@hosts=x=y"},
           18446744073709551615U);
  ASSERT_TRUE(result.scenario) << all(result);
  EXPECT_EQ(result.scenario->training.optimizer.settings.real("learning-rate"), 0.25);
  EXPECT_TRUE(result.scenario->network.crosstraffic);
  EXPECT_EQ(result.scenario->deployment[0].count, 6U);
  EXPECT_EQ(result.scenario->deployment[1].hosts, "x=y");
  EXPECT_EQ(result.scenario->stop.iterations, 9U);
  EXPECT_FALSE(result.scenario->stop.epochs);
  EXPECT_EQ(result.scenario->seed, 18446744073709551615U);
}

TEST_F(ScenarioTest, OverridesThatDoNotFit) {
  expect_problem(load(kValid, {"//optimiser/@learning-rate=1"}), 0,
                 "--set //optimiser/@learning-rate=1: matches nothing");
  expect_problem(load(kValid, {"//stop"}), 0, "XPATH=VALUE");
  expect_problem(load(kValid, {"//stop[=1"}), 0, "XPATH=VALUE");
  expect_problem(load(kValid, {"//[=1]/@a=1"}), 0, "not an XPath");
  expect_problem(load(kValid, {"count(//stop)=1"}), 0, "not an XPath");
  expect_problem(load(kValid, {"//stop=5"}), 0, "only an element can replace");
  expect_problem(load(kValid, {"//@nothing=5"}), 0, "matches nothing");
}

TEST_F(ScenarioTest, BadValuesOfOverridesNameTheOverride) {
  expect_problem(load(kValid, {"//optimizer/@learning-rate=-1"}), 15, "(from --set //optimizer/@learning-rate=-1)");
  expect_problem(load(kValid, {"//stop=<stop itrations=\"1\" time=\"1s\"/>"}), 22, "(from --set //stop=");
}

TEST_F(ScenarioTest, EffectiveScenarioGivesTheSameRunElsewhere) {
  const LoadResult first = load(kValid, {"//stop/@epochs=2"}, 99);
  ASSERT_TRUE(first.scenario) << all(first);
  std::filesystem::create_directories(directory_ / "results/run");
  const std::string text = effective_scenario(first, directory_ / "results/run");
  EXPECT_NE(text.find("file=\"../../platform.xml\""), std::string::npos) << text;
  EXPECT_NE(text.find("file=\"../../data/train.csv\""), std::string::npos) << text;
  const LoadResult second = load_scenario(write(text, "results/run/scenario.xml"), {}, std::nullopt);
  ASSERT_TRUE(second.scenario) << all(second) << text;
  EXPECT_EQ(second.scenario->seed, 99U);
  EXPECT_EQ(second.scenario->stop.epochs, 2);
  EXPECT_TRUE(std::filesystem::weakly_canonical(second.scenario->platform) ==
              std::filesystem::weakly_canonical(first.scenario->platform));
  EXPECT_EQ(effective_scenario(second, directory_ / "results/run"), text);
}

TEST_F(ScenarioTest, RolesOfStrategies) {
  const std::string strategy = "<strategy kind=\"parameter-server\" consistency=\"ssp\" bound=\"3\"/>";
  expect_problem(load(replaced(std::string(kValid), strategy, "<strategy kind=\"sgd\"/>")), 4, "has no servers");
  expect_problem(load(replaced(std::string(kValid), strategy, "<strategy kind=\"gradient-descent\"/>"),
                      {"//deployment=<deployment><role name=\"worker\" hosts=\"a\"/></deployment>"}),
                 14, "full batch");
  expect_problem(load(replaced(std::string(kValid), strategy, "<strategy kind=\"allreduce\"/>"),
                      {"//deployment=<deployment><role name=\"worker\" hosts=\"a\"/></deployment>"}),
                 17, "needs an element <collective>");
  expect_problem(
      load(replaced(std::string(kValid), strategy, "<strategy kind=\"d-sgd\"><collective kind=\"ring\"/></strategy>")),
      17, "takes no <collective>");
  expect_problem(load(replaced(std::string(kValid), "<role name=\"server\" hosts=\"c\"/>", "")), 4, "needs a server");
}

TEST_F(ScenarioTest, SemanticChecks) {
  expect_problem(load(kValid, {"//training/@global-batch=8"}), 14, "both are given");
  expect_problem(load(replaced(std::string(kValid), "batch=\"10\" ", "")), 14, "none is given");
  expect_problem(load(replaced(std::string(kValid), " bound=\"3\"", "")), 17, "needs the attribute 'bound'");
  expect_problem(load(kValid, {"//strategy/@consistency=asp"}), 17, "only ssp has");
  expect_problem(load(replaced(std::string(kValid), "\"ssp\" bound=\"3\"", "\"asp\" pull=\"when-stale\"")), 17,
                 "consistency=\"asp\" has no pull; only ssp has");
  expect_problem(load(kValid, {"//strategy/@pull=when-stale", "//strategy/@bucket=1kB"}), 17, "takes no bucket");
  expect_problem(load(kValid, {"//slowdown/@distribution=exponential"}), 19,
                 "'sigma' is not a parameter here; known: mean");
  expect_problem(load(replaced(std::string(kValid), " sigma=\"0.5\"", "")), 19,
                 "sigma is missing; a number > 0 is needed");
  expect_problem(load(replaced(std::string(kValid), "time=\"500ms\" epochs=\"1.5\"", "")), 22, "at least one of");
  expect_problem(load(replaced(std::string(kValid), " every=\"5\"", "")), 23, "exactly one of");
  expect_problem(load(kValid, {"//cost/@compute=free"}), 12, "without effect");
  expect_problem(
      load(kValid, {"//model=<model kind=\"quadratic\" dimension=\"5\"/>", "//stop=<stop iterations=\"1\"/>"}), 8,
      "takes no <data>");
}

TEST(SourceLines, FindsTagsAndAttributesWhereTheyAreWritten) {
  const std::vector<TagLines> tags = scan_tags(
      "<?xml\nversion='1.0'?><!-- <no a='1'>\n --><a\n x='1>\n2'\n y = \"'\"><b/>\n"
      "<![CDATA[<c>\n]]></a>");
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0].name, "a");
  EXPECT_EQ(tags[0].line, 3);
  ASSERT_EQ(tags[0].attributes.size(), 2U);
  EXPECT_EQ(tags[0].attributes[0], (std::pair<std::string, int>("x", 4)));
  EXPECT_EQ(tags[0].attributes[1], (std::pair<std::string, int>("y", 6)));
  EXPECT_EQ(tags[1].name, "b");
  EXPECT_EQ(tags[1].line, 6);
}

TEST(SourceLines, EndsOnAnyInput) {
  for (const char* text : {"", "<", "<a", "<a b", "<a b=", "<a b='", "<!--", "<![CDATA[", "<?", "</", "<a / b", "<>"}) {
    scan_tags(text);
  }
}

/// The schema's declaration of an element, wherever it stands.
const xmlNode* find_declaration(const xmlNode* below, const std::string& name) {
  for (const xmlNode* child : children_of(below)) {
    if (to_text(child->name) == "element" && attribute_of(child, "name") == name) {
      return child;
    }
    if (const xmlNode* found = find_declaration(child, name)) {
      return found;
    }
  }
  return nullptr;
}

/// Elements and attributes without documentation.
void collect_undocumented(const xmlNode* below, std::vector<std::string>& names) {
  for (const xmlNode* child : children_of(below)) {
    const std::string kind = to_text(child->name);
    if (kind == "element" || kind == "attribute") {
      const xmlNode* annotation = child_of(child, "annotation");
      if (!annotation || !child_of(annotation, "documentation")) {
        names.push_back(attribute_of(child, "name").value_or("?"));
      }
    }
    collect_undocumented(child, names);
  }
}

TEST(Schema, AgreesWithTheTableOfAttributes) {
  std::vector<Diagnostic> problems;
  const XmlDoc tree = parse_xml(schema_text(), "scenario.xsd", problems);
  ASSERT_TRUE(tree);
  for (const ElementAttributes& row : element_attributes()) {
    const xmlNode* declaration = find_declaration(xmlDocGetRootElement(tree.get()), std::string(row.element));
    ASSERT_TRUE(declaration) << row.element;
    std::map<std::string, const xmlNode*> declared;
    for (const xmlNode* attribute : children_of(child_of(declaration, "complexType"), "attribute")) {
      declared[attribute_of(attribute, "name").value()] = attribute;
    }
    for (const Parameter& parameter : row.attributes) {
      const auto found = declared.find(parameter.name);
      ASSERT_NE(found, declared.end()) << row.element << " " << parameter.name;
      EXPECT_EQ(attribute_of(found->second, "use") == "required", !parameter.fallback) << parameter.name;
      EXPECT_EQ(attribute_of(found->second, "default").value_or(""), parameter.fallback.value_or("")) << parameter.name;
      declared.erase(found);
    }
    // These have the catalogue's, or a distribution's, as well.
    EXPECT_TRUE(declared.empty() || row.element == "partition" || row.element == "slowdown" || row.element == "jitter")
        << row.element;
  }
}

/// What the schema takes for a section of the catalogue, beside the name of the choice.
std::set<std::string> declared_for(const xmlNode* schema, Section section) {
  const auto name = std::find_if(sections().begin(), sections().end(),
                                 [&](const SectionName& candidate) { return candidate.section == section; });
  const std::string element(name->name);
  const xmlNode* declaration = find_declaration(schema, element);
  std::set<std::string> names;
  for (const xmlNode* attribute : children_of(child_of(declaration, "complexType"), "attribute")) {
    names.insert(attribute_of(attribute, "name").value());
  }
  names.erase(section == Section::data ? "source" : "kind");
  if (section == Section::partition) {
    names.erase("shards");
  }
  return names;
}

TEST(Schema, AgreesWithTheCatalogue) {
  std::vector<Diagnostic> problems;
  const XmlDoc tree = parse_xml(schema_text(), "scenario.xsd", problems);
  for (const SectionName& section : sections()) {
    std::set<std::string> known;
    for (const Entry* entry : entries(section.section)) {
      for (const Parameter& parameter : entry->parameters) {
        known.insert(parameter.name);
      }
    }
    EXPECT_EQ(declared_for(xmlDocGetRootElement(tree.get()), section.section), known) << section.name;
  }
}

TEST(Schema, AgreesWithTheDistributions) {
  std::vector<Diagnostic> problems;
  const XmlDoc tree = parse_xml(schema_text(), "scenario.xsd", problems);
  for (const auto& [element, entries] :
       {std::pair("slowdown", slowdown_entries()), std::pair("jitter", jitter_entries())}) {
    std::set<std::string> known{"distribution"};
    for (const Parameter& parameter : attributes_of_element(element)) {
      known.insert(parameter.name);
    }
    for (const Entry* entry : entries) {
      for (const Parameter& parameter : entry->parameters) {
        known.insert(parameter.name);
      }
    }
    const xmlNode* declaration = find_declaration(xmlDocGetRootElement(tree.get()), element);
    std::set<std::string> declared;
    for (const xmlNode* attribute : children_of(child_of(declaration, "complexType"), "attribute")) {
      declared.insert(attribute_of(attribute, "name").value());
    }
    EXPECT_EQ(declared, known) << element;
  }
}

TEST(Schema, DocumentsEverything) {
  std::vector<Diagnostic> problems;
  const XmlDoc tree = parse_xml(schema_text(), "scenario.xsd", problems);
  std::vector<std::string> undocumented;
  collect_undocumented(xmlDocGetRootElement(tree.get()), undocumented);
  EXPECT_EQ(undocumented, std::vector<std::string>{});
}

TEST_F(ScenarioTest, FilesThatAreNoScenario) {
  EXPECT_NE(all(load_scenario(directory_ / "none.xml", {}, {})).find("no such file"), std::string::npos);
  EXPECT_NE(all(load_scenario(directory_, {}, {})).find("is a directory"), std::string::npos);
  expect_problem(load(""), 1, "empty");
  expect_problem(load("<platform version=\"4.1\"/>"), 1, "root element is <platform>");
  expect_problem(load("<!DOCTYPE s [<!ENTITY a \"b\">]>\n<s a=\"&a;\"/>"), 1, "document type");
  expect_problem(load("<scenario xmlns=\"urn:x\" version=\"1\" name=\"a\"/>"), 1, "");
  std::string unknown = "<scenario version=\"1\" name=\"a\">";
  for (int i = 0; i < 200; ++i) {
    unknown += "<bogus/>";
  }
  EXPECT_GE(load(unknown + "</scenario>").problems.size(), 50U);
  EXPECT_FALSE(load(std::string(100, '\0')).problems.empty());
  EXPECT_FALSE(load("<scenario>\xff\xfe</scenario>").problems.empty());
}

TEST_F(ScenarioTest, OtherEncodingsKeepTheirMeaning) {
  std::string wide("\xff\xfe", 2);
  for (const char c : kValid) {
    wide += c;
    wide += '\0';
  }
  const LoadResult result = load(wide);
  EXPECT_TRUE(result.scenario) << all(result);
}

}  // namespace
}  // namespace descent
