// Results quoted from publications, serving runs and what peers predict.
#include "datasets/published.hpp"

#include "datasets/own.hpp"
#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

// A table of one row: the columns that its kind requires, blank but for `values`.
CsvTable one_row(TableKind kind, const Fields& values) {
  Fields row;
  for (const std::string& column : required_columns(kind)) row[column] = "";
  for (const auto& [column, value] : values) row[column] = value;
  return CsvTable::parse(table({row}), "t.csv");
}

Fields training(const Fields& changes = {}) {
  Fields row{{"source_id", "megatron"},
             {"source", "a paper"},
             {"year", "2021"},
             {"model", "GPT-7.5B"},
             {"params_b", "7.5"},
             {"layers", "36"},
             {"hidden", "4096"},
             {"heads", "32"},
             {"seq_len", "2048"},
             {"global_batch", "512"},
             {"hardware", "A100"},
             {"gpus", "128"},
             {"gpus_per_node", "8"},
             {"tp", "4"},
             {"pp", "1"},
             {"dp", "32"},
             {"precision", "fp16 mixed"},
             {"measured_quantity", "tokens_per_s_per_gpu"},
             {"value", "100"},
             {"note", "VP=3; LoRA"}};
  for (const auto& [column, value] : changes) row[column] = value;
  return row;
}

ResultRow read_training(const Fields& changes) {
  return read_published_training(one_row(TableKind::published_training, training(changes)).row(0));
}

TEST(Published, RatesOfOneDeviceBecomeThoseOfTheSystem) {
  const ResultRow result = read_training({});
  const Observation& o = result.observation;
  EXPECT_EQ(result.reason, "");
  EXPECT_EQ(o.suite, "published-training");
  EXPECT_EQ(o.quantity, "tokens_per_s");
  EXPECT_EQ(o.value, 12800);  // 100 x 128
  EXPECT_EQ(o.published, "2021-12-31");
  EXPECT_EQ(o.nodes, 16);  // 128 / 8
  EXPECT_EQ(o.shape, "layers=36,hidden=4096,heads=32");
  EXPECT_EQ(o.parameters, 7.5e9);
  EXPECT_EQ(o.vpp, 3);
  EXPECT_EQ(o.precision, "fp16");
  EXPECT_NE(o.quality_note.find("fine-tuning"), std::string::npos);
  EXPECT_NE(read_training({{"gpus", ""}}).reason, "");
}

TEST(Published, QuantitiesAreInSi) {
  const auto value = [](const Fields& changes) { return read_training(changes).observation.value; };
  EXPECT_EQ(value({{"measured_quantity", "tflops_per_gpu"}, {"value", "137"}}), 137e12);
  EXPECT_EQ(value({{"measured_quantity", "time_to_train_min"}, {"value", "2"}}), 120);
  EXPECT_EQ(value({{"measured_quantity", "iteration_time_s"}, {"value", "1.42"}}), 1.42);
  EXPECT_EQ(read_training({{"measured_quantity", "smiles"}}).reason, "quantity not used: smiles");
  EXPECT_EQ(
      read_training({{"flops_convention", "hardware (recomputation counted)"}}).observation.flops_convention,
      "hardware");
}

TEST(Published, RecomputeAndShardingAreRead) {
  const auto row = [](const Fields& changes) { return read_training(changes).observation; };
  EXPECT_EQ(row({{"activation_recompute", "selective + sequence parallel"}}).recompute, "selective");
  EXPECT_EQ(row({{"activation_recompute", "norm,act"}}).recompute, "");
  EXPECT_EQ(row({{"zero_fsdp", "ZeRO-1"}}).zero_stage, 1);
  EXPECT_EQ(row({{"zero_fsdp", "FSDP SHARD_GRAD_OP"}}).zero_stage, 2);
  EXPECT_EQ(row({{"zero_fsdp", "FSDP=64"}}).fsdp, 64);
  EXPECT_EQ(row({{"zero_fsdp", ""}}).zero_stage, std::nullopt);
}

TEST(Published, PrecisionsAreWhatTheWordsSettle) {
  const auto precision = [](const std::string& words) {
    return read_training({{"precision", words}}).observation;
  };
  EXPECT_EQ(precision("MXFP8").precision, "fp8");
  EXPECT_EQ(precision("Autocast:BF16+SR").precision, "bf16");
  EXPECT_EQ(precision("fp32/tf32 default").precision, "");
  EXPECT_EQ(precision("mixed").precision, "");
  EXPECT_EQ(precision("GGUF Q4_K_M").precision, "");
  EXPECT_EQ(precision("GGUF Q4_K_M").weight_precision, "int4");
  EXPECT_EQ(precision("AWQ Marlin").precision, "fp16");
  EXPECT_EQ(precision("FP8 (weights+KV)").kv_precision, "fp8");
}

Fields inference(const Fields& changes = {}) {
  Fields row{
      {"source_id", "s"},   {"source", "a page"},   {"year", "2024"},
      {"model", "Llama"},   {"hardware", "H200"},   {"gpus", "8"},
      {"tp", "8"},          {"precision", "FP8"},   {"batch_or_concurrency", "64"},
      {"input_len", "128"}, {"output_len", "2048"}, {"measured_quantity", "output_tokens_per_s_per_gpu"},
      {"value", "10"},      {"unit", "tok/s/GPU"}};
  for (const auto& [column, value] : changes) row[column] = value;
  return row;
}

Observation read_inference(const Fields& changes) {
  const ResultRow result =
      read_published_inference(one_row(TableKind::published_inference, inference(changes)).row(0));
  EXPECT_EQ(result.reason, "");
  return result.observation;
}

TEST(Published, AFixedBatchAndAQueueAreDifferentScenarios) {
  const Observation batch = read_inference({});
  EXPECT_EQ(batch.scenario, "Batch");
  EXPECT_EQ(batch.batch, 64);
  EXPECT_EQ(batch.value, 80);
  EXPECT_EQ(batch.input_len, 128);
  const Observation queue = read_inference({{"batch_or_concurrency", "max load (infinite rate)"}});
  EXPECT_EQ(queue.scenario, "Offline");
  EXPECT_EQ(queue.batch, std::nullopt);
  EXPECT_EQ(read_inference({{"source_id", "gpustack-quant"}}).concurrency, 64);
}

TEST(Published, LatenciesAreSecondsOfAStatistic) {
  const Observation o =
      read_inference({{"measured_quantity", "ttft_p50_ms"}, {"value", "250"}, {"unit", "ms"}});
  EXPECT_EQ(o.quantity, "ttft_s");
  EXPECT_EQ(o.value, 0.25);
  EXPECT_EQ(o.statistic, "median");
  EXPECT_EQ(read_inference({{"measured_quantity", "latency_avg"}, {"value", "2"}, {"unit", "s"}}).value, 2);
  const CsvTable bad = one_row(TableKind::published_inference,
                               inference({{"measured_quantity", "ttft_ms"}, {"unit", "furlong"}}));
  expect_contains(message_of([&] { read_published_inference(bad.row(0)); }),
                  {"t.csv:2", "column 'unit'", "given 'furlong'", "ms or s"});
}

Fields serving(const Fields& changes = {}) {
  Fields row{{"hardware", "h100_sxm"},
             {"framework", "vllm"},
             {"model_path", "openai/gpt-oss-120b"},
             {"precision", "fp4"},
             {"mode", "disagg"},
             {"isl", "1024"},
             {"osl", "512"},
             {"concurrency", "16"},
             {"num_gpus", "8"},
             {"ttft_ms", "195.5"},
             {"tpot_ms", "5.25"},
             {"measured", ""},
             {"origin", "db-dump/2026-04-27"},
             {"prefill_num_workers", "1"},
             {"prefill_tp_size", "4"},
             {"decode_tp_size", "8"}};
  for (const auto& [column, value] : changes) row[column] = value;
  return row;
}

TEST(Published, OneServingRunIsTwoObservationsOfOneCell) {
  const auto results = read_serving(one_row(TableKind::serving, serving()).row(0));
  ASSERT_EQ(results.size(), 2u);
  const Observation& first = results[0].observation;
  EXPECT_EQ(first.quantity, "ttft_s");
  EXPECT_EQ(first.value, 0.1955);
  EXPECT_EQ(results[1].observation.quantity, "tpot_s");
  EXPECT_EQ(results[1].observation.value, 0.00525);
  EXPECT_EQ(first.published, "2026-04-27");
  EXPECT_EQ(first.pools, "prefill: num_workers=1,tp_size=4; decode: tp_size=8");
  EXPECT_EQ(first.precision, "bf16");  // Hopper multiplies nothing in four bits
  EXPECT_EQ(first.weight_precision, "fp4");

  const Directory dir;
  write_facts(dir);
  write(dir / "facts/sources.csv",
        read(dir / "facts/sources.csv") + "aiconfigurator-serving,S,u,Apache-2.0,\n");
  Fields row;
  for (const std::string& column : required_columns(TableKind::serving)) row[column] = "";
  for (const auto& [column, value] : serving()) row[column] = value;
  write(dir / "facts/serving.csv", table({row}));
  build_database(dir / "a.db", inputs(dir));
  const auto rows = Store(dir / "a.db").observations({.suites = {"serving"}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].cell, rows[1].cell);
  EXPECT_EQ(rows[0].round, "");
}

TEST(Published, APeerThatGivesNoAnswerSaysWhy) {
  const Fields row{{"id", "run1"},
                   {"system", "h100_sxm"},
                   {"model_path", "m"},
                   {"isl", "1024"},
                   {"osl", "512"},
                   {"measured_ttft_ms", "100"},
                   {"measured_tpot_ms", "8"},
                   {"sol_ttft_ms", "50"},
                   {"sol_tpot_ms", "4"},
                   {"silicon_mode_error", "no data"}};
  const auto records = read_aiconfigurator(one_row(TableKind::aiconfigurator, row).row(0));
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].variant, "sol");
  EXPECT_EQ(records[0].predicted, 0.05);
  EXPECT_EQ(records[0].measured, 0.1);
  EXPECT_EQ(records[2].predicted, std::nullopt);
  EXPECT_EQ(records[2].reason, "no data");
}

TEST(Own, TheTemplatesAreTablesThatLoad) {
  const Directory dir;
  write_facts(dir);
  build_database(dir / "a.db", inputs(dir));
  for (const std::string& name : own_templates()) write(dir / (name + ".csv"), own_template(name));
  const BuildReport report = import_files(dir / "a.db", {dir / "measurements.csv", dir / "operators.csv"});
  EXPECT_EQ(report.observations_added, 3);
  EXPECT_EQ(report.operators_added, 3);
  const Store store(dir / "a.db");
  const auto rows = store.observations({.suites = {"own"}});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].device, "H100-SXM-80GB");
  EXPECT_EQ(rows[0].published, "2026-03-01");
  EXPECT_EQ(rows[0].unit, "s");
  EXPECT_EQ(rows[0].cell, rows[1].cell);  // TTFT and TPOT of one run
  EXPECT_NE(rows[0].cell, rows[2].cell);
  const auto operators = store.operators();
  ASSERT_EQ(operators.size(), 3u);
  EXPECT_EQ(operators[0].m, 4096);
  EXPECT_EQ(operators[1].past_len, 1023);
  EXPECT_EQ(operators[2].ranks, 8);
  EXPECT_EQ(import_files(dir / "a.db", {dir / "measurements.csv"}).observations_added, 0);
  expect_contains(message_of([&] { own_template("mesurements"); }),
                  {"mesurements", "measurements, operators"});
}

TEST(Own, RefusesWhatWouldMeanNothing) {
  const auto bad = [](const std::string& text, const std::vector<std::string>& parts) {
    const Directory dir;
    write_facts(dir);
    build_database(dir / "a.db", inputs(dir));
    write(dir / "own.csv", text);
    expect_contains(message_of([&] { import_files(dir / "a.db", {dir / "own.csv"}); }), parts);
    EXPECT_EQ(Store(dir / "a.db").observations().size(), 2u);
  };
  const std::string header = "date,device,accelerators,model,scenario,precision,quantity,value\n";
  bad(header + "2026-03-01,H100-SXM-80GB,8,m,Serving,bf16,tpot_ms,9\n", {"own.csv:2", "quantity", "tpot_s"});
  bad(header + "2026-03-01,H100-SXM-80GB,8,m,Serving,bf16,mfu,43\n",
      {"own.csv:2", "value", "share of the peak"});
  bad(header + "1 March,H100-SXM-80GB,8,m,Serving,bf16,tpot_s,1\n", {"own.csv:2", "date", "YYYY-MM-DD"});
  bad(header + "2026-03-01,H100-SXM-80GB,8,m,Serving,bf17,tpot_s,1\n", {"own.csv:2", "precision", "bf16"});
  bad("date,device,op,precision,time_s,m,n\n2026-03-01,H100-SXM-80GB,gemm,bf16,1e-5,8,8\n",
      {"own.csv:2", "'k'"});
  bad("date,device,op,precision,time_s,bytes,ranks\n2026-03-01,H100-SXM-80GB,all_reduce,bf16,1e-5,,8\n",
      {"own.csv:2", "bytes"});
}

}  // namespace
}  // namespace ironlaw::test
