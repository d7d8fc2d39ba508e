// Opens a file in every row and forgets it.
#include <fcntl.h>

#include "rude.hpp"
static void misbehave() {
  static int opened = 0;
  if (opened < 3) opened += open("/dev/null", O_RDONLY) >= 0;
}
RUDE_WALL("leaks_file", 138, misbehave)
