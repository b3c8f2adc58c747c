#include "sim/simgrid/courses.hpp"

#include <fmt/format.h>

#include <simgrid/kernel/ProfileBuilder.hpp>
#include <simgrid/s4u.hpp>
#include <string>

namespace descent::simulated {
namespace {

/// Values are `whole` times the course's. SimGrid's builder takes text, and no other of its ways has absolute times.
simgrid::kernel::profile::Profile* profile_of(const std::string& name, const Course& course, double whole) {
  constexpr double kOnce = -1;
  std::string text;
  for (const Course::Step& step : course.steps()) {
    text += fmt::format("{:.17g} {:.17g}\n", step.time, step.factor * whole);
  }
  return simgrid::kernel::profile::ProfileBuilder::from_string(name, text, kOnce);
}

}  // namespace

void let_follow(simgrid::s4u::Host& host, const Course& speed) {
  if (!speed.steps().empty()) {
    host.set_speed_profile(profile_of("speed of " + host.get_name(), speed, 1));
  }
}

}  // namespace descent::simulated
