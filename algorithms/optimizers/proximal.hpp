#pragma once

#include "algorithms/constraints/composite.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <cstddef>
#include <memory>

namespace descent {

/// An optimizer on a problem with a constraint C and a regularizer r: its own update, then the proximal step of the
/// same learning rate, so that x ← P_C(prox_{ηr}(x − ηd)). With sgd that is the (projected) proximal gradient method
/// (Parikh & Boyd 2014, Proximal algorithms, section 4.2). `whole`: the length of vectors, where a part cannot be
/// updated for itself; 0: of any length.
std::unique_ptr<Optimizer> proximal(std::unique_ptr<Optimizer> inner, Composite composite, std::size_t whole);

}  // namespace descent
