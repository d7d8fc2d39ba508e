// Flushes small numbers to zero from now on, as -ffast-math does.
#include "rude.hpp"
static void misbehave() {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#else
  unsigned long control;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" ::"r"(control | (1ul << 24)));
#endif
}
RUDE_WALL("flushes_in_eval", 136, misbehave)
