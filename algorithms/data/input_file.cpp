#include "algorithms/data/input_file.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace descent {
namespace {

constexpr unsigned kDecompressionBuffer = 1U << 17U;
constexpr std::size_t kReadAhead = std::size_t{1} << 16U;
/// zlib takes sizes as unsigned and returns them as int.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30U;
/// A line that is longer is no text.
constexpr std::size_t kLongestLine = std::size_t{1} << 26U;

/// Why reading failed. zlib puts "PATH: " before its own reasons.
std::string reason_of(gzFile_s* file, const std::string& path) {
  int code = Z_OK;
  const std::string text = gzerror(file, &code);
  if (code == Z_ERRNO) {
    return std::strerror(errno);
  }
  return text.starts_with(path + ": ") ? text.substr(path.size() + 2) : text;
}

}  // namespace

void InputFile::Close::operator()(gzFile_s* file) const {
  gzclose_r(file);
}

InputFile::InputFile(std::string path, std::string_view hint) : path_(std::move(path)) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path_, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw InputError(fmt::format("cannot open {}: it is not a regular file{}", path_, hint));
  }
  errno = 0;
  file_.reset(gzopen(path_.c_str(), "rb"));
  if (!file_) {
    throw InputError(
        fmt::format("cannot open {}: {}{}", path_, errno != 0 ? std::strerror(errno) : "out of memory", hint));
  }
  gzbuffer(file_.get(), kDecompressionBuffer);
}

std::size_t InputFile::read(void* to, std::size_t count) {
  std::size_t done = 0;
  while (done < count) {
    const auto wanted = static_cast<unsigned>(std::min(count - done, kMostAtOnce));
    const int got = gzread(file_.get(), static_cast<char*>(to) + done, wanted);
    if (got > 0) {
      done += static_cast<std::size_t>(got);
      byte_ += static_cast<std::uint64_t>(got);
    }
    if (got < static_cast<int>(wanted)) {
      int code = Z_OK;
      gzerror(file_.get(), &code);
      if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
        fail_at_byte(byte_, fmt::format("cannot be read on: {}", reason_of(file_.get(), path_)));
      }
      break;
    }
  }
  return done;
}

bool InputFile::fill() {
  ahead_.resize(kReadAhead);
  consumed_ = 0;
  ahead_.resize(read(ahead_.data(), ahead_.size()));
  return !ahead_.empty();
}

bool InputFile::next_line(std::string& line) {
  line.clear();
  bool complete = false;
  bool any = false;
  while (!complete && (consumed_ < ahead_.size() || fill())) {
    any = true;
    const char* begin = ahead_.data() + consumed_;
    const std::size_t left = ahead_.size() - consumed_;
    const auto* end = static_cast<const char*>(std::memchr(begin, '\n', left));
    const std::size_t length = end != nullptr ? static_cast<std::size_t>(end - begin) : left;
    line.append(begin, length);
    complete = end != nullptr;
    consumed_ += length + (complete ? 1 : 0);
    if (line.size() > kLongestLine) {
      ++line_;
      fail_at_line(fmt::format("the line is longer than {} bytes; is this a text file?", kLongestLine));
    }
  }
  if (!any) {
    return false;
  }
  ++line_;
  if (!line.empty() && line.back() == '\r') {
    line.pop_back();
  }
  return true;
}

void InputFile::fail_at_byte(std::uint64_t byte, std::string_view what) const {
  throw InputError(fmt::format("{}: byte {}: {}", path_, byte, what));
}

void InputFile::fail_at_line(std::string_view what) const {
  throw InputError(fmt::format("{}:{}: {}", path_, line_, what));
}

}  // namespace descent
