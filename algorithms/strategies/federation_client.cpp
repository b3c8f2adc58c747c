#include "algorithms/strategies/federation.hpp"

#include "algorithms/recovery/patience.hpp"
#include "algorithms/strategies/encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace descent {

std::size_t Federation::clients_at_once() const {
  const auto drawn = static_cast<std::size_t>(std::llround(fraction * cast.workers));
  return std::clamp<std::size_t>(drawn, 1, static_cast<std::size_t>(cast.workers));
}

std::uint64_t Federation::steps_of(const Learner& client) const {
  if (local_steps) {
    return *local_steps;
  }
  const double samples = *local_epochs * static_cast<double>(client.samples());
  return std::max<std::uint64_t>(1,
                                 static_cast<std::uint64_t>(std::ceil(samples / static_cast<double>(client.batch()))));
}

namespace {

/// Parameters to begin with, once the client is drawn.
Message await_model(const Federation& federation, Communicator& communicator) {
  const int server = federation.cast.server_rank(0);
  const Expected awaited[] = {{server, federation::kModel}, {server, federation::kHereToo}};
  Patience patience(federation.recovery);
  for (;;) {
    patience.begin(communicator.now());
    First first = communicator.first({}, awaited, patience.next(communicator.now()));
    if (first.what == First::What::deadline) {
      patience.check(communicator.now(), fmt::format("server {}", server));
      communicator.send(server, federation::kHere, envelope());
    } else if (first.message.tag == federation::kModel) {
      return std::move(first.message);
    } else {
      patience.heard();
    }
  }
}

/// A client's control variate. The server's is the mean of all, so it moves only where the server has taken its
/// difference, and a new life goes on with that of the one before.
class ControlVariate {
 public:
  ControlVariate(const Federation& federation, Communicator& communicator, const Learner& learner)
      : communicator_(communicator), recovers_(federation.recovery.tolerates_losses()) {
    if (!federation.control_variates) {
      return;
    }
    if (std::optional<Stored> stored = communicator.recall(kName)) {
      value_ = std::move(stored->vectors[0]);
      proposed_ = std::move(stored->vectors[1]);
      draw_ = static_cast<std::int64_t>(stored->numbers[0]);
    } else {
      value_ = learner.zeros();
    }
  }

  const Snapshot& value() const { return value_; }

  /// What it will be, if the server takes the answer to this draw. With recovery it is durable before the server can.
  void propose(Snapshot next, std::int64_t draw, std::uint64_t bytes) {
    proposed_ = std::move(next);
    draw_ = draw;
    if (recovers_) {
      Stored stored{{value_, proposed_}, {static_cast<std::uint64_t>(draw)}};
      communicator_.wait(communicator_.store(kName, std::move(stored), bytes));
    }
  }
  /// The answer to this draw is the last that the server has taken; a newer one it never will.
  void settle(std::int64_t taken) {
    if (taken == draw_ && !proposed_.empty()) {
      value_ = std::exchange(proposed_, {});
    }
  }

 private:
  static constexpr const char* kName = "control";
  Communicator& communicator_;
  bool recovers_;
  Snapshot value_;
  Snapshot proposed_;
  std::int64_t draw_ = 0;
};

/// The server's control variate for this draw; nothing, if it does not come. `newest` is the newest that has come.
const Message* await_control(const Federation& federation, Communicator& communicator, std::int64_t draw,
                             std::optional<Message>& newest) {
  const double deadline = communicator.now() + federation.recovery.timeout_s / 2;
  while (!newest || newest->note < draw) {
    newest = communicator.receive(federation.cast.server_rank(0), federation::kControl, deadline);
    if (!newest) {
      return nullptr;
    }
  }
  return newest->note == draw ? &*newest : nullptr;
}

}  // namespace

void run_client(const Federation& federation, Communicator& communicator, Learner& learner) {
  const int server = federation.cast.server_rank(0);
  const std::uint64_t steps = federation.steps_of(learner);
  Encoder encoder(federation.compressor, communicator, learner);
  Encoder control_encoder(federation.compressor, communicator, learner);
  ControlVariate control(federation, communicator, learner);
  std::optional<Message> servers_control;
  if (communicator.life() > 0) {
    communicator.send(server, federation::kHere, envelope());
    communicator.observer().recovered({}, communicator.now());
  }
  for (;;) {
    const Message model = await_model(federation, communicator);
    const Snapshot& x = model.payload;
    if (x.empty()) {
      if (federation.recovery.tolerates_losses()) {
        communicator.send(server, federation::kLeave, envelope());
      }
      return;
    }
    // The learning-rate schedule counts the server's updates.
    const auto round = static_cast<std::uint64_t>(model.scalar);
    LocalTerm term;
    if (federation.proximal > 0) {
      term.pull = federation.proximal;
      term.towards = x;
    }
    Snapshot others;
    if (federation.control_variates) {
      const Message* mean = await_control(federation, communicator, model.note, servers_control);
      if (mean == nullptr) {
        if (!servers_control) {
          communicator.send(server, federation::kHere, envelope());  // It is lost.
        }
        continue;
      }
      others = mean->payload;
      control.settle(static_cast<std::int64_t>(mean->scalar));
      term.shift = learner.combine({{1, others}, {-1, control.value()}});
    }
    OptimizerState state = learner.initial_state(x);
    for (std::uint64_t i = 0; i < steps; ++i) {
      state = learner.local_step(std::move(state), round, term);
    }
    const auto answer = [&](Tag tag, Encoder& with, Snapshot vector) {
      Message message;
      message.note = model.note;
      message.scalar = static_cast<double>(steps * learner.batch());
      with.put(message, std::move(vector));
      communicator.send(server, tag, std::move(message));
    };
    Snapshot difference = learner.combine({{1, x}, {-1, std::exchange(state.parameters, {})}});
    if (federation.control_variates) {
      // c⁺ = cₖ − c + (x − xₖ)/(Kη), their option II; what it differs by is sent.
      const double each = 1 / (static_cast<double>(steps) * learner.rate(round));
      Snapshot moved = learner.combine({{each, difference}, {-1, std::move(others)}});
      Snapshot next = learner.combine({{1, control.value()}, {1, moved}});
      control.propose(std::move(next), model.note, learner.wire_bytes(0, moved.size()));
      answer(federation::kControlDifference, control_encoder, std::move(moved));
    }
    answer(federation::kDifference, encoder, std::move(difference));
  }
}

}  // namespace descent
