#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace descent {

/// A double that counts what is done with it: one for each + − * / and comparison, exp, log, tanh and square root.
/// Signs, copies and conversions are free.
class CountingReal {
 public:
  CountingReal() = default;
  template <class Number>
  requires std::is_arithmetic_v<Number> CountingReal(Number value)
      : value_(static_cast<double>(value)) {}  // NOLINT: a number, so converts like one

  template <class Number>
  requires std::is_arithmetic_v<Number>
  explicit operator Number() const { return static_cast<Number>(value_); }

  static void reset() { flops = 0; }
  static std::uint64_t counted() { return flops; }

  CountingReal operator-() const { return value_ * -1; }
  CountingReal& operator+=(CountingReal other) { return ++flops, value_ += other.value_, *this; }
  CountingReal& operator-=(CountingReal other) { return ++flops, value_ -= other.value_, *this; }
  CountingReal& operator*=(CountingReal other) { return ++flops, value_ *= other.value_, *this; }
  CountingReal& operator/=(CountingReal other) { return ++flops, value_ /= other.value_, *this; }

  friend CountingReal operator+(CountingReal a, CountingReal b) { return a += b; }
  friend CountingReal operator-(CountingReal a, CountingReal b) { return a -= b; }
  friend CountingReal operator*(CountingReal a, CountingReal b) { return a *= b; }
  friend CountingReal operator/(CountingReal a, CountingReal b) { return a /= b; }
  friend bool operator<(CountingReal a, CountingReal b) { return ++flops, a.value_ < b.value_; }
  friend bool operator>(CountingReal a, CountingReal b) { return ++flops, a.value_ > b.value_; }
  friend bool operator==(CountingReal a, CountingReal b) { return a.value_ == b.value_; }

  friend CountingReal abs(CountingReal a) { return std::abs(a.value_); }
  friend CountingReal copysign(CountingReal a, CountingReal sign) { return std::copysign(a.value_, sign.value_); }
  friend CountingReal exp(CountingReal a) { return ++flops, std::exp(a.value_); }
  friend CountingReal log(CountingReal a) { return ++flops, std::log(a.value_); }
  friend CountingReal tanh(CountingReal a) { return ++flops, std::tanh(a.value_); }
  friend CountingReal sqrt(CountingReal a) { return ++flops, std::sqrt(a.value_); }

 private:
  inline static std::uint64_t flops = 0;
  double value_ = 0;
};

}  // namespace descent

template <>
struct Eigen::NumTraits<descent::CountingReal> : Eigen::GenericNumTraits<descent::CountingReal> {
  enum {
    IsInteger = 0,
    IsSigned = 1,
    IsComplex = 0,
    RequireInitialization = 1,
    ReadCost = 1,
    AddCost = 1,
    MulCost = 1
  };
};
