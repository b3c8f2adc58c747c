#pragma once

#include <filesystem>
#include <string>

namespace descent {

/// Has the program of this name in plots/ draw what `subject` holds. Returns "", or why there is no figure: the machine
/// may lack what draws it, and all else is there without it.
std::string draw_figure(const std::string& program, const std::filesystem::path& subject);

}  // namespace descent
