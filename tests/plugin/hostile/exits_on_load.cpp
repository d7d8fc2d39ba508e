// Ends the process.
#include <cstdlib>

#include "rude.hpp"
static void misbehave() {
  std::exit(0);
}
RUDE_CONSTRUCTOR("exits_on_load", 142, misbehave)
