#pragma once

#include "sim/scenario/scenario.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// A setting of SimGrid's that a platform file makes: `<config><prop id="name" value="value"/></config>`.
struct PlatformSetting {
  std::string name;
  std::string value;
  int line = 0;
};

/// What the text of a platform file says beside the platform itself.
struct PlatformText {
  std::vector<PlatformSetting> settings;
  /// What SimGrid would read without a word and get wrong.
  std::vector<Diagnostic> problems;
  /// Line of the first profile that changes a link during a run.
  std::optional<int> changing_link;
  /// Hosts with a profile of their speed, and the line of each.
  std::map<std::string, int> profiled_hosts;
  /// Links with a profile of bandwidth or latency, as SimGrid names them.
  std::map<std::string, int> profiled_links;
  /// Files with profiles that it refers to, as it names them.
  std::vector<std::string> files;
  /// Why it is no XML. SimGrid's own parser is the judge: it accepts a little more than XML.
  std::optional<Diagnostic> malformed;
};

/// Reads a platform file as far as it is XML; throws nothing.
PlatformText read_platform_text(const std::filesystem::path& file);

}  // namespace descent
