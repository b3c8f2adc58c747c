#include "sim/mpi/mortality.hpp"

#include <algorithm>
#include <utility>

namespace descent::mpi {

Mortality::Mortality(HostFailures failures) : failures_(std::move(failures)) {
  for (Outages& outages : failures_.outages) {
    pending_.push_back(outages.next());
  }
  draw(0);
}

void Mortality::draw(double after) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  next_ = {kNever, kNever};
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    while (pending_[i] && pending_[i]->end <= after) {
      pending_[i] = failures_.outages[i].next();
    }
    if (pending_[i] && pending_[i]->begin < next_.begin) {
      next_ = *pending_[i];
    }
  }
  for (const std::optional<Outage>& other : pending_) {
    if (other && other->begin <= next_.end) {
      next_.end = std::max(next_.end, other->end);
    }
  }
}

void Mortality::check(double now) {
  if (dead_) {
    throw Dead{};
  }
  if (now >= next_.begin) {
    die(next_.end);
  }
}

void Mortality::check(double now, const std::optional<std::uint64_t>& step) {
  check(now);
  for (const CrashAtStep& crash : failures_.crashes) {
    if (life_ == 0 && step == crash.step) {
      die(now + crash.repair_s);
    }
  }
}

void Mortality::die(double back_at) {
  back_at_ = back_at;
  dead_ = true;
  throw Dead{};
}

void Mortality::revive(double now) {
  ++life_;
  dead_ = false;
  draw(now);
}

}  // namespace descent::mpi
