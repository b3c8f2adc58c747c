#include "sim/calibration/platform_file.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

namespace descent {
namespace {

using nlohmann::json;

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// A comment may not have two hyphens in a row.
std::string in_comment(std::string text) {
  for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos;) {
    text.replace(at, 2, "- -");
  }
  return text;
}

std::string interval(const Estimate& estimate, double scale) {
  return fmt::format("{:.4g} to {:.4g}", estimate.low * scale, estimate.high * scale);
}

template <class Of>
std::string factors(const std::vector<Segment>& segments, Of of) {
  std::string text;
  for (const Segment& segment : segments) {
    text += fmt::format("{}{}:{:.6g}", text.empty() ? "" : ";", segment.above, of(segment));
  }
  return text;
}

std::string costs(const std::vector<SendCost>& all) {
  std::string text;
  for (const SendCost& cost : all) {
    text += fmt::format("{}{}:{:.4g}:{:.4g}", text.empty() ? "" : ";", cost.above, cost.seconds, cost.seconds_per_byte);
  }
  return text;
}

class Writer {
 public:
  Writer(const Calibration& calibration, const PlatformFacts& facts) : calibration_(calibration), facts_(facts) {}

  std::string write() {
    head();
    config();
    line("  <zone id=\"calibrated\" routing=\"Full\">");
    hosts();
    links();
    routes();
    line("  </zone>");
    line("</platform>");
    return std::move(text_);
  }

 private:
  void line(const std::string& text) { text_ += text + "\n"; }

  void head() {
    line("<?xml version=\"1.0\"?>");
    line("<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">");
    line("<!-- Measured by `descent calibrate`. The times hold with <network model=\"SMPI\" crosstraffic=\"no\"/>.");
    for (const std::string& origin : facts_.origin) {
      line("     " + in_comment(origin));
    }
    line(in_comment(fmt::format("     The speed of the hosts, {:.4g} flop/s, is {}.", facts_.speed, facts_.speed_is)));
    line("     Where each parameter is to be expected when all is measured again (99 %):");
    for (const CalibratedHost& host : calibration_.hosts) {
      if (host.up.value > 0) {
        line(in_comment(fmt::format("     {}: latency {} us, up {} MB/s, down {} MB/s", host.name,
                                    interval(host.latency, 1e6), interval(host.up, 1e-6), interval(host.down, 1e-6))));
      }
      if (host.own_latency) {
        line(in_comment(fmt::format("     {} to itself: latency {} us, {} MB/s", host.name,
                                    interval(*host.own_latency, 1e6), interval(*host.own_bandwidth, 1e-6))));
      }
    }
    text_.pop_back();
    line(" -->");
    line("<platform version=\"4.1\">");
  }

  void setting(const std::string& name, const std::string& value) {
    if (!value.empty()) {
      line(fmt::format("    <prop id=\"{}\" value=\"{}\"/>", name, value));
    }
  }

  void config() {
    line("  <config>");
    setting("smpi/lat-factor", factors(calibration_.segments, [](const Segment& s) { return s.latency_factor; }));
    setting("smpi/bw-factor", factors(calibration_.segments, [](const Segment& s) { return s.bandwidth_factor; }));
    setting("smpi/ois", costs(calibration_.send_costs));
    setting("smpi/async-small-thresh",
            calibration_.eager_below > 0 ? std::to_string(calibration_.eager_below) : std::string());
    line("  </config>");
  }

  void hosts() {
    for (const CalibratedHost& host : calibration_.hosts) {
      const HostKernels& kernels = host.kernels;
      const bool more = !kernels.rates.empty() || kernels.write || !facts_.overlaps;
      line(fmt::format("    <host id=\"{}\" speed=\"{:.6g}f\" core=\"{}\"{}>", escaped(host.name), facts_.speed,
                       host.ranks, more ? "" : "/"));
      if (!facts_.overlaps) {
        line(fmt::format("      <prop id=\"{}\" value=\"no\"/>", kOverlapProperty));
      }
      for (const auto& [kernel, sizes] : kernels.rates) {
        line(fmt::format("      <prop id=\"{}{}\" value=\"{}\"/>", kRateProperty, escaped(kernel),
                         to_text(to_rate(sizes))));
      }
      if (kernels.write && kernels.read) {
        line(fmt::format("      <disk id=\"{}-disk\" write_bw=\"{:.6g}Bps\" read_bw=\"{:.6g}Bps\"/>",
                         escaped(host.name), kernels.write->value, kernels.read->value));
      }
      if (more) {
        line("    </host>");
      }
    }
  }

  void link(const std::string& id, double bandwidth, double latency, bool shared) {
    line(fmt::format("    <link id=\"{}\" bandwidth=\"{:.6g}Bps\" latency=\"{:.6g}s\"{}/>", escaped(id), bandwidth,
                     latency, shared ? "" : " sharing_policy=\"FATPIPE\""));
  }

  void links() {
    for (const CalibratedHost& host : calibration_.hosts) {
      if (calibration_.hosts.size() > 1) {
        link(host.name + "-up", host.up.value, host.latency.value, true);
        link(host.name + "-down", host.down.value, host.latency.value, true);
      }
      if (host.own_latency) {
        link(host.name + "-own", host.own_bandwidth->value, host.own_latency->value, false);
      }
    }
    for (const SlowPair& pair : calibration_.slow_pairs) {
      link(name_of(pair), pair.bandwidth, 0, true);
    }
  }

  std::string name_of(const SlowPair& pair) const {
    return calibration_.hosts[pair.from].name + "-to-" + calibration_.hosts[pair.to].name;
  }

  void routes() {
    std::map<std::pair<std::size_t, std::size_t>, std::string> slow;
    for (const SlowPair& pair : calibration_.slow_pairs) {
      slow[{pair.from, pair.to}] = name_of(pair);
    }
    const auto on = [](const std::string& id) { return fmt::format("<link_ctn id=\"{}\"/>", escaped(id)); };
    for (std::size_t from = 0; from < calibration_.hosts.size(); ++from) {
      for (std::size_t to = 0; to < calibration_.hosts.size(); ++to) {
        const CalibratedHost& source = calibration_.hosts[from];
        std::string way;
        if (from != to) {
          const auto found = slow.find({from, to});
          way = on(source.name + "-up") + (found == slow.end() ? "" : on(found->second)) +
                on(calibration_.hosts[to].name + "-down");
        } else if (source.own_latency) {
          way = on(source.name + "-own");
        }
        if (!way.empty()) {
          line(fmt::format("    <route src=\"{}\" dst=\"{}\" symmetrical=\"NO\">{}</route>", escaped(source.name),
                           escaped(calibration_.hosts[to].name), way));
        }
      }
    }
  }

  const Calibration& calibration_;
  const PlatformFacts& facts_;
  std::string text_;
};

json as_json(const Estimate& estimate) {
  return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

json as_json(const std::map<std::string, std::vector<RatedSize>>& rates) {
  json kernels = json::object();
  for (const auto& [kernel, sizes] : rates) {
    for (const RatedSize& size : sizes) {
      kernels[kernel].push_back({{"size", size.size}, {"flops", size.flops}, {"flop_per_s", as_json(size.rate)}});
    }
  }
  return kernels;
}

}  // namespace

std::string platform_file(const Calibration& calibration, const PlatformFacts& facts) {
  return Writer(calibration, facts).write();
}

std::string to_json(const Calibration& calibration) {
  json hosts = json::array();
  for (const CalibratedHost& host : calibration.hosts) {
    json one{{"name", host.name}, {"ranks", host.ranks}};
    if (host.up.value > 0) {
      one["latency_s"] = as_json(host.latency);
      one["up_Bps"] = as_json(host.up);
      one["down_Bps"] = as_json(host.down);
    }
    if (host.own_latency) {
      one["own_latency_s"] = as_json(*host.own_latency);
      one["own_Bps"] = as_json(*host.own_bandwidth);
    }
    if (!host.kernels.rates.empty()) {
      one["kernels"] = as_json(host.kernels.rates);
    }
    if (host.kernels.write && host.kernels.read) {
      one["write_Bps"] = as_json(*host.kernels.write);
      one["read_Bps"] = as_json(*host.kernels.read);
    }
    hosts.push_back(std::move(one));
  }
  json segments = json::array();
  for (const Segment& segment : calibration.segments) {
    segments.push_back({{"above_bytes", segment.above},
                        {"latency_factor", segment.latency_factor},
                        {"bandwidth_factor", segment.bandwidth_factor}});
  }
  json sends = json::array();
  for (const SendCost& cost : calibration.send_costs) {
    sends.push_back(
        {{"above_bytes", cost.above}, {"seconds", cost.seconds}, {"seconds_per_byte", cost.seconds_per_byte}});
  }
  json overlap = json::array();
  for (const auto& [bytes, share] : calibration.overlap) {
    overlap.push_back({{"bytes", bytes}, {"share", share}});
  }
  json pairs = json::array();
  for (const SlowPair& pair : calibration.slow_pairs) {
    pairs.push_back({{"from", calibration.hosts[pair.from].name},
                     {"to", calibration.hosts[pair.to].name},
                     {"Bps", pair.bandwidth}});
  }
  return json{{"hosts", hosts},
              {"slow_pairs", pairs},
              {"segments", segments},
              {"send_costs", sends},
              {"eager_below_bytes", calibration.eager_below},
              {"overlap", overlap}}
      .dump(2);
}

}  // namespace descent
