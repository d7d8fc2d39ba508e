// Microbenchmarks as rows: what their operators count, and that they are predicted by the walls that time
// models.
#include "calibration/operator_rows.hpp"

#include "calibration/operator_study.hpp"
#include "tests/calibration/support.hpp"

namespace ironlaw::test {
namespace {

OperatorRecord product(std::int64_t m, std::int64_t n, std::int64_t k) {
  OperatorRecord r;
  r.op = std::string("gemm");
  r.device = std::string("H100-SXM-80GB");
  r.framework = std::string("trtllm");
  r.precision = std::string("bf16");
  r.m = m;
  r.n = n;
  r.k = k;
  r.time_s = 1e-3;
  return r;
}

std::vector<Row> rows_of(const std::vector<OperatorRecord>& records, Unlowered& unlowered) {
  return operator_rows(records, hardware(), predictor(), 1, unlowered);
}

double textbook_time(const Row& row) {
  Evaluator evaluator;
  return time_of_operators(row, resolve_parameters(row.lowered, ParameterSet::textbook()), evaluator, {});
}

TEST(OperatorRows, AProductTakesItsFlopsOverThePeak) {
  Unlowered unlowered;
  const std::vector<Row> rows = rows_of({product(8192, 8192, 8192)}, unlowered);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(unlowered.empty());
  // 2 x 8192^3 = 1.0995e12 FLOP at 989.4 TFLOP/s: 1.1113 ms, and 4,096 tiles of 128 x 128 are 31.03 waves of
  // 132, so 32: x 32/31.03 at that tile; no tile of the list fills its waves worse.
  const double compute = 2 * std::pow(8192.0, 3) / 989.4e12;
  EXPECT_GE(textbook_time(rows[0]), compute);
  EXPECT_LE(textbook_time(rows[0]), compute * 32 / (4096.0 / 132));
  EXPECT_DOUBLE_EQ(rows[0].observation.value, 1e3);
}

TEST(OperatorRows, WeightsAreReadFromMemoryHoweverSmall) {
  Unlowered unlowered;
  const std::vector<Row> rows = rows_of({product(1, 1024, 1024)}, unlowered);
  ASSERT_EQ(rows.size(), 1u);
  // 1024 x 1024 weights of 2 B and 2 x 1024 values of 2 B at 3.35 TB/s
  EXPECT_NEAR(textbook_time(rows[0]), (2.0 * 1024 * 1024 + 2 * 2 * 1024) / 3.35e12, 1e-12);
}

TEST(OperatorRows, NarrowProductsQuantiseTheirActivationsFirst) {
  OperatorRecord narrow = product(4096, 4096, 4096);
  narrow.precision = std::string("fp8");
  Unlowered unlowered;
  const std::vector<Row> rows = rows_of({narrow, product(4096, 4096, 4096)}, unlowered);
  ASSERT_EQ(rows.size(), 2u);
  ASSERT_EQ(rows[0].operators.size(), 2u);
  EXPECT_DOUBLE_EQ(rows[0].operators[0].bytes, 4096.0 * 4096 * (2 + 1));
  EXPECT_EQ(rows[1].operators.size(), 1u);
}

TEST(OperatorRows, ADecodeKernelReadsTheCache) {
  OperatorRecord r = product(1, 1, 1);
  r.op = std::string("attention_decode");
  r.m = r.n = r.k = std::nullopt;
  r.batch = 64;
  r.past_len = 1023;
  r.heads = 32;
  r.kv_heads = 8;
  r.head_dim = 128;
  Unlowered unlowered;
  const std::vector<Row> rows = rows_of({r}, unlowered);
  ASSERT_EQ(rows.size(), 1u);
  // Keys and values: 64 x 1024 x 8 x 128 x 2 x 2 B = 268.4 MB; a query and an output: 64 x 2 x 4096 x 2 B.
  EXPECT_DOUBLE_EQ(rows[0].operators[0].bytes, 268435456.0 + 64 * 2 * 4096 * 2);
  EXPECT_EQ(rows[0].lowered.slots[0].key.workload, "kernels trtllm");
  r.kv_precision = std::string("fp8");
  EXPECT_EQ(rows_of({r}, unlowered).at(0).lowered.slots[0].key.workload, "kernels trtllm fp8 cache");
}

OperatorRecord reduction(std::int64_t ranks, std::int64_t nodes) {
  OperatorRecord r;
  r.op = std::string("all_reduce");
  r.device = std::string("H100-SXM-80GB");
  r.source = std::string("a page");
  r.bytes = 1e6;
  r.ranks = ranks;
  r.nodes = nodes;
  r.time_s = 1e-4;
  return r;
}

// One machine's ring says nothing about another's network: they share neither a cell nor a noise.
TEST(OperatorRows, ACacheOnTheChipIsLeftOutAndCounted) {
  OperatorRecord r = product(1, 1, 1);
  r.op = std::string("attention_decode");
  r.m = r.n = r.k = std::nullopt;
  r.batch = 8;  // 8 x 1024 x 8 x 128 x 2 x 2 B = 33.6 MB; an H100 has 52.4 MB of L2
  r.past_len = 1023;
  r.heads = 32;
  r.kv_heads = 8;
  r.head_dim = 128;
  Unlowered unlowered;
  EXPECT_TRUE(rows_of({r}, unlowered).empty());
  ASSERT_EQ(unlowered.size(), 1u);
  EXPECT_NE(unlowered.begin()->first.find("last-level cache"), std::string::npos);
}

TEST(OperatorRows, APromptHasTiles) {
  OperatorRecord r = product(1, 1, 1);
  r.op = std::string("attention_prefill");
  r.m = r.n = r.k = std::nullopt;
  r.batch = 2;
  r.seq_len = 1000;
  r.past_len = 500;
  r.heads = 32;
  r.kv_heads = 8;
  r.head_dim = 128;
  Unlowered unlowered;
  const std::vector<Row> rows = rows_of({r}, unlowered);
  ASSERT_EQ(rows.size(), 1u);
  const Operator<double>& op = rows[0].operators[0];
  EXPECT_DOUBLE_EQ(op.scores, 2. * 32 * 1000 * (500 + 500.5));
  EXPECT_DOUBLE_EQ(op.tiles, 2. * 32 * 8);
  EXPECT_DOUBLE_EQ(op.tile_scores, 128 * (1500 - 63.5));
}

TEST(OperatorRows, CollectivesOfOtherMachinesAreOtherCells) {
  OperatorRecord sends = reduction(8, 1);
  sends.op = std::string("all_to_all");
  OperatorRecord collector = reduction(8, 1);
  collector.framework = std::string("nccl");
  sends.framework = collector.framework;
  Unlowered unlowered;
  const std::vector<Row> rows = operator_rows({reduction(8, 1), reduction(8, 2), collector, sends},
                                              hardware(), predictor(), 99, unlowered);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_NE(rows[0].cell, rows[1].cell);
  EXPECT_EQ(rows[0].scenario.measured, "published all-reduce");
  EXPECT_EQ(rows[2].scenario.measured, "all-reduce");
  EXPECT_EQ(rows[0].lowered.slots[0].key.workload, "kernels a page");
  EXPECT_EQ(rows[2].lowered.slots[0].key.workload, "kernels nccl");
  EXPECT_EQ(rows[3].lowered.slots[0].key.workload, "kernels nccl point-to-point");
}

TEST(OperatorRows, WhatCannotBePredictedIsCounted) {
  OperatorRecord eager = product(1, 1, 1);
  eager.launch = std::string("eager");
  OperatorRecord wrong = product(1, 1, 1);
  wrong.suspect = true;
  wrong.quality_note = std::string("above the bandwidth");
  OperatorRecord sizeless = product(1, 1, 1);
  sizeless.n.reset();
  OperatorRecord stranger = product(1, 1, 1);
  stranger.device = std::string("X9");
  Unlowered unlowered;
  EXPECT_TRUE(rows_of({eager, wrong, sizeless, stranger}, unlowered).empty());
  EXPECT_EQ(unlowered, (Unlowered{{"operator gemm: timed with the host's launches", 1},
                                  {"operator gemm: known to be wrong: above the bandwidth", 1},
                                  {"operator gemm: n is not stated", 1},
                                  {"operator gemm: no hardware target: X9", 1}}));
}

TEST(OperatorRows, DerivativesAreThoseOfDifferences) {
  Unlowered unlowered;
  OperatorRecord narrow = product(300, 4096, 2048);
  narrow.precision = std::string("fp8");
  const std::vector<Row> rows = rows_of({narrow}, unlowered);
  ASSERT_EQ(rows.size(), 1u);
  const ParameterSet prior = ParameterSet::prior();
  CaseParameters values = resolve_parameters(rows[0].lowered, prior);
  const auto& ports = rows[0].lowered.pipeline->parameters();
  std::vector<double> gradient(ports.size());
  Evaluator evaluator;
  const double time = time_of_operators(rows[0], values, evaluator, gradient);
  for (std::size_t p = 0; p < ports.size(); ++p) {
    const auto link = static_cast<ironlaw_link>(ports[p].port->link);
    constexpr double kStep = 1e-5;
    CaseParameters moved = values;
    moved.value[p] = from_link(link, to_link(link, values.value[p]) + kStep);
    const double slope = std::log(time_of_operators(rows[0], moved, evaluator, {}) / time) / kStep;
    EXPECT_NEAR(gradient[p], slope, 1e-4) << ports[p].port->name;
  }
}

// A world whose kernels follow the walls with known efficiencies: the study must find held shapes.
TEST(OperatorStudy, PredictsShapesThatItDidNotSee) {
  std::vector<OperatorRecord> records;
  for (const char* device : {"H100-SXM-80GB", "A100-SXM-80GB"})
    for (const std::int64_t n : {1024, 2048, 3072, 4096, 5120, 6144, 7168, 8192})
      for (const std::int64_t k : {1024, 2048, 4096, 8192})
        for (const std::int64_t m : {1, 64, 1024, 8192}) {
          OperatorRecord r = product(m, n, k);
          r.device = std::string(device);
          r.held = (n + k) % 3 == 0;
          records.push_back(r);
        }
  Unlowered unlowered;
  std::vector<Row> rows = rows_of(records, unlowered);
  ParameterSet truth = ParameterSet::prior();
  truth.add({"matmul_efficiency", ironlaw_scope{}, "", 0, 0.4, 0});
  Evaluator evaluator;
  for (std::size_t i = 0; i < rows.size(); ++i)
    records[i].time_s = time_of_operators(rows[i], resolve_parameters(rows[i].lowered, truth), evaluator, {});
  const OperatorStudy study = study_operators(records, hardware(), predictor(), {}, unlowered);
  ASSERT_FALSE(study.shapes.empty());
  EXPECT_EQ(study.shapes[0].op, "gemm");
  EXPECT_LT(*study.shapes[0].metrics.median_ape, 0.02);
  EXPECT_LT(*study.devices[0].metrics.median_ape, 0.1);
}

}  // namespace
}  // namespace ironlaw::test
