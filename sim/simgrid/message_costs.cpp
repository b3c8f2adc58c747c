#include "sim/simgrid/message_costs.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <xbt/config.hpp>

namespace descent::simulated {
namespace {

constexpr const char* kEagerBelow = "smpi/async-small-thresh";
constexpr const char* kInjection = "smpi/ois";
constexpr const char* kExtraction = "smpi/or";
constexpr const char* kNothing = "0:0:0:0:0";

double number(const std::string& name, const std::string& text) {
  std::size_t read = 0;
  double value = -1;
  try {
    value = std::stod(text, &read);
  } catch (const std::exception&) {
    read = 0;
  }
  if (read == 0 || read != text.size() || !(value >= 0)) {
    throw InputError(
        fmt::format("the platform's <config> {}: '{}' is not a number >= 0; allowed: size:seconds:seconds-per-byte, "
                    "and more after ;",
                    name, text));
  }
  return value;
}

/// Which of them SimGrid knows outside SMPI depends on its version.
template <class T>
void declare(const char* name, const char* what, T value) {
  try {
    simgrid::config::is_default(name);
  } catch (const std::out_of_range&) {
    simgrid::config::declare_flag<T>(name, what, std::move(value));
  }
}

}  // namespace

SizeCosts::SizeCosts(const std::string& name, const std::string& text) {
  std::istringstream steps(text);
  for (std::string step; std::getline(steps, step, ';');) {
    std::vector<double> numbers;
    std::istringstream parts(step);
    for (std::string part; std::getline(parts, part, ':');) {
      numbers.push_back(number(name, part));
    }
    numbers.resize(std::max<std::size_t>(numbers.size(), 3));
    steps_.push_back({numbers[0], numbers[1], numbers[2]});
  }
  std::stable_sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.above < b.above; });
}

double SizeCosts::operator()(double bytes) const {
  double seconds = 0;
  for (const Step& step : steps_) {
    seconds = bytes > step.above ? step.seconds + step.seconds_per_byte * bytes : seconds;
  }
  return seconds;
}

void declare_message_costs() {
  declare<int>(kEagerBelow, "messages of fewer bytes do not wait for their receiver", 0);
  declare<std::string>(kInjection, "what a send costs", kNothing);
  declare<std::string>(kExtraction, "what a reception costs", kNothing);
  // What our ranks do not do: accepted, because files for SMPI have them.
  declare<std::string>("smpi/os", "what a blocking send costs", kNothing);
  declare<int>("smpi/send-is-detached-thresh", "blocking sends of fewer bytes return at once", 65536);
}

MessageCosts message_costs() {
  const auto costs = [](const char* name) { return SizeCosts(name, simgrid::config::get_value<std::string>(name)); };
  return {static_cast<double>(simgrid::config::get_value<int>(kEagerBelow)), costs(kInjection), costs(kExtraction)};
}

}  // namespace descent::simulated
