#include "sim/mpi/durable_files.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

namespace descent::mpi {

DurableFiles::~DurableFiles() {
  if (!directory_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
}

void DurableFiles::write(const std::string& name, const Stored& what) {
  if (directory_.empty()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "descent-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw RunError(fmt::format("cannot make a directory like {}: {}", pattern, std::strerror(errno)));
    }
    directory_ = pattern;
  }
  const std::filesystem::path beside = path_of(name + ".new");
  Contents contents;
  contents.numbers = what.numbers;
  std::ofstream out(beside, std::ios::binary);
  for (const Snapshot& vector : what.vectors) {
    contents.sizes.push_back(vector.size());
    contents.precision = vector.precision();
    out.write(reinterpret_cast<const char*>(vector.data()), static_cast<std::streamsize>(vector.bytes()));
  }
  out.close();
  if (!out) {
    throw RunError(fmt::format("cannot write {}: {}", beside.string(), std::strerror(errno)));
  }
  std::filesystem::rename(beside, path_of(name));
  files_.insert_or_assign(name, std::move(contents));
}

std::optional<Stored> DurableFiles::read(const std::string& name) const {
  const auto found = files_.find(name);
  if (found == files_.end()) {
    return std::nullopt;
  }
  const Contents& contents = found->second;
  Stored stored{.vectors = {}, .numbers = contents.numbers};
  std::ifstream in(path_of(name), std::ios::binary);
  for (const std::size_t size : contents.sizes) {
    Buffer buffer(contents.precision, size);
    const auto bytes = static_cast<std::streamsize>(size * bytes_per_element(contents.precision));
    in.read(reinterpret_cast<char*>(buffer.data()), bytes);
    stored.vectors.push_back(std::move(buffer).freeze());
  }
  if (!in) {
    throw RunError(fmt::format("cannot read {} back", path_of(name).string()));
  }
  return stored;
}

void DurableFiles::remove(const std::string& name) {
  if (files_.erase(name) > 0) {
    std::error_code ignored;
    std::filesystem::remove(path_of(name), ignored);
  }
}

}  // namespace descent::mpi
