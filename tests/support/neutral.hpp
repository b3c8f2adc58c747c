// What things take in `tests/integration/neutral.xml`, in seconds.
#pragma once

namespace descent::test::neutral {

constexpr double kLatency = 2 * 50e-6;         // alpha: two links
constexpr double kByte = 1e-9;                 // beta: seconds per byte
constexpr double kVector = 1e6 * kByte;        // n beta: a parameter vector alone on its links
constexpr double kGradient = 8 * 1e6 / 1e9;    // c: 8 samples of 1 Mflop at 1 Gflop/s
constexpr double kUpdate = 2.0 * 84000 / 1e9;  // u: sgd's 2 flop per parameter

}  // namespace descent::test::neutral
