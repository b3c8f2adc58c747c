#pragma once

#include "algorithms/comm/observer.hpp"

#include <cstddef>
#include <cstdint>

namespace descent::test {

/// Counts what a rank reports.
struct CountingObserver : Observer {
  std::size_t messages = 0;
  std::uint64_t bytes = 0;
  /// By activity.
  double seconds[4] = {0, 0, 0, 0};

  void initial(const Share&, const Snapshot&, double) override {}
  void updated(const Update&, double) override {}
  void wasted(double) override {}
  void finished(const Share&, const Snapshot&, double) override {}
  bool target_met() override { return false; }
  void sent(int, std::uint64_t count, double) override {
    ++messages;
    bytes += count;
  }
  void sent_together(std::uint64_t count, std::uint64_t all, double) override {
    messages += count;
    bytes += all;
  }
  void received(int, std::uint64_t, double, double) override {}
  void spent(Activity activity, double begin, double end) override {
    seconds[static_cast<int>(activity)] += end - begin;
  }
};

}  // namespace descent::test
