#pragma once

#include "sim/cli/options.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/plan.hpp"

namespace descent {

/// A scenario that has passed every check that needs no data, with its ranks on hosts that exist and can talk.
struct LoadedRun {
  LoadResult loaded;
  Plan plan;
};

/// Throws InputError with a line per problem.
LoadedRun load_run(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                   std::optional<std::uint64_t> seed);

}  // namespace descent
