#include "sim/record/whole_file.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace descent {

namespace fs = std::filesystem;

/// Write beside, then rename.
void write_whole(const fs::path& path, const std::string& bytes) {
  const fs::path temporary = path.string() + fmt::format(".{}.tmp", getpid());
  std::ofstream out(temporary, std::ios::binary);
  out << bytes;
  out.close();
  if (!out) {
    const int reason = errno;
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw RunError(fmt::format("cannot write {}: {}", path.string(), std::strerror(reason)));
  }
  fs::rename(temporary, path);
}

}  // namespace descent
