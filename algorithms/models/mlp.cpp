#include "algorithms/models/mlp.hpp"

namespace descent {

template class MlpModel<float, SquaredError>;
template class MlpModel<double, SquaredError>;
template class MlpModel<float, CrossEntropy>;
template class MlpModel<double, CrossEntropy>;

}  // namespace descent
