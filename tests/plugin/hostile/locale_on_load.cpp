// Sets the locale that it likes.
#include <clocale>

#include "rude.hpp"
static void misbehave() {
  std::setlocale(LC_ALL, "C.UTF-8");
}
RUDE_CONSTRUCTOR("locale_on_load", 132, misbehave)
