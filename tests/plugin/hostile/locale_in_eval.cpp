// Sets the locale that it likes, in every row.
#include <clocale>

#include "rude.hpp"
static void misbehave() {
  std::setlocale(LC_ALL, "C.UTF-8");
}
RUDE_WALL("locale_in_eval", 133, misbehave)
