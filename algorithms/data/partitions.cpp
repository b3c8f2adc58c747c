#include "algorithms/data/partitions.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/data/shuffle.hpp"
#include "algorithms/math/vector.hpp"

#include <fmt/format.h>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/uniform_01.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace descent {
namespace {

std::vector<std::uint32_t> all_of(const Divided& divided) {
  std::vector<std::uint32_t> samples(divided.samples);
  std::iota(samples.begin(), samples.end(), 0U);
  return samples;
}

/// Consecutive nearly equal runs of `samples`.
Partition cut(const std::vector<std::uint32_t>& samples, std::size_t shards) {
  Partition partition(shards);
  for (std::size_t shard = 0; shard < shards; ++shard) {
    const Part part = part_of(samples.size(), shards, shard);
    const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(part.begin);
    partition[shard].assign(begin, begin + static_cast<std::ptrdiff_t>(part.count));
  }
  return partition;
}

Partition iid(const Settings& /*settings*/, const Divided& divided) {
  std::vector<std::uint32_t> samples = all_of(divided);
  RandomStream random(divided.seed, Purpose::partition);
  shuffle(samples, random);
  return cut(samples, divided.shards);
}

Partition contiguous(const Settings& /*settings*/, const Divided& divided) {
  return cut(all_of(divided), divided.shards);
}

Partition round_robin(const Settings& /*settings*/, const Divided& divided) {
  Partition partition(divided.shards);
  for (std::uint32_t sample = 0; sample < divided.samples; ++sample) {
    partition[sample % divided.shards].push_back(sample);
  }
  return partition;
}

/// SplitMix64's mixing function (Steele, Lea & Flood 2014), the same on every platform.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

Partition hash(const Settings& /*settings*/, const Divided& divided) {
  Partition partition(divided.shards);
  for (std::uint32_t sample = 0; sample < divided.samples; ++sample) {
    // SplitMix64's first number from the seed `sample`.
    partition[mix(sample + 0x9E3779B97F4A7C15U) % divided.shards].push_back(sample);
  }
  const auto empty = std::find_if(partition.begin(), partition.end(), [](const auto& shard) { return shard.empty(); });
  if (empty != partition.end()) {
    throw InputError(
        fmt::format("partition hash: no sample of {} falls to shard {} of {}; allowed: fewer shards, or another "
                    "partition",
                    divided.samples, empty - partition.begin(), divided.shards));
  }
  return partition;
}

void check_least(std::string_view partition, std::size_t least, const Divided& divided) {
  if (least > divided.samples / divided.shards) {
    throw InputError(fmt::format("partition {}: {} samples do not give each of {} shards {}; allowed: at most {}",
                                 partition, divided.samples, divided.shards, least, divided.samples / divided.shards));
  }
}

/// Shard k = 0, 1, … has `least` samples and, of those that remain, a share proportional to 1/(k + 1)^exponent.
Partition quantity(const Settings& settings, const Divided& divided) {
  const std::size_t least = settings.integer("least");
  check_least("quantity", least, divided);
  std::vector<double> sums;
  double sum = 0;
  for (std::size_t shard = 0; shard < divided.shards; ++shard) {
    sum += std::pow(static_cast<double>(shard + 1), -settings.real("exponent"));
    sums.push_back(sum);
  }
  std::vector<std::uint32_t> samples = all_of(divided);
  RandomStream random(divided.seed, Purpose::partition);
  shuffle(samples, random);
  const auto shared = static_cast<double>(divided.samples - least * divided.shards);
  Partition partition(divided.shards);
  auto begin = samples.begin();
  for (std::size_t shard = 0; shard < divided.shards; ++shard) {
    // Rounded where shards meet, so that all samples are dealt out.
    const auto bound = static_cast<std::size_t>(std::llround(shared * sums[shard] / sum)) + least * (shard + 1);
    const auto end = samples.begin() + static_cast<std::ptrdiff_t>(bound);
    partition[shard].assign(begin, end);
    begin = end;
  }
  return partition;
}

/// McMahan et al. 2017, section 3: sort by label, cut into pieces, deal each shard so many of them at random.
Partition label_shards(const Settings& settings, const Divided& divided) {
  const std::size_t each = settings.integer("pieces");
  if (each > divided.samples / divided.shards) {
    throw InputError(
        fmt::format("partition label-shards: {} samples do not make {} pieces for each of {} shards; "
                    "allowed: at most {}",
                    divided.samples, each, divided.shards, divided.samples / divided.shards));
  }
  const std::size_t pieces = each * divided.shards;
  std::vector<std::uint32_t> samples = all_of(divided);
  std::stable_sort(samples.begin(), samples.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return divided.labels[a] < divided.labels[b]; });
  const Partition cuts = cut(samples, pieces);
  std::vector<std::size_t> deal(pieces);
  std::iota(deal.begin(), deal.end(), std::size_t{0});
  RandomStream random(divided.seed, Purpose::partition);
  shuffle(deal, random);
  Partition partition(divided.shards);
  for (std::size_t i = 0; i < pieces; ++i) {
    auto& shard = partition[i / each];
    shard.insert(shard.end(), cuts[deal[i]].begin(), cuts[deal[i]].end());
  }
  return partition;
}

/// The logarithm of a Gamma(alpha, 1) variate, as that of G(alpha + 1) U^(1/alpha) (Marsaglia & Tsang 2000, section
/// 6): for small alpha the variate itself is less than the least double.
double log_gamma_variate(double alpha, RandomStream& random) {
  boost::random::gamma_distribution<double> gamma(alpha + 1);
  boost::random::uniform_01<double> uniform;
  const double log_gamma = std::log(gamma(random));
  return log_gamma + std::log(1 - uniform(random)) / alpha;
}

/// Shares from a symmetric Dirichlet distribution, as normalized gamma variates.
std::vector<double> dirichlet_shares(std::size_t count, double alpha, RandomStream& random) {
  std::vector<double> shares(count);
  for (double& share : shares) {
    share = log_gamma_variate(alpha, random);
  }
  const double largest = *std::max_element(shares.begin(), shares.end());
  double sum = 0;
  for (double& share : shares) {
    share = std::exp(share - largest);
    sum += share;
  }
  for (double& share : shares) {
    share /= sum;
  }
  return shares;
}

/// Hsu, Qi & Brown 2019: each class is divided over the shards in proportions from Dir(alpha).
Partition dirichlet_once(const Divided& divided, double alpha, std::uint64_t attempt) {
  const std::uint32_t classes = *std::max_element(divided.labels.begin(), divided.labels.end()) + 1;
  std::vector<std::vector<std::uint32_t>> by_class(classes);
  for (std::uint32_t sample = 0; sample < divided.samples; ++sample) {
    by_class[divided.labels[sample]].push_back(sample);
  }
  Partition partition(divided.shards);
  for (std::uint32_t label = 0; label < classes; ++label) {
    std::vector<std::uint32_t>& samples = by_class[label];
    RandomStream random(divided.seed, Purpose::partition, label, attempt);
    shuffle(samples, random);
    const std::vector<double> shares = dirichlet_shares(divided.shards, alpha, random);
    double share_before = 0;
    std::size_t begin = 0;
    for (std::size_t shard = 0; shard < divided.shards; ++shard) {
      share_before += shares[shard];
      const bool last = shard + 1 == divided.shards;
      const auto bound = static_cast<std::size_t>(std::llround(share_before * static_cast<double>(samples.size())));
      const std::size_t end = last ? samples.size() : std::clamp(bound, begin, samples.size());
      partition[shard].insert(partition[shard].end(), samples.begin() + static_cast<std::ptrdiff_t>(begin),
                              samples.begin() + static_cast<std::ptrdiff_t>(end));
      begin = end;
    }
  }
  return partition;
}

Partition dirichlet(const Settings& settings, const Divided& divided) {
  constexpr std::uint64_t kAttempts = 1000;
  const double alpha = settings.real("alpha");
  const std::size_t least = settings.integer("least");
  check_least("dirichlet", least, divided);
  for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    Partition partition = dirichlet_once(divided, alpha, attempt);
    if (std::all_of(partition.begin(), partition.end(), [&](const auto& shard) { return shard.size() >= least; })) {
      return partition;
    }
  }
  throw InputError(fmt::format(
      "partition dirichlet: no draw with alpha={:g} gave each of {} shards at least {} of {} samples; a larger alpha, "
      "fewer shards or a smaller `least` is needed",
      alpha, divided.shards, least, divided.samples));
}

Parameter least() {
  return {.name = "least",
          .type = ParameterType::integer,
          .fallback = "1",
          .meaning = "samples that every shard must have",
          .least = 1};
}

const std::vector<PartitionRow>& partition_table() {
  static const std::vector<PartitionRow> rows = {
      {{"iid", "samples at random; sizes differ by at most one", "", {}}, iid},
      {{"contiguous", "runs of samples in the order of the data", "", {}}, contiguous},
      {{"round-robin", "sample i to shard i mod P", "", {}}, round_robin},
      {{"hash",
        "sample i to shard h(i) mod P, h SplitMix64: where a sample is depends on neither seed nor amount of data",
        "Steele, Lea & Flood 2014, Fast splittable pseudorandom number generators",
        {}},
       hash},
      {{"quantity",
        "samples at random; sizes by a power law: beside `least`, shard k has a share proportional to 1/(k+1)^exponent",
        "",
        {{.name = "exponent",
          .type = ParameterType::real,
          .fallback = "1",
          .meaning = "0: equal sizes; 1: Zipf's law",
          .least = 0,
          .most = 10},
         least()}},
       quantity},
      {{"label-shards",
        "samples sorted by label and cut into pieces; each shard gets so many at random",
        "McMahan et al. 2017, section 3",
        {{.name = "pieces",
          .type = ParameterType::integer,
          .fallback = "2",
          .meaning = "pieces for each shard",
          .least = 1}}},
       label_shards,
       true},
      {{"dirichlet",
        "each class divided over the shards in proportions from Dir(alpha); draws that leave a shard below `least` are "
        "repeated",
        "Hsu, Qi & Brown 2019",
        {{.name = "alpha",
          .type = ParameterType::real,
          .fallback = std::nullopt,
          .meaning = "small: shards of few classes; large: all alike",
          .least = 1e-6,
          .most = 1e6},
         least()}},
       dirichlet,
       true},
  };
  return rows;
}

}  // namespace

std::span<const PartitionRow> partition_rows() {
  return partition_table();
}

Partition make_partition(std::string_view name, const Settings& settings, const Divided& divided) {
  const auto& rows = partition_table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such partition");
  }
  if (divided.shards == 0 || divided.shards > divided.samples) {
    throw InputError(fmt::format("{} shards of at least one sample are asked for; there are {} training samples",
                                 divided.shards, divided.samples));
  }
  if (row->needs_labels && divided.labels.empty()) {
    throw InputError(fmt::format("partition {} needs classes; the data are for regression", name));
  }
  return row->make(settings, divided);
}

}  // namespace descent
