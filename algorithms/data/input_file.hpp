#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct gzFile_s;

namespace descent {

/// A file read from front to back, plain or gzip. Bytes are counted from 0 and lines from 1, both after
/// decompression. All errors are InputErrors that name the file.
class InputFile {
 public:
  /// `hint` is appended to the message if the file cannot be opened.
  explicit InputFile(std::string path, std::string_view hint = "");

  const std::string& path() const { return path_; }
  /// Bytes read so far.
  std::uint64_t byte() const { return byte_; }
  /// Number of the line that next_line gave last.
  std::size_t line() const { return line_; }

  /// Reads up to `count` bytes to `to`; fewer at the end only.
  std::size_t read(void* to, std::size_t count);
  /// The next line, without its end (LF or CRLF); false at the end.
  bool next_line(std::string& line);

  /// Throws "FILE: byte N: what".
  [[noreturn]] void fail_at_byte(std::uint64_t byte, std::string_view what) const;
  /// Throws "FILE:LINE: what" for the line read last.
  [[noreturn]] void fail_at_line(std::string_view what) const;

 private:
  bool fill();

  struct Close {
    void operator()(gzFile_s* file) const;
  };
  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::uint64_t byte_ = 0;
  std::size_t line_ = 0;
  /// Of next_line: what has been read ahead, and how much of it is consumed.
  std::vector<char> ahead_;
  std::size_t consumed_ = 0;
};

}  // namespace descent
