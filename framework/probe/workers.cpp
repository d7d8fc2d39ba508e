#include "framework/probe/workers.hpp"

#include <algorithm>

namespace ironlaw {
namespace {

// About 10 us: steps that follow each other find the workers awake, and waiting ones leave the CPU to others.
constexpr int kSpins = 2000;

void pause_a_little() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Returns when `value` is no longer `old`.
void await_change(const std::atomic<unsigned>& value, unsigned old) {
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause_a_little();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

Workers::Workers(int count) {
  threads_.reserve(static_cast<std::size_t>(std::max(count - 1, 0)));
  for (int worker = 1; worker < count; ++worker) threads_.emplace_back([this, worker] { serve(worker); });
}

Workers::~Workers() {
  is_over_ = true;
  step_.fetch_add(1, std::memory_order_release);
  step_.notify_all();
}

void Workers::step(const std::function<void(int)>& part) {
  part_ = &part;
  working_.store(static_cast<unsigned>(threads_.size()), std::memory_order_relaxed);
  step_.fetch_add(1, std::memory_order_release);
  step_.notify_all();
  part(0);
  for (unsigned left = working_.load(std::memory_order_acquire); left != 0;
       left = working_.load(std::memory_order_acquire))
    await_change(working_, left);
}

void Workers::serve(int worker) {
  for (unsigned done = 0;;) {
    await_change(step_, done);
    if (is_over_) return;
    ++done;
    (*part_)(worker);
    if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) working_.notify_one();
  }
}

Part part_of(std::size_t size, int worker, int workers, std::size_t grain) {
  const std::size_t grains = (size + grain - 1) / grain;
  const auto w = static_cast<std::size_t>(worker), n = static_cast<std::size_t>(workers);
  return {std::min(grains * w / n * grain, size), std::min(grains * (w + 1) / n * grain, size)};
}

}  // namespace ironlaw
