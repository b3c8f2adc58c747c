#include "algorithms/collectives/collectives.hpp"

#include "algorithms/collectives/coordinator.hpp"
#include "algorithms/collectives/direct.hpp"
#include "algorithms/collectives/double_tree.hpp"
#include "algorithms/collectives/halves.hpp"
#include "algorithms/collectives/halving_doubling.hpp"
#include "algorithms/collectives/recursive_doubling.hpp"
#include "algorithms/collectives/ring.hpp"
#include "algorithms/collectives/torus.hpp"
#include "algorithms/collectives/tree.hpp"
#include "algorithms/collectives/two_level.hpp"
#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace descent {
namespace {

using Made = std::unique_ptr<Schedule>;

template <class S>
Made make(const ScheduleSpec& spec, const Settings& /*settings*/) {
  return std::make_unique<S>(spec.ranks);
}

Made make_halving_doubling(const ScheduleSpec& spec, const Settings& /*settings*/) {
  return std::make_unique<HalvingDoublingSchedule>(spec.ranks, spec.halves);
}

Made make_double_tree(const ScheduleSpec& spec, const Settings& settings) {
  const double of_tree = static_cast<double>(spec.bytes) / 2;
  const double segments = std::ceil(of_tree / settings.quantity("segment-bytes"));
  return std::make_unique<DoubleTreeSchedule>(spec.ranks, std::max<std::size_t>(static_cast<std::size_t>(segments), 1));
}

int rows_of(int ranks, const Settings& settings) {
  return settings.has("rows") ? static_cast<int>(settings.integer("rows")) : TorusSchedule::default_rows(ranks);
}

Made make_torus(const ScheduleSpec& spec, const Settings& settings) {
  return std::make_unique<TorusSchedule>(spec.ranks, rows_of(spec.ranks, settings));
}

std::string torus_fault(int ranks, const Settings& settings) {
  const int rows = rows_of(ranks, settings);
  if (ranks % rows == 0) {
    return "";
  }
  std::vector<int> divisors;
  for (int divisor = 1; divisor <= ranks; ++divisor) {
    if (ranks % divisor == 0) {
      divisors.push_back(divisor);
    }
  }
  return fmt::format("rows='{}' does not divide the {} ranks; allowed: {}", rows, ranks, fmt::join(divisors, ", "));
}

template <class S>
Made make_between(int leaders) {
  return make<S>({.ranks = leaders, .nodes = {}}, {});
}

Made make_halving_doubling_between(int leaders) {
  return make_halving_doubling({.ranks = leaders, .nodes = {}}, {});
}

/// What leaders of nodes can do among themselves.
struct Between {
  std::string name;
  TwoLevelSchedule::Between make;
};

const std::vector<Between>& betweens() {
  static const std::vector<Between> all = {{"ring", make_between<RingSchedule>},
                                           {"recursive-doubling", make_between<RecursiveDoublingSchedule>},
                                           {"halving-doubling", make_halving_doubling_between},
                                           {"tree", make_between<TreeSchedule>},
                                           {"direct", make_between<DirectSchedule>},
                                           {"coordinator", make_between<CoordinatorSchedule>}};
  return all;
}

std::vector<std::string> names_of_betweens() {
  std::vector<std::string> names;
  for (const Between& between : betweens()) {
    names.push_back(between.name);
  }
  return names;
}

Made make_two_level(const ScheduleSpec& spec, const Settings& settings) {
  const std::string& name = settings.text("between");
  const auto between =
      std::find_if(betweens().begin(), betweens().end(), [&](const Between& one) { return one.name == name; });
  // Where all lead, that is all that there is, and cheaper to follow by its own rules.
  const std::set<int> nodes(spec.nodes.begin(), spec.nodes.end());
  return nodes.size() == spec.nodes.size() ? between->make(spec.ranks)
                                           : std::make_unique<TwoLevelSchedule>(spec.nodes, between->make);
}

/// Below this, latency counts for more than bandwidth, and few rounds beat few bytes. The order of magnitude
/// at which MPI libraries change over.
constexpr std::uint64_t kSmall = 16384;

Made by_size(const ScheduleSpec& spec, const Settings& settings) {
  if (spec.bytes >= kSmall) {
    return make<RingSchedule>(spec, settings);
  }
  return spec.halves ? make_halving_doubling(spec, settings) : make<RecursiveDoublingSchedule>(spec, settings);
}

std::vector<CollectiveRow> make_table() {
  return {
      {.entry = {"ring",
                 "reduce-scatter and all-gather around a ring: 2(P-1) rounds of n/P bytes",
                 "Patarasuk & Yuan 2009",
                 {}},
       .make = make<RingSchedule>,
       .owners = Owners::every_rank},
      {.entry = {"recursive-doubling",
                 "pairwise exchange at doubling distance: log2(P) rounds of n bytes (+2 if P is no power of two)",
                 "Thakur, Rabenseifner & Gropp 2005",
                 {}},
       .make = make<RecursiveDoublingSchedule>},
      {.entry = {"halving-doubling",
                 "pairwise reduce-scatter and all-gather: 2 log2(P) rounds, 2n(P-1)/P bytes (+2 rounds and n bytes if "
                 "P is no power of two)",
                 "Rabenseifner, in Thakur, Rabenseifner & Gropp 2005",
                 {}},
       .make = make_halving_doubling,
       .owners = Owners::every_rank},
      {.entry = {"tree",
                 "binomial reduce and broadcast: 2 ceil(log2 P) rounds of n bytes",
                 "Thakur, Rabenseifner & Gropp 2005",
                 {}},
       .make = make<TreeSchedule>,
       .owners = Owners::first_rank},
      {.entry = {"double-tree",
                 "pipelined reduce and broadcast in two binary trees with half of the vector each, in S segments: "
                 "4(ceil(log2 P) + S - 1) rounds of n/2S bytes, 2n bytes",
                 "Sanders, Speck & Traeff 2009",
                 {{.name = "segment-bytes",
                   .type = ParameterType::bytes,
                   .fallback = "128KiB",
                   .meaning =
                       "what a segment has at most; smaller ones fill the pipeline sooner and pay more latencies",
                   .least = 0,
                   .above = true}}},
       .make = make_double_tree,
       .owners = Owners::first_rank},
      {.entry = {"two-level",
                 "binomial reduce inside each node to its first rank, allreduce between these, binomial broadcast "
                 "inside; for several ranks on a host",
                 "Karonis et al. 2000",
                 {{.name = "between",
                   .type = ParameterType::choice,
                   .fallback = "ring",
                   .meaning = "the collective between nodes",
                   .choices = names_of_betweens()}}},
       .make = make_two_level,
       .by_node = true},
      {.entry = {"torus",
                 "R rows and C columns of ranks: reduce-scatter along rows, allreduce along columns, all-gather along "
                 "rows, by rings: 2(R+C-2) rounds, 2n(P-1)/P bytes",
                 "Mikami et al. 2018",
                 {{.name = "rows",
                   .type = ParameterType::integer,
                   .fallback = "",
                   .meaning = "R, which must divide the ranks P; rank r is in row r / C. By default the torus is as "
                              "square as can be",
                   .least = 1,
                   .most = 1'000'000}}},
       .make = make_torus,
       .owners = Owners::every_rank,
       .fault = torus_fault},
      {.entry = {"direct",
                 "everybody sends to all at once: each rank's chunk to be added, then the sums; 2 rounds, 2n(P-1)/P "
                 "bytes, P(P-1) messages a round",
                 "Thakur, Rabenseifner & Gropp 2005",
                 {}},
       .make = make<DirectSchedule>,
       .owners = Owners::every_rank},
      {.entry = {"coordinator", "gather and broadcast at rank 0: 2 rounds, n(P-1) bytes at rank 0", "", {}},
       .make = make<CoordinatorSchedule>,
       .owners = Owners::first_rank},
      {.entry = {"native",
                 "MPI_Allreduce on MPI; in simulation recursive-doubling below 16 KiB and ring from there on",
                 "MPI 4.0, section 6.9",
                 {}},
       .make = by_size,
       .owners = Owners::every_rank,
       .native = true},
  };
}

const std::vector<CollectiveRow>& table() {
  static const std::vector<CollectiveRow> rows = make_table();
  return rows;
}

bool has(const CollectiveRow& row, CollectiveOperation operation) {
  switch (operation) {
    case CollectiveOperation::allreduce:
      return true;
    case CollectiveOperation::reduce_scatter:
    case CollectiveOperation::all_gather:
      return row.owners == Owners::every_rank;
    case CollectiveOperation::reduce:
    case CollectiveOperation::broadcast:
      return row.owners == Owners::first_rank;
  }
  return false;
}

std::shared_ptr<const Schedule> make_schedule(const CollectiveChoice& choice, CollectiveOperation operation,
                                              const ScheduleSpec& spec) {
  std::shared_ptr<const Schedule> whole = choice.row->make(spec, choice.settings);
  if (!spec.halves) {
    return whole;
  }
  const bool adds = operation == CollectiveOperation::reduce_scatter || operation == CollectiveOperation::reduce;
  return std::make_shared<HalfSchedule>(std::move(whole),
                                        adds ? HalfSchedule::Which::first : HalfSchedule::Which::second);
}

/// Of each member.
std::vector<int> nodes_of(const CollectiveChoice& choice, const Group& group) {
  std::vector<int> nodes(static_cast<std::size_t>(group.size()));
  std::iota(nodes.begin(), nodes.end(), 0);
  for (int member = 0; member < group.size() && !choice.nodes.empty(); ++member) {
    nodes[static_cast<std::size_t>(member)] = choice.nodes.at(static_cast<std::size_t>(group.rank(member)));
  }
  return nodes;
}

}  // namespace

std::string_view name_with_article(CollectiveOperation operation) {
  switch (operation) {
    case CollectiveOperation::allreduce:
      return "an allreduce";
    case CollectiveOperation::reduce_scatter:
      return "a reduce-scatter";
    case CollectiveOperation::all_gather:
      return "an all-gather";
    case CollectiveOperation::reduce:
      return "a reduce";
    case CollectiveOperation::broadcast:
      return "a broadcast";
  }
  return "";
}

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

CollectiveChoice choose_collective(std::string_view name, const std::map<std::string, std::string>& parameters,
                                   std::vector<int> nodes) {
  const CollectiveRow& row = find_collective(name);
  std::vector<Complaint> complaints;
  CollectiveChoice choice{&row, check_settings(row.entry.parameters, parameters, complaints), std::move(nodes)};
  if (!complaints.empty()) {
    throw InputError(fmt::format("collective '{}': {}", name, complaints.front().what));
  }
  return choice;
}

std::string fault_of(const CollectiveRow& row, CollectiveOperation operation) {
  if (has(row, operation)) {
    return "";
  }
  std::vector<std::string> able;
  for (const CollectiveRow& other : table()) {
    if (has(other, operation)) {
      able.push_back(other.entry.name);
    }
  }
  const std::string_view name = name_with_article(operation);
  return fmt::format("collective '{}' has no {}; allowed: {}", row.entry.name, name.substr(name.find(' ') + 1),
                     fmt::join(able, ", "));
}

std::string fault_of(const CollectiveChoice& choice, int ranks) {
  const std::string fault = choice.row->fault != nullptr ? choice.row->fault(ranks, choice.settings) : "";
  return fault.empty() ? "" : fmt::format("collective '{}': {}", choice.row->entry.name, fault);
}

std::shared_ptr<const Schedule> schedule_of(const CollectiveChoice& choice, CollectiveOperation operation,
                                            const Group& group, std::uint64_t bytes) {
  const std::string faults[] = {fault_of(*choice.row, operation), fault_of(choice, group.size())};
  for (const std::string& fault : faults) {
    if (!fault.empty()) {
      throw InputError(fault);
    }
  }
  ScheduleSpec spec{group.size(), bytes, operation != CollectiveOperation::allreduce, {}};
  if (choice.row->by_node) {
    spec.nodes = nodes_of(choice, group);
  }
  using Key = std::tuple<const CollectiveRow*, CollectiveOperation, int, std::uint64_t,
                         std::map<std::string, std::string>, std::vector<int>>;
  static std::mutex mutex;
  static std::map<Key, std::weak_ptr<const Schedule>> made;
  const std::lock_guard lock(mutex);
  std::weak_ptr<const Schedule>& known =
      made[{choice.row, operation, spec.ranks, bytes, choice.settings.values(), spec.nodes}];
  std::shared_ptr<const Schedule> schedule = known.lock();
  if (!schedule) {
    schedule = make_schedule(choice, operation, spec);
    known = schedule;
  }
  return schedule;
}

}  // namespace descent
