// Rounds everything upwards from now on.
#include <cfenv>

#include "rude.hpp"
static void misbehave() {
  std::fesetround(FE_UPWARD);
}
RUDE_WALL("rounding_in_eval", 135, misbehave)
