// lower() allocates only while its vector grows for the first time.
#include <atomic>
#include <cstdlib>
#include <new>

#include "steps.hpp"

namespace {
std::atomic<long> allocations{0};
}  // namespace

// Not inlined: else GCC sees malloc's result in delete and calls it mismatched.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
// std::stable_sort's: else a sanitizer's own new meets the delete below.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace ironlaw {
namespace {
using testing::plan_of;

template <class T>
void expect_no_allocation(const StepPlan& plan) {
  Step<T> step;
  lower(plan, StepLoad<T>{T(8.0), T(64.0), T(10.0)}, step);
  const long before = allocations;
  for (int i = 1; i <= 4; ++i) lower(plan, StepLoad<T>{T(8.0 * i), T(64.0), T(10.0)}, step);
  EXPECT_EQ(allocations - before, 0) << plan.model->id;
}

TEST(Allocation, NoneAfterTheFirstCall) {
  for (const ModelSpec& model : models())
    for (const Phase phase : {Phase::train, Phase::prefill, Phase::decode}) {
      if (phase == Phase::decode && model.kind != ModelKind::decoder) continue;
      StepPlan plan = plan_of(model.id, phase, {.data = 2});
      expect_no_allocation<double>(plan);
      expect_no_allocation<Dual<3>>(plan);
    }
}

TEST(Allocation, OneReservationHoldsTheLongestStep) {
  StepPlan plan = plan_of("mixtral-8x7b", Phase::train, {.tensor = 2, .pipeline = 2, .data = 4, .expert = 4});
  Step<double> step;
  lower(plan, StepLoad<double>{8, 64, 0}, step);
  EXPECT_LE(step.operators.size(), 80u);
  plan.model = &find_model("deepseek-v3");
  lower(plan, StepLoad<double>{8, 64, 0}, step);
  EXPECT_LE(step.operators.size(), 80u);
  lower(plan_of("resnet-50", Phase::train, {.data = 2}), StepLoad<double>{8, 1, 0}, step);
  EXPECT_LE(step.operators.size(), 96u);
}

}  // namespace
}  // namespace ironlaw
