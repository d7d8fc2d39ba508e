// Functions that each break one rule, called as plugin check calls them.
#include "framework/conformance/evaluate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "raw.hpp"

namespace ironlaw::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Eval = std::int32_t (*)(const double* const*, double* const*, std::size_t, ironlaw_error*);

std::int32_t honest(const double* const* in, double* const* out, std::size_t n, ironlaw_error*) {
  raw::copy(in, out, n);
  return IRONLAW_OK;
}
std::int32_t honest_slopes(const double* const* in, double* const* out, double* const* jac, std::size_t n,
                           ironlaw_error*) {
  raw::copy(in, out, n);
  raw::slopes(jac, n);
  return IRONLAW_OK;
}

Evaluation of(Eval eval) {
  ironlaw_function f = raw::kFunction<&honest, &honest_slopes>;
  f.eval = eval;
  return evaluate(f, {{1}, {2}, {3}});
}

TEST(Evaluate, FindsNothingWhereNothingIsWrong) {
  const Evaluation plain = of(&honest);
  EXPECT_THAT(plain.faults, IsEmpty());
  EXPECT_THAT(plain.out, ElementsAre(Row{1}, Row{2}, Row{3}));
  const Evaluation dual = evaluate(raw::kFunction<&honest, &honest_slopes>, {{1}, {2}}, true);
  EXPECT_THAT(dual.faults, IsEmpty());
  EXPECT_THAT(dual.jacobian, ElementsAre(Row{1}, Row{1}));
}

TEST(Evaluate, SeesWritesBeforeAndAfterTheRows) {
  EXPECT_THAT(
      of([](const double* const* in, double* const* out, std::size_t n, ironlaw_error*) -> std::int32_t {
        raw::copy(in, out, n);
        out[0][n] = 0;
        return IRONLAW_OK;
      }).faults,
      ElementsAre("wrote after the rows of output raw_copy"));
  EXPECT_THAT(
      of([](const double* const* in, double* const* out, std::size_t n, ironlaw_error*) -> std::int32_t {
        raw::copy(in, out, n);
        out[0][-1] = 0;
        return IRONLAW_OK;
      }).faults,
      ElementsAre("wrote before the rows of output raw_copy"));
}

TEST(Evaluate, SeesCellsThatAreNotWritten) {
  EXPECT_THAT(of([](const double* const*, double* const*, std::size_t, ironlaw_error*) -> std::int32_t {
                return IRONLAW_OK;
              }).faults,
              ElementsAre("left raw_copy of row 0 unwritten"));
}

TEST(Evaluate, ContainsWhatCrossesTheBoundary) {
  EXPECT_THAT(of([](const double* const*, double* const*, std::size_t, ironlaw_error*) -> std::int32_t {
                throw std::runtime_error("no");
              }).faults,
              ElementsAre("threw across the boundary: no"));
  EXPECT_THAT(of([](const double* const*, double* const*, std::size_t, ironlaw_error*) -> std::int32_t {
                throw 7;
              }).faults,
              ElementsAre("threw across the boundary what is no std::exception"));
}

TEST(Evaluate, PutsTheFloatingPointEnvironmentBack) {
  const int before = std::fegetround();
  EXPECT_THAT(
      of([](const double* const* in, double* const* out, std::size_t n, ironlaw_error*) -> std::int32_t {
        raw::copy(in, out, n);
        std::fesetround(FE_UPWARD);
        return IRONLAW_OK;
      }).faults,
      ElementsAre(HasSubstr("changed the floating-point environment")));
  EXPECT_EQ(std::fegetround(), before);
}

TEST(Evaluate, JudgesTheStatusAndItsMessage) {
  const Evaluation failed =
      of([](const double* const*, double* const*, std::size_t, ironlaw_error* error) -> std::int32_t {
        std::strcpy(error->message, "too hot");
        return IRONLAW_FAILED;
      });
  EXPECT_THAT(failed.faults, IsEmpty());
  EXPECT_EQ(failed.message, "too hot");
  EXPECT_THAT(failed.out, IsEmpty());
  const Evaluation odd =
      of([](const double* const*, double* const*, std::size_t, ironlaw_error* error) -> std::int32_t {
        std::memset(error->message, 'x', sizeof error->message);
        return -5;
      });
  EXPECT_THAT(odd.faults,
              ElementsAre("returned status -5; abi.h knows 0 and 1", "left its message without an end"));
}

TEST(Points, LieInsideTheRangesAndAreTheSameEveryTime) {
  ironlaw_port narrow = raw::kIn;
  narrow.min = 20;
  narrow.max = 30;
  const ironlaw_port* const ins[] = {&narrow};
  ironlaw_function f = raw::kFunction<&honest, &honest_slopes>;
  f.inputs = ins;
  const std::vector<Row> rows = rows_of(f, 50);
  for (const Row& row : rows) {
    EXPECT_GE(row[0], 20);
    EXPECT_LE(row[0], 30);
  }
  EXPECT_EQ(rows, rows_of(f, 50));
}

TEST(BitsOf, TakesUnknownNumbersAndZerosForAlike) {
  EXPECT_EQ(bits_of({NAN, 0.0, 1.5}), bits_of({-NAN, -0.0, 1.5}));
  EXPECT_NE(bits_of({1.0}), bits_of({std::nextafter(1.0, 2.0)}));
}

}  // namespace
}  // namespace ironlaw::conformance
