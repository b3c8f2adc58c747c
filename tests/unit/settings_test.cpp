#include "algorithms/core/settings.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace descent {
namespace {

using Given = std::map<std::string, std::string>;

const std::vector<Parameter>& parameters() {
  static const std::vector<Parameter> all{
      {.name = "learning-rate", .type = ParameterType::real, .meaning = "step", .least = 0, .above = true},
      {.name = "momentum", .type = ParameterType::real, .fallback = "0.9", .meaning = "", .least = 0, .most = 1},
      {.name = "hidden", .type = ParameterType::integers, .fallback = "256", .meaning = "", .least = 1},
      {.name = "batch", .type = ParameterType::integer, .fallback = "", .meaning = "", .least = 1, .most = 1000},
      {.name = "kind", .type = ParameterType::choice, .fallback = "relu", .meaning = "", .choices = {"relu", "tanh"}},
      {.name = "nesterov", .type = ParameterType::boolean, .fallback = "false", .meaning = ""},
      {.name = "delay", .type = ParameterType::seconds, .fallback = "1ms", .meaning = "", .most = 10},
      {.name = "size", .type = ParameterType::bytes, .fallback = "4KiB", .meaning = ""},
      {.name = "work", .type = ParameterType::flops, .fallback = "2Gf", .meaning = ""},
      {.name = "file", .type = ParameterType::path, .fallback = "", .meaning = ""},
  };
  return all;
}

std::vector<std::string> complaints_about(Given given) {
  given.try_emplace("learning-rate", "0.1");
  std::vector<Complaint> complaints;
  check_settings(parameters(), given, complaints);
  std::vector<std::string> texts;
  for (const Complaint& complaint : complaints) {
    texts.push_back(complaint.what);
  }
  return texts;
}

std::string complaint_about(const std::string& name, const std::string& value) {
  const auto texts = complaints_about({{name, value}});
  return texts.size() == 1 ? texts.front() : std::to_string(texts.size()) + " complaints";
}

TEST(Settings, FillsInDefaults) {
  std::vector<Complaint> complaints;
  const Settings settings = check_settings(parameters(), {{"learning-rate", "0.5"}}, complaints);
  EXPECT_TRUE(complaints.empty());
  EXPECT_EQ(settings.real("learning-rate"), 0.5);
  EXPECT_EQ(settings.real("momentum"), 0.9);
  EXPECT_EQ(settings.integers("hidden"), std::vector<std::uint64_t>{256});
  EXPECT_EQ(settings.text("kind"), "relu");
  EXPECT_FALSE(settings.flag("nesterov"));
  EXPECT_EQ(settings.quantity("delay"), 1e-3);
  EXPECT_EQ(settings.quantity("size"), 4096);
  EXPECT_EQ(settings.quantity("work"), 2e9);
  EXPECT_FALSE(settings.has("batch"));
  EXPECT_FALSE(settings.has("file"));
  EXPECT_THROW(settings.integer("batch"), std::logic_error);
  EXPECT_THROW(settings.integer("momentum"), std::logic_error);
}

TEST(Settings, TakesWhatIsGiven) {
  std::vector<Complaint> complaints;
  const Settings settings = check_settings(parameters(),
                                           {{"learning-rate", "1e-3"},
                                            {"hidden", " 512, 256 128,64"},
                                            {"batch", "1e2"},
                                            {"nesterov", "1"},
                                            {"kind", "tanh"},
                                            {"delay", "0"},
                                            {"file", "a b"}},
                                           complaints);
  EXPECT_TRUE(complaints.empty());
  EXPECT_EQ(settings.integers("hidden"), (std::vector<std::uint64_t>{512, 256, 128, 64}));
  EXPECT_EQ(settings.integer("batch"), 100U);
  EXPECT_TRUE(settings.flag("nesterov"));
  EXPECT_EQ(settings.text("kind"), "tanh");
  EXPECT_EQ(settings.quantity("delay"), 0);
  EXPECT_EQ(settings.text("file"), "a b");
}

TEST(Settings, SaysWhatIsWrongAndWhatIsAllowed) {
  EXPECT_EQ(complaint_about("learning-rate", "fast"), "learning-rate='fast' is not a number; a number > 0 is needed");
  EXPECT_EQ(complaint_about("learning-rate", "0"), "learning-rate='0' is out of range; a number > 0 is needed");
  EXPECT_EQ(complaint_about("learning-rate", ""), "learning-rate='' is empty; a number > 0 is needed");
  EXPECT_EQ(complaint_about("momentum", "1.5"), "momentum='1.5' is out of range; a number >= 0 and <= 1 is needed");
  EXPECT_EQ(complaint_about("momentum", "nan"), "momentum='nan' is not a number; a number >= 0 and <= 1 is needed");
  EXPECT_EQ(complaint_about("batch", "1001"),
            "batch='1001' is out of range; a whole number >= 1 and <= 1000 is needed");
  EXPECT_EQ(complaint_about("batch", "-1"),
            "batch='-1' is not a whole number; a whole number >= 1 and <= 1000 is needed");
  EXPECT_EQ(complaint_about("kind", "rleu"),
            "kind='rleu' is unknown (did you mean 'relu'?); allowed is one of: relu, tanh");
  EXPECT_EQ(complaint_about("nesterov", "yes"), "nesterov='yes' is neither true nor false");
  EXPECT_EQ(complaint_about("delay", "5"), "0 complaints");
  EXPECT_EQ(complaint_about("delay", "1h"),
            "delay='1h' is out of range; a time <= 10 with its unit (such as 50us, 1ms, 2s, 1.5h) is needed");
  EXPECT_EQ(
      complaint_about("size", "5"),
      "size='5' is not an amount of data; an amount of data with its unit (such as 100B, 1.5MB, 64KiB) is needed");
  EXPECT_EQ(complaint_about("leaning-rate", "1")
                .find("'leaning-rate' is not a parameter here (did you mean "
                      "'learning-rate'?); known: learning-rate, momentum, "),
            0U);
}

TEST(Settings, ListsMustBeLists) {
  for (const char* text : {",", "1,,2", "1,", ",1", " ", "a", "1 a", "1;2", "1.5", "-1", "1, ,2"}) {
    EXPECT_NE(complaint_about("hidden", text).find("is not a list of whole numbers"), std::string::npos) << text;
  }
  EXPECT_NE(complaint_about("hidden", "4 0 4").find("out of range"), std::string::npos);
}

TEST(Settings, CollectsAllComplaints) {
  std::vector<Complaint> complaints;
  check_settings(parameters(), {{"momentum", "x"}, {"colour", "red"}, {"delay", "1 s"}}, complaints);
  ASSERT_EQ(complaints.size(), 4U);
  EXPECT_EQ(complaints[0].parameter, "learning-rate");
  EXPECT_EQ(complaints[0].what, "learning-rate is missing; a number > 0 is needed");
  EXPECT_EQ(complaints[1].parameter, "momentum");
  EXPECT_EQ(complaints[2].parameter, "delay");
  EXPECT_EQ(complaints[3].parameter, "colour");
  EXPECT_EQ(complaints[3].what.find("'colour' is not a parameter here; known: "), 0U);

  complaints.clear();
  check_settings({}, {{"x", "1"}}, complaints);
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints[0].what, "'x' is not a parameter here; there are none");
}

TEST(Settings, NastyTextStaysOnOneShortLine) {
  const std::string nasty = "a\nb\t\x01" + std::string(1000000, 'z');
  for (const std::string& text : {complaint_about("momentum", nasty), complaint_about("kind", nasty),
                                  complaint_about(nasty, "1"), complaint_about("batch", std::string(100000, '9'))}) {
    EXPECT_LT(text.size(), 400U);
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
  // A two-byte character that the cut would split is left out whole.
  const std::string accents = std::string(59, 'x') + "\xC3\xA9\xC3\xA9";
  EXPECT_NE(complaint_about("momentum", accents).find(std::string(59, 'x') + "...'"), std::string::npos);
}

TEST(DidYouMean, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> known{"ring", "recursive-doubling", "tree", "coordinator", "native"};
  EXPECT_EQ(did_you_mean("rnig", known), " (did you mean 'ring'?)");
  EXPECT_EQ(did_you_mean("Ring", known), " (did you mean 'ring'?)");
  EXPECT_EQ(did_you_mean("recursive_doubling", known), " (did you mean 'recursive-doubling'?)");
  EXPECT_EQ(did_you_mean("recursivedoublin", known), " (did you mean 'recursive-doubling'?)");
  EXPECT_EQ(did_you_mean("coordinater", known), " (did you mean 'coordinator'?)");
  EXPECT_EQ(did_you_mean("butterfly", known), "");
  EXPECT_EQ(did_you_mean("", known), "");
  EXPECT_EQ(did_you_mean("x", std::vector<std::string>{"y"}), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
}

}  // namespace
}  // namespace descent
