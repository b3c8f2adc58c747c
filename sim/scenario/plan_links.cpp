#include "sim/scenario/host_pattern.hpp"
#include "sim/scenario/plan.hpp"
#include "sim/scenario/scenario.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>
#include <utility>

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

class LinkPlanner {
 public:
  LinkPlanner(const Scenario& scenario, std::span<const LinkInfo> links, std::vector<Diagnostic>& problems)
      : scenario_(scenario), links_(links), problems_(problems) {
    names_.reserve(links.size());
    for (const LinkInfo& link : links) {
      names_.push_back(link.name);
    }
  }

  /// `number` of the scenario's elements of this kind is for these links.
  void add(const std::string& pattern, int line, const std::string& element, std::size_t number,
           std::vector<std::size_t> ChangedLink::*list) {
    std::vector<std::string> unmatched;
    const std::vector<std::size_t> matched = match_names(pattern, names_, unmatched);
    const auto problem = [&](const std::string& what) {
      problems_.push_back({scenario_.file.string(), line, fmt::format("<{}> links: {}", element, what)});
    };
    for (std::size_t i = 0; i < std::min(unmatched.size(), kMostNamed); ++i) {
      problem(unknown_link(unmatched[i], names_));
    }
    if (matched.empty() && unmatched.empty()) {
      problem("the list is empty");
    }
    for (const std::size_t at : matched) {
      if (const std::string fault = obstacle_of(links_[at], scenario_); !fault.empty()) {
        problem(fault);
        break;
      }
      (changed(names_[at]).*list).push_back(number);
    }
  }

  std::vector<ChangedLink> take() { return std::move(changed_); }

 private:
  ChangedLink& changed(const std::string& name) {
    const auto known =
        std::find_if(changed_.begin(), changed_.end(), [&](const ChangedLink& one) { return one.name == name; });
    return known != changed_.end() ? *known : changed_.emplace_back(ChangedLink{.name = name});
  }

  const Scenario& scenario_;
  std::span<const LinkInfo> links_;
  std::vector<Diagnostic>& problems_;
  std::vector<std::string> names_;
  std::vector<ChangedLink> changed_;
};

}  // namespace

std::vector<ChangedLink> plan_links(const Scenario& scenario, std::span<const LinkInfo> links,
                                    std::vector<Diagnostic>& problems) {
  LinkPlanner planner(scenario, links, problems);
  for (std::size_t i = 0; i < scenario.link_changes.size(); ++i) {
    const LinkChange& change = scenario.link_changes[i];
    planner.add(change.links, change.line, "link-change", i, &ChangedLink::changes);
  }
  for (std::size_t i = 0; i < scenario.link_outages.size(); ++i) {
    const LinkOutage& outage = scenario.link_outages[i];
    planner.add(outage.links, outage.line, "link-outage", i, &ChangedLink::outages);
  }
  return planner.take();
}

}  // namespace descent
