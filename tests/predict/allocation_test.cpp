// evaluate() allocates only while its buffers grow for the first time.
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/predict/scenarios.hpp"

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

using testing::case_of;
using testing::scenario;

TEST(Allocation, NoneAfterTheFirstBlock) {
  std::vector<Case> cases;
  for (int i = 1; i <= 10; ++i) {
    cases.push_back(case_of(scenario("llama-3.1-8b", "h100", Task::offline, 10 * i)));
    cases.push_back(case_of(scenario("mixtral-8x7b", "h100", Task::train, 8 * i, Precision::bf16,
                                     {.tensor = 2, .pipeline = 2, .data = 4, .expert = 4})));
    cases.push_back(case_of(scenario("resnet-50", "h100", Task::prefill, i)));
  }
  const ParameterSet set = ParameterSet::prior();
  std::vector<CaseParameters> values;
  std::vector<const Case*> all;
  std::vector<const CaseParameters*> their;
  values.reserve(cases.size());
  for (const Case& c : cases) values.push_back(resolve_parameters(c, set));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    all.push_back(&cases[i]);
    their.push_back(&values[i]);
  }
  std::vector<Outcome> outcomes(cases.size());
  std::vector<double> gradients(cases.size() * Evaluator::gradient_stride(*cases[0].pipeline));
  std::vector<double> shares(cases.size() * cases[0].pipeline->walls().size());

  Evaluator evaluator;
  const auto evaluate = [&](std::size_t n, bool with_gradients, bool with_shares) {
    const std::span<const Case* const> some = std::span(all).first(n);
    evaluator.evaluate(some, std::span(their).first(n), outcomes,
                       with_gradients ? std::span(gradients) : std::span<double>{},
                       with_shares ? std::span(shares) : std::span<double>{});
  };
  evaluate(cases.size(), true, true);
  evaluate(cases.size(), false, false);  // lowers on plain numbers, into a buffer of its own
  const long before = allocations;
  for (const std::size_t n : {cases.size(), std::size_t{7}, std::size_t{1}, cases.size()})
    for (const bool with_gradients : {true, false})
      for (const bool with_shares : {true, false}) evaluate(n, with_gradients, with_shares);
  EXPECT_EQ(allocations - before, 0);
}

}  // namespace
}  // namespace ironlaw
