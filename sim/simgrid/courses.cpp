#include "sim/simgrid/courses.hpp"

#include <fmt/format.h>

#include <simgrid/kernel/ProfileBuilder.hpp>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>
#include <string>

namespace descent::simulated {
namespace {

/// SimGrid's builder takes text; its other ways take no absolute times.
simgrid::kernel::profile::Profile* profile_of(const std::string& name, const Course& course) {
  constexpr double kOnce = -1;
  std::string text;
  for (const Course::Step& step : course.steps()) {
    text += fmt::format("{:.17g} {:.17g}\n", step.time, step.factor);
  }
  return simgrid::kernel::profile::ProfileBuilder::from_string(name, text, kOnce);
}

/// Calls `set` with each factor of the course when it is due. Not by a profile: SimGrid takes none for a link that a
/// cluster has made.
template <class Set>
void at_each_step(const Course& course, const Set& set) {
  for (const Course::Step& step : course.steps()) {
    if (step.time <= 0) {
      set(step.factor);
    } else {
      simgrid::kernel::timer::Timer::set(step.time, [set, factor = step.factor] { set(factor); });
    }
  }
}

}  // namespace

void let_follow(simgrid::s4u::Host& host, const Course& speed) {
  if (!speed.steps().empty()) {
    host.set_speed_profile(profile_of("speed of " + host.get_name(), speed));
  }
}

void let_follow(simgrid::s4u::Link& link, const Course& bandwidth, const Course& latency, const Course& availability) {
  at_each_step(bandwidth, [&link, whole = link.get_bandwidth()](double factor) { link.set_bandwidth(factor * whole); });
  at_each_step(latency, [&link, whole = link.get_latency()](double factor) { link.set_latency(factor * whole); });
  at_each_step(availability, [&link](double factor) { factor > 0 ? link.turn_on() : link.turn_off(); });
}

}  // namespace descent::simulated
