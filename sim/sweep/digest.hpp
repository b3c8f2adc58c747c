#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace descent {

/// 32 hexadecimal digits that differ where the bytes do.
std::string digest_of(std::string_view bytes);

/// Of all that is in a file; nothing where it cannot be read.
std::optional<std::string> digest_of_file(const std::filesystem::path& path);

}  // namespace descent
