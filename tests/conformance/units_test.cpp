#include "framework/conformance/units.hpp"

#include <gtest/gtest.h>

#include "ironlaw/quantities.hpp"

namespace ironlaw::conformance {
namespace {

TEST(BaseUnits, AreThoseThatTheSdkWrites) {
  for (const char* unit :
       {UnitName<kDimNone>::text(), UnitName<kDimTime>::text(), UnitName<kDimBytes>::text(),
        UnitName<kDimFlops>::text(), UnitName<kDimBandwidth>::text(), UnitName<kDimFlopRate>::text(),
        UnitName<kDimPower>::text(), UnitName<kDimIntensity>::text(), UnitName<kDimRate>::text(),
        UnitName<kDimCostRate>::text(), UnitName<kDimCarbonIntensity>::text(), "B*s", "B/s^2", "FLOP/B/s"})
    EXPECT_TRUE(is_base_unit(unit)) << unit;
}

TEST(BaseUnits, AreNothingElse) {
  for (const char* unit :
       {"", "GB/s", "W", "h", "TFLOP/s", "B/", "/s", "B//s", "s^1", "s^x", "2", "B s", "%"})
    EXPECT_FALSE(is_base_unit(unit)) << unit;
}

}  // namespace
}  // namespace ironlaw::conformance
