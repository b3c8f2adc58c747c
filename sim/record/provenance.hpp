#pragma once

#include <string>

namespace descent {

/// The program that computes results, and the machine that it runs on.
struct Provenance {
  std::string version;
  std::string git_revision;
  std::string build;
  std::string host;
};
Provenance provenance();

}  // namespace descent
