// Leaves a note in the environment.
#include <cstdlib>

#include "rude.hpp"
static void misbehave() {
  setenv("RUDE_WAS_HERE", "1", 1);
}
RUDE_CONSTRUCTOR("sets_variable", 140, misbehave)
