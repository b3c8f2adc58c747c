#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// Starts the program of this name in plots/, with its arguments to follow: by Debian's Python, which has the
/// libraries.
std::vector<std::string> drawing_command(const std::string& program);

/// Has the program of this name in plots/ draw what `subject` holds. Returns "", or why there is no figure: the machine
/// may lack what draws it, and all else is there without it.
std::string draw_figure(const std::string& program, const std::filesystem::path& subject);

}  // namespace descent
