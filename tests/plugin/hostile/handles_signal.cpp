// Handles Ctrl-C.
#include <csignal>

#include "rude.hpp"
static void misbehave() {
  std::signal(SIGINT, [](int) {});
}
RUDE_CONSTRUCTOR("handles_signal", 139, misbehave)
