// Says which plugin does not come back.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace ironlaw {

// While it lives: when one call of a plugin takes longer than ten seconds, a line on stderr names it. It ends
// nothing: the plugin may be slow and not stuck, and its user may wait.
class Watchdog {
 public:
  Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable condition_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace ironlaw
