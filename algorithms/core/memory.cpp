#include "algorithms/core/memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace descent {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::infinity();

double machine_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  return pages > 0 && page_bytes > 0 ? static_cast<double>(pages) * static_cast<double>(page_bytes) : kUnknown;
}

/// The number in a file; nothing known where there is none, as in one that says "max".
double number_in(const std::filesystem::path& file) {
  std::ifstream text(file);
  double number = 0;
  if (!(text >> number)) {
    return kUnknown;
  }
  return number;
}

/// Of the control group (version 2) and of those around it.
double group_limit() {
  const std::filesystem::path root = "/sys/fs/cgroup";
  double limit = number_in(root / "memory.max");
  std::string line;
  for (std::ifstream groups("/proc/self/cgroup"); std::getline(groups, line);) {
    if (line.starts_with("0::/")) {
      for (std::filesystem::path group = line.substr(4); !group.empty(); group = group.parent_path()) {
        limit = std::min(limit, number_in(root / group / "memory.max"));
      }
    }
  }
  return limit;
}

/// Of this process, in use now.
double resident() {
  double pages = 0;
  double ignored = 0;
  std::ifstream("/proc/self/statm") >> ignored >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double system_available() {
  std::ifstream lines("/proc/meminfo");
  std::string name;
  double kib = 0;
  std::string unit;
  while (lines >> name >> kib) {
    std::getline(lines, unit);
    if (name == "MemAvailable:") {
      return kib * 1024;
    }
  }
  return kUnknown;
}

}  // namespace

double memory_limit() {
  return std::min(machine_memory(), group_limit());
}

double memory_available() {
  return std::min(system_available(), memory_limit() - resident());
}

}  // namespace descent
