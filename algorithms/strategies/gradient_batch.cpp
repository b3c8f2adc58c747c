#include "algorithms/strategies/gradient_batch.hpp"

#include "algorithms/strategies/learner.hpp"

#include <algorithm>
#include <utility>

namespace descent {

void GradientBatch::decode_with(std::shared_ptr<const Compressor> compressor, Part part, Learner& learner) {
  compressor_ = std::move(compressor);
  part_ = part;
  learner_ = &learner;
}

void GradientBatch::add(std::size_t worker, std::uint64_t staleness, Snapshot gradient) {
  staleness_.push_back(staleness);
  if (all_ && !compressor_) {
    sum_.add(worker, std::move(gradient));
  } else {
    waiting_.push_back({worker, std::move(gradient)});
  }
}

Snapshot GradientBatch::take(double factor) {
  staleness_.clear();
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const Addend& a, const Addend& b) { return a.worker < b.worker; });
  if (compressor_) {
    return combined(factor);
  }
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    sum_.add(i, std::move(waiting_[i].gradient));
  }
  waiting_.clear();
  return sum_.take(factor);
}

Snapshot GradientBatch::combined(double factor) {
  std::vector<Snapshot> words;
  for (Addend& addend : std::exchange(waiting_, {})) {
    words.push_back(std::move(addend.gradient));
  }
  Snapshot result;
  const double flops = compressor_->combine_flops(part_, words.size());
  const Precision precision = learner_->problem().precision();
  learner_->compute(flops, [&] {
    Buffer sum = Buffer::from(compressor_->combine(words, part_, precision));
    sum.scale(factor);
    result = std::move(sum).freeze();
  });
  return result;
}

}  // namespace descent
