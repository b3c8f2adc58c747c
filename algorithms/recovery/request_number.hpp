#pragma once

#include <cstdint>

namespace descent {

/// What a rank asks its peers for, counted through all its lives: an answer names the request that it is to, and one
/// that was asked again counts once. A double holds it for two million lives.
inline std::uint64_t request_number(int life, std::uint64_t requests) {
  constexpr unsigned kOfALife = 32;
  return (static_cast<std::uint64_t>(life) << kOfALife) + requests;
}

}  // namespace descent
