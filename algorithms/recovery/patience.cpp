#include "algorithms/recovery/patience.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

namespace descent {

void Patience::check(double now, const std::string& whom) const {
  if (since_ && now >= *since_ + recovery_.give_up_s) {
    throw GaveUp(fmt::format("no answer of {} since {:.9g} s", whom, *since_));
  }
}

}  // namespace descent
