#include "algorithms/data/partitions.hpp"

#include "tests/support/data.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace descent {
namespace {

using test::input_error_of;

constexpr std::size_t kSamples = 1000;
constexpr std::uint32_t kClasses = 10;

/// 100 samples of each class, interleaved.
std::vector<std::uint32_t> make_labels() {
  std::vector<std::uint32_t> labels(kSamples);
  for (std::size_t i = 0; i < kSamples; ++i) {
    labels[i] = static_cast<std::uint32_t>(i * 7 % kClasses);
  }
  return labels;
}

Partition make(std::string_view kind, std::size_t shards, const test::Values& given = {}, std::uint64_t seed = 1) {
  const std::vector<std::uint32_t> labels = make_labels();
  return make_partition(kind, test::settings_of(partition_rows(), kind, given), {kSamples, shards, labels, seed});
}

void expect_disjoint_and_complete(const Partition& partition, std::size_t shards) {
  ASSERT_EQ(partition.size(), shards);
  std::vector<std::uint32_t> all;
  for (const auto& shard : partition) {
    all.insert(all.end(), shard.begin(), shard.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<std::uint32_t> expected(kSamples);
  std::iota(expected.begin(), expected.end(), 0U);
  EXPECT_EQ(all, expected);
}

/// Samples of each class in a shard.
std::vector<double> histogram(const std::vector<std::uint32_t>& shard) {
  const std::vector<std::uint32_t> labels = make_labels();
  std::vector<double> counts(kClasses, 0);
  for (const std::uint32_t sample : shard) {
    ++counts[labels[sample]];
  }
  return counts;
}

/// Entropy of a shard's labels, averaged over the shards, in nats; ln 10 = 2.303 when all are equally frequent.
double mean_entropy(const Partition& partition) {
  double sum = 0;
  for (const auto& shard : partition) {
    for (const double count : histogram(shard)) {
      const double share = count / static_cast<double>(shard.size());
      sum -= share > 0 ? share * std::log(share) : 0;
    }
  }
  return sum / static_cast<double>(partition.size());
}

TEST(Partitions, AllAreDisjointAndCompleteForManyShardCounts) {
  for (const PartitionRow& row : partition_rows()) {
    for (const std::size_t shards : {1, 2, 3, 7, 16}) {
      SCOPED_TRACE(row.entry.name + " " + std::to_string(shards));
      const test::Values given = row.entry.name == "dirichlet" ? test::Values{{"alpha", "1"}} : test::Values{};
      const Partition partition = make(row.entry.name, shards, given);
      expect_disjoint_and_complete(partition, shards);
      EXPECT_EQ(partition, make(row.entry.name, shards, given)) << "not repeatable";
    }
  }
}

TEST(Partitions, OneSampleInEachShard) {
  for (const std::string kind : {"iid", "contiguous", "round-robin", "quantity"}) {
    const Partition partition = make(kind, kSamples);
    expect_disjoint_and_complete(partition, kSamples);
    for (const auto& shard : partition) {
      EXPECT_EQ(shard.size(), 1U);
    }
  }
}

TEST(Partitions, EvenSizesDifferByOneAtMost) {
  for (const std::string kind : {"iid", "contiguous", "round-robin"}) {
    for (const auto& shard : make(kind, 7)) {
      EXPECT_TRUE(shard.size() == 142 || shard.size() == 143) << kind << " " << shard.size();
    }
  }
}

TEST(Partitions, IidDependsOnTheSeedAndMixes) {
  EXPECT_NE(make("iid", 4, {}, 1), make("iid", 4, {}, 2));
  EXPECT_GT(mean_entropy(make("iid", 4)), 2.25);
}

TEST(Partitions, ContiguousKeepsTheOrder) {
  const Partition partition = make("contiguous", 3);
  EXPECT_EQ(partition[0].front(), 0U);
  EXPECT_EQ(partition[0].back(), 333U);
  EXPECT_EQ(partition[1].front(), 334U);
  EXPECT_EQ(partition[2].back(), 999U);
}

TEST(Partitions, RoundRobinDealsInTurn) {
  const Partition partition = make("round-robin", 7);
  for (std::uint32_t shard = 0; shard < 7; ++shard) {
    for (std::size_t i = 0; i < partition[shard].size(); ++i) {
      EXPECT_EQ(partition[shard][i], 7 * i + shard);
    }
  }
}

TEST(Partitions, HashIsSplitMix64OfThePlace) {
  // The first outputs from seeds 0, 1 and 2: e220a8397b1dcdaf, 910a2dec89025cc1, 975835de1c9756ce (modulo 7: 3, 0, 5).
  const Partition partition = make("hash", 7);
  const auto shard_of = [&](std::uint32_t sample) {
    return std::find_if(partition.begin(), partition.end(),
                        [&](const auto& shard) { return std::count(shard.begin(), shard.end(), sample) == 1; }) -
           partition.begin();
  };
  EXPECT_EQ(shard_of(0), static_cast<std::ptrdiff_t>(0xe220a8397b1dcdafU % 7));
  EXPECT_EQ(shard_of(1), static_cast<std::ptrdiff_t>(0x910a2dec89025cc1U % 7));
  EXPECT_EQ(shard_of(2), static_cast<std::ptrdiff_t>(0x975835de1c9756ceU % 7));
  EXPECT_EQ(partition, make("hash", 7, {}, 2)) << "depends on the seed";
}

TEST(Partitions, HashKeepsSamplesWhereTheyAreWhenMoreCome) {
  const std::vector<std::uint32_t> labels(500, 0);
  const Partition all = make("hash", 4);
  const Partition half = make_partition("hash", Settings(), {500, 4, labels, 1});
  for (std::size_t shard = 0; shard < 4; ++shard) {
    EXPECT_TRUE(std::equal(half[shard].begin(), half[shard].end(), all[shard].begin()));
    // Binomial: 250 expected of 1000, standard deviation 13.7.
    EXPECT_NEAR(static_cast<double>(all[shard].size()), 250, 5 * 13.7);
  }
  EXPECT_GT(mean_entropy(all), 2.25);
}

TEST(Partitions, QuantityHasSizesByThePowerLaw) {
  for (const double exponent : {0.0, 0.5, 1.0, 2.0}) {
    for (const double least : {1.0, 30.0}) {
      const Partition partition =
          make("quantity", 8, {{"exponent", std::to_string(exponent)}, {"least", std::to_string(int(least))}});
      double sum = 0;
      for (int k = 1; k <= 8; ++k) {
        sum += std::pow(k, -exponent);
      }
      for (std::size_t k = 0; k < 8; ++k) {
        const double share = std::pow(static_cast<double>(k + 1), -exponent) / sum;
        EXPECT_NEAR(static_cast<double>(partition[k].size()), least + (kSamples - 8 * least) * share, 1) << k;
      }
    }
  }
  EXPECT_GT(mean_entropy(make("quantity", 4)), 2.2) << "not mixed";
  EXPECT_NE(make("quantity", 4, {}, 1), make("quantity", 4, {}, 2));
}

TEST(Partitions, LabelShardsGiveEachAtMostSoManyLabels) {
  // 20 pieces of 50 samples in classes of 100: no piece has two labels.
  const Partition partition = make("label-shards", 10);
  std::set<std::vector<double>> different;
  for (const auto& shard : partition) {
    EXPECT_EQ(shard.size(), 100U);
    const std::vector<double> counts = histogram(shard);
    EXPECT_LE(std::count_if(counts.begin(), counts.end(), [](double c) { return c > 0; }), 2);
    different.insert(counts);
  }
  EXPECT_GT(different.size(), 3U) << "pieces are not dealt at random";
  EXPECT_NE(partition, make("label-shards", 10, {}, 2));
  // One piece each: one label each.
  EXPECT_NEAR(mean_entropy(make("label-shards", 10, {{"pieces", "1"}})), 0, 1e-12);
}

TEST(Partitions, LabelShardsOfAllSamplesAreIidLike) {
  EXPECT_GT(mean_entropy(make("label-shards", 10, {{"pieces", "100"}})), 2.2);
}

TEST(Partitions, DirichletSkewFallsWithAlpha) {
  double previous = -1;
  for (const std::string alpha : {"0.05", "0.5", "5", "500"}) {
    double entropy = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      entropy += mean_entropy(make("dirichlet", 5, {{"alpha", alpha}}, seed)) / 5;
    }
    EXPECT_GT(entropy, previous + 0.02) << alpha;
    previous = entropy;
  }
  EXPECT_GT(previous, 2.29);
}

TEST(Partitions, DirichletOfLargeAlphaIsUniform) {
  for (const auto& shard : make("dirichlet", 5, {{"alpha", "1e6"}})) {
    for (const double count : histogram(shard)) {
      EXPECT_NEAR(count, 20, 1);
    }
  }
}

TEST(Partitions, DirichletProportionsHaveTheMomentsOfTheDistribution) {
  // A share of Dir(a, …, a) over P parts has mean 1/P and variance (P − 1) / (P² (aP + 1)): for P = 4 and a = 0.5,
  // 0.0625. 10 classes × 200 seeds; classes are independent, so the standard error of the variance is below 0.002.
  constexpr std::size_t kShards = 4;
  double square = 0;
  int shares = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    for (const auto& shard : make("dirichlet", kShards, {{"alpha", "0.5"}}, seed)) {
      for (const double count : histogram(shard)) {
        square += (count / 100 - 0.25) * (count / 100 - 0.25);
        ++shares;
      }
    }
  }
  EXPECT_NEAR(square / shares, 0.0625, 0.006);
}

TEST(Partitions, DirichletHonoursTheLeastSize) {
  const Partition partition = make("dirichlet", 10, {{"alpha", "0.3"}, {"least", "40"}});
  for (const auto& shard : partition) {
    EXPECT_GE(shard.size(), 40U);
  }
}

TEST(Partitions, DirichletOfTinyAlphaNeedsNoUnderflow) {
  // Each class falls to one shard as a whole.
  for (const auto& shard : make("dirichlet", 2, {{"alpha", "1e-6"}})) {
    for (const double count : histogram(shard)) {
      EXPECT_TRUE(count == 0 || count == 100) << count;
    }
  }
}

TEST(Partitions, Errors) {
  EXPECT_EQ(input_error_of([] { make("iid", kSamples + 1); }),
            "1001 shards of at least one sample are asked for; there are 1000 training samples");
  EXPECT_NE(input_error_of([] { make("contiguous", 0); }).find("0 shards"), std::string::npos);
  EXPECT_EQ(input_error_of([] {
              make("label-shards", 10, {{"pieces", "101"}});
            }),
            "partition label-shards: 1000 samples do not make 101 pieces for each of 10 shards; allowed: at most 100");
  EXPECT_NE(input_error_of([] {
              make("label-shards", 2, {{"pieces", "9223372036854775808"}});
            }).find("at most 500"),
            std::string::npos)
      << "the product of pieces and shards overflows";
  EXPECT_EQ(input_error_of([] {
              make("dirichlet", 10, {{"alpha", "1"}, {"least", "101"}});
            }),
            "partition dirichlet: 1000 samples do not give each of 10 shards 101; allowed: at most 100");
  EXPECT_EQ(input_error_of([] {
              make("quantity", 10, {{"least", "101"}});
            }),
            "partition quantity: 1000 samples do not give each of 10 shards 101; allowed: at most 100");
  EXPECT_EQ(input_error_of([] { make("hash", kSamples); }).find("partition hash: no sample of 1000 falls to shard "),
            0U);
  EXPECT_NE(input_error_of([] {
              make("dirichlet", 20, {{"alpha", "1e-6"}});
            }).find("a larger alpha"),
            std::string::npos);
}

TEST(Partitions, RulesByLabelNeedClasses) {
  for (const std::string kind : {"label-shards", "dirichlet"}) {
    const Settings settings =
        test::settings_of(partition_rows(), kind, kind == "dirichlet" ? test::Values{{"alpha", "1"}} : test::Values{});
    EXPECT_NE(input_error_of([&] {
                make_partition(kind, settings, {10, 2, {}, 1});
              }).find("needs classes"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace descent
