#include "sim/sweep/scratch.hpp"

#include "algorithms/core/error.hpp"
#include "sim/record/provenance.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

namespace descent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "unrecorded-";

std::string boot() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  in >> id;
  return id;
}

void make_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", directory.string(), error.message()));
  }
}

}  // namespace

Scratch::Scratch(const fs::path& directory) : root_(directory / (kPrefix + boot())) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().starts_with(kPrefix) && entry.path() != root_) {
      fs::remove_all(entry.path(), ignored);
    }
  }
  make_directory(root_);
}

fs::path Scratch::make(const std::string& key) const {
  remove(key);
  make_directory(of_point(key));
  return of_point(key);
}

void Scratch::remove(const std::string& key) const {
  std::error_code ignored;
  fs::remove_all(of_point(key), ignored);
}

void Scratch::remove() const {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

SweepLock::SweepLock(const fs::path& directory) {
  make_directory(directory);
  const fs::path path = directory / "lock";
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) {
    throw RunError(fmt::format("cannot make {}: {}", path.string(), std::strerror(errno)));
  }
  constexpr std::chrono::seconds kPatience(2);  // the children of one that was killed die a moment later
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() > end) {
      std::ifstream in(path);
      const std::string holder{std::istreambuf_iterator<char>(in), {}};
      close(file_);
      throw InputError(fmt::format("{}: another `descent sweep` is writing there ({}); allowed: one at a time",
                                   directory.string(), holder));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const std::string text = fmt::format("process {} on {}", getpid(), provenance().host);
  if (ftruncate(file_, 0) != 0 || write(file_, text.data(), text.size()) < 0) {
    errno = 0;  // it only tells others whom to ask
  }
}

SweepLock::~SweepLock() {
  close(file_);
}

}  // namespace descent
