#include "sim/simgrid/gathering.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/operations.hpp"
#include "sim/simgrid/timed_network.hpp"

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

  Node& node() { return node_; }

  /// In SimGrid's kernel.
  void over() {
    done_ = true;
    inbox_.wake();
  }
  /// In SimGrid's kernel. When exactly within the stay it communicated is not kept: all of it is told as the last part.
  /// The timer keeps it: a rank may die, and with it all who hold the gathering, before its time.
  void over_at(double end, double communicating) {
    const auto leave = [self = shared_from_this(), communicating] {
      const double now = clock_now();
      self->node_.occupation.transfer_begins(now - communicating, now);
      self->node_.occupation.transfer_ends(now);
      self->over();
    };
    if (end <= clock_now()) {
      leave();
    } else {
      simgrid::kernel::timer::Timer::set(end, leave);
    }
  }

 private:
  const Gathering& gathering_;
  Node& node_;
  Inbox& inbox_;
  bool done_ = false;
};

Gathering::Gathering(Cluster& cluster, std::shared_ptr<KnownCollective> known, std::size_t ranks)
    : cluster_(cluster),
      known_(std::move(known)),
      addends_(ranks),
      here_(ranks),
      arrivals_(ranks),
      attendances_(ranks) {}

void Gathering::come(Node& node, Inbox& inbox, Contribution contribution) {
  const auto rank = static_cast<std::size_t>(node.rank);
  addends_[rank] = std::move(contribution.mine);
  here_[rank] = true;
  arrivals_[rank] = clock_now();
  flagged_ = flagged_ || contribution.flagged;
  if (known_->timing) {
    attendances_[rank] = std::make_shared<Attendance>(*this, node, inbox);
  }
  if (++came_ == attendances_.size()) {
    add_up();
  }
  if (is_told()) {
    tell_ends();
  } else if (known_->timing) {
    play(node.rank);
  }
}

std::shared_ptr<Operation> Gathering::attendance(int rank) const {
  return attendances_[static_cast<std::size_t>(rank)];
}

/// On the pool, while simulated time goes by.
void Gathering::add_up() {
  const Snapshot& first = addends_.front();
  if (first.is_placeholder()) {
    sum_ = first;
    return;
  }
  if (!known_->order) {
    known_->order = std::make_shared<SumOrder>(*known_->schedule, static_cast<int>(addends_.size()));
  }
  if (std::any_of(addends_.begin(), addends_.end(), [](const Snapshot& addend) { return addend.is_deferred(); })) {
    add_deferred();
  } else {
    add_at_hand();
  }
}

/// Each kernel has elements of its own, and keeps what it writes to.
void Gathering::add_at_hand() {
  const Snapshot& first = addends_.front();
  buffer_ = Buffer(first.precision(), first.size());
  const std::size_t parts = std::clamp<std::size_t>(first.size() / kLeastElements, 1, cluster_.pool->threads());
  for (std::size_t i = 0; i < parts; ++i) {
    const Part part = part_of(first.size(), parts, i);
    parts_.push_back(cluster_.pool->submit([self = shared_from_this(), order = known_->order, part] {
      order->add(self->addends_, part.begin, part.begin + part.count, self->buffer_);
    }));
  }
}

void Gathering::add_deferred() {
  streamed_ = std::make_shared<StreamedSum>(known_->order, std::exchange(addends_, {}));
  for (std::size_t i = 0; i < cluster_.pool->threads(); ++i) {
    parts_.push_back(cluster_.pool->submit([streamed = streamed_] { streamed->work(); }));
  }
}

/// Every rank needs what each has brought, so none ends before the last has come.
void Gathering::tell_ends() {
  if (came_ < attendances_.size()) {
    return;
  }
  const Passage passage = known_->timing->recur(arrivals_);
  cluster_.gatherings.tell(known_->channel, *std::min_element(arrivals_.begin(), arrivals_.end()),
                           *std::max_element(passage.end.begin(), passage.end.end()));
  const auto traffic = known_->timing->traffic();
  in_kernel([&] {
    for (std::size_t rank = 0; rank < attendances_.size(); ++rank) {
      Attendance& attendance = *attendances_[rank];
      attendance.node().description.observer->sent_together(traffic[rank].messages, traffic[rank].bytes, clock_now());
      attendance.over_at(passage.end[rank], passage.communicating[rank]);
    }
  });
}

/// The rank's part in flows.
void Gathering::play(int rank) {
  if (!player_) {
    player_.emplace(*known_->timing, cluster_.network->flows(), static_cast<PlayListener&>(*this));
  }
  in_kernel([&] {
    player_->arrive(rank, clock_now());
    cluster_.network->schedule();
  });
}

void Gathering::transfer_began(int rank, double now) {
  attendances_[static_cast<std::size_t>(rank)]->node().occupation.transfer_begins(now, now);
}

void Gathering::transfer_ended(int rank, double now) {
  attendances_[static_cast<std::size_t>(rank)]->node().occupation.transfer_ends(now);
}

void Gathering::rank_ended(int rank, double now) {
  const auto at = static_cast<std::size_t>(rank);
  const Traffic traffic = known_->timing->traffic()[at];
  attendances_[at]->node().description.observer->sent_together(traffic.messages, traffic.bytes, now);
  attendances_[at]->over();
}

Reduced Gathering::outcome() {
  if (sum_.empty()) {
    for (std::future<void>& part : parts_) {
      part.get();
    }
    parts_.clear();
    addends_.clear();
    sum_ = streamed_ ? std::move(*streamed_).take() : std::move(buffer_).freeze();
    streamed_ = nullptr;
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

std::shared_ptr<KnownCollective> Gatherings::know(int channel, const Contribution& contribution) {
  std::shared_ptr<KnownCollective>& known = known_[{channel, contribution.tag}];
  const std::size_t elements = contribution.mine.size();
  if (!known || known->schedule != contribution.schedule || known->elements != elements) {
    known = std::make_shared<KnownCollective>(KnownCollective{channel, contribution.schedule, elements, {}, {}});
    if (cluster_.network) {
      known->timing = std::make_unique<ScheduleTiming>(contribution.schedule, cluster_.network->routes(),
                                                       contribution.ranks, elements, contribution.bytes_per_element);
    }
  }
  return known;
}

std::shared_ptr<Gathering> Gatherings::join(int channel, Node& node, Inbox& inbox, Contribution contribution) {
  const auto is_over = [](const auto& one) { return one.second->over(); };
  std::erase_if(open_, is_over);
  const std::tuple key(channel, contribution.tag, contribution.call);
  auto known = open_.find(key);
  if (known == open_.end()) {
    const auto ranks = static_cast<std::size_t>(contribution.ranks);
    known = open_.emplace(key, std::make_shared<Gathering>(cluster_, know(channel, contribution), ranks)).first;
  }
  std::shared_ptr<Gathering> gathering = known->second;
  gathering->come(node, inbox, std::move(contribution));
  std::erase_if(open_, is_over);
  return gathering;
}

void Gatherings::refuse_messages(int from, int to) const {
  const bool gathers = std::any_of(open_.begin(), open_.end(), [](const auto& one) { return one.second->is_told(); });
  if (gathers || clock_now() < told_until_) {
    throw RunError(
        fmt::format("rank {} sends to rank {} at {:.9g} s while a collective is under way, which fidelity=\"schedule\" "
                    "does not see; use fidelity=\"message\"",
                    from, to, clock_now()));
  }
}

void Gatherings::tell(int channel, double begin, double end) {
  if (cluster_.network->flows().busy() || (channel != told_channel_ && begin < told_until_)) {
    throw RunError(
        fmt::format("a collective at {:.9g} s meets other traffic, which fidelity=\"schedule\" does not "
                    "see; use fidelity=\"message\"",
                    begin));
  }
  told_channel_ = channel;
  told_until_ = std::max(told_until_, end);
}

}  // namespace descent::simulated
