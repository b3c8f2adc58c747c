// A sweep in a directory of its own, on a scenario of a few hundredths of a second, and what its results file says.
#pragma once

#include "tests/support/program.hpp"
#include "tests/support/results_file.hpp"

#include <gtest/gtest.h>
#include <spawn.h>

#include <csignal>
#include <iterator>

namespace descent::test {

inline std::string value(const std::filesystem::path& file, const std::string& sql) {
  const Rows rows = query(file, sql);
  return rows.empty() ? "" : rows[0][0];
}

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Of those that are done: what would change if they were run again.
inline Rows done_points(const std::filesystem::path& file) {
  return query(file, "SELECT key, started, wall_s, session FROM points WHERE status = 'done' ORDER BY key");
}

inline constexpr const char* kRates =
    "<axis path=\"//optimizer/@learning-rate\" name=\"rate\" values=\"0.1, 0.2, 0.3\"/>";
inline constexpr const char* kConsistency = "<axis path=\"//strategy/@consistency\" values=\"bsp, asp\"/>";

class SweptScenario : public testing::Test {
 protected:
  /// small.xml with a <sweep>, and platforms where they are.
  void write(const std::string& sweep, const std::string& name = "swept") const {
    std::string text = text_of(source_path("tests/integration/small.xml"));
    const auto replace = [&](const std::string& what, const std::string& by) {
      text.replace(text.find(what), what.size(), by);
    };
    replace("../../platforms", source_path("platforms"));
    replace("name=\"small\"", "name=\"" + name + "\"");
    replace("</scenario>", sweep + "\n</scenario>");
    std::ofstream(file()) << text;
  }

  std::filesystem::path file() const { return directory_.path() / "swept.xml"; }
  std::filesystem::path out() const { return directory_.path() / "out"; }
  std::filesystem::path results() const { return out() / "results.sqlite"; }

  std::string command(const std::string& words = "") const {
    return std::string(DESCENT_PROGRAM) + " sweep " + file().string() + " --out " + out().string() + " " + words;
  }
  Outcome sweep(const std::string& words = "") const { return shell(command(words), true); }

  std::string done() const { return value(results(), "SELECT count(*) FROM points WHERE status = 'done'"); }

  /// key: digest of the parameters.
  Rows digests(const std::filesystem::path& file) const {
    return query(
        file,
        "SELECT key, json_extract(summary, '$.parameters_digest') FROM points WHERE status = 'done' ORDER BY key");
  }

  TemporaryDirectory directory_;
};

/// The program in the background.
class Background {
 public:
  explicit Background(const std::string& command) {
    const std::string with_exec = "exec " + command + " > /dev/null 2>&1";
    std::vector<std::string> words = {"sh", "-c", with_exec};
    std::vector<char*> argv = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    EXPECT_EQ(posix_spawnp(&pid_, "sh", nullptr, nullptr, argv.data(), environ), 0);
  }
  pid_t pid() const { return pid_; }
  void signal(int number) const { kill(pid_, number); }
  /// Its status.
  int wait() const {
    int status = 0;
    waitpid(pid_, &status, 0);
    return status;
  }

 private:
  pid_t pid_ = 0;
};

}  // namespace descent::test
