// What a paper claims, on the points of its sweep.
#pragma once

#include "tests/support/swept.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace descent::test {

/// The mean over seeds, between which it lies with a confidence of 99.9 %; all the same of one seed.
struct Mean {
  double mean = 0;
  double low = 0;
  double high = 0;
  /// Of each seed.
  std::vector<double> values;
};

inline Mean mean_of(const std::vector<double>& values, double confidence = 0.999) {
  EXPECT_FALSE(values.empty());
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() < 2) {
    return {mean, mean, mean, values};
  }
  double squares = 0;
  for (const double value : values) {
    squares += (value - mean) * (value - mean);
  }
  const double quantile = boost::math::quantile(boost::math::students_t(n - 1), 0.5 + confidence / 2);
  const double half = quantile * std::sqrt(squares / (n - 1) / n);
  return {mean, mean - half, mean + half, values};
}

/// Below that part of the other, with a confidence of 99 % in the differences of runs with one seed.
inline void expect_below(const Mean& one, const Mean& other, double part = 1) {
  ASSERT_EQ(one.values.size(), other.values.size());
  std::vector<double> differences;
  for (std::size_t i = 0; i < one.values.size(); ++i) {
    differences.push_back(part * other.values[i] - one.values[i]);
  }
  EXPECT_GT(mean_of(differences, 0.98).low, 0) << one.mean << " against " << other.mean;
}

/// Below that part of the other with each seed: where few seeds differ much, but in one direction.
inline void expect_each_below(const Mean& one, const Mean& other, double part) {
  ASSERT_EQ(one.values.size(), other.values.size());
  for (std::size_t i = 0; i < one.values.size(); ++i) {
    EXPECT_LT(one.values[i], part * other.values[i]);
  }
}

/// What stands in a scenario, and what shall stand there instead.
struct Change {
  std::string from;
  std::string to;
};

/// A paper's sweep, but for the changes: fewer points, or shorter runs, where that is all that a claim needs.
class SweptPaper {
 public:
  explicit SweptPaper(const std::string& scenario, const std::vector<Change>& changes = {}) {
    const std::filesystem::path file = source_path("scenarios/papers/" + scenario + ".xml");
    std::string text = text_of(file);
    const auto replace = [&](const Change& change) {
      const std::size_t at = text.find(change.from);
      ASSERT_NE(at, std::string::npos) << file << " has no " << change.from;
      text.replace(at, change.from.size(), change.to);
    };
    replace({"platform file=\"", "platform file=\"" + file.parent_path().string() + "/"});
    std::for_each(changes.begin(), changes.end(), replace);
    const std::filesystem::path changed = directory_.path() / "scenario.xml";
    std::ofstream(changed) << text;
    const Outcome outcome = shell(
        std::string(DESCENT_PROGRAM) + " sweep " + changed.string() + " --quiet --out " + directory_.path().string(),
        true);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  }

  /// A number of the summary, for each seed of the points for which the condition on the axes holds.
  Mean metric(const std::string& name, const std::string& condition) const {
    return mean_of(numbers("SELECT m.value FROM points p JOIN metrics m ON m.point = p.id WHERE m.name = '" + name +
                           "' AND " + condition + " ORDER BY p.seed"));
  }

  /// Of a column of the curves: the mean from one moment to another.
  Mean between(const std::string& column, double begin, double end, const std::string& condition) const {
    return mean_of(numbers("SELECT avg(c." + column +
                           ") FROM points p JOIN curves c ON c.point = p.id WHERE c.time_s BETWEEN " +
                           std::to_string(begin) + " AND " + std::to_string(end) + " AND " + condition +
                           " GROUP BY p.id ORDER BY p.seed"));
  }

  std::vector<double> numbers(const std::string& sql) const {
    std::vector<double> all;
    for (const auto& row : query(directory_.path() / "results.sqlite", sql)) {
      all.push_back(std::stod(row.at(0)));
    }
    return all;
  }

 private:
  TemporaryDirectory directory_;
};

/// That a point has this value on an axis, as the <sweep> writes it.
inline std::string is(const std::string& axis, const std::string& value) {
  return "EXISTS (SELECT 1 FROM parameters a WHERE a.point = p.id AND a.axis = '" + axis + "' AND a.value = '" + value +
         "')";
}

}  // namespace descent::test
