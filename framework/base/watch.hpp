// What foreign code runs right now, for whoever wonders why nothing moves.
#pragma once

#include <atomic>
#include <cstdint>

namespace ironlaw {

// Two texts that live for ever, and how many calls there were before. One call at a time is watched: of
// several threads, the one that began last.
struct Watch {
  std::atomic<std::uint64_t> turn{0};
  std::atomic<const char*> who{nullptr};   // "memory"; null: nothing runs
  std::atomic<const char*> what{nullptr};  // "traffic"
};
inline Watch watch;

// Marks a call while it lives. Three stores: cheap enough for every block of rows.
class Watched {
 public:
  Watched(const char* who, const char* what) {
    watch.turn.fetch_add(1, std::memory_order_relaxed);
    watch.what.store(what, std::memory_order_relaxed);
    watch.who.store(who, std::memory_order_release);
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() { watch.who.store(nullptr, std::memory_order_relaxed); }
};

}  // namespace ironlaw
