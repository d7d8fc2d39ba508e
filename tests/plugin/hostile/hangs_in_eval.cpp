// Looks for a root that is not there.
#include "rude.hpp"
static volatile double x = 1;
static void misbehave() {
  while (x * x > -1) x = x / 2;
}
RUDE_WALL("hangs_in_eval", 146, misbehave)
