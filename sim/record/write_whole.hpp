#pragma once

#include <filesystem>
#include <string>

namespace descent {

/// Writes beside, then renames: readers see the old file or the new one, never half of it. Throws RunError.
void write_whole(const std::filesystem::path& path, const std::string& text);

}  // namespace descent
