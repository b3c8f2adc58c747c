#include "algorithms/models/quadratic.hpp"

namespace descent {

template class Quadratic<float>;
template class Quadratic<double>;

}  // namespace descent
