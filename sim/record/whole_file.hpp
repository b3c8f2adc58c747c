#pragma once

#include <filesystem>
#include <string>

namespace descent {

/// Writes a file whole or not at all: who reads it sees the old one or the new one. Throws RunError.
void write_whole(const std::filesystem::path& path, const std::string& bytes);

}  // namespace descent
