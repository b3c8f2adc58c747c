#pragma once

#include "algorithms/recovery/recovery.hpp"

#include <optional>
#include <string>

namespace descent {

/// How long a rank waits for a peer that owes it an answer: it asks again and again, and gives up at last.
class Patience {
 public:
  explicit Patience(const Recovery& recovery) : recovery_(recovery) {}

  /// When to ask again, if it has just asked: before anybody can take it for lost.
  double next(double now) const { return now + recovery_.timeout_s / 2; }
  /// The peer owes an answer, from now on or already.
  void begin(double now) { since_ = since_.value_or(now); }
  void heard() { since_.reset(); }
  /// Throws GaveUp, naming `whom`, where it has waited for too long.
  void check(double now, const std::string& whom) const;

 private:
  const Recovery& recovery_;
  std::optional<double> since_;
};

}  // namespace descent
