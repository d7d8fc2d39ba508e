// Writes to nowhere.
#include "rude.hpp"
static int* volatile nowhere = nullptr;
static void misbehave() {
  *nowhere = 1;
}
RUDE_WALL("segfaults_in_eval", 145, misbehave)
