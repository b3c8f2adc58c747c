#include "algorithms/models/models.hpp"
#include "algorithms/core/error.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

const ModelRow& row_of(const std::string& name) {
  for (const ModelRow& row : model_rows()) {
    if (row.entry.name == name) {
      return row;
    }
  }
  throw std::logic_error("no model " + name);
}

std::unique_ptr<Model<float>> model(const std::string& name, ModelShape shape,
                                    const std::map<std::string, std::string>& given = {}) {
  const ModelRow& row = row_of(name);
  std::vector<Complaint> complaints;
  const Settings settings = check_settings(row.entry.parameters, given, complaints);
  EXPECT_TRUE(complaints.empty()) << complaints.front().what;
  const auto in_double = row.make<double>()(settings, shape, 1);
  auto made = row.make<float>()(settings, shape, 1);
  EXPECT_EQ(made->parameters(), in_double->parameters());
  EXPECT_EQ(made->flops_per_sample(), in_double->flops_per_sample());
  return made;
}

std::string refusal(const std::string& name, ModelShape shape, const std::map<std::string, std::string>& given = {}) {
  try {
    model(name, shape, given);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Models, HaveTheirSizes) {
  EXPECT_EQ(model("quadratic", {})->parameters(), 100U);
  EXPECT_EQ(model("quadratic", {}, {{"dimension", "7"}, {"spectrum", "linear"}})->parameters(), 7U);
  EXPECT_EQ(model("linear", {13, 0})->parameters(), 14U);
  EXPECT_EQ(model("logistic", {13, 2})->parameters(), 14U);
  EXPECT_EQ(model("svm", {13, 2})->parameters(), 14U);
  EXPECT_EQ(model("softmax", {784, 10})->parameters(), 7850U);
  EXPECT_EQ(model("mlp", {784, 10})->parameters(), 203530U);
  EXPECT_EQ(model("mlp", {20, 3}, {{"hidden", "16 8"}})->parameters(), 21U * 16 + 17U * 8 + 9U * 3);
  EXPECT_EQ(model("mlp", {20, 0}, {{"hidden", "16"}, {"activation", "tanh"}})->parameters(), 21U * 16 + 17);
  EXPECT_TRUE(model("mlp", {784, 10})->classifies());
  EXPECT_FALSE(model("mlp", {784, 0})->classifies());
  EXPECT_FALSE(model("linear", {13, 0})->classifies());
  EXPECT_FALSE(row_of("quadratic").needs_data);
  EXPECT_TRUE(row_of("softmax").needs_data);
}

TEST(Models, SettingsReachTheModel) {
  const auto plain = model("softmax", {5, 3});
  const auto ridge = model("softmax", {5, 3}, {{"l2", "0.5"}});
  EXPECT_EQ(plain->penalty(Vector<float>::Ones(18)), 0);
  EXPECT_EQ(ridge->penalty(Vector<float>::Ones(18)), 0.5 * 0.5 * 15);
  EXPECT_GT(ridge->flops_per_batch(), plain->flops_per_batch());
}

TEST(Models, RefuseDataThatDoNotSuit) {
  EXPECT_EQ(refusal("quadratic", {3, 0}), "model 'quadratic' is an objective of its own; it takes no data");
  EXPECT_EQ(refusal("linear", {}), "model 'linear' needs data with at least one feature; there is none");
  EXPECT_EQ(refusal("linear", {3, 10}),
            "model 'linear' needs data with real targets (regression); the data has 10 classes");
  EXPECT_EQ(refusal("logistic", {3, 10}),
            "model 'logistic' needs data with exactly 2 classes; the data has 10 (for more, take 'softmax')");
  EXPECT_EQ(refusal("logistic", {3, 0}),
            "model 'logistic' needs data with at least 2 classes; the data has real targets (regression)");
  EXPECT_EQ(refusal("svm", {3, 10}),
            "model 'svm' needs data with exactly 2 classes; the data has 10 (for more, take 'softmax')");
  EXPECT_EQ(refusal("softmax", {3, 1}), "model 'softmax' needs data with at least 2 classes; the data has 1");
  EXPECT_EQ(refusal("mlp", {3, 1}), "model 'mlp' needs data with at least 2 classes; the data has 1");
  EXPECT_NE(refusal("mlp", {}), "");
  EXPECT_EQ(refusal("mlp", {784, 10}, {{"hidden", "1e9 1e9 1e9"}}),
            "model 'mlp' would have 2e+18 parameters; at most 1e+09 are allowed");
}

TEST(Models, TablesAreInOrder) {
  for (const ModelRow& row : model_rows()) {
    EXPECT_FALSE(row.entry.summary.empty());
    EXPECT_FALSE(row.entry.reference.empty());
    std::map<std::string, std::string> defaults;
    for (const Parameter& parameter : row.entry.parameters) {
      EXPECT_FALSE(parameter.meaning.empty()) << row.entry.name << " " << parameter.name;
      if (parameter.fallback && !parameter.fallback->empty()) {
        defaults[parameter.name] = *parameter.fallback;
      }
    }
    std::vector<Complaint> complaints;
    check_settings(row.entry.parameters, defaults, complaints);
    EXPECT_TRUE(complaints.empty()) << row.entry.name << ": " << complaints.front().what;
  }
}

}  // namespace
}  // namespace descent
