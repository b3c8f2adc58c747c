// What holds for every compression.
#include "tests/unit/compression_helpers.hpp"

#include <cmath>
#include <limits>
#include <thread>

namespace descent {
namespace {

/// Bytes of d elements, as the catalogue promises them, with the settings that `least_settings` gives (ratio 0.1).
std::uint64_t promised_bytes(const std::string& name, std::uint64_t d) {
  const auto up = [](std::uint64_t bits) { return (bits + 7) / 8; };
  const std::uint64_t k = d == 0 ? 0 : std::max<std::uint64_t>(1, (d + 5) / 10);
  const std::map<std::string, std::uint64_t> bytes{
      {"fp16", 2 * d},     {"bf16", 2 * d},        {"qsgd", 4 + up(d * 8)}, {"terngrad", 4 + up(2 * d)},
      {"sign", 4 + up(d)}, {"one-bit", 8 + up(d)}, {"top-k", 8 * k},        {"random-k", 8 + 4 * k},
      {"powersgd", 4 * d},  // a vector is sent whole
      {"dgc", 8 * k},
  };
  return bytes.at(name);
}

TEST(Compression, TakesTheBytesThatTheCatalogueSays) {
  for (const CompressorRow& row : compressor_rows()) {
    for (const std::size_t d : {0U, 1U, 2U, 3U, 7U, 8U, 9U, 31U, 32U, 33U, 100U, 1001U, 65537U}) {
      const Tensor tensors[] = {{d, 1, 0}};
      const auto made = compressor(row.entry.name, least_settings(row), tensors);
      const Snapshot vector = snapshot<float>(normal_vector<float>(d, d));
      const Encoded encoded = made->encode(vector, {}, {whole(vector), 0, 0});
      EXPECT_EQ(encoded.wire_bytes, promised_bytes(row.entry.name, d)) << row.entry.name << " " << d;
      EXPECT_EQ(made->encoded_bytes({0, d}, 0), encoded.wire_bytes);
      ASSERT_EQ(encoded.words.size(), (encoded.wire_bytes + 3) / 4) << row.entry.name << " " << d;
      EXPECT_EQ(encoded.words.precision(), Precision::single_precision);
      for (std::size_t i = encoded.wire_bytes; i < encoded.words.bytes(); ++i) {
        EXPECT_EQ(encoded.words.data()[i], std::byte{0}) << row.entry.name << " " << d;
      }
    }
  }
}

TEST(Compression, BytesOfASettingAreItsOwn) {
  const Part part{0, 1000};
  EXPECT_EQ(compressor("qsgd", {{"levels", "1"}})->encoded_bytes(part, 0), 4 + 2 * 1000 / 8U);
  EXPECT_EQ(compressor("qsgd", {{"levels", "4"}})->encoded_bytes(part, 0), 4 + 4 * 1000 / 8U);
  EXPECT_EQ(compressor("qsgd", {{"levels", "65535"}})->encoded_bytes(part, 0), 4 + 17 * 1000 / 8U);
  EXPECT_EQ(compressor("top-k", {{"k", "30"}})->encoded_bytes(part, 0), 240U);
  EXPECT_EQ(compressor("top-k", {{"k", "3000"}})->encoded_bytes(part, 0), 8000U);
  EXPECT_EQ(compressor("top-k", {{"ratio", "1e-9"}})->encoded_bytes(part, 0), 8U);
  EXPECT_EQ(compressor("random-k", {{"ratio", "0.0126"}})->encoded_bytes(part, 0), 8 + 4 * 13U);
  const Tensor tensors[] = {{20, 50, 0}, {20, 1, 0}, {3, 2, 0}, {10, 20, 0}};
  const auto powersgd = compressor("powersgd", {{"rank", "4"}}, tensors);
  // The 3 x 2 matrix would take 2 (3 + 2) numbers as a product.
  EXPECT_EQ(powersgd->encoded_bytes({0, 1226}, 0), 4 * (4 * 70 + 20 + 6 + 4 * 30U));
  EXPECT_EQ(powersgd->encoded_bytes({1000, 226}, 0), 4 * (20 + 6 + 4 * 30U));
}

TEST(Compression, WhatArrivesAsBytesDecodesToTheSameBits) {
  const Tensor tensors[] = {{40, 25, 0}, {17, 1, 0}};
  for (const CompressorRow& row : compressor_rows()) {
    const auto made = compressor(row.entry.name, least_settings(row), tensors);
    for (const Snapshot& vector :
         {snapshot<float>(normal_vector<float>(1017, 1)), snapshot<double>(normal_vector<double>(1017, 1))}) {
      const Encoded encoded = made->encode(vector, {}, {whole(vector), 2, 5});
      Buffer received(Precision::single_precision, encoded.words.size());
      std::memcpy(received.data(), encoded.words.data(), encoded.wire_bytes);
      std::memset(received.data() + encoded.wire_bytes, 0, encoded.words.bytes() - encoded.wire_bytes);
      const Snapshot words = std::move(received).freeze();
      const Snapshot decoded = made->decode(words, whole(vector), vector.precision());
      EXPECT_EQ(decoded.size(), vector.size());
      EXPECT_EQ(decoded.precision(), vector.precision());
      EXPECT_EQ(decoded.digest(), made->decode(encoded.words, whole(vector), vector.precision()).digest());
      EXPECT_LT(squared_distance(decoded, vector), 1100.0 * 10) << row.entry.name;
    }
  }
}

/// Neither the thread nor where a vector is in memory changes a bit.
TEST(Compression, IsAFunctionOfItsArguments) {
  const Tensor tensors[] = {{13, 1, 0}, {20, 25, 0}, {9, 1, 0}};
  const Snapshot all = snapshot<float>(normal_vector<float>(522, 3));
  const Snapshot slice = all.slice(13, 500);
  const std::vector<double> elements = values_of(slice);
  const Snapshot copy = snapshot<float>(slice.as<float>());
  const Origin origin{{13, 500}, 4, 9};
  for (const CompressorRow& row : compressor_rows()) {
    const auto made = compressor(row.entry.name, least_settings(row), tensors);
    const std::string digest = made->encode(slice, {}, origin).words.digest();
    EXPECT_EQ(made->encode(copy, {}, origin).words.digest(), digest) << row.entry.name;
    std::string elsewhere;
    std::thread([&] { elsewhere = made->encode(slice, {}, origin).words.digest(); }).join();
    EXPECT_EQ(elsewhere, digest) << row.entry.name;
    EXPECT_EQ(values_of(slice), elements) << row.entry.name;
  }
}

TEST(Compression, RandomNumbersDependOnRankStepAndPart) {
  const Snapshot vector = snapshot<float>(normal_vector<float>(200, 1));
  for (const std::string name : {"qsgd", "terngrad"}) {
    const auto made = compressor(name);
    const auto digest = [&](const Origin& origin) { return made->encode(vector, {}, origin).words.digest(); };
    const std::string one = digest({{0, 200}, 0, 0});
    EXPECT_NE(digest({{0, 200}, 1, 0}), one) << name;
    EXPECT_NE(digest({{0, 200}, 0, 1}), one) << name;
    EXPECT_NE(digest({{200, 200}, 0, 0}), one) << name;
  }
  const auto random_k = compressor("random-k", {{"ratio", "0.1"}});
  const auto digest = [&](const Origin& origin) { return random_k->encode(vector, {}, origin).words.digest(); };
  const std::string one = digest({{0, 200}, 0, 0});
  EXPECT_EQ(digest({{0, 200}, 1, 0}), one);
  EXPECT_NE(digest({{0, 200}, 0, 1}), one);
  EXPECT_NE(digest({{200, 200}, 0, 0}), one);
}

/// What random numbers decide must not change from version to version.
TEST(Compression, KeepsItsRandomNumbers) {
  std::vector<double> values(64);
  for (int i = 0; i < 64; ++i) {
    values[static_cast<std::size_t>(i)] = (i * 37 % 64 - 32) / 8.0;
  }
  const auto digest = [&](const std::string& name, const Given& given) {
    return compressor(name, given)->encode(doubles(values), {}, {{64, 64}, 3, 11}).words.digest();
  };
  EXPECT_EQ(digest("qsgd", {{"levels", "7"}}), "63e6fbeb84322f0722651082bcab6420");
  EXPECT_EQ(digest("terngrad", {}), "d63446e3c0d90531c01f9b570f901cc3");
  EXPECT_EQ(digest("random-k", {{"k", "9"}}), "fd89fa8836c87723eea9005ec56ff9d7");
}

TEST(Compression, OfNothingAndOfOneElement) {
  for (const CompressorRow& row : compressor_rows()) {
    for (const std::size_t d : {0U, 1U}) {
      const Tensor tensors[] = {{d, 1, 0}};
      for (const bool feedback : {false, true}) {
        Given given = least_settings(row);
        if (feedback && has_feedback(row)) {
          given["error-feedback"] = "yes";
        }
        const auto made = compressor(row.entry.name, given, tensors);
        const Snapshot vector = doubles(std::vector<double>(d, -2.5));
        Encoded encoded = made->encode(vector, {}, {whole(vector), 0, 0});
        encoded = made->encode(vector, std::move(encoded.state), {whole(vector), 0, 1});
        const Snapshot decoded = made->decode(encoded.words, whole(vector), vector.precision());
        // A single element is sent by all; dgc's momentum was masked.
        ASSERT_EQ(decoded.size(), d) << row.entry.name;
        EXPECT_LT(squared_distance(decoded, vector), 1e-12) << row.entry.name;
      }
    }
  }
}

TEST(Compression, SendsAllWhereKIsAllOrMore) {
  const Snapshot vector = snapshot<float>(normal_vector<float>(50, 4));
  for (const std::string name : {"top-k", "random-k", "dgc"}) {
    for (const Given& given : {Given{{"k", "50"}}, Given{{"k", "1000"}}, Given{{"ratio", "1"}}}) {
      EXPECT_EQ(sent(*compressor(name, given), vector).digest(), vector.digest()) << name;
    }
  }
}

/// A run that diverges must not look as if it did not.
TEST(Compression, DoesNotHideWhatIsNotFinite) {
  const Tensor tensors[] = {{10, 10, 0}};
  for (const double bad : {std::numeric_limits<double>::infinity(), std::nan("")}) {
    for (const CompressorRow& row : compressor_rows()) {
      Vector<double> values = normal_vector<double>(100, 1);
      values(37) = bad;
      // Random coordinates may miss it.
      const Given given = row.entry.name == "random-k" ? Given{{"k", "100"}} : least_settings(row);
      const std::vector<double> decoded =
          values_of(sent(*compressor(row.entry.name, given, tensors), snapshot<double>(values)));
      EXPECT_TRUE(std::any_of(decoded.begin(), decoded.end(), [](double x) { return !std::isfinite(x); }))
          << row.entry.name << " " << bad;
    }
  }
}

TEST(Compression, CombinesInTheOrderGiven) {
  const Tensor tensors[] = {{10, 10, 0}};
  const Part part{0, 100};
  for (const CompressorRow& row : compressor_rows()) {
    const auto made = compressor(row.entry.name, least_settings(row), tensors);
    Buffer expected = Buffer::zeros(Precision::single_precision, 100);
    std::vector<Snapshot> words;
    for (std::uint64_t rank = 0; rank < 5; ++rank) {
      words.push_back(made->encode(snapshot<float>(normal_vector<float>(100, rank)), {}, {part, rank, 0}).words);
      expected.add(0, made->decode(words.back(), part, Precision::single_precision));
    }
    EXPECT_EQ(made->combine(words, part, Precision::single_precision).digest(), std::move(expected).freeze().digest())
        << row.entry.name;
    EXPECT_GE(made->combine_flops(part, 5), 100);
  }
}

TEST(Compression, WithoutMathematicsKeepsSizes) {
  const Tensor tensors[] = {{300, 200, 0}, {300, 1, 0}};
  const Part part{0, 60300};
  const Snapshot nothing = Snapshot::placeholder(Precision::double_precision, part.count);
  for (const CompressorRow& row : compressor_rows()) {
    const auto made = compressor(row.entry.name, least_settings(row), tensors);
    const Encoded encoded = made->encode(nothing, {}, {part, 0, 3});
    EXPECT_TRUE(encoded.words.is_placeholder());
    EXPECT_EQ(encoded.wire_bytes, made->encoded_bytes(part, 3)) << row.entry.name;
    EXPECT_EQ(encoded.words.size(), (encoded.wire_bytes + 3) / 4) << row.entry.name;
    const Snapshot decoded = made->decode(encoded.words, part, Precision::double_precision);
    EXPECT_TRUE(decoded.is_placeholder() && decoded.size() == part.count) << row.entry.name;
    const Snapshot words[] = {encoded.words, encoded.words};
    EXPECT_TRUE(made->combine(words, part, Precision::double_precision).is_placeholder());
    if (made->stages() > 0) {
      CompactSum sum = made->begin_sum(nothing, {}, {part, 0, 3});
      for (std::size_t stage = 0; stage < made->stages(); ++stage) {
        EXPECT_TRUE(sum.own.is_placeholder() && sum.own.size() == made->compact_size(part, stage)) << row.entry.name;
        const Snapshot total = sum.own;
        sum = made->end_stage(std::move(sum), total);
      }
      EXPECT_TRUE(made->expand(sum.sums, part, 3, Precision::double_precision).is_placeholder());
      EXPECT_TRUE(made->end_sum(std::move(sum)).memory.empty());
    }
  }
}

TEST(Compression, ComputesADeferredVectorWithoutKeepingIt) {
  const Snapshot vector = snapshot<float>(normal_vector<float>(100, 6));
  const Tensor tensors[] = {{10, 10, 0}};
  for (const CompressorRow& row : compressor_rows()) {
    const auto made = compressor(row.entry.name, least_settings(row), tensors);
    const Snapshot deferred =
        Snapshot::deferred(vector.precision(), vector.size(), [&vector] { return Snapshot(vector); });
    const Origin origin{whole(vector), 0, 0};
    EXPECT_EQ(made->encode(deferred, {}, origin).words.digest(), made->encode(vector, {}, origin).words.digest());
    EXPECT_TRUE(deferred.is_deferred()) << row.entry.name;
  }
}

TEST(Compression, MismatchedLengthsAreAProgrammingError) {
  const auto made = compressor("top-k", {{"k", "2"}, {"error-feedback", "yes"}});
  const Snapshot ten = doubles(std::vector<double>(10, 1));
  const Snapshot nine = doubles(std::vector<double>(9, 1));
  EXPECT_THROW(made->encode(ten, {}, {{0, 9}, 0, 0}), std::logic_error);
  const CompressorState state = made->encode(ten, {}, {{0, 10}, 0, 0}).state;
  EXPECT_THROW(made->encode(nine, state, {{0, 9}, 0, 1}), std::logic_error);
  EXPECT_THROW(made->encode(snapshot<float>(Vector<float>::Ones(10)), state, {{0, 10}, 0, 1}), std::logic_error);
  const Snapshot words = made->encode(doubles({0, 0, 0, 0, 0, 0, 0, 0, 1, 1}), {}, {{0, 10}, 0, 0}).words;
  EXPECT_THROW(made->decode(words, {0, 5}, Precision::double_precision), std::logic_error);
  for (const char* name : {"fp16", "qsgd", "sign", "random-k", "powersgd"}) {
    const Tensor tensors[] = {{10, 1, 0}};
    const auto other = compressor(name, least_settings(find_compressor(name)), tensors);
    const Snapshot too_many[] = {Buffer::zeros(Precision::single_precision, 100).freeze()};
    EXPECT_THROW(other->decode(too_many[0], {0, 10}, Precision::double_precision), std::logic_error) << name;
    EXPECT_THROW(other->combine(too_many, {0, 10}, Precision::double_precision), std::logic_error) << name;
  }
  EXPECT_EQ(made->stages(), 0U);
  EXPECT_THROW(made->begin_sum(ten, {}, {{0, 10}, 0, 0}), std::logic_error);
}

TEST(Compression, EveryEntryIsDocumentedAndCounted) {
  const Tensor tensors[] = {{20, 30, 0}};
  const Part part{0, 600};
  for (const CompressorRow& row : compressor_rows()) {
    EXPECT_FALSE(row.entry.reference.empty()) << row.entry.name;
    // dgc's memory is its error feedback.
    EXPECT_EQ(has_feedback(row), row.entry.name != "dgc") << row.entry.name;
    const auto plain = compressor(row.entry.name, least_settings(row), tensors);
    EXPECT_GT(plain->encode_flops(part), 0) << row.entry.name;
    EXPECT_GT(plain->decode_flops(part), 0) << row.entry.name;
    EXPECT_EQ(plain->state_vectors(), row.entry.name == "dgc" ? 2U : 0U);
    if (has_feedback(row)) {
      Given given = least_settings(row);
      given["error-feedback"] = "yes";
      const auto fed = compressor(row.entry.name, given, tensors);
      EXPECT_EQ(fed->encode_flops(part), plain->encode_flops(part) + plain->decode_flops(part) + 2 * 600);
      EXPECT_EQ(fed->state_vectors(), 1U);
    }
  }
}

}  // namespace
}  // namespace descent
