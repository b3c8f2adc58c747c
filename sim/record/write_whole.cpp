#include "sim/record/write_whole.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace descent {

void write_whole(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path temporary = path.string() + fmt::format(".{}.tmp", getpid());
  std::ofstream out(temporary, std::ios::binary);
  out << text;
  out.close();
  if (!out) {
    const int reason = errno;
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw RunError(fmt::format("cannot write {}: {}", path.string(), std::strerror(reason)));
  }
  std::filesystem::rename(temporary, path);
}

}  // namespace descent
