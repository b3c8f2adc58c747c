#include "algorithms/collectives/coordinator.hpp"
#include "algorithms/collectives/recursive_doubling.hpp"
#include "algorithms/collectives/ring.hpp"
#include "algorithms/collectives/schedule.hpp"
#include "algorithms/collectives/tree.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace descent {
namespace {

template <class S>
std::unique_ptr<Schedule> make(int ranks, std::uint64_t /*bytes*/) {
  return std::make_unique<S>(ranks);
}

/// Below this, latency counts for more than bandwidth, and few rounds beat few bytes. The order of magnitude
/// at which MPI libraries change over.
constexpr std::uint64_t kSmall = 16384;

std::unique_ptr<Schedule> by_size(int ranks, std::uint64_t bytes) {
  return bytes < kSmall ? make<RecursiveDoublingSchedule>(ranks, bytes) : make<RingSchedule>(ranks, bytes);
}

const std::vector<CollectiveRow>& table() {
  static const std::vector<CollectiveRow> rows = {
      {{"ring", "reduce-scatter and all-gather around a ring: 2(P-1) rounds of n/P bytes", "Patarasuk & Yuan 2009", {}},
       make<RingSchedule>},
      {{"recursive-doubling",
        "pairwise exchange at doubling distance: log2(P) rounds of n bytes (+2 if P is no power of two)",
        "Thakur, Rabenseifner & Gropp 2005",
        {}},
       make<RecursiveDoublingSchedule>},
      {{"tree",
        "binomial reduce and broadcast: 2 ceil(log2 P) rounds of n bytes",
        "Thakur, Rabenseifner & Gropp 2005",
        {}},
       make<TreeSchedule>},
      {{"coordinator", "gather and broadcast at rank 0: 2 rounds, n(P-1) bytes at rank 0", "", {}},
       make<CoordinatorSchedule>},
      {{"native",
        "MPI_Allreduce on MPI; in simulation recursive-doubling below 16 KiB and ring from there on",
        "MPI 4.0, section 6.9",
        {}},
       by_size,
       true},
  };
  return rows;
}

}  // namespace

std::span<const CollectiveRow> collective_rows() {
  return table();
}

const CollectiveRow& find_collective(std::string_view name) {
  const auto& rows = table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such collective");
  }
  return *row;
}

std::shared_ptr<const Schedule> schedule_of(const CollectiveRow& row, int ranks, std::uint64_t bytes) {
  static std::mutex mutex;
  static std::map<std::tuple<const CollectiveRow*, int, std::uint64_t>, std::weak_ptr<const Schedule>> made;
  const std::lock_guard lock(mutex);
  std::weak_ptr<const Schedule>& known = made[{&row, ranks, bytes}];
  std::shared_ptr<const Schedule> schedule = known.lock();
  if (!schedule) {
    schedule = row.make(ranks, bytes);
    known = schedule;
  }
  return schedule;
}

}  // namespace descent
