// Allocates in every row and keeps it.
#include <cstdlib>

#include "rude.hpp"
static void* volatile kept;
static void misbehave() {
  kept = std::malloc(64);
}
RUDE_WALL("keeps_memory", 141, misbehave)
