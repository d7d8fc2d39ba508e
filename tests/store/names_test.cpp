#include "datasets/names.hpp"

#include <gtest/gtest.h>

namespace ironlaw {
namespace {

TEST(Names, PrecisionsOfTheTablesBecomeOneSpelling) {
  EXPECT_EQ(normal_precision("fp8(TransformerEngine)"), "fp8");
  EXPECT_EQ(normal_precision("fp8(HPU TransformerEngine)"), "fp8");
  EXPECT_EQ(normal_precision("int8(AQT)"), "int8");
  EXPECT_EQ(normal_precision("bf16/fp32"), "bf16");
  EXPECT_EQ(normal_precision("FP16"), "fp16");
  EXPECT_EQ(normal_precision("bfloat16"), "bf16");
  EXPECT_EQ(normal_precision("fp8 or bf16"), "");
  EXPECT_EQ(normal_precision(""), "");
  for (const char* unknown : {"quark", "fp9", "int8,fp16", "fp8 or fp9", "(fp8)"})
    EXPECT_EQ(normal_precision(unknown), std::nullopt) << unknown;
}

TEST(Names, AnAliasOfTheRoundGoesBeforeOneOfEveryRound) {
  NameTable names;
  names.add_alias(NameKind::model, "training", "ssd", "", "retinanet");
  names.add_alias(NameKind::model, "training", "ssd", "v1.1", "ssd-resnet34-300");
  EXPECT_EQ(names.canonical(NameKind::model, "training", "v2.0", "ssd"), "retinanet");
  EXPECT_EQ(names.canonical(NameKind::model, "training", "v1.1", "ssd"), "ssd-resnet34-300");
  EXPECT_EQ(names.canonical(NameKind::model, "inference", "v2.0", "ssd"), std::nullopt);
  EXPECT_EQ(names.canonical(NameKind::model, "inference", "v2.0", "retinanet"), "retinanet");
}

TEST(Names, LookAlikesAreNotTheSameDevice) {
  NameTable names;
  names.add_canonical(NameKind::device, "A100-SXM-80GB");
  for (const char* other : {"A100-SXM-80GB-CTS", "A100-SXM-80GB-MIG-1x1g.10gb", "a100-sxm-80gb", "RTX-A1000"})
    EXPECT_EQ(names.canonical(NameKind::device, "inference", "v4.1", other), std::nullopt) << other;
}

TEST(Names, StatedWordsNeedAnAliasOfTheirOwn) {
  // A MIG slice of an A30 states its board as "A30": that must not override the normalised name.
  NameTable names;
  names.add_alias(NameKind::device, "inference", "A30", "", "A30");
  EXPECT_EQ(names.canonical(NameKind::device_stated, "inference", "v2.0", "A30"), std::nullopt);
}

}  // namespace
}  // namespace ironlaw
