#include "tests/support/data.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace descent {
namespace {

using test::DataDirectory;
using test::input_error_of;

std::string word(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(value >> shift));
  }
  return bytes;
}

/// Three images of 2 × 2 pixels: 0, 10, 20, …, 110, and the last 255.
std::string images() {
  std::string bytes = word(0x803) + word(3) + word(2) + word(2);
  for (int pixel = 0; pixel < 12; ++pixel) {
    bytes.push_back(static_cast<char>(pixel == 11 ? 255 : pixel * 10));
  }
  return bytes;
}

std::string labels() {
  return word(0x801) + word(3) + std::string({0, 2, 1});
}

class Idx : public testing::Test {
 protected:
  test::Values training(const std::string& image_bytes, const std::string& label_bytes) const {
    return {{"train-images", directory_.write("images", image_bytes)},
            {"train-labels", directory_.write("labels", label_bytes)}};
  }
  std::string error_of(const std::string& image_bytes, const std::string& label_bytes) const {
    return input_error_of([&] { test::load("idx", training(image_bytes, label_bytes)); });
  }
  std::string path(const std::string& name) const { return directory_.path(name); }

  DataDirectory directory_;
};

TEST_F(Idx, ReadsPixelsAndLabels) {
  const auto data = test::load("idx", training(images(), labels()));
  ASSERT_EQ(data.train.inputs.rows(), 4);
  ASSERT_EQ(data.train.inputs.cols(), 3);
  EXPECT_DOUBLE_EQ(data.train.inputs(1, 0), 10 / 255.0);
  EXPECT_DOUBLE_EQ(data.train.inputs(2, 1), 60 / 255.0);
  EXPECT_DOUBLE_EQ(data.train.inputs(3, 2), 1);
  EXPECT_EQ(data.train.targets, Vector<double>({{0, 2, 1}}));
  EXPECT_EQ(data.classes, 3U);
  EXPECT_EQ(data.test.size(), 0U);
}

TEST_F(Idx, GzipAndTestFiles) {
  auto given = training(images(), labels());
  given["test-images"] = directory_.write_gzip("test-images.gz", images());
  given["test-labels"] = directory_.write_gzip("test-labels.gz", labels());
  const auto data = test::load<float>("idx", given);
  EXPECT_EQ(data.test.inputs, data.train.inputs);
  EXPECT_EQ(data.test.targets, data.train.targets);
}

TEST_F(Idx, LimitsTakeTheFirstAndKeepTheClasses) {
  auto given = training(images(), labels());
  given["limit"] = "1";
  const auto data = test::load("idx", given);
  EXPECT_EQ(data.train.size(), 1U);
  EXPECT_EQ(data.classes, 3U);
  given["limit"] = "100";
  EXPECT_EQ(test::load("idx", given).train.size(), 3U);
}

TEST_F(Idx, TruncatedAtEveryByte) {
  const std::string whole_images = images();
  for (std::size_t size = 0; size < whole_images.size(); ++size) {
    const std::string error = error_of(whole_images.substr(0, size), labels());
    EXPECT_TRUE(error.starts_with(path("images") + ": byte " + std::to_string(size) + ": the file ends within"))
        << size << " " << error;
  }
  const std::string whole_labels = labels();
  for (std::size_t size = 0; size < whole_labels.size(); ++size) {
    const std::string error = error_of(whole_images, whole_labels.substr(0, size));
    EXPECT_TRUE(error.starts_with(path("labels") + ": byte " + std::to_string(size) + ": the file ends"))
        << size << " " << error;
  }
}

TEST_F(Idx, GzipTruncatedAtEveryByte) {
  directory_.write_gzip("whole.gz", images());
  std::ifstream stream(path("whole.gz"), std::ios::binary);
  const std::string compressed{std::istreambuf_iterator<char>(stream), {}};
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    EXPECT_TRUE(error_of(compressed.substr(0, size), labels()).starts_with(path("images"))) << size;
  }
}

TEST_F(Idx, MoreThanTheHeaderSays) {
  EXPECT_EQ(error_of(images() + "x", labels()), path("images") + ": byte 28: more data after the last of 3 items");
  EXPECT_EQ(error_of(images(), labels() + "x"), path("labels") + ": byte 11: more data after the last of 3 items");
}

TEST_F(Idx, WrongMagic) {
  EXPECT_TRUE(error_of("P5 28 28 255\n", labels()).starts_with(path("images") + ": byte 0: no IDX file"));
  EXPECT_NE(error_of(word(0xD03) + word(1) + word(1) + word(1) + "abcd", labels()).find("unsigned bytes"),
            std::string::npos);
  EXPECT_EQ(error_of(labels(), labels()), path("images") + ": byte 3: 1 dimensions; allowed: 2 to 4");
  EXPECT_EQ(error_of(images(), images()), path("labels") + ": byte 3: 3 dimensions; allowed: 1");
}

TEST_F(Idx, AbsurdSizes) {
  const std::uint32_t most = 0xFFFFFFFF;
  EXPECT_NE(error_of(word(0x803) + word(3) + word(0) + word(2), labels()).find("byte 8: dimension 2 is 0"),
            std::string::npos);
  EXPECT_NE(error_of(word(0x804) + word(3) + word(most) + word(most) + word(most), labels()).find("byte 16"),
            std::string::npos);
  EXPECT_NE(error_of(word(0x803) + word(3) + word(most) + word(most), labels()).find("memory"), std::string::npos);
  EXPECT_EQ(error_of(word(0x802) + word(0) + word(2), word(0x801) + word(0)),
            path("images") + ": no images; allowed: 1 or more");
}

TEST_F(Idx, CountsAndLabelsThatDoNotFit) {
  EXPECT_EQ(error_of(images(), word(0x801) + word(2) + std::string({0, 1})),
            path("labels") + ": 2 labels for the 3 images of " + path("images"));
  auto given = training(images(), labels());
  given["test-images"] = given["train-images"];
  EXPECT_NE(input_error_of([&] { test::load("idx", given); }).find("test-labels"), std::string::npos);
  given["test-labels"] = directory_.write("more", word(0x801) + word(3) + std::string({0, 3, 1}));
  EXPECT_EQ(input_error_of([&] { test::load("idx", given); }),
            path("more") + ": byte 9: label 3; allowed: 0 to 2, the classes of the training data");
  given["test-labels"] = given["train-labels"];
  given["test-images"] = directory_.write("small", word(0x802) + word(3) + word(1) + "abc");
  EXPECT_NE(input_error_of([&] { test::load("idx", given); }).find("images of 1 pixels; allowed: 4"),
            std::string::npos);
}

TEST_F(Idx, FilesThatCannotBeOpened) {
  auto given = training(images(), labels());
  given["train-images"] = path("absent");
  EXPECT_EQ(input_error_of([&] { test::load("idx", given); }),
            "cannot open " + path("absent") + ": No such file or directory");
  given["train-images"] = "/";
  EXPECT_EQ(input_error_of([&] { test::load("idx", given); }), "cannot open /: it is not a regular file");
}

TEST_F(Idx, FashionMnistNamesItsPackage) {
  const std::string error = input_error_of([&] { test::load("fashion-mnist", {{"directory", path("absent")}}); });
  EXPECT_EQ(error, "cannot open " + path("absent/train-images-idx3-ubyte.gz") +
                       ": No such file or directory; Debian's package dataset-fashion-mnist provides it");
}

TEST(FashionMnist, AsInstalled) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")) {
    GTEST_SKIP() << "Debian's package dataset-fashion-mnist is not installed";
  }
  const auto data = test::load<float>("fashion-mnist", {});
  EXPECT_EQ(data.train.size(), 60000U);
  EXPECT_EQ(data.test.size(), 10000U);
  EXPECT_EQ(data.features(), 784U);
  EXPECT_EQ(data.classes, 10U);
  // An ankle boot, then a T-shirt; every class is equally frequent.
  EXPECT_EQ(data.train.targets.head(10), Vector<float>({{9, 0, 0, 3, 0, 2, 7, 2, 5, 5}}));
  EXPECT_EQ(data.test.targets.head(4), Vector<float>({{9, 2, 1, 1}}));
  for (int label = 0; label < 10; ++label) {
    EXPECT_EQ((data.train.targets.array() == static_cast<float>(label)).count(), 6000);
  }
  EXPECT_EQ(data.train.inputs.minCoeff(), 0);
  EXPECT_EQ(data.train.inputs.maxCoeff(), 1);
  // The mean pixel of the training set that users of the data set quote.
  EXPECT_NEAR(data.train.inputs.cast<double>().mean(), 0.2860, 1e-4);
}

}  // namespace
}  // namespace descent
