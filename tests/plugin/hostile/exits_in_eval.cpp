// Ends the process.
#include <cstdlib>

#include "rude.hpp"
static void misbehave() {
  std::exit(0);
}
RUDE_WALL("exits_in_eval", 143, misbehave)
