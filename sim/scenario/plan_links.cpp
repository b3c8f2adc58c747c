#include "sim/scenario/host_pattern.hpp"
#include "sim/scenario/plan.hpp"
#include "sim/scenario/scenario.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>

namespace descent {
namespace {

constexpr std::size_t kMostNamed = 4;

std::string unknown_link(const std::string& part, const std::vector<std::string>& names) {
  const bool both_ways = std::find(names.begin(), names.end(), part + "_UP") != names.end();
  return fmt::format(
      "the platform has no link '{}'{}; it has {} links{}", part,
      both_ways ? fmt::format(" (did you mean '{0}_UP', '{0}_DOWN' or '{0}*'?)", part) : did_you_mean(part, names),
      names.size(), names.empty() ? "" : fmt::format(", such as '{}'", names.front()));
}

/// Why SimGrid cannot change this link, or "".
std::string obstacle_of(const LinkInfo& link, const Scenario& scenario) {
  if (link.profile_line > 0) {
    return fmt::format(
        "link '{}' has a profile already ({}:{}), and SimGrid follows one for a link; allowed: links "
        "without one",
        link.name, scenario.platform.string(), link.profile_line);
  }
  return link.wifi
             ? fmt::format("link '{}' is Wi-Fi, whose rates depend on its stations; allowed: other links", link.name)
             : "";
}

}  // namespace

std::vector<ChangedLink> plan_links(const Scenario& scenario, std::span<const LinkInfo> links,
                                    std::vector<Diagnostic>& problems) {
  std::vector<std::string> names;
  names.reserve(links.size());
  for (const LinkInfo& link : links) {
    names.push_back(link.name);
  }
  std::vector<ChangedLink> changed;
  const auto problem = [&](int line, const std::string& what) {
    problems.push_back({scenario.file.string(), line, "<link-change> links: " + what});
  };
  for (std::size_t i = 0; i < scenario.link_changes.size(); ++i) {
    const LinkChange& change = scenario.link_changes[i];
    std::vector<std::string> unmatched;
    const std::vector<std::size_t> matched = match_names(change.links, names, unmatched);
    for (std::size_t j = 0; j < std::min(unmatched.size(), kMostNamed); ++j) {
      problem(change.line, unknown_link(unmatched[j], names));
    }
    if (matched.empty() && unmatched.empty()) {
      problem(change.line, "the list is empty");
    }
    for (const std::size_t at : matched) {
      if (const std::string fault = obstacle_of(links[at], scenario); !fault.empty()) {
        problem(change.line, fault);
        break;
      }
      const auto known =
          std::find_if(changed.begin(), changed.end(), [&](const ChangedLink& one) { return one.name == names[at]; });
      if (known != changed.end()) {
        known->changes.push_back(i);
      } else {
        changed.push_back({names[at], {i}});
      }
    }
  }
  return changed;
}

}  // namespace descent
