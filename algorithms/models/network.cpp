#include "algorithms/models/network.hpp"

namespace descent {

template class Network<float>;
template class Network<double>;

}  // namespace descent
