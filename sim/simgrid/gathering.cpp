#include "sim/simgrid/gathering.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/operations.hpp"
#include "sim/simgrid/timed_network.hpp"

#include <fmt/format.h>

#include <simgrid/kernel/Timer.hpp>

#include <algorithm>
#include <stdexcept>

namespace descent::simulated {
namespace {

/// Elements of a sum that are worth a kernel of their own.
constexpr std::size_t kLeastElements = 16384;
/// Collectives of a line that are kept prepared.
constexpr std::size_t kMostKnown = 256;

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

Gathering::Gathering(Cluster& cluster, std::shared_ptr<KnownCollective> known)
    : cluster_(cluster),
      known_(std::move(known)),
      contributions_(static_cast<std::size_t>(known_->group.size())),
      here_(contributions_.size()),
      arrivals_(contributions_.size()),
      attendances_(contributions_.size()) {}

void Gathering::come(Node& node, Inbox& inbox, Contribution contribution) {
  const auto member = static_cast<std::size_t>(contribution.member);
  if (here_[member]) {
    throw std::logic_error(fmt::format("rank {} comes to {} twice: two collectives of a line have one tag", node.rank,
                                       name_with_article(known_->plan->operation)));
  }
  contributions_[member] = std::move(contribution.mine);
  here_[member] = true;
  arrivals_[member] = clock_now();
  flagged_ = flagged_ || contribution.flagged;
  if (known_->timing) {
    attendances_[member] = std::make_shared<Attendance>(*this, node, inbox);
  }
  if (member == 0 && known_->plan->operation == CollectiveOperation::broadcast) {
    whole_ = contributions_.front();
  }
  if (++came_ == attendances_.size()) {
    form();
  }
  if (is_told()) {
    tell_ends();
  } else if (known_->timing) {
    play(contribution.member);
  }
}

std::shared_ptr<Operation> Gathering::attendance(int member) const {
  return attendances_[static_cast<std::size_t>(member)];
}

/// On the pool, while simulated time goes by.
void Gathering::form() {
  const auto is_any = [&](bool (Snapshot::*is)() const) {
    return std::any_of(contributions_.begin(), contributions_.end(), [is](const Snapshot& one) { return (one.*is)(); });
  };
  if (whole_) {
    return;
  }
  if (is_any(&Snapshot::is_placeholder)) {
    whole_ = Snapshot::placeholder(contributions_.front().precision(), known_->plan->layout.size());
    return;
  }
  if (!known_->plan->adds()) {
    join();
    return;
  }
  if (!known_->order) {
    known_->order = std::make_shared<SumOrder>(*known_->plan->schedule, known_->group.size());
  }
  if (is_any(&Snapshot::is_deferred)) {
    add_deferred();
  } else {
    add_at_hand();
  }
}

/// Each kernel has elements of its own, and keeps what it writes to.
void Gathering::add_at_hand() {
  const Snapshot& first = contributions_.front();
  buffer_ = Buffer(first.precision(), first.size());
  const std::size_t parts = std::clamp<std::size_t>(first.size() / kLeastElements, 1, cluster_.pool->threads());
  for (std::size_t i = 0; i < parts; ++i) {
    const Part part = part_of(first.size(), parts, i);
    parts_.push_back(cluster_.pool->submit([self = shared_from_this(), order = known_->order, part] {
      order->add(self->contributions_, part.begin, part.begin + part.count, self->buffer_);
    }));
  }
}

void Gathering::add_deferred() {
  streamed_ = std::make_shared<StreamedSum>(known_->order, std::exchange(contributions_, {}));
  for (std::size_t i = 0; i < cluster_.pool->threads(); ++i) {
    parts_.push_back(cluster_.pool->submit([streamed = streamed_] { streamed->work(); }));
  }
}

/// What members own, in its places.
void Gathering::join() {
  const auto has_elements = [](const Snapshot& one) { return !one.empty(); };
  const auto typical = std::find_if(contributions_.begin(), contributions_.end(), has_elements);
  buffer_ = Buffer(typical != contributions_.end() ? typical->precision() : contributions_.front().precision(),
                   known_->plan->layout.size());
  parts_.push_back(cluster_.pool->submit([self = shared_from_this()] {
    const CollectivePlan& plan = *self->known_->plan;
    for (std::size_t member = 0; member < self->contributions_.size(); ++member) {
      const Part where = plan.layout.part(plan.schedule->owned(static_cast<int>(member)));
      self->buffer_.store(where.begin, self->contributions_[member].computed());
    }
  }));
}

void Gathering::tell_ends() {
  if (came_ < attendances_.size()) {
    return;
  }
  const Passage passage = known_->timing->recur(arrivals_);
  cluster_.gatherings.tell(known_->channel, *std::min_element(arrivals_.begin(), arrivals_.end()),
                           *std::max_element(passage.end.begin(), passage.end.end()));
  const auto traffic = known_->timing->traffic();
  in_kernel([&] {
    for (std::size_t member = 0; member < attendances_.size(); ++member) {
      const Traffic& sent = traffic[member];
      Attendance& attendance = *attendances_[member];
      attendance.node().description.observer->sent_together(sent.messages, sent.bytes, clock_now());
      attendance.over_at(passage.end[member], passage.communicating[member]);
    }
  });
}

/// The member's part in flows.
void Gathering::play(int member) {
  if (!player_) {
    player_.emplace(*known_->timing, cluster_.network->flows(), static_cast<PlayListener&>(*this));
  }
  in_kernel([&] {
    player_->arrive(member, clock_now());
    cluster_.network->schedule();
  });
}

void Gathering::transfer_began(int member, double now) {
  attendances_[static_cast<std::size_t>(member)]->node().occupation.transfer_begins(now, now);
}

void Gathering::transfer_ended(int member, double now) {
  attendances_[static_cast<std::size_t>(member)]->node().occupation.transfer_ends(now);
}

void Gathering::member_ended(int member, double now) {
  const auto at = static_cast<std::size_t>(member);
  const Traffic traffic = known_->timing->traffic()[at];
  attendances_[at]->node().description.observer->sent_together(traffic.messages, traffic.bytes, now);
  attendances_[at]->over();
}

Reduced Gathering::outcome() {
  if (!whole_) {
    for (std::future<void>& part : parts_) {
      part.get();
    }
    parts_.clear();
    contributions_.clear();
    whole_ = streamed_ ? std::move(*streamed_).take() : std::move(buffer_).freeze();
    streamed_ = nullptr;
  }
  return {*whole_, flagged_};
}

std::string Gathering::describe() const {
  const std::string_view what = name_with_article(known_->plan->operation);
  const auto absent = std::find(here_.begin(), here_.end(), false);
  if (absent == here_.end()) {
    return fmt::format("its end of {}", what);
  }
  return fmt::format("the others of {} ({} of {} ranks are there, rank {} is not)", what, came_, here_.size(),
                     known_->group.rank(static_cast<int>(absent - here_.begin())));
}

std::shared_ptr<KnownCollective> Gatherings::know(const Line& line, const Contribution& contribution) {
  const CollectivePlan& plan = *contribution.plan;
  const auto is_this = [&](const std::shared_ptr<KnownCollective>& known) {
    return known->plan->operation == plan.operation && known->plan->schedule == plan.schedule &&
           known->plan->bytes_per_element == plan.bytes_per_element && known->plan->layout == plan.layout;
  };
  std::vector<std::shared_ptr<KnownCollective>>& all = known_[line];
  const auto found = std::find_if(all.begin(), all.end(), is_this);
  if (found != all.end()) {
    std::rotate(all.begin(), found, found + 1);
    return all.front();
  }
  auto known = std::make_shared<KnownCollective>(
      KnownCollective{std::get<0>(line), contribution.plan, contribution.group, {}, {}});
  if (cluster_.network) {
    known->timing = std::make_unique<ScheduleTiming>(contribution.plan, contribution.group, cluster_.network->routes());
    known->told = known->timing->contention_free() && !cluster_.jitter && !plan.is_rooted() &&
                  contribution.group.size() == static_cast<int>(cluster_.nodes.size());
  }
  all.insert(all.begin(), known);
  all.resize(std::min(all.size(), kMostKnown));
  return known;
}

std::shared_ptr<Gathering> Gatherings::join(int channel, Node& node, Inbox& inbox, Contribution contribution) {
  const auto is_over = [](const auto& one) { return one.second->over(); };
  std::erase_if(open_, is_over);
  const Line line(channel, contribution.tag, contribution.group);
  const std::pair key(line, contribution.call);
  auto known = open_.find(key);
  if (known == open_.end()) {
    known = open_.emplace(key, std::make_shared<Gathering>(cluster_, know(line, contribution))).first;
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
