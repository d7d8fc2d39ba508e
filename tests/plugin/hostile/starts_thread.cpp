// Has a thread of its own.
#include <thread>

#include "rude.hpp"
static void misbehave() {
  std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
}
RUDE_CONSTRUCTOR("starts_thread", 137, misbehave)
