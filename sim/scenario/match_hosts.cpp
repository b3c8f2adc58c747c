#include "sim/scenario/host_pattern.hpp"
#include "sim/scenario/plan.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace descent {

std::vector<std::size_t> match_names(const std::string& pattern, std::span<const std::string> names,
                                     std::vector<std::string>& unmatched) {
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < names.size(); ++i) {
    places.emplace(names[i], i);
  }
  std::vector<bool> named(names.size(), false);
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
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (matches_glob(name, names[i])) {
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
    const std::optional<std::vector<std::string>> expanded = expand_brackets(part.text);
    if (!expanded) {
      unmatched.push_back(part.text);
      continue;
    }
    std::copy_if(expanded->begin(), expanded->end(), std::back_inserter(unmatched),
                 [&](const std::string& name) { return !name_one(name); });
  }

  std::vector<std::size_t> matched;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (named[i]) {
      matched.push_back(i);
    }
  }
  std::stable_sort(matched.begin(), matched.end(),
                   [&](std::size_t a, std::size_t b) { return natural_less(names[a], names[b]); });
  return matched;
}

std::vector<HostInfo> match_hosts(const std::string& pattern, std::span<const HostInfo> hosts,
                                  std::vector<std::string>& unmatched) {
  std::vector<std::string> names;
  names.reserve(hosts.size());
  for (const HostInfo& host : hosts) {
    names.push_back(host.name);
  }
  std::vector<HostInfo> matched;
  for (const std::size_t i : match_names(pattern, names, unmatched)) {
    matched.push_back(hosts[i]);
  }
  return matched;
}

}  // namespace descent
