#pragma once

#include "algorithms/comm/communicator.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace descent::mpi {

/// A rank's durable memory: files in a directory for temporary ones, which goes with the rank's process.
class DurableFiles {
 public:
  DurableFiles() = default;
  ~DurableFiles();
  DurableFiles(const DurableFiles&) = delete;
  DurableFiles& operator=(const DurableFiles&) = delete;

  /// Written beside, then renamed. Throws RunError.
  void write(const std::string& name, const Stored& what);
  std::optional<Stored> read(const std::string& name) const;
  void remove(const std::string& name);

 private:
  /// What is in a file.
  struct Contents {
    std::vector<std::size_t> sizes;
    Precision precision = Precision::single_precision;
    std::vector<std::uint64_t> numbers;
  };
  std::filesystem::path path_of(const std::string& name) const { return directory_ / name; }

  std::filesystem::path directory_;
  std::map<std::string, Contents> files_;
};

}  // namespace descent::mpi
