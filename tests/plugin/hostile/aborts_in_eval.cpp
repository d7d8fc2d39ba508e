// Ends the process with a word.
#include <cstdio>
#include <cstdlib>

#include "rude.hpp"
static void misbehave() {
  std::fputs("assertion failed: bytes > 0\n", stderr);
  std::abort();
}
RUDE_WALL("aborts_in_eval", 144, misbehave)
