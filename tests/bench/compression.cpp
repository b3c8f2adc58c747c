// Encoding and decoding a gradient of a million parameters, as a matrix of 1000 × 1000.
#include "algorithms/compression/compressors.hpp"

#include <benchmark/benchmark.h>
#include <boost/random/normal_distribution.hpp>

#include <map>
#include <string>

namespace descent {
namespace {

constexpr std::size_t kSide = 1000;

Snapshot gradient_of_size(std::size_t size) {
  Buffer buffer(Precision::single_precision, size);
  RandomStream random(1, Purpose::test);
  boost::random::normal_distribution<float> normal;
  for (float& element : buffer.as<float>()) {
    element = normal(random);
  }
  return std::move(buffer).freeze();
}

std::shared_ptr<const Compressor> compressor(const std::string& name, bool feedback, std::span<const Tensor> tensors) {
  const CompressorRow& row = find_compressor(name);
  std::map<std::string, std::string> given;
  for (const Parameter& parameter : row.entry.parameters) {
    if (parameter.name == "ratio") {
      given["ratio"] = "0.01";
    } else if (parameter.name == "error-feedback" && feedback) {
      given["error-feedback"] = "yes";
    }
  }
  std::vector<Complaint> complaints;
  return make_compressor(name, {check_settings(row.entry.parameters, given, complaints), tensors, 1, 1});
}

void encode(benchmark::State& state, const std::string& name, bool feedback) {
  const Tensor tensors[] = {{kSide, kSide, 0}};
  const auto codec = compressor(name, feedback, tensors);
  const Snapshot vector = gradient_of_size(kSide * kSide);
  CompressorState memory;
  std::uint64_t step = 0;
  for (auto _ : state) {
    memory = codec->encode(vector, std::move(memory), {{0, vector.size()}, 0, step++}).state;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(vector.size()));
}

void decode(benchmark::State& state, const std::string& name) {
  const Tensor tensors[] = {{kSide, kSide, 0}};
  const auto codec = compressor(name, false, tensors);
  const Part part{0, kSide * kSide};
  const Snapshot words = codec->encode(gradient_of_size(part.count), {}, {part, 0, 0}).words;
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec->decode(words, part, Precision::single_precision));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(part.count));
}

const bool kRegistered = [] {
  for (const CompressorRow& row : compressor_rows()) {
    const std::string& name = row.entry.name;
    benchmark::RegisterBenchmark(("encode/" + name).c_str(), encode, name, false)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("decode/" + name).c_str(), decode, name)->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("encode/top-k+error-feedback", encode, "top-k", true)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("smoke", encode, "top-k", true)->Iterations(1);
  return true;
}();

}  // namespace
}  // namespace descent
