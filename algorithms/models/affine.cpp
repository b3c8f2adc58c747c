#include "algorithms/models/affine.hpp"

namespace descent {

template class AffineModel<float, SquaredError>;
template class AffineModel<double, SquaredError>;
template class AffineModel<float, LogisticLoss>;
template class AffineModel<double, LogisticLoss>;
template class AffineModel<float, HingeLoss>;
template class AffineModel<double, HingeLoss>;
template class AffineModel<float, CrossEntropy>;
template class AffineModel<double, CrossEntropy>;

}  // namespace descent
