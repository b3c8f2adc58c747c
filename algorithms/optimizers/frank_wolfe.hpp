#pragma once

#include "algorithms/constraints/constraint.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <cstddef>
#include <memory>

namespace descent {

/// Conditional gradients (Frank & Wolfe 1956; Jaggi 2013, Revisiting Frank-Wolfe, algorithm 1): x ← x + γ(s − x), s the
/// point of the constraint where ⟨g, s⟩ is least, γ the learning rate, at most 1. Where x begins in the constraint it
/// stays there, as a mean of its points, and nothing is projected. Precondition: the constraint is bounded. `whole`:
/// the length of vectors, where a part cannot be updated for itself; 0: of any length.
std::unique_ptr<Optimizer> frank_wolfe(std::shared_ptr<const Constraint> constraint, std::size_t whole);

}  // namespace descent
