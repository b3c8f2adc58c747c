#pragma once

namespace descent {

/// The computing time between two checkpoints, in seconds, that makes a run shortest where failures come at random with
/// mean `mtbf` between them and a checkpoint takes `cost` (Daly 2006, A higher order estimate of the optimum checkpoint
/// interval for restart dumps, eq. 37; its first term is Young's, 1974):
///   τ = √(2δM) (1 + ⅓ √(δ/2M) + ⅑ δ/2M) − δ for δ < 2M, else M.
double best_interval(double cost, double mtbf);

/// Mean time, in seconds, to the end of `work` seconds of computing with a checkpoint of `cost` after every `interval`
/// of them and `restart` seconds after each failure (Daly 2006, eq. 20): M e^{R/M} (e^{(τ+δ)/M} − 1) T/τ.
double expected_completion(double work, double interval, double cost, double restart, double mtbf);

}  // namespace descent
