// Wall 13 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

enum { kNone, kStructured, kTwoOfFour, kUnstructured };

double byte_factor(double bits, const Values& more = {}) {
  const Values in = {{"stored_weight_bytes", 16e9}, {"weight_bits", bits}};
  const Values out = outputs(function("13", "storage"), with(in, more));
  EXPECT_DOUBLE_EQ(out.at("weight_bytes"), 16e9 * out.at("weight_byte_factor"));
  return out.at("weight_byte_factor");
}

TEST(Storage, EightBitsAndMoreStayAsTheyAre) {
  for (const double bits : {8, 16, 32}) EXPECT_EQ(byte_factor(bits), 1) << bits;
}

TEST(Storage, FourBitsBringTheirScales) {
  EXPECT_DOUBLE_EQ(byte_factor(4), 4.25 / 4);                                                 // MXFP4
  EXPECT_DOUBLE_EQ(byte_factor(4, {{"scale_group", 16}}), 4.5 / 4);                           // NVFP4
  EXPECT_DOUBLE_EQ(byte_factor(4, {{"scale_group", 128}, {"scale_bits", 20}}), 4.15625 / 4);  // GPTQ, AWQ
  EXPECT_EQ(byte_factor(4, {{"scale_bits", 0}}), 1);
  EXPECT_DOUBLE_EQ(byte_factor(8, {{"scale_group", 32}}), 8.25 / 8);  // MXFP8
}

TEST(Storage, PruningPaysForItsIndex) {
  EXPECT_DOUBLE_EQ(byte_factor(16, {{"pruning", kStructured}, {"sparsity", 0.3}}), 0.7);
  // 2:4: half of the 16 bits, and 2 bits of place for each weight that stays: 9 of 16.
  EXPECT_DOUBLE_EQ(byte_factor(16, {{"pruning", kTwoOfFour}}), 9.0 / 16);
  EXPECT_DOUBLE_EQ(byte_factor(8, {{"pruning", kTwoOfFour}}), 5.0 / 8);
  // One by one: (1 - 0.5) x 16 + 1 = 9 of 16.
  EXPECT_DOUBLE_EQ(byte_factor(16, {{"pruning", kUnstructured}, {"sparsity", 0.5}}), 9.0 / 16);
  // Below a sixteenth the bitmask costs more than it saves.
  EXPECT_EQ(byte_factor(16, {{"pruning", kUnstructured}, {"sparsity", 0.05}}), 1);
}

TEST(Products, OnlyWhatTheHardwareSkipsIsSaved) {
  const auto factor = [](double pruning, double sparsity) {
    return outputs(function("13", "products"), {{"pruning", pruning}, {"sparsity", sparsity}})
        .at("weight_flop_factor");
  };
  EXPECT_EQ(factor(kNone, 0), 1);
  EXPECT_DOUBLE_EQ(factor(kStructured, 0.3), 0.7);
  EXPECT_EQ(factor(kTwoOfFour, 0), 0.5);
  EXPECT_EQ(factor(kUnstructured, 0.9), 1);
}

Values compression(double bits, double factor, const Values& more = {}) {
  const Values in = {{"stored_weight_bytes", 35e9}, {"weight_bits", bits}, {"weight_byte_factor", factor}};
  return outputs(function("13", "compression"), with(in, more));
}

// Row W13-ratio of the reference: from 32 to 4 bits, 8 and 87.5%. Its speed-up of 8 is not that of a step.
TEST(Compression, HasTheReferencesRatioWithoutScales) {
  const Values out = compression(4, 1);
  EXPECT_DOUBLE_EQ(out.at("compression_ratio"), 8);
  EXPECT_DOUBLE_EQ(out.at("weight_saving"), 0.875);
  EXPECT_DOUBLE_EQ(out.at("saved_weight_bytes"), 245e9);  // 280 - 35
  EXPECT_DOUBLE_EQ(compression(4, 4.25 / 4).at("compression_ratio"), 32 / 4.25);
}

TEST(Compression, IsAgainstABaseline) {
  EXPECT_DOUBLE_EQ(compression(16, 1, {{"baseline_bits", 16}}).at("compression_ratio"), 1);
  EXPECT_DOUBLE_EQ(compression(16, 1, {{"baseline_bits", 16}}).at("saved_weight_bytes"), 0);
  // A student of half the teacher's size, at the same bits: 70 GB before.
  const Values student = compression(16, 1, {{"baseline_bits", 16}, {"student_share", 0.5}});
  EXPECT_DOUBLE_EQ(student.at("compression_ratio"), 2);
  EXPECT_DOUBLE_EQ(student.at("saved_weight_bytes"), 35e9);
}

Values accuracy(double bits, const Values& more = {}) {
  return outputs(function("13", "accuracy"), with({{"weight_bits", bits}}, more));
}

TEST(Accuracy, SixteenBitsLoseNothing) {
  for (const auto& [name, value] : accuracy(16)) EXPECT_EQ(value, 0) << name;
}

TEST(Accuracy, FewerBitsLoseMore) {
  for (const double format : {0, 1, 2}) {
    double before = 0;
    for (const double bits : {8, 6, 4, 3}) {
      const Values out = accuracy(bits, {{"number_format", format}});
      EXPECT_LT(out.at("accuracy_change"), before) << bits;
      EXPECT_LE(out.at("accuracy_change_low"), out.at("accuracy_change"));
      EXPECT_LE(out.at("accuracy_change"), out.at("accuracy_change_high"));
      EXPECT_GE(out.at("accuracy_change_low"), -1);
      EXPECT_LT(out.at("accuracy_change_high"), 0);
      before = out.at("accuracy_change");
    }
  }
  // Nothing is worse than a score of nothing.
  EXPECT_EQ(accuracy(1, {{"number_format", 2}}).at("accuracy_change"), -1);
  EXPECT_NEAR(accuracy(8).at("accuracy_change"), -0.001, 1e-15);
  EXPECT_NEAR(accuracy(4, {{"number_format", 1}}).at("accuracy_change"), -0.013, 1e-15);
  // Half way between 8 and 4 bits the loss is their geometric mean: sqrt(0.001 x 0.02) = 0.00447.
  EXPECT_NEAR(accuracy(6).at("accuracy_change"), -0.00447, 1e-5);
}

// The reference jumps from -0.1% to -2.7% at a sparsity of one half.
TEST(Accuracy, IsSmoothInSparsity) {
  const auto change = [](double sparsity, double pruning) {
    return accuracy(16, {{"pruning", pruning}, {"sparsity", sparsity}}).at("accuracy_change");
  };
  for (const double pruning : {kStructured, kUnstructured}) {
    EXPECT_EQ(change(0, pruning), 0);
    EXPECT_NEAR(change(0.4999, pruning), change(0.5001, pruning), 2e-3 * std::abs(change(0.5, pruning)));
    for (int percent = 0; percent < 95; ++percent)
      EXPECT_LT(change((percent + 1) / 100.0, pruning), change(percent / 100.0, pruning)) << percent;
  }
  EXPECT_EQ(change(0.7, kNone), 0);
  // What is removed in blocks is missed more than the same share picked one by one.
  EXPECT_LT(change(0.5, kStructured), change(0.5, kTwoOfFour));
  EXPECT_LT(change(0.5, kTwoOfFour), change(0.5, kUnstructured));
}

TEST(Accuracy, AStudentKeepsWhatDistilBertKept) {
  EXPECT_NEAR(accuracy(16, {{"student_share", 0.6}}).at("accuracy_change"), -0.03, 2e-4);
  // Two losses multiply: 0.97 x 0.98.
  EXPECT_NEAR(accuracy(4, {{"student_share", 0.6}}).at("accuracy_change"), 0.97 * 0.98 - 1, 2e-4);
}

}  // namespace
}  // namespace ironlaw
