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

/// A new life goes on with the control variate of the one before: the server's is the mean of all.
Snapshot control_of(const Federation& federation, Communicator& communicator, Learner& learner) {
  if (!federation.control_variates) {
    return {};
  }
  std::optional<Stored> stored = communicator.recall("control");
  return stored ? std::move(stored->vectors.front()) : learner.zeros();
}

}  // namespace

void run_client(const Federation& federation, Communicator& communicator, Learner& learner) {
  const int server = federation.cast.server_rank(0);
  const std::uint64_t steps = federation.steps_of(learner);
  Encoder encoder(federation.compressor, communicator, learner);
  Encoder control_encoder(federation.compressor, communicator, learner);
  Snapshot control = control_of(federation, communicator, learner);
  if (communicator.life() > 0) {
    communicator.send(server, federation::kHere, envelope());
    communicator.observer().recovered({}, communicator.now());
  }
  for (;;) {
    const Message model = await_model(federation, communicator);
    const Snapshot& x = model.payload;
    if (x.empty()) {
      return;
    }
    // The learning-rate schedule counts the server's updates.
    const auto round = static_cast<std::uint64_t>(model.note);
    LocalTerm term;
    if (federation.proximal > 0) {
      term.pull = federation.proximal;
      term.towards = x;
    }
    Snapshot others;
    if (federation.control_variates) {
      std::optional<Message> mean =
          communicator.receive(server, federation::kControl, communicator.now() + federation.recovery.timeout_s);
      if (!mean) {
        continue;  // The server has died between the two.
      }
      others = std::move(mean->payload);
      term.shift = learner.combine({{1, others}, {-1, control}});
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
      control = learner.combine({{1, std::move(control)}, {1, moved}});
      if (federation.recovery.tolerates_losses()) {
        communicator.wait(communicator.store("control", {{control}, {}}, learner.wire_bytes(0, control.size())));
      }
      answer(federation::kControlDifference, control_encoder, std::move(moved));
    }
    answer(federation::kDifference, encoder, std::move(difference));
  }
}

}  // namespace descent
