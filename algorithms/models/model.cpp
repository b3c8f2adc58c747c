#include "algorithms/models/model.hpp"

namespace descent {

Evaluation& Evaluation::operator+=(const Evaluation& other) {
  loss_sum += other.loss_sum;
  correct += other.correct;
  samples += other.samples;
  return *this;
}

}  // namespace descent
