#include "sim/record/provenance.hpp"

#include <unistd.h>

#include <array>

namespace descent {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "unknown";
}

}  // namespace

Provenance provenance() {
  return {DESCENT_VERSION, DESCENT_GIT_REVISION, DESCENT_BUILD, host_name()};
}

}  // namespace descent
