#include "algorithms/data/sources.hpp"

#include "algorithms/data/tabular.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace descent {
namespace {

Parameter integer(std::string name, std::optional<std::string> fallback, std::string meaning, double least) {
  return {.name = std::move(name),
          .type = ParameterType::integer,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning),
          .least = least,
          .most = 4294967295.0};
}

Parameter real(std::string name, std::string fallback, std::string meaning, double most = 1e300) {
  return {.name = std::move(name),
          .type = ParameterType::real,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning),
          .least = 0,
          .most = most};
}

Parameter path(std::string name, std::optional<std::string> fallback, std::string meaning) {
  return {.name = std::move(name),
          .type = ParameterType::path,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning)};
}

std::vector<Parameter> with_tables(std::vector<Parameter> own) {
  std::vector<Parameter> all = table_parameters();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

const std::vector<Parameter>& limits() {
  static const std::vector<Parameter> parameters = {
      integer("limit", "0", "take only the first so many training samples; 0: all", 0),
      integer("test-limit", "0", "take only the first so many test samples; 0: all", 0)};
  return parameters;
}

std::vector<Parameter> with_limits(std::vector<Parameter> own) {
  own.insert(own.end(), limits().begin(), limits().end());
  return own;
}

const std::vector<SourceRow>& source_table() {
  static const std::vector<SourceRow> rows = {
      {{"synthetic-regression",
        "x ~ N(0, I), y = w'x + b + noise",
        "",
        {integer("samples", "1000", "training samples", 1), integer("test-samples", "0", "test samples", 0),
         integer("features", "20", "length of x", 1), real("noise", "0.1", "standard deviation of the noise")}},
       load_synthetic_regression<float>,
       load_synthetic_regression<double>},
      {{"synthetic-classification",
        "a normal cluster per class around a random centre",
        "",
        {integer("samples", "1000", "training samples", 1), integer("test-samples", "0", "test samples", 0),
         integer("features", "20", "length of x", 1), integer("classes", "2", "number of classes", 2),
         real("separation", "3", "typical distance of a centre from zero, in standard deviations of a cluster"),
         real("label-noise", "0", "part of the labels that is drawn at random", 1)}},
       load_synthetic_classification<float>,
       load_synthetic_classification<double>},
      {{"idx", "images and labels in IDX files, gzip or not; pixels become 0 to 1", "LeCun, Cortes & Burges 1998",
        with_limits({path("train-images", std::nullopt, "training images"),
                     path("train-labels", std::nullopt, "training labels"), path("test-images", "", "test images"),
                     path("test-labels", "", "test labels")})},
       load_idx<float>,
       load_idx<double>},
      {{"fashion-mnist", "60,000 + 10,000 images of clothes, 28 x 28, 10 classes (Debian: dataset-fashion-mnist)",
        "Xiao, Rasul & Vollgraf 2017",
        with_limits({path("directory", "/usr/share/datasets/fashion-mnist", "where its four files are")})},
       load_fashion_mnist<float>,
       load_fashion_mnist<double>,
       fashion_mnist_files},
      {{"libsvm", "lines of `label index:value ...`, gzip or not; kept dense", "Chang & Lin 2011",
        with_tables({integer("features", "", "number of features; the largest index when absent", 1)})},
       load_libsvm<float>,
       load_libsvm<double>},
      {{"csv", "a line of numbers per sample, one of them the target, gzip or not", "RFC 4180",
        with_tables({{.name = "header",
                      .type = ParameterType::choice,
                      .fallback = "auto",
                      .meaning = "whether the first line names the columns; auto: when it is not all numbers",
                      .choices = {"auto", "yes", "no"}},
                     {.name = "separator",
                      .type = ParameterType::choice,
                      .fallback = "comma",
                      .meaning = "between two fields",
                      .choices = {"comma", "semicolon", "tab"}},
                     {.name = "target",
                      .type = ParameterType::text,
                      .fallback = "last",
                      .meaning = "the column to predict: last, its name, or its number from 1"}})},
       load_csv<float>,
       load_csv<double>},
  };
  return rows;
}

}  // namespace

std::span<const SourceRow> source_rows() {
  return source_table();
}

const SourceRow& find_source(std::string_view name) {
  const auto& rows = source_table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such data source");
  }
  return *row;
}

std::vector<std::string> files_of(std::string_view name, const Settings& settings) {
  const SourceRow& source = find_source(name);
  if (source.files != nullptr) {
    return source.files(settings);
  }
  std::vector<std::string> files;
  for (const Parameter& parameter : source.entry.parameters) {
    if (parameter.type == ParameterType::path && settings.has(parameter.name)) {
      files.push_back(settings.text(parameter.name));
    }
  }
  return files;
}

}  // namespace descent
