#include "sim/simgrid/gathering.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/operations.hpp"

#include <fmt/format.h>

#include <simgrid/kernel/Timer.hpp>

#include <algorithm>

namespace descent::simulated {
namespace {

/// Elements of a sum that are worth a kernel of their own.
constexpr std::size_t kLeastElements = 16384;

}  // namespace

/// A rank's stay in a collective, which ends at a time that is told when all have come.
class Attendance final : public Awaited, public std::enable_shared_from_this<Attendance> {
 public:
  Attendance(const Gathering& gathering, Node& node, Inbox& inbox)
      : gathering_(gathering), node_(node), inbox_(inbox) {}

  bool done() const override { return done_; }
  std::string describe() const override { return gathering_.describe(); }

  /// In SimGrid's kernel. The timer keeps it: a rank may die, and with it all who hold the gathering, before its time.
  void ends(double end, double communicating) {
    communicating_ = communicating;
    if (end <= clock_now()) {
      over();
    } else {
      simgrid::kernel::timer::Timer::set(end, [self = shared_from_this()] { self->over(); });
    }
  }
  Node& node() { return node_; }

 private:
  /// When exactly within the stay it communicated is not kept: all of it is told as the last part.
  void over() {
    const double now = clock_now();
    node_.occupation.transfer_begins(now - communicating_, now);
    node_.occupation.transfer_ends(now);
    done_ = true;
    inbox_.wake();
  }

  const Gathering& gathering_;
  Node& node_;
  Inbox& inbox_;
  double communicating_ = 0;
  bool done_ = false;
};

Gathering::Gathering(Cluster& cluster, KnownCollective& known, std::size_t ranks)
    : cluster_(cluster), known_(known), addends_(ranks), here_(ranks), arrivals_(ranks), attendances_(ranks) {}

void Gathering::come(Node& node, Inbox& inbox, Contribution contribution) {
  const auto rank = static_cast<std::size_t>(node.rank);
  addends_[rank] = std::move(contribution.mine);
  here_[rank] = true;
  arrivals_[rank] = clock_now();
  flagged_ = flagged_ || contribution.flagged;
  if (known_.timing) {
    attendances_[rank] = std::make_shared<Attendance>(*this, node, inbox);
  }
  if (++came_ == addends_.size()) {
    add_up();
    tell_ends();
  }
}

std::shared_ptr<Operation> Gathering::attendance(int rank) const {
  return attendances_[static_cast<std::size_t>(rank)];
}

/// On the pool, while simulated time goes by; each kernel has elements of its own, and keeps what it writes to.
void Gathering::add_up() {
  const Snapshot& first = addends_.front();
  if (first.is_placeholder()) {
    sum_ = first;
    return;
  }
  if (!known_.order) {
    known_.order = std::make_shared<SumOrder>(*known_.schedule, static_cast<int>(addends_.size()));
  }
  buffer_ = Buffer(first.precision(), first.size());
  const std::size_t parts = std::clamp<std::size_t>(first.size() / kLeastElements, 1, cluster_.pool->threads());
  for (std::size_t i = 0; i < parts; ++i) {
    const Part part = part_of(first.size(), parts, i);
    parts_.push_back(cluster_.pool->submit([self = shared_from_this(), order = known_.order, part] {
      order->add(self->addends_, part.begin, part.begin + part.count, self->buffer_);
    }));
  }
}

void Gathering::tell_ends() {
  if (!known_.timing) {
    return;
  }
  const Passage passage = known_.timing->play(arrivals_);
  const auto traffic = known_.timing->traffic();
  in_kernel([&] {
    for (std::size_t rank = 0; rank < attendances_.size(); ++rank) {
      Attendance& attendance = *attendances_[rank];
      attendance.node().description.observer->sent_together(traffic[rank].messages, traffic[rank].bytes, clock_now());
      cluster_.gatherings.lasts_until(passage.end[rank]);
      attendance.ends(passage.end[rank], passage.communicating[rank]);
    }
  });
}

Reduced Gathering::outcome() {
  if (sum_.empty()) {
    for (std::future<void>& part : parts_) {
      part.get();
    }
    parts_.clear();
    addends_.clear();
    sum_ = std::move(buffer_).freeze();
  }
  return {sum_, flagged_};
}

std::string Gathering::describe() const {
  const auto absent = std::find(here_.begin(), here_.end(), false);
  if (absent == here_.end()) {
    return "its end of an allreduce";
  }
  return fmt::format("the others of an allreduce ({} of {} ranks are there, rank {} is not)", came_, here_.size(),
                     absent - here_.begin());
}

KnownCollective& Gatherings::know(int channel, const Contribution& contribution) {
  KnownCollective& known = known_[{channel, contribution.tag}];
  const std::size_t elements = contribution.mine.size();
  if (known.schedule != contribution.schedule || known.elements != elements) {
    known = {contribution.schedule, elements, nullptr, nullptr};
    if (interconnect_) {
      known.timing = std::make_unique<ScheduleTiming>(contribution.schedule, *interconnect_, contribution.ranks,
                                                      elements, contribution.bytes_per_element);
    }
  }
  return known;
}

std::shared_ptr<Gathering> Gatherings::join(int channel, Node& node, Inbox& inbox, Contribution contribution) {
  const std::tuple key(channel, contribution.tag, contribution.call);
  std::shared_ptr<Gathering>& open = open_[key];
  if (!open) {
    open = std::make_shared<Gathering>(cluster_, know(channel, contribution),
                                       static_cast<std::size_t>(contribution.ranks));
  }
  std::shared_ptr<Gathering> gathering = open;
  gathering->come(node, inbox, std::move(contribution));
  if (gathering->complete()) {
    open_.erase(key);
  }
  return gathering;
}

void Gatherings::refuse_messages(int from, int to) const {
  if (evaluates() && (!open_.empty() || clock_now() < until_)) {
    throw RunError(
        fmt::format("rank {} sends to rank {} at {:.9g} s while a collective is under way, which fidelity=\"schedule\" "
                    "does not see; use fidelity=\"message\"",
                    from, to, clock_now()));
  }
}

}  // namespace descent::simulated
