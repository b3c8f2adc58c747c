// `descent validate` on scenarios of three ranks that take a fraction of a second.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <optional>

namespace descent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRing = "<strategy kind=\"allreduce\"><collective kind=\"ring\"/></strategy>";
constexpr const char* kCoordinator = "<strategy kind=\"allreduce\"><collective kind=\"coordinator\"/></strategy>";
constexpr const char* kServer = "<strategy kind=\"parameter-server\" consistency=\"bsp\"/>";
constexpr const char* kRacing = "<strategy kind=\"parameter-server\" consistency=\"asp\"/>";
constexpr const char* kThreeWorkers = "<role name=\"worker\" hosts=\"alpha beta gamma\"/>";
constexpr const char* kTwoWorkers =
    "<role name=\"worker\" hosts=\"alpha beta\"/><role name=\"server\" hosts=\"gamma\"/>";

/// Of the platform, two links; and of a ring of three.
constexpr double kLatency = 200e-6;
constexpr int kRounds = 4;

/// At most 20 steps, of 10 ms each by default, and vectors of `bytes`.
void write_scenario(const fs::path& path, const std::string& deployment, const std::string& strategy,
                    const std::string& bytes = "1MB", const std::string& flops = "10Mf") {
  std::ofstream(path)
      << "<?xml version=\"1.0\"?>\n<scenario version=\"1\" name=\"of-three\" seed=\"1\"><platform file=\""
      << test::source_path("platforms/three-hosts.xml") << "\"/><network model=\"CM02\" tcp-gamma=\"0B\"/><deployment>"
      << deployment << "</deployment><model kind=\"quadratic\" dimension=\"99\"><cost flops-per-sample=\"" << flops
      << "\" parameter-bytes=\"" << bytes
      << "\"/></model><training batch=\"1\"><optimizer kind=\"sgd\" learning-rate=\"0.1\"/></training>" << strategy
      << "<stop iterations=\"20\" target-loss=\"0.04\"/><observe every=\"5\"/></scenario>\n";
}

test::Outcome validate(const std::string& words, bool with_errors = false) {
  return test::shell(std::string(DESCENT_PROGRAM) + " validate " + words, with_errors);
}

struct Row {
  std::string unit;
  std::optional<double> median;
  std::optional<double> least;
  std::optional<double> most;
  std::optional<double> predicted;
  std::optional<double> error;
};

/// Of a validation.csv, by scenario and quantity.
std::map<std::pair<std::string, std::string>, Row> read_rows(const fs::path& path) {
  std::map<std::pair<std::string, std::string>, Row> rows;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "scenario,quantity,unit,measured_median,measured_min,measured_max,predicted,error");
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    const auto text = [&] {
      std::string field;
      std::getline(fields, field, ',');
      return field;
    };
    const auto number = [&]() -> std::optional<double> {
      const std::string field = text();
      return field.empty() ? std::nullopt : std::optional(std::stod(field));
    };
    const std::string scenario = text();
    const std::string quantity = text();
    Row& row = rows[{scenario, quantity}];
    row.unit = text();
    for (auto* value : {&row.median, &row.least, &row.most, &row.predicted, &row.error}) {
      *value = number();
    }
  }
  return rows;
}

TEST(Validate, ComparesRealRunsWithSimulations) {
  const test::TemporaryDirectory directory;
  const fs::path ring = directory.path() / "ring.xml";
  const fs::path racing = directory.path() / "asp.xml";
  write_scenario(ring, kThreeWorkers, kRing);
  write_scenario(racing, kTwoWorkers, kRacing);
  const fs::path out = directory.path() / "out";
  const std::string words = ring.string() + " " + racing.string() + " --paced --out " + out.string();
  const test::Outcome outcome = validate(words + " --repeats 3");
  EXPECT_EQ(outcome.exit_code, 0) << validate(words, true).output;
  EXPECT_NE(outcome.output.find("✓"), std::string::npos) << outcome.output;
  auto rows = read_rows(out / "validation.csv");
  for (const std::string scenario : {"ring", "asp"}) {
    const Row& time = rows[{scenario, "iteration_time_s"}];
    EXPECT_EQ(time.unit, "s");
    EXPECT_GT(*time.predicted, scenario == "ring" ? 10e-3 : 5e-3);
    EXPECT_GT(*time.median, scenario == "ring" ? 10e-3 : 5e-3);
    EXPECT_LE(*time.least, *time.median);
    EXPECT_LE(*time.median, *time.most);
    EXPECT_NEAR(*time.error, (*time.predicted - *time.median) / *time.median, 1e-6);
  }
  EXPECT_EQ((rows[{"ring", "bytes_sent"}].error), 0);
  EXPECT_EQ((rows[{"ring", "digest_difference"}].error), 0);
  EXPECT_EQ((rows[{"ring", "loss_difference"}].error), 0);
  EXPECT_EQ((rows[{"ring", "staleness_distance"}].error), 0);
  EXPECT_NEAR((*rows[{"ring", "collective_time_s"}].predicted), kRounds * (kLatency + 1e6 / 3 * 1e-9), 1e-8);
  EXPECT_GT((*rows[{"ring", "collective_time_s"}].median), 0);
  EXPECT_FALSE((rows[{"asp", "collective_time_s"}].predicted));
  EXPECT_TRUE(fs::exists(out / "validation.json"));
  EXPECT_TRUE(fs::exists(out / "validation.md"));

  // With fewer repeats, the third is no result any more.
  EXPECT_TRUE(fs::exists(out / "ring" / "mpi-3" / "summary.json"));
  const test::Outcome again = validate(words + " --repeats 1 --json");
  EXPECT_FALSE(fs::exists(out / "ring" / "mpi-3" / "summary.json"));
  const auto json = nlohmann::json::parse(again.output);
  EXPECT_EQ(json["repeats"], 1);
  EXPECT_EQ(json["scenarios"][0]["digests"], "equal");
  EXPECT_NE(json["scenarios"][1]["digests"], "different");
  // Two workers that wait for nobody make two updates in the time of one.
  EXPECT_EQ(json["ranking"]["scenarios"], 2);
  EXPECT_EQ(json["ranking"]["kendall_tau"], 1);
}

nlohmann::json validate_by_smpi(const test::TemporaryDirectory& directory, const std::string& files) {
  const test::Outcome outcome = validate(files + " --smpi --json --out " + (directory.path() / "out").string());
  EXPECT_EQ(outcome.exit_code, 0);
  auto told = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(told["measured_by"], "smpi");
  for (const auto& scenario : told["scenarios"]) {
    EXPECT_EQ(scenario["digests"], "equal") << scenario["scenario"];
  }
  return told;
}

TEST(Validate, AgreesWithSmpiOnThatPlatform) {
  const test::TemporaryDirectory directory;
  std::string files;
  for (const auto& [name, deployment, strategy] : {std::tuple{"ring", kThreeWorkers, kRing},
                                                   {"coordinator", kThreeWorkers, kCoordinator},
                                                   {"bsp", kTwoWorkers, kServer}}) {
    const fs::path file = directory.path() / (std::string(name) + ".xml");
    write_scenario(file, deployment, strategy, "3kB");
    files += file.string() + " ";
  }
  const auto told = validate_by_smpi(directory, files);
  for (const auto& scenario : told["scenarios"]) {
    for (const char* quantity : {"iteration_time_s", "iteration_time_p50_s", "time_s"}) {
      // Ranks begin within a latency of each other.
      EXPECT_NEAR(scenario["quantities"][quantity]["error"].get<double>(), 0, 0.002)
          << scenario["scenario"] << " " << quantity;
    }
  }
  for (const int collective : {0, 1}) {
    EXPECT_NEAR(told["scenarios"][collective]["quantities"]["collective_time_s"]["error"].get<double>(), 0, 0.001);
  }
}

/// A large message's header goes first, and under SMPI takes a latency of its own. That is the whole of the error, and
/// the explanation says so.
TEST(Validate, ExplainsWhatSmpiTakesForHeaders) {
  const test::TemporaryDirectory directory;
  write_scenario(directory.path() / "ring.xml", kThreeWorkers, kRing);
  const auto told = validate_by_smpi(directory, (directory.path() / "ring.xml").string());
  for (const char* quantity : {"iteration_time_p50_s", "collective_time_p50_s"}) {
    const auto& time = told["scenarios"][0]["quantities"][quantity];
    EXPECT_NEAR(time["measured"]["median"].get<double>() - time["predicted"].get<double>(), kRounds * kLatency, 1e-5);
  }
  EXPECT_NE(told["explanations"][0].get<std::string>().find("an iteration): communication "), std::string::npos)
      << told["explanations"];
}

TEST(Validate, KeepsAScenarioThatFailsWithItsReason) {
  const test::TemporaryDirectory directory;
  write_scenario(directory.path() / "good.xml", kThreeWorkers, kRing);
  write_scenario(directory.path() / "bad.xml", "<role name=\"worker\" hosts=\"delta\"/>", kRing);
  const fs::path out = directory.path() / "out";
  const std::string words = (directory.path() / "bad.xml").string() + " " + (directory.path() / "good.xml").string() +
                            " --smpi --out " + out.string();
  const test::Outcome outcome = validate(words);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("bad failed: simulation: "), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("delta"), std::string::npos) << outcome.output;
  auto rows = read_rows(out / "validation.csv");
  EXPECT_EQ(rows.count({"bad", "failure"}), 1U);
  EXPECT_EQ((rows[{"good", "digest_difference"}].error), 0);
}

/// Processes that run with a word in which the text occurs.
int processes_with(const std::string& text) {
  int count = 0;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc")) {
    std::ifstream in(process.path() / "cmdline");
    const std::string words{std::istreambuf_iterator<char>(in), {}};
    count += words.find(text) != std::string::npos ? 1 : 0;
  }
  return count;
}

/// Of a paced run whose steps last 100 s nothing is left after ten, and the other scenario is compared.
TEST(Validate, EndsARunThatTakesLongerThanTheTimeLimit) {
  const test::TemporaryDirectory directory;
  write_scenario(directory.path() / "slow.xml", kThreeWorkers, kRing, "1MB", "100Gf");
  write_scenario(directory.path() / "good.xml", kThreeWorkers, kRing);
  const fs::path out = directory.path() / "out";
  const test::Outcome outcome =
      validate((directory.path() / "slow.xml").string() + " " + (directory.path() / "good.xml").string() +
               " --paced --repeats 2 --time-limit 10s --out " + out.string());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("slow failed: repeat 1 over mpi: had not ended after 10 s"), std::string::npos)
      << outcome.output;
  EXPECT_FALSE(fs::exists(out / "slow" / "mpi-2"));
  EXPECT_EQ((read_rows(out / "validation.csv")[{"good", "digest_difference"}].error), 0);
  EXPECT_EQ(processes_with((out / "slow").string()), 0);
}

std::string rows_of_iteration_times(const std::string& prefix) {
  std::string rows = "scenario,quantity,unit,measured_median,measured_min,measured_max,predicted,error\n";
  for (const std::string row : {"a,iteration_time_s,s,0.01,0.0099,0.0102,0.0101,0.01\n",
                                "b,iteration_time_s,s,0.02,0.0199,0.0202,0.0208,0.04\n",
                                "c,iteration_time_s,s,0.03,0.0299,0.0302,0.0330,0.1\n"}) {
    rows += prefix + row;
  }
  return rows;
}

struct Pixels {
  int width = 0;
  int height = 0;
};

/// Draws the table, in which layouts that do not come out are errors.
Pixels draw(const fs::path& directory, const std::string& table) {
  std::ofstream(directory / "table.csv") << table;
  const fs::path png = directory / "figure.png";
  const test::Outcome outcome =
      test::shell("/usr/bin/python3 -W error::UserWarning " + test::source_path("plots/validation.py") + " " +
                      (directory / "table.csv").string() + " -o " + png.string(),
                  true);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  std::ifstream in(png, std::ios::binary);
  std::array<unsigned char, 24> head{};
  in.read(reinterpret_cast<char*>(head.data()), head.size());
  const auto number = [&](std::size_t at) {
    return (head[at] << 24) | (head[at + 1] << 16) | (head[at + 2] << 8) | head[at + 3];
  };
  return {number(16), number(20)};
}

TEST(ValidationFigure, GivesLongNamesRoomBesideThePanels) {
  if (test::shell("/usr/bin/python3 -c 'import matplotlib, pandas'").exit_code != 0) {
    GTEST_SKIP() << "python3-matplotlib and python3-pandas are not installed";
  }
  const test::TemporaryDirectory directory;
  const Pixels of_short = draw(directory.path(), rows_of_iteration_times(""));
  const Pixels of_long =
      draw(directory.path(), rows_of_iteration_times("a-parameter-server-with-bounded-staleness-and-backup-workers-"));
  EXPECT_GT(of_long.width, of_short.width + 600);  // two inches
  EXPECT_NEAR(of_long.height, of_short.height, 15);
}

TEST(Validate, RefusesBadUsage) {
  const std::string file = test::source_path("scenarios/three-hosts.xml");
  for (const std::string& words :
       {std::string(), std::string("nowhere.xml"), file + " --repeats 0", file + " --time-limit 0s",
        file + " --time-limit soon", file + " --platform nowhere.xml", file + " --smpi --hostfile " + file}) {
    EXPECT_EQ(validate(words).exit_code, 2) << words;
  }
}

}  // namespace
}  // namespace descent
