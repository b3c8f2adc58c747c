#include "sim/sweep/designs.hpp"

#include "algorithms/core/random.hpp"

#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

namespace descent {
namespace {

/// Axes that move together: their places among the sweep's.
using Dimension = std::vector<std::size_t>;

std::vector<Dimension> dimensions_of(const SweepSettings& sweep) {
  std::vector<Dimension> dimensions;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    const std::string& zip = sweep.axes[i].zip;
    const auto partners = std::find_if(dimensions.begin(), dimensions.end(), [&](const Dimension& dimension) {
      return !zip.empty() && sweep.axes[dimension.front()].zip == zip;
    });
    if (partners == dimensions.end()) {
      dimensions.push_back({i});
    } else {
      partners->push_back(i);
    }
  }
  return dimensions;
}

/// Of random numbers for axes that move together.
std::uint64_t identity_of(const SweepAxis& axis) {
  const std::string& name = axis.zip.empty() ? axis.name : axis.zip;
  return XXH3_64bits(name.data(), name.size());
}

/// At least 0, below 1.
double share(RandomStream random) {
  constexpr double kOfHigh = 0x1p-32;
  const double high = random();
  const double low = random() >> 11U;
  return (high + low * 0x1p-21) * kOfHigh;
}

std::string value_at(const SweepAxis& axis, double share_of_axis) {
  if (axis.range) {
    return axis.range->at(share_of_axis);
  }
  // A share just below 1 may have been rounded to it.
  const auto level = static_cast<std::size_t>(share_of_axis * static_cast<double>(axis.levels.size()));
  return axis.levels[std::min(level, axis.levels.size() - 1)].text;
}

/// The numbers 0 to count - 1 in a random order.
std::vector<std::size_t> permutation(const RandomStream& stream, std::size_t count) {
  RandomStream random = stream;
  std::vector<std::pair<std::uint64_t, std::size_t>> drawn(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t high = random();
    drawn[i] = {high << 32U | random(), i};
  }
  std::sort(drawn.begin(), drawn.end());
  std::vector<std::size_t> order(count);
  std::transform(drawn.begin(), drawn.end(), order.begin(), [](const auto& one) { return one.second; });
  return order;
}

/// Where on a dimension the points lie.
std::vector<double> random_shares(const SweepSettings& sweep, std::uint64_t identity) {
  std::vector<double> shares(sweep.points);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    shares[i] = share(RandomStream(sweep.design_seed, Purpose::sweep, identity, i));
  }
  if (sweep.design == SweepDesign::latin_hypercube) {
    const std::vector<std::size_t> strata =
        permutation(RandomStream(sweep.design_seed, Purpose::sweep_strata, identity), sweep.points);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      shares[i] = (static_cast<double>(strata[i]) + shares[i]) / static_cast<double>(sweep.points);
    }
  }
  return shares;
}

std::vector<std::vector<std::string>> random_values(const SweepSettings& sweep) {
  std::vector<std::vector<std::string>> all(sweep.points, std::vector<std::string>(sweep.axes.size()));
  for (const Dimension& dimension : dimensions_of(sweep)) {
    const std::vector<double> shares = random_shares(sweep, identity_of(sweep.axes[dimension.front()]));
    for (const std::size_t axis : dimension) {
      for (std::size_t i = 0; i < shares.size(); ++i) {
        all[i][axis] = value_at(sweep.axes[axis], shares[i]);
      }
    }
  }
  return all;
}

std::vector<std::vector<std::string>> grid_values(const SweepSettings& sweep) {
  std::vector<std::vector<std::string>> all{std::vector<std::string>(sweep.axes.size())};
  for (const Dimension& dimension : dimensions_of(sweep)) {
    std::vector<std::vector<std::string>> longer;
    for (const std::vector<std::string>& values : all) {
      for (std::size_t level = 0; level < sweep.axes[dimension.front()].levels.size(); ++level) {
        longer.push_back(values);
        for (const std::size_t axis : dimension) {
          longer.back()[axis] = sweep.axes[axis].levels[level].text;
        }
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace

double combinations(const SweepSettings& sweep) {
  if (sweep.design != SweepDesign::grid) {
    return static_cast<double>(sweep.points);
  }
  const std::vector<Dimension> dimensions = dimensions_of(sweep);
  return std::accumulate(dimensions.begin(), dimensions.end(), 1.0, [&](double product, const Dimension& dimension) {
    return product * static_cast<double>(sweep.axes[dimension.front()].levels.size());
  });
}

std::vector<std::vector<std::string>> designed_values(const SweepSettings& sweep) {
  return sweep.design == SweepDesign::grid ? grid_values(sweep) : random_values(sweep);
}

}  // namespace descent
