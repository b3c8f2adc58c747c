#pragma once

#include <filesystem>
#include <string>

namespace descent {

/// Where runs leave results until they are recorded: DIR/unrecorded-BOOT/KEY. BOOT is of the machine's last start: what
/// another one's runs left may be torn.
class Scratch {
 public:
  /// Makes it and removes others. Throws RunError.
  explicit Scratch(const std::filesystem::path& directory);

  std::filesystem::path of_point(const std::string& key) const { return root_ / key; }
  /// A new, empty one.
  std::filesystem::path make(const std::string& key) const;
  void remove(const std::string& key) const;
  /// All of it.
  void remove() const;

 private:
  std::filesystem::path root_;
};

/// That no other process writes the same results. Children share it, so that it holds until the last has gone.
class SweepLock {
 public:
  /// Throws InputError where another process has it, and does not let it go within two seconds; RunError where there
  /// can be none.
  explicit SweepLock(const std::filesystem::path& directory);
  ~SweepLock();
  SweepLock(const SweepLock&) = delete;
  SweepLock& operator=(const SweepLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace descent
