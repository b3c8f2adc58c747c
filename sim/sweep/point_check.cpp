#include "sim/sweep/point_check.hpp"

#include "algorithms/core/error.hpp"
#include "sim/sweep/fork_pool.hpp"
#include "sim/validate/child_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

namespace descent {
namespace {

namespace fs = std::filesystem;

/// Gone at the end.
class LogDirectory {
 public:
  LogDirectory() : path_(fs::temp_directory_path() / fmt::format("descent-check-{}", getpid())) {
    fs::create_directories(path_);
  }
  ~LogDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  LogDirectory(const LogDirectory&) = delete;
  LogDirectory& operator=(const LogDirectory&) = delete;
  fs::path of(std::size_t id) const { return path_ / std::to_string(id); }

 private:
  fs::path path_;
};

}  // namespace

std::map<std::size_t, std::string> check_points(const std::vector<const SweepPoint*>& points,
                                                const std::function<int(const SweepPoint&)>& check, std::size_t jobs) {
  std::map<std::size_t, std::string> wrong;
  const LogDirectory logs;
  int signal = 0;
  {
    ForkPool pool({});
    std::size_t next = 0;
    while (signal == 0 && (next < points.size() || pool.running() > 0)) {
      for (; next < points.size() && pool.running() < jobs; ++next) {
        pool.start(
            next, [&] { return check(*points[next]); }, logs.of(next));
      }
      const ForkPool::Woken woken = pool.wait(ForkPool::Clock::now() + std::chrono::seconds(1));
      signal = woken.signal;
      if (woken.end && woken.end->status != 0) {
        std::ifstream in(logs.of(woken.end->id));
        const std::string message = first_message({std::istreambuf_iterator<char>(in), {}});
        wrong[points[woken.end->id]->number] = message.empty() ? "the check crashed" : message;
      }
      if (woken.end) {
        fs::remove(logs.of(woken.end->id));
      }
    }
  }
  if (signal != 0) {
    std::raise(signal);
  }
  return wrong;
}

}  // namespace descent
