#include "framework/pipeline/operators.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

struct PrecisionFacts {
  const char* name;
  double bytes;  // of one stored number; block scales of 4-bit formats are not counted
  std::array<const char*, 3> aliases;
};

constexpr std::array<PrecisionFacts, kPrecisions> kFacts{{
    {"fp32", 4, {"f32", "float32", "single"}},
    {"tf32", 4, {"", "", ""}},
    {"bf16", 2, {"bfloat16", "", ""}},
    {"fp16", 2, {"f16", "float16", "half"}},
    {"fp8", 1, {"f8", "e4m3", "e5m2"}},
    {"int8", 1, {"i8", "", ""}},
    {"fp4", 0.5, {"nvfp4", "mxfp4", "e2m1"}},
    {"int4", 0.5, {"i4", "", ""}},
}};

const PrecisionFacts& facts(Precision precision) {
  return kFacts[static_cast<std::size_t>(precision)];
}

}  // namespace

const char* name_of(Precision precision) {
  return facts(precision).name;
}

double bytes_of(Precision precision) {
  return facts(precision).bytes;
}

Precision parse_precision(const char* field, const char* text) {
  const std::string given = normalised(text == nullptr ? "" : text);
  std::string allowed;
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    const auto precision = static_cast<Precision>(i);
    if (given == kFacts[i].name) return precision;
    for (const char* alias : kFacts[i].aliases)
      if (!given.empty() && given == alias) return precision;
    allowed += fmt::format("{}{}", i == 0 ? "" : ", ", kFacts[i].name);
  }
  throw Error(
      fmt::format("{} '{}' is not a precision. Allowed: {}.", field, text == nullptr ? "" : text, allowed));
}

}  // namespace ironlaw
