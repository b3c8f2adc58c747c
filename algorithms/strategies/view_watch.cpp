#include "algorithms/strategies/view_watch.hpp"

namespace descent {

First ViewWatch::first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages) {
  std::optional<First> first = first_until(communicator_.now() + recovery_.timeout_s, operations, messages);
  if (!first) {
    throw ViewBroken();
  }
  return *std::move(first);
}

std::optional<First> ViewWatch::first_until(double deadline, std::span<const std::shared_ptr<Operation>> operations,
                                            std::span<const Expected> messages) {
  awaited_.assign(messages.begin(), messages.end());
  awaited_.push_back(views_.call());
  for (;;) {
    First first = communicator_.first(operations, awaited_, deadline);
    if (first.what == First::What::deadline) {
      return std::nullopt;
    }
    if (first.what == First::What::operation || first.index < messages.size()) {
      return first;
    }
    if (views_.calls_anew(first.message)) {
      throw ViewBroken(std::move(first.message));
    }
  }
}

}  // namespace descent
