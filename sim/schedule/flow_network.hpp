#pragma once

#include "sim/schedule/interconnect.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace descent {

/// Who began a flow, and is told of its end.
class FlowOwner {
 public:
  /// `number`: the owner's own. `now`: in seconds since the start of the run.
  virtual void flow_ended(std::uint64_t number, double now) = 0;
  /// It will not arrive: see FlowNetwork::lose.
  virtual void flow_lost(std::uint64_t /*number*/, double /*now*/) {}

 protected:
  ~FlowOwner() = default;
};

/// Messages on their way through an interconnect, event by event as time goes. A message first pays its latency; then
/// those under way get weighted max-min rates (Bertsekas & Gallager 1992, 6.5.2; weights as SimGrid's CM02 has them),
/// found anew for all that links connect whenever one begins or ends.
///
/// Messages that share the same links alike form a bundle: they have one rate, so that the next one to end is known
/// without looking at the others, and ten thousand that wait for one link cost no more each than ten. A link that those
/// who use it cannot fill slows nobody down, and connects nobody.
class FlowNetwork {
 public:
  /// `routes` must outlive it.
  explicit FlowNetwork(Routes& routes) : routes_(routes) {}

  /// Messages that begin from now on are later by so many seconds: asked for each once.
  void delay(std::function<double(int from, int to)> delay) { delay_ = std::move(delay); }

  /// Begins a message. `owner` must live until it has been told of the end, which is never before `advance`. Times must
  /// not go back.
  void begin(int from, int to, double bytes, double now, FlowOwner& owner, std::uint64_t number);
  /// When `advance` is due; infinity where nothing is under way.
  double next() const;
  /// Lets happen what is due at `now` or within a nanosecond. Owners may begin messages meanwhile.
  void advance(double now);

  /// The network loses all messages under way between ranks for which `lost` holds. Their owners are told at once.
  void lose(const std::function<bool(int from, int to)>& lost, double now);

  bool busy() const { return free_.size() < flows_.size(); }

 private:
  static constexpr std::size_t kNoBundle = static_cast<std::size_t>(-1);

  // Flows, bundles and links are places in vectors: `at` is a bundle's.
  struct Flow {
    /// Nobody, of one that was lost while it paid its latency.
    FlowOwner* owner = nullptr;
    std::uint64_t number = 0;
    int from = 0;
    int to = 0;
    const Route* route = nullptr;
    /// Bytes, as long as a rate of 1 before the model's factor takes seconds.
    double work = 0;
    /// None while it pays its latency.
    std::size_t bundle = kNoBundle;
    /// The bundle's progress at its end.
    double end = 0;
    /// Tells its place in the bundle's queue from those that it has left.
    std::uint64_t stamp = 0;
  };
  struct Waiting {
    double time;
    std::uint64_t order;
    std::size_t flow;
    bool operator>(const Waiting& other) const { return std::tie(time, order) > std::tie(other.time, other.order); }
  };
  /// A flow of a bundle ends when the bundle's progress is there.
  struct Finish {
    double progress;
    std::uint64_t stamp;
    std::size_t flow;
    bool operator>(const Finish& other) const {
      return std::tie(progress, stamp) > std::tie(other.progress, other.stamp);
    }
  };
  struct Bundle {
    /// Of contended links.
    std::vector<LinkUse> uses;
    double penalty = 1;
    /// Bytes per second that each flow gets at most, and gets.
    double limit = 0;
    double rate = 0;
    /// Bytes that a flow there from the beginning would have moved until `since`.
    double progress = 0;
    double since = 0;
    std::size_t flows = 0;
    std::priority_queue<Finish, std::vector<Finish>, std::greater<>> queue;
    /// When its next flow ends, as in due_.
    double due = -1;
    bool touched = false;
    std::uint64_t seen = 0;
    double share = 0;
  };
  struct Link {
    double capacity = 0;
    /// Bytes per second that all flows on it would take together.
    double demand = 0;
    std::size_t flows = 0;
    /// Its flows once asked for more than it has. Stays so.
    bool contended = false;
    /// Those with flows, of a contended link.
    std::vector<std::size_t> bundles;
    std::uint64_t seen = 0;
    // While rates are found: what is left of the capacity, and what the unsettled take of it for a unit of rate times
    // penalty.
    double left = 0;
    double usage = 0;
    std::size_t unsettled = 0;
  };

  void enter(std::size_t flow);
  void finish(std::size_t at);
  void leave_links(const Route& route);
  void know(int number);
  Link& link(int number) { return links_[static_cast<std::size_t>(number)]; }

  std::size_t bundle_of(const Route& route);
  void join(std::size_t flow, std::size_t at);
  void quit(std::size_t at);
  void touch(std::size_t at);
  double progress(const Bundle& bundle) const { return bundle.progress + (now_ - bundle.since) * bundle.rate; }
  void drop_stale(Bundle& bundle);

  void rebundle();
  void share();
  void collect(std::vector<int>& links, std::vector<std::size_t>& bundles);
  void fill(std::span<const int> links, std::vector<std::size_t> open);
  void settle(Bundle& bundle, double share);
  void schedule(std::size_t at);

  Routes& routes_;
  std::function<double(int from, int to)> delay_;
  double now_ = 0;
  /// Stamps and places in queues; 0 is no stamp.
  std::uint64_t counter_ = 1;
  std::vector<Flow> flows_;
  /// Places of flows that have ended.
  std::vector<std::size_t> free_;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
  std::vector<Link> links_;
  /// Links that have become contended since rates were found.
  std::vector<int> newly_contended_;
  std::vector<Bundle> bundles_;
  /// By what its flows have in common: penalty and rate, then link and share of each use of a contended link.
  std::map<std::vector<double>, std::size_t> known_bundles_;
  std::vector<double> likeness_;
  /// Bundles whose flows have changed since rates were found.
  std::vector<std::size_t> touched_;
  std::set<std::pair<double, std::size_t>> due_;
  std::uint64_t visit_ = 0;
};

}  // namespace descent
