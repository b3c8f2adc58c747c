#pragma once

#include "algorithms/collectives/schedule.hpp"
#include "algorithms/comm/group.hpp"
#include "algorithms/core/settings.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// What a collective can be used for. Allreduce: all get the sum of all vectors. The others are halves of it
/// (Schedule).
enum class CollectiveOperation { allreduce, reduce_scatter, all_gather, reduce, broadcast };
/// "an all-gather"
std::string_view name_with_article(CollectiveOperation operation);

/// What a schedule is made for.
struct ScheduleSpec {
  int ranks = 1;
  /// Of the vector on the wire.
  std::uint64_t bytes = 0;
  /// For one of its halves: where these meet, owners are as the row says.
  bool halves = false;
  /// Of each rank, any number that ranks on its node share; for rows that go by it.
  std::vector<int> nodes;
};

/// Who owns the sums where the halves of an allreduce meet.
enum class Owners {
  /// It has no halves.
  none,
  /// Every rank some, of neighbouring chunks: the halves are reduce-scatter and all-gather.
  every_rank,
  /// Rank 0 all: the halves are reduce and broadcast.
  first_rank,
};

/// A collective that the catalogue knows.
struct CollectiveRow {
  Entry entry;
  std::unique_ptr<Schedule> (*make)(const ScheduleSpec& spec, const Settings& settings);
  Owners owners = Owners::none;
  /// Prefer the platform's own allreduce where it has one, and play the schedule elsewhere.
  bool native = false;
  /// Its schedule goes by which ranks share a node.
  bool by_node = false;
  /// What is wrong with the settings for so many ranks, and what is allowed; "" where nothing is.
  std::string (*fault)(int ranks, const Settings& settings) = nullptr;
};
std::span<const CollectiveRow> collective_rows();
/// Precondition: the name is in the table.
const CollectiveRow& find_collective(std::string_view name);

/// A collective as a scenario chooses it.
struct CollectiveChoice {
  const CollectiveRow* row = nullptr;
  /// Of its entry: checked, with defaults.
  Settings settings;
  /// Of each rank of the run, any number that ranks on its node share; empty where each has a node of its own.
  std::vector<int> nodes;
};
/// With these parameters and the defaults of others. Throws InputError where the catalogue does not allow them.
/// Precondition: the name is in the table.
CollectiveChoice choose_collective(std::string_view name, const std::map<std::string, std::string>& parameters = {},
                                   std::vector<int> nodes = {});

/// Why the collective cannot be used for this, and which can; "" where it can.
std::string fault_of(const CollectiveRow& row, CollectiveOperation operation);
/// Why it cannot have so many ranks, and what it can; "" where it can.
std::string fault_of(const CollectiveChoice& choice, int ranks);

/// How the group does it with a vector of so many bytes: one object for all who ask the same while anybody holds it.
/// Throws InputError with what `fault_of` says. Thread-safe.
std::shared_ptr<const Schedule> schedule_of(const CollectiveChoice& choice, CollectiveOperation operation,
                                            const Group& group, std::uint64_t bytes);

}  // namespace descent
