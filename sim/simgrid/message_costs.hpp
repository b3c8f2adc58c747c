#pragma once

#include <string>
#include <vector>

namespace descent::simulated {

/// Seconds that a message of so many bytes takes a rank: c0 + c1 · bytes, other numbers above each of some sizes.
class SizeCosts {
 public:
  SizeCosts() = default;
  /// As SMPI writes it: "above:c0:c1;above:c0:c1"; up to the first size it costs nothing. Throws InputError: what is
  /// wrong with the setting of that name.
  SizeCosts(const std::string& name, const std::string& text);

  double operator()(double bytes) const;

 private:
  struct Step {
    double above;
    double seconds;
    double seconds_per_byte;
  };
  std::vector<Step> steps_;
};

/// What the ends of a message do beside the network: settings of SMPI, which a platform file may make in its <config>.
struct MessageCosts {
  /// A message of fewer bytes is on its way as soon as it is sent (eager), another one when its receiver waits for it.
  /// `smpi/async-small-thresh`.
  double eager_below = 0;
  /// Until a send returns. `smpi/ois`.
  SizeCosts injection;
  /// From a message's arrival until its receiver has it. `smpi/or`.
  SizeCosts extraction;
};

/// Makes the settings known, so that platform files may use them; before one is loaded, once per process.
void declare_message_costs();
/// What they say. Throws InputError.
MessageCosts message_costs();

}  // namespace descent::simulated
