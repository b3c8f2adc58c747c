#pragma once

#include "sim/schedule/interconnect.hpp"

#include <simgrid/s4u.hpp>

#include <functional>
#include <map>
#include <vector>

namespace descent::simulated {

/// The loaded platform, as the ranks on these hosts see it under the network model that is set.
class SimGridInterconnect final : public Interconnect {
 public:
  explicit SimGridInterconnect(std::vector<simgrid::s4u::Host*> hosts);

  Route route(int from, int to) override;
  double capacity(int link) const override { return links_[static_cast<std::size_t>(link)]->get_bandwidth(); }
  double latency_factor(double bytes) const override { return latency_factor_(bytes); }
  double rate_factor(double bytes) const override { return rate_factor_(bytes); }

 private:
  using Factor = std::function<double(double bytes)>;
  void use(const std::vector<simgrid::s4u::Link*>& way, double share, Route& route);
  static Factor factor(const char* constant, const char* by_size);

  std::vector<simgrid::s4u::Host*> hosts_;
  std::vector<const simgrid::s4u::Link*> links_;
  std::map<const simgrid::s4u::Link*, int> numbers_;
  Factor latency_factor_;
  Factor rate_factor_;
};

}  // namespace descent::simulated
