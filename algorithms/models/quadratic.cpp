#include "algorithms/models/quadratic.hpp"

namespace descent {

template class QuadraticModel<float>;
template class QuadraticModel<double>;

}  // namespace descent
