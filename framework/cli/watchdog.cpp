#include "framework/cli/watchdog.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>

#include "framework/base/log.hpp"
#include "framework/base/watch.hpp"

namespace ironlaw {
namespace {

constexpr std::chrono::seconds kLong{10};

}  // namespace

Watchdog::Watchdog() : thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  condition_.notify_one();
  thread_.join();
}

void Watchdog::run() {
  std::uint64_t seen = 0;
  std::uint64_t told = 0;
  std::unique_lock lock(mutex_);
  while (!condition_.wait_for(lock, kLong, [this] { return is_over_; })) {
    const char* const who = watch.who.load(std::memory_order_acquire);
    const std::uint64_t turn = watch.turn.load(std::memory_order_relaxed);
    if (who && turn == seen && turn != told) {
      const char* const what = watch.what.load(std::memory_order_relaxed);
      warn(fmt::format(
          "{} ({}) has not come back for {} s or more. `ironlaw plugin check` tells what is wrong "
          "with a plugin.",
          who, what, kLong.count()));
      told = turn;
    }
    seen = turn;
  }
}

}  // namespace ironlaw
