#pragma once

#include "sim/replay/journal.hpp"
#include "sim/replay/replaying_communicator.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace descent {

/// What a run is, as far as its bits depend on it: by the parts of the scenario, as text. See run_identity.
using RunIdentity = std::map<std::string, std::string>;

/// The order of events of a run, as in its file.
struct RecordedOrder {
  RunIdentity identity;
  /// By rank.
  std::vector<RankEvents> ranks;
};

/// One rank's journals as bytes, for the trip to rank 0 and in the file: a line of JSON with the channels and how many
/// bytes each has, then all of these, compressed.
std::string pack(const RankJournals& journals);

/// The contents of a file: a line with the version, a line of JSON with the identity and the sizes of what follows, and
/// that: what `pack` gave, by rank.
std::string order_bytes(const RunIdentity& identity, const std::vector<std::string>& ranks);
/// Back from these. InputError, which begins with `name`, where they are not whole or not what `order_bytes` gives.
RecordedOrder parse_order(const std::string& name, const std::string& bytes);

/// Reads a file: see parse_order.
RecordedOrder read_order(const std::filesystem::path& path);

}  // namespace descent
