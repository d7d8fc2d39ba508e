// Says that it is there.
#include <cstdio>

#include "rude.hpp"
static void misbehave() {
  std::puts("{\"welcome\": true}");
  std::fflush(stdout);
}
RUDE_CONSTRUCTOR("prints_on_load", 131, misbehave)
