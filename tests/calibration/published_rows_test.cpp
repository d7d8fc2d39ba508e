// Published runs as rows: rates, shapes, and what is left out.
#include "calibration/published_rows.hpp"

#include "calibration/validation.hpp"
#include "tests/calibration/support.hpp"

namespace ironlaw::test {
namespace {

// Table 1 of Narayanan et al. 2021: 18.4 billion parameters on 256 A100.
Observation megatron() {
  Observation o;
  o.source = std::string("megatron-sc21-tab1");
  o.suite = std::string("published-training");
  o.published = std::string("2021-12-31");
  o.submitter = o.source;
  o.device = std::string("A100-SXM-80GB");
  o.accelerators = 256;
  o.scenario = std::string("Training");
  o.precision = std::string("fp16");
  o.shape = std::string("layers=40,hidden=6144,heads=48,kv_heads=48,ffn=24576,vocab=51200");
  o.parameters = 18.4e9;
  o.sequence_length = std::string("2048");
  o.global_batch = 1024;
  o.micro_batch = 8;
  o.tp = 8;
  o.pp = 1;
  o.dp = 32;
  o.recompute = std::string("full");
  o.quantity = std::string("step_time_s");
  o.value = 9.399;
  o.cell = std::string("x");
  return o;
}

std::vector<Row> lowered(const Observation& o, Unlowered& unlowered) {
  std::vector<Row> rows = select_rows({o}, hardware(), unlowered);
  lower_rows(rows, learn_precisions(rows), predictor(), unlowered);
  return rows;
}

TEST(PublishedRows, AShapeIsAModelOfItsOwn) {
  Unlowered unlowered;
  const std::vector<Row> rows = lowered(megatron(), unlowered);
  ASSERT_EQ(rows.size(), 1u) << (unlowered.empty() ? "" : unlowered.begin()->first);
  EXPECT_NEAR(parameter_count(*rows[0].model), 18.4e9, 0.02 * 18.4e9);
  EXPECT_DOUBLE_EQ(rows[0].observation.value, 1024 / 9.399);
  EXPECT_EQ(rows[0].scenario.split.tensor, 8);
  EXPECT_EQ(rows[0].scenario.split.data, 32);
  EXPECT_EQ(rows[0].scenario.recompute, Recompute::full);
  EXPECT_EQ(rows[0].lowered.slots[0].key.model, kUnknownModel);
}

TEST(PublishedRows, OldTrainersMoveTheirScores) {
  const auto kernel = [](const char* published, const char* software) {
    Observation o = megatron();
    o.published = std::string(published);
    o.software = std::string(software);
    Unlowered unlowered;
    const std::vector<Row> rows = lowered(o, unlowered);
    return rows.empty() ? -1 : static_cast<int>(rows[0].scenario.given.contains("attention_kernel"));
  };
  EXPECT_EQ(kernel("2021-12-31", "Megatron-LM"), 1);
  EXPECT_EQ(kernel("2024-12-31", "Megatron-LM"), 0);
  EXPECT_EQ(kernel("2024-12-31", "Megatron-DeepSpeed"), 1);
}

TEST(PublishedRows, FlopsADeviceAreTheSameRun) {
  // The paper states both: 9.399 s a step and 135 TFLOP/s a GPU (three digits).
  Observation flops = megatron();
  flops.quantity = std::string("flops_per_s_per_device");
  flops.flops_convention = std::string("hardware");
  flops.value = 135e12;
  Unlowered unlowered;
  const std::vector<Row> by_flops = lowered(flops, unlowered);
  ASSERT_EQ(by_flops.size(), 1u);
  EXPECT_NEAR(by_flops[0].observation.value, 1024 / 9.399, 0.01 * 1024 / 9.399);
}

TEST(PublishedRows, AShapeThatLacksItsParametersIsLeftOut) {
  Observation moe = megatron();
  moe.parameters = 235e9;
  Unlowered unlowered;
  EXPECT_TRUE(lowered(moe, unlowered).empty());
  ASSERT_EQ(unlowered.size(), 1u);
  EXPECT_NE(unlowered.begin()->first.find("has not the stated parameters"), std::string::npos);
}

Observation served() {
  Observation o;
  o.source = std::string("aiconfigurator-serving");
  o.suite = std::string("serving");
  o.published = std::string("2026-04-18");
  o.submitter = std::string("vllm");
  o.device = std::string("H100-SXM-80GB");
  o.accelerators = 1;
  o.model = std::string("llama-3.1-8b");
  o.scenario = std::string("Serving");
  o.precision = std::string("fp8");
  o.tp = 1;
  o.pp = 1;
  o.input_len = 1024;
  o.output_len = 1024;
  o.concurrency = 16;
  o.mode = std::string("agg");
  o.quantity = std::string("tpot_s");
  o.value = 0.008;
  return o;
}

TEST(PublishedRows, TpotIsTheRateOfOneRequest) {
  Observation o = served();
  Unlowered unlowered;
  const std::vector<Row> rows = lowered(o, unlowered);
  ASSERT_EQ(rows.size(), 1u) << (unlowered.empty() ? "" : unlowered.begin()->first);
  EXPECT_DOUBLE_EQ(rows[0].observation.value, 125);
  EXPECT_EQ(rows[0].units, 1024);
  EXPECT_TRUE(rows[0].per_request);
  // Twice as many requests in flight cannot make one of them faster.
  o.concurrency = 32;
  const std::vector<Row> more = lowered(o, unlowered);
  ASSERT_EQ(more.size(), 1u);
  EXPECT_LT(predict_rates(more, ParameterSet::prior())[0].rate,
            predict_rates(rows, ParameterSet::prior())[0].rate);

  o.quantity = std::string("ttft_s");
  EXPECT_TRUE(lowered(o, unlowered).empty());
  EXPECT_EQ(unlowered.count("serving: quantity not predicted: ttft_s"), 1u);
}

// vLLM, "tp 4, attention DP 4": the ranks are the same, and the table's 16 devices are 4.
TEST(PublishedRows, RanksThatShareAttentionOrRequestsAreTheSameDevices) {
  Observation o = served();
  o.model = std::string("minimax-m2.5");
  o.tp = o.attention_dp = 4;
  o.ep = o.accelerators = 16;
  Unlowered unlowered;
  const std::vector<Row> rows = lowered(o, unlowered);
  ASSERT_EQ(rows.size(), 1u) << (unlowered.empty() ? "" : unlowered.begin()->first);
  EXPECT_EQ(*rows[0].observation.accelerators, 4);
  EXPECT_EQ(rows[0].scenario.split, (Parallelism{.tensor = 1, .data = 4, .expert = 4}));
  // TensorRT-LLM states one tensor rank beside them: these are all the devices there are.
  o.tp = 1;
  o.ep = o.accelerators = 4;
  const std::vector<Row> same = lowered(o, unlowered);
  ASSERT_EQ(same.size(), 1u);
  EXPECT_EQ(same[0].scenario.split, rows[0].scenario.split);
}

TEST(PublishedRows, OneQuantityOfARunCounts) {
  Observation flops = megatron();
  flops.id = 2;
  flops.quantity = std::string("flops_per_s_per_device");
  Observation other = flops;
  other.id = 3;
  other.global_batch = 512;  // states FLOP/s only
  Observation time = megatron();
  time.id = 1;
  EXPECT_EQ(repeated_quantities({time, flops, other}), (std::set<std::int64_t>{2}));
}

TEST(PublishedRows, TheRealFactsAddUp) {
  Unlowered unlowered;
  std::vector<Observation> published;
  for (const Observation& o : facts().all)
    if (o.round.empty()) published.push_back(o);
  std::vector<Row> rows = select_rows(published, hardware(), unlowered);
  lower_rows(rows, learn_precisions(rows), predictor(), unlowered);
  std::size_t left_out = 0;
  for (const auto& [reason, count] : unlowered) left_out += static_cast<std::size_t>(count);
  EXPECT_EQ(left_out + rows.size(), published.size());
  std::map<std::string, int> by_source;
  for (const Row& row : rows) ++by_source[row.observation.source];
  EXPECT_EQ(by_source["vtrain"], 1440);
  EXPECT_EQ(by_source["megatron-sc21-tab1"], 10);
  EXPECT_GT(by_source["aiconfigurator-serving"], 500);
}

TEST(HeldSource, ATableThatRepeatsAHeldSourceIsTheSameSetup) {
  Observation again = megatron();
  again.source = std::string("megatron-jan2021");
  again.micro_batch.reset();
  EXPECT_EQ(setup_of(megatron()), setup_of(again));
  again.tp = 4;
  EXPECT_NE(setup_of(megatron()), setup_of(again));
  EXPECT_EQ(shape_of(megatron()),
            "megatron-sc21-tab1 layers=40,hidden=6144,heads=48,kv_heads=48,ffn=24576,vocab=51200,seq=2048");
}

}  // namespace
}  // namespace ironlaw::test
