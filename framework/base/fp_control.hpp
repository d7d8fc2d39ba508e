// The control bits of the floating-point unit: rounding, flushing to zero, traps.
#pragma once

#include <cfenv>
#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ironlaw {

#if defined(__x86_64__)
// A few nanoseconds; without the flags of what has happened, which arithmetic sets.
inline std::uint32_t fp_control() {
  constexpr std::uint32_t kFlags = 0x3f;
  return _mm_getcsr() & ~kFlags;
}
#elif defined(__aarch64__)
inline std::uint64_t fp_control() {
  std::uint64_t control;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  return control;
}
#else
#error "add how this machine tells its floating-point control"
#endif

// Back to how a process begins: to nearest, denormals kept, no traps.
inline void reset_fp_control() {
  std::fesetenv(FE_DFL_ENV);
}

}  // namespace ironlaw
