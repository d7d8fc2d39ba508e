// What the author of a wall includes. A wall is a plugin of one .cpp file:
//
//   #include <ironlaw/wall.hpp>
//   using namespace ironlaw;
//
//   struct Traffic {                                   // one function: pure, over named columns
//     static constexpr Level kLevel = Level::op;
//     template <class T> struct In {
//       Bytes<T> bytes;
//       BytesPerSecond<T> bandwidth;
//       static constexpr auto ports() {
//         return std::tuple{input(q::operator_bytes, &In::bytes), input(q::memory_bandwidth,
//         &In::bandwidth)};
//       }
//     };
//     template <class T> struct Out {
//       Seconds<T> time;
//       static constexpr auto ports() { return std::tuple{bound(q::memory_time, &Out::time)}; }
//     };
//     template <class T> static Out<T> eval(const In<T>& in) { return {in.bytes / in.bandwidth}; }
//   };
//   constexpr WallInfo kInfo{.number = 2, .id = "memory", ...};
//   IRONLAW_EXPORT_WALL(kInfo, Traffic)
//
// eval is instantiated for double (a block of rows) and for Dual<number of inputs> (the exact Jacobian).
//
// WARNINGS
//  1. eval may run in several threads: no statics, no allocation, no input or output.
//  2. Write constants as T(2.0) or 2.0, and call max, min, sqrt, exp, log, pow, ceil unqualified, so that the
//     Dual versions are found.
//  3. Divide only by what the port's range keeps from zero. NaN in an output is reported as your bug.
//  4. Raise WallInfo::version when an equation or a port changes: fits made before it are then refused.
//
// A function may also say
//   static constexpr std::uint32_t kPhases = phase::train, kKinds = kind::decoder;   what it holds for
//   static constexpr const char* kSupports = "checkpoints are written in training";  and why
// and, in a struct of its own after eval, a case worked by hand, which a test runs (Example<Traffic>):
//   struct TrafficExample {
//     static constexpr const char* kText = "140 GB at 2.8 TB/s: 50 ms";
//     static constexpr Traffic::In<double> kIn{Bytes<double>(140e9), BytesPerSecond<double>(2.8e12)};
//     static constexpr Traffic::Out<double> kOut{Seconds<double>(0.05)};
//   };
//   IRONLAW_EXPORT_WALL(kInfo, Example<Traffic, TrafficExample>)
#pragma once

#include <array>
#include <cstdio>
#include <exception>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

#include "ironlaw/abi.h"
#include "ironlaw/dual.hpp"
#include "ironlaw/quantities.hpp"
#include "ironlaw/quantity.hpp"

namespace ironlaw {

enum class Level : std::uint32_t {
  scenario = IRONLAW_LEVEL_SCENARIO,
  op = IRONLAW_LEVEL_OPERATOR,
  step = IRONLAW_LEVEL_STEP,
  run = IRONLAW_LEVEL_RUN,
  result = IRONLAW_LEVEL_RESULT,
};

namespace phase {
inline constexpr std::uint32_t train = IRONLAW_PHASE_TRAIN, prefill = IRONLAW_PHASE_PREFILL,
                               decode = IRONLAW_PHASE_DECODE, offline = IRONLAW_PHASE_OFFLINE,
                               serve = IRONLAW_PHASE_SERVE, inference = prefill | decode | offline | serve;
}  // namespace phase
namespace kind {
inline constexpr std::uint32_t decoder = IRONLAW_KIND_DECODER, encoder = IRONLAW_KIND_ENCODER,
                               convnet = IRONLAW_KIND_CONVNET, transformer = decoder | encoder;
}  // namespace kind

struct WallInfo {
  std::uint32_t number;
  const char* id;
  const char* title;
  const char* domain;
  const char* term;
  const char* statement;
  const char* equation;
  const char* sources;
  std::uint32_t version = 1;
};

inline constexpr double kAny = std::numeric_limits<double>::infinity();
inline constexpr double kNoNeutral = std::numeric_limits<double>::quiet_NaN();

// The value of a setting that must come from the user, a place, a fleet or a datasheet.
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// A port: which field of In or Out, and its row of the table.
template <class Struct, class Field>
struct Port {
  Field Struct::*member;
  ironlaw_port row;
};

// How a fitted input behaves; see ironlaw_port.
struct Parameter {
  ironlaw_link link;
  double textbook;    // the plain first-principles value, used by --params textbook
  double prior_mean;  // in the port's own unit
  double prior_sd;    // on the link scale
  std::uint32_t scopes = 0;
};

// What a setting is where nobody sets it, and where that number comes from ("" where it switches off).
struct Setting {
  double value;
  const char* source = "";
};

namespace detail {

template <class Field>
struct FieldDim {
  static constexpr Dim kDim{};  // a plain number
};
template <Dim D, class T>
struct FieldDim<Quantity<D, T>> {
  static constexpr Dim kDim = D;
};

template <Dim D, class S, class F>
constexpr Port<S, F> port(const Name<D>& name, F S::*member, double low, double high) {
  static_assert(FieldDim<F>::kDim == D, "the field's dimension is not that of the quantity it is bound to");
  return {member,
          {sizeof(ironlaw_port), 0, name.name, UnitName<D>::text(), name.meaning, low, high, kNoNeutral, 0,
           "", IRONLAW_LINK_IDENTITY, 0, 0, 0, "", ""}};
}

template <Dim D, class S, class F>
constexpr Port<S, F> output(const Name<D>& name, F S::*member, ironlaw_role role, double neutral,
                            const char* target = "") {
  auto p = port(name, member, -kAny, kAny);
  p.row.role = role;
  p.row.neutral = neutral;
  p.row.target = target;
  return p;
}

}  // namespace detail

// An input in [low, high]; the host refuses rows outside with a message that names this port.
template <Dim D, class S, class F>
constexpr auto input(const Name<D>& name, F S::*member, double low = 0, double high = kAny) {
  return detail::port(name, member, low, high);
}
// An input that changes in steps (a count): it has no derivative.
template <Dim D, class S, class F>
constexpr auto discrete(const Name<D>& name, F S::*member, double low = 0, double high = kAny) {
  auto p = detail::port(name, member, low, high);
  p.row.flags |= IRONLAW_PORT_DISCRETE;
  return p;
}
// An input that the user may set by its name (a plan, --set). Where nobody does, a place, a fleet or a
// datasheet figure of the same name and unit fills it, else setting.value.
template <Dim D, class S, class F>
constexpr auto setting(const Name<D>& name, F S::*member, const Setting& usual, double low = 0,
                       double high = kAny) {
  auto p = detail::port(name, member, low, high);
  p.row.flags |= IRONLAW_PORT_SETTING;
  p.row.neutral = usual.value;
  p.row.source = usual.source;
  return p;
}
// A setting that counts things: whole(setting(...)). It changes in steps and has no derivative.
template <class P>
constexpr P whole(P port) {
  port.row.flags |= IRONLAW_PORT_DISCRETE;
  return port;
}
// A setting that is one of the names in "first|second|third"; its value is 0, 1, 2.
template <class S, class F>
constexpr auto choice(const Name<kDimNone>& name, F S::*member, const char* choices, const Setting& usual) {
  double last = 0;
  for (const char* c = choices; *c; ++c) last += *c == '|';
  auto p = setting(name, member, usual, 0, last);
  p.row.flags |= IRONLAW_PORT_DISCRETE;
  p.row.choices = choices;
  return p;
}
// An input that calibration fits.
template <Dim D, class S, class F>
constexpr auto parameter(const Name<D>& name, F S::*member, const Parameter& p, double low = 0,
                         double high = kAny) {
  auto result = detail::port(name, member, low, high);
  result.row.flags |= IRONLAW_PORT_PARAMETER;
  result.row.neutral = p.textbook;
  result.row.link = p.link;
  result.row.scopes = p.scopes;
  result.row.prior_mean = p.prior_mean;
  result.row.prior_sd = p.prior_sd;
  return result;
}

// Outputs, one function a role; see ironlaw_role.
template <Dim D, class S, class F>
constexpr auto work(const Name<D>& name, F S::*member, double neutral = kNoNeutral) {
  return detail::output(name, member, IRONLAW_ROLE_WORK, neutral);
}
template <class S, class F>
constexpr auto bound(const Name<kDimTime>& name, F S::*member) {
  return detail::output(name, member, IRONLAW_ROLE_BOUND, 0);
}
template <class S, class F>
constexpr auto factor(const Name<kDimNone>& name, F S::*member, const Name<kDimTime>& target) {
  return detail::output(name, member, IRONLAW_ROLE_FACTOR, 1, target.name);
}
template <Dim D, class S, class F>
constexpr auto supply(const Name<D>& name, F S::*member, double neutral = kNoNeutral) {
  return detail::output(name, member, IRONLAW_ROLE_SUPPLY, neutral);
}
template <class S, class F>
constexpr auto addend(const Name<kDimTime>& name, F S::*member) {
  return detail::output(name, member, IRONLAW_ROLE_ADDEND, 0);
}
template <Dim D, class S, class F>
constexpr auto gate(const Name<D>& name, F S::*member) {
  return detail::output(name, member, IRONLAW_ROLE_GATE, kAny);
}
template <Dim D, class S, class F>
constexpr auto account(const Name<D>& name, F S::*member) {
  return detail::output(name, member, IRONLAW_ROLE_ACCOUNT, kNoNeutral);
}
// An account that belongs on the first page of an answer (time, cost, energy, carbon, water).
template <Dim D, class S, class F>
constexpr auto headline(const Name<D>& name, F S::*member) {
  auto p = account(name, member);
  p.row.flags |= IRONLAW_PORT_HEADLINE;
  return p;
}

// A function together with a case worked by hand; see the top of this file.
template <class Fn, class Worked>
struct Example : Fn {
  using Hand = Worked;
};

namespace detail {

template <class S>
inline constexpr std::size_t kPorts = std::tuple_size_v<decltype(S::ports())>;

template <class S>
struct PortTable {
  static constexpr auto make_rows() {
    return std::apply([](const auto&... p) { return std::array<ironlaw_port, sizeof...(p)>{p.row...}; },
                      S::ports());
  }
  static constexpr auto kRows = make_rows();
  static constexpr auto make_pointers() {
    std::array<const ironlaw_port*, kPorts<S>> pointers{};
    for (std::size_t i = 0; i < pointers.size(); ++i) pointers[i] = &kRows[i];
    return pointers;
  }
  static constexpr auto kPointers = make_pointers();
};

// f(i, number) for the number in each port's field, by reference.
template <class S, class F>
constexpr void each_field(S& s, const F& f) {
  constexpr auto ports = S::ports();
  const auto number = [](auto& field) -> auto& {
    if constexpr (
        requires { field.v; } && !requires { field.a; })
      return field.v;
    else
      return field;
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f(I, number(s.*(std::get<I>(ports).member))), ...);
  }
  (std::make_index_sequence<kPorts<S>>{});
}

// Turns the exception in flight into a status; nothing is thrown across the boundary.
inline std::int32_t contain(ironlaw_error* error) noexcept {
#if defined(__cpp_exceptions)
  try {
    throw;
  } catch (const std::exception& e) {
    std::snprintf(error->message, sizeof error->message, "%s", e.what());
  } catch (...) {
    std::snprintf(error->message, sizeof error->message, "an exception that is no std::exception");
  }
#else
  std::snprintf(error->message, sizeof error->message, "failed");
#endif
  return IRONLAW_FAILED;
}

template <class Fn>
std::int32_t eval(const double* const* in, double* const* out, std::size_t n, ironlaw_error* error) {
  using In = typename Fn::template In<double>;
  using Out = typename Fn::template Out<double>;
  // Local copies of the column pointers: the compiler then knows that they do not change in the loop.
  const double* __restrict src[kPorts<In>];
  double* __restrict dst[kPorts<Out>];
  for (std::size_t i = 0; i < kPorts<In>; ++i) src[i] = in[i];
  for (std::size_t o = 0; o < kPorts<Out>; ++o) dst[o] = out[o];
  try {
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
    for (std::size_t row = 0; row < n; ++row) {
      In x;
      each_field(x, [&](std::size_t i, double& field) { field = src[i][row]; });
      Out y = Fn::template eval<double>(x);
      each_field(y, [&](std::size_t o, const double& field) { dst[o][row] = field; });
    }
  } catch (...) {
    return contain(error);
  }
  return IRONLAW_OK;
}

// A function may have, as templates over In<T>, `static bool is_idle(const In<T>&)`: rows whose outputs, and
// all their derivatives, are 0. They are then not evaluated with derivatives: most operators are no
// collectives.
template <class Fn>
bool is_idle_row([[maybe_unused]] const double* const* in, [[maybe_unused]] std::size_t row) {
  if constexpr (requires(const typename Fn::template In<double>& x) { Fn::is_idle(x); }) {
    typename Fn::template In<double> x;
    each_field(x, [&](std::size_t i, double& field) { field = in[i][row]; });
    return Fn::is_idle(x);
  } else {
    return false;
  }
}

template <class Fn>
std::int32_t eval_grad(const double* const* in, double* const* out, double* const* jac, std::size_t n,
                       ironlaw_error* error) {
  constexpr int kIn = static_cast<int>(kPorts<typename Fn::template In<double>>);
  constexpr std::size_t kOut = kPorts<typename Fn::template Out<double>>;
  using T = Dual<kIn>;
  try {
    for (std::size_t row = 0; row < n; ++row) {
      if (is_idle_row<Fn>(in, row)) {
        for (std::size_t o = 0; o < kOut; ++o) {
          out[o][row] = 0;
          for (std::size_t i = 0; i < kIn; ++i) jac[o * kIn + i][row] = 0;
        }
        continue;
      }
      typename Fn::template In<T> x;
      each_field(x, [&](std::size_t i, T& field) { field = T::variable(in[i][row], static_cast<int>(i)); });
      auto y = Fn::template eval<T>(x);
      each_field(y, [&](std::size_t o, const T& field) {
        out[o][row] = field.a;
        for (int i = 0; i < kIn; ++i) jac[o * kIn + static_cast<std::size_t>(i)][row] = field.v[i];
      });
    }
  } catch (...) {
    return contain(error);
  }
  return IRONLAW_OK;
}

// A function's name is optional in its struct: static constexpr const char* kName.
template <class Fn>
constexpr const char* function_name() {
  if constexpr (requires { Fn::kName; })
    return Fn::kName;
  else
    return "";
}

template <class Fn>
constexpr std::uint32_t phases_of() {
  if constexpr (requires { Fn::kPhases; })
    return Fn::kPhases;
  else
    return IRONLAW_EVERY_PHASE;
}
template <class Fn>
constexpr std::uint32_t kinds_of() {
  if constexpr (requires { Fn::kKinds; })
    return Fn::kKinds;
  else
    return IRONLAW_EVERY_KIND;
}
template <class Fn>
constexpr const char* supports_of() {
  if constexpr (requires { Fn::kSupports; })
    return Fn::kSupports;
  else
    return "";
}

template <class S>
constexpr auto flat(S s) {
  std::array<double, kPorts<S>> values{};
  each_field(s, [&](std::size_t i, double& field) { values[i] = field; });
  return values;
}
template <class Fn>
struct WorkedExample {
  static constexpr auto kIn = flat(Fn::Hand::kIn);
  static constexpr auto kOut = flat(Fn::Hand::kOut);
  static constexpr ironlaw_example kExample = {sizeof(ironlaw_example), Fn::Hand::kText, kIn.data(),
                                               kOut.data()};
};
template <class Fn>
constexpr const ironlaw_example* example_of() {
  if constexpr (requires { typename Fn::Hand; })
    return &WorkedExample<Fn>::kExample;
  else
    return nullptr;
}

template <class Fn>
inline constexpr ironlaw_function kFunction = {
    sizeof(ironlaw_function),
    static_cast<std::uint32_t>(Fn::kLevel),
    function_name<Fn>(),
    kPorts<typename Fn::template In<double>>,
    kPorts<typename Fn::template Out<double>>,
    PortTable<typename Fn::template In<double>>::kPointers.data(),
    PortTable<typename Fn::template Out<double>>::kPointers.data(),
    &eval<Fn>,
    &eval_grad<Fn>,
    phases_of<Fn>(),
    kinds_of<Fn>(),
    supports_of<Fn>(),
    example_of<Fn>(),
};

template <const WallInfo& kInfo, class... Fns>
struct WallPlugin {
  static constexpr const ironlaw_function* kFunctions[] = {&kFunction<Fns>...};
  static constexpr ironlaw_wall kWall = {
      sizeof(ironlaw_wall), kInfo.number, kInfo.version, sizeof...(Fns),  kInfo.id,
      kInfo.title,          kInfo.domain, kInfo.term,    kInfo.statement, kInfo.equation,
      kInfo.sources,        kFunctions,   nullptr};
  static constexpr const ironlaw_wall* kWalls[] = {&kWall};
  static constexpr ironlaw_plugin kPlugin = {sizeof(ironlaw_plugin),
                                             IRONLAW_ABI_MAJOR,
                                             IRONLAW_ABI_MINOR,
                                             kInfo.id,
                                             "1.0.0",
                                             __VERSION__,
                                             1,
                                             0,
                                             kWalls,
                                             nullptr};
};

}  // namespace detail
}  // namespace ironlaw

#define IRONLAW_EXPORT_PLUGIN(plugin_table)                                                        \
  extern "C" __attribute__((visibility("default"))) const ironlaw_plugin* ironlaw_plugin_entry_v1( \
      const ironlaw_host* host) {                                                                  \
    return host->abi_major == IRONLAW_ABI_MAJOR ? &(plugin_table) : nullptr;                       \
  }

// IRONLAW_EXPORT_WALL(kInfo, Function...): makes the tables and the entry symbol. One a library.
#define IRONLAW_EXPORT_WALL(info, ...) \
  IRONLAW_EXPORT_PLUGIN((::ironlaw::detail::WallPlugin<info, __VA_ARGS__>::kPlugin))
