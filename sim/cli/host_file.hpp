#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// The machines of a host file as OpenMPI takes it, in its order: each name as often as it has slots (one where the
/// line does not say). Throws InputError with file and line.
std::vector<std::string> slots_of(const std::filesystem::path& hostfile);

}  // namespace descent
