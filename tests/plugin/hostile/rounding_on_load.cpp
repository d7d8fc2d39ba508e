// Rounds everything upwards from now on.
#include <cfenv>

#include "rude.hpp"
static void misbehave() {
  std::fesetround(FE_UPWARD);
}
RUDE_CONSTRUCTOR("rounding_on_load", 134, misbehave)
