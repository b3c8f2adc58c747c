#include "sim/sweep/time_text.hpp"

#include <fmt/chrono.h>

#include <chrono>

namespace descent {

std::string time_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

}  // namespace descent
