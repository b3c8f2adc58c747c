#include "sim/scenario/host_pattern.hpp"
#include "sim/scenario/plan.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace descent {

std::vector<HostInfo> match_hosts(const std::string& pattern, std::span<const HostInfo> hosts,
                                  std::vector<std::string>& unmatched) {
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    places.emplace(hosts[i].name, i);
  }
  std::vector<bool> named(hosts.size(), false);
  const auto name_exactly = [&](const std::string& name) {
    const auto found = places.find(name);
    if (found != places.end()) {
      named[found->second] = true;
    }
    return found != places.end();
  };
  const auto name_one = [&](const std::string& name) {
    if (name.find('*') == std::string::npos) {
      return name_exactly(name);
    }
    bool any = false;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      if (matches_glob(name, hosts[i].name)) {
        named[i] = true;
        any = true;
      }
    }
    return any;
  };

  for (const HostPattern& part : split_patterns(pattern)) {
    if (part.literal) {
      if (!name_exactly(part.text)) {
        unmatched.push_back(part.text);
      }
      continue;
    }
    const std::optional<std::vector<std::string>> names = expand_brackets(part.text);
    if (!names) {
      unmatched.push_back(part.text);
      continue;
    }
    std::copy_if(names->begin(), names->end(), std::back_inserter(unmatched),
                 [&](const std::string& name) { return !name_one(name); });
  }

  std::vector<HostInfo> matched;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (named[i]) {
      matched.push_back(hosts[i]);
    }
  }
  std::stable_sort(matched.begin(), matched.end(),
                   [](const HostInfo& a, const HostInfo& b) { return natural_less(a.name, b.name); });
  return matched;
}

}  // namespace descent
