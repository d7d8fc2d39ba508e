// Says what it does.
#include <cstdio>

#include "rude.hpp"
static void misbehave() {
  std::puts("row done");
}
RUDE_WALL("prints_in_eval", 130, misbehave)
