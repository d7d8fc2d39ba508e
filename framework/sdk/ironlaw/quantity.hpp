// Quantities that know their dimension at compile time and cost nothing at run time.
//
// A Dim counts the exponents of the base units second, byte, FLOP, joule, US dollar, kilogram of CO2
// equivalent and litre of water. Multiplying and dividing quantities adds and subtracts exponents; adding two
// of different dimensions does not compile. Counts and ratios (tokens, requests, efficiencies) are
// dimensionless and mix freely with numbers. Everything is in base units: text such as "3.35 TB/s" is parsed
// at the edge.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ironlaw/dual.hpp"

namespace ironlaw {

struct Dim {
  std::int8_t second = 0, byte = 0, flop = 0, joule = 0, dollar = 0, carbon = 0, litre = 0;
  friend constexpr bool operator==(const Dim&, const Dim&) = default;

 private:
  static constexpr Dim combine(const Dim& a, const Dim& b, int sign) {
    const auto f = [sign](int x, int y) { return static_cast<std::int8_t>(x + sign * y); };
    return {f(a.second, b.second), f(a.byte, b.byte),     f(a.flop, b.flop),  f(a.joule, b.joule),
            f(a.dollar, b.dollar), f(a.carbon, b.carbon), f(a.litre, b.litre)};
  }

 public:
  friend constexpr Dim operator+(const Dim& a, const Dim& b) { return combine(a, b, 1); }
  friend constexpr Dim operator-(const Dim& a, const Dim& b) { return combine(a, b, -1); }
};

// A value of type T (double or Dual<N>) in the base unit of dimension D. A dimensionless value is a plain T.
template <Dim D, class T = double>
struct Quantity {
  T v{};

  constexpr Quantity() = default;
  explicit constexpr Quantity(const T& value) : v(value) {}

  friend constexpr Quantity operator+(const Quantity& a, const Quantity& b) { return Quantity(a.v + b.v); }
  friend constexpr Quantity operator-(const Quantity& a, const Quantity& b) { return Quantity(a.v - b.v); }
  friend constexpr bool operator<(const Quantity& a, const Quantity& b) { return a.v < b.v; }
  friend constexpr bool operator>(const Quantity& a, const Quantity& b) { return a.v > b.v; }
  // A factor is any number: a T, or a constant that converts to one.
  friend constexpr Quantity operator*(const Quantity& a, const T& s) { return Quantity(a.v * s); }
  friend constexpr Quantity operator*(const T& s, const Quantity& a) { return Quantity(s * a.v); }
  friend constexpr Quantity operator/(const Quantity& a, const T& s) { return Quantity(a.v / s); }
};

namespace detail {
template <Dim D, class T>
constexpr auto with_dim(const T& value) {
  if constexpr (D == Dim{})
    return value;
  else
    return Quantity<D, T>(value);
}
}  // namespace detail

template <Dim A, Dim B, class T>
constexpr auto operator*(const Quantity<A, T>& a, const Quantity<B, T>& b) {
  return detail::with_dim<A + B>(a.v * b.v);
}
template <Dim A, Dim B, class T>
constexpr auto operator/(const Quantity<A, T>& a, const Quantity<B, T>& b) {
  return detail::with_dim<A - B>(a.v / b.v);
}
template <Dim A, class T>
constexpr Quantity<A, T> max(const Quantity<A, T>& a, const Quantity<A, T>& b) {
  return a < b ? b : a;
}
template <Dim A, class T>
constexpr Quantity<A, T> min(const Quantity<A, T>& a, const Quantity<A, T>& b) {
  return b < a ? b : a;
}

inline constexpr Dim kDimNone{};
inline constexpr Dim kDimTime{.second = 1};
inline constexpr Dim kDimBytes{.byte = 1};
inline constexpr Dim kDimFlops{.flop = 1};
inline constexpr Dim kDimBandwidth{.second = -1, .byte = 1};
inline constexpr Dim kDimFlopRate{.second = -1, .flop = 1};
inline constexpr Dim kDimPower{.second = -1, .joule = 1};
inline constexpr Dim kDimIntensity{.byte = -1, .flop = 1};
inline constexpr Dim kDimRate{.second = -1};
inline constexpr Dim kDimEnergy{.joule = 1};
inline constexpr Dim kDimCost{.dollar = 1};
inline constexpr Dim kDimCostRate{.second = -1, .dollar = 1};
inline constexpr Dim kDimEnergyPrice{.joule = -1, .dollar = 1};
inline constexpr Dim kDimCarbon{.carbon = 1};
inline constexpr Dim kDimCarbonIntensity{.joule = -1, .carbon = 1};
inline constexpr Dim kDimWater{.litre = 1};
inline constexpr Dim kDimWaterIntensity{.joule = -1, .litre = 1};

template <class T>
using Seconds = Quantity<kDimTime, T>;
template <class T>
using Bytes = Quantity<kDimBytes, T>;
template <class T>
using Flops = Quantity<kDimFlops, T>;
template <class T>
using BytesPerSecond = Quantity<kDimBandwidth, T>;
template <class T>
using FlopsPerSecond = Quantity<kDimFlopRate, T>;
template <class T>
using PerSecond = Quantity<kDimRate, T>;
template <class T>
using Joules = Quantity<kDimEnergy, T>;
template <class T>
using Watts = Quantity<kDimPower, T>;
template <class T>
using Dollars = Quantity<kDimCost, T>;
template <class T>
using DollarsPerSecond = Quantity<kDimCostRate, T>;
template <class T>
using DollarsPerJoule = Quantity<kDimEnergyPrice, T>;
template <class T>
using Carbon = Quantity<kDimCarbon, T>;  // kgCO2e
template <class T>
using CarbonPerJoule = Quantity<kDimCarbonIntensity, T>;
template <class T>
using Litres = Quantity<kDimWater, T>;
template <class T>
using LitresPerJoule = Quantity<kDimWaterIntensity, T>;

// The unit of a dimension as text, made at compile time so that table and code cannot disagree:
// "B/s", "FLOP/B", "1".
template <Dim D>
class UnitName {
  static constexpr std::array<char, 64> make() {
    struct Base {
      const char* symbol;
      int exponent;
    };
    const Base bases[] = {{"B", D.byte},        {"FLOP", D.flop}, {"J", D.joule}, {"USD", D.dollar},
                          {"kgCO2e", D.carbon}, {"L", D.litre},   {"s", D.second}};
    std::array<char, 64> out{};
    std::size_t n = 0;
    const auto put = [&](char c) { out[n++] = c; };
    const auto put_base = [&](const char* symbol, int exponent) {
      for (const char* c = symbol; *c; ++c) put(*c);
      if (exponent > 1) {
        put('^');
        put(static_cast<char>('0' + exponent));
      }
    };
    bool first = true;
    for (const Base& b : bases) {
      if (b.exponent <= 0) continue;
      if (!first) put('*');
      put_base(b.symbol, b.exponent);
      first = false;
    }
    if (first) put('1');
    for (const Base& b : bases) {
      if (b.exponent >= 0) continue;
      put('/');
      put_base(b.symbol, -b.exponent);
    }
    return out;
  }
  static constexpr std::array<char, 64> kText = make();

 public:
  static constexpr const char* text() { return kText.data(); }
};

// An entry of the dictionary of quantities: what a port refers to, so that a typo does not compile.
template <Dim D>
struct Name {
  const char* name;
  const char* meaning;
};

}  // namespace ironlaw
