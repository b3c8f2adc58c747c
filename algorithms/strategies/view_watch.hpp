#pragma once

#include "algorithms/collectives/executor.hpp"
#include "algorithms/recovery/views.hpp"

#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace descent {

/// A member of a view is silent, or a rank calls for the next view.
struct ViewBroken : std::runtime_error {
  explicit ViewBroken(std::optional<Message> with = {})
      : std::runtime_error("a member is silent or calls"), call(std::move(with)) {}
  /// Nothing where silence broke it.
  std::optional<Message> call;
};

/// Waits as a member of a view does: not longer than the timeout for anything, and ready to be called at any time.
/// Throws ViewBroken.
class ViewWatch final : public Watch {
 public:
  ViewWatch(const Views& views, const Recovery& recovery, Communicator& communicator)
      : views_(views), recovery_(recovery), communicator_(communicator) {}

  First first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages) override;
  /// Nothing where the deadline comes first.
  std::optional<First> first_until(double deadline, std::span<const std::shared_ptr<Operation>> operations,
                                   std::span<const Expected> messages);
  /// A member that waits for nobody has to ask whether it is called.
  void listen() { first_until(communicator_.now(), {}, {}); }

 private:
  const Views& views_;
  const Recovery& recovery_;
  Communicator& communicator_;
  std::vector<Expected> awaited_;
};

}  // namespace descent
