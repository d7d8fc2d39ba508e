// Recognising tables, and each way a row can be wrong: refused with file, line and column.
#include "datasets/importers.hpp"

#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

// What building says when the inference table has, on line 3, a good row with these changes.
std::string inference_refusal(const Fields& changes) {
  const Directory dir;
  write_facts(dir);
  write(dir / "facts/inference.csv", table({inference_row(), inference_row(changes)}));
  return message_of([&] { build_database(dir / "a.db", inputs(dir)); });
}

TEST(Import, RefusesEachBadFieldByFileLineAndColumn) {
  const std::vector<std::pair<std::string, std::string>> bad{{"round", "v9.9"},
                                                             {"round", ""},
                                                             {"division", "secret"},
                                                             {"suite", "cloud"},
                                                             {"submitter", ""},
                                                             {"accelerator_id", ""},
                                                             {"accelerators_total", "-1"},
                                                             {"accelerators_total", "8.5"},
                                                             {"nodes", "0"},
                                                             {"model_base", ""},
                                                             {"scenario", "Onffline"},
                                                             {"tokens_per_s", "nan"},
                                                             {"tokens_per_s", "-4"},
                                                             {"samples_per_s", "0"},
                                                             {"tokens_per_s", "12 k"},
                                                             {"power_mode", "turbo"},
                                                             {"run_precision", "fp9"},
                                                             {"tp", "0"},
                                                             {"tp", "4|x"},
                                                             {"batch", "many"},
                                                             {"batch", "unet:x"},
                                                             {"inferred", "yes"},
                                                             {"max_num_tokens", "1e3"}};
  for (const auto& [column, value] : bad)
    expect_contains(inference_refusal({{column, value}}),
                    {"inference.csv:3", "column '" + column + "'", "given '" + value + "'", "allowed: "});
}

TEST(Import, RefusesEachBadTrainingField) {
  const std::vector<std::pair<std::string, std::string>> bad{{"throughput_steady", "inf"},
                                                             {"throughput_steady", "0"},
                                                             {"precision", "fp9"},
                                                             {"global_batch_size", "2048.5"},
                                                             {"mbs", "-1"},
                                                             {"round", "v4.1"}};
  for (const auto& [column, value] : bad) {
    const Directory dir;
    write_facts(dir);
    write(dir / "facts/training.csv", table({training_row(), training_row({{column, value}})}));
    expect_contains(message_of([&] { build_database(dir / "a.db", inputs(dir)); }),
                    {"training.csv:3", "column '" + column + "'", "given '" + value + "'"});
  }
}

TEST(Import, RefusesBadRoundsAliasesAndSources) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"rounds.csv", "suite,round,published,note\ninference,v4.1,28 Aug 2024,\n"},
      {"rounds.csv", "suite,round,published,note\ninference,v4.1,2024-13-01,\n"},
      {"rounds.csv", "suite,round,published,note\nserving,v4.1,2024-08-28,\n"},
      {"aliases.csv", "kind,name,suite,round,canonical,reason\nchip,a,inference,,b,\n"},
      {"aliases.csv", "kind,name,suite,round,canonical,reason\ndevice,a,inference,,,\n"},
      {"aliases.csv", "kind,name,suite,round,canonical,reason\ndevice,a,inference,v9,b,\n"},
      {"sources.csv", "id,title,url,licence,note\nx,,u,MIT,\n"}};
  for (const auto& [file, text] : bad) {
    const Directory dir;
    write_facts(dir);
    write(dir / ("facts/" + file), text);
    expect_contains(message_of([&] { build_database(dir / "a.db", inputs(dir)); }),
                    {file + ":2", "column '"});
  }
}

TEST(Import, RefusesRowsThatContradictEachOther) {
  const Directory dir;
  write_facts(dir);
  write(dir / "more.csv",
        "kind,name,suite,round,canonical,reason\ndevice,H100-SXM,training,,H100-PCIe-80GB,\n");
  auto in = inputs(dir);
  in.extra_files = {dir / "more.csv"};
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }),
                  {"more.csv:2", "'H100-SXM'", "H100-SXM-80GB", "H100-PCIe-80GB"});
}

TEST(Import, ExtraColumnsAreFineAndMissingOnesNamed) {
  const auto with = CsvTable::parse(table({inference_row({{"colour", "blue"}})}), "t.csv");
  EXPECT_EQ(recognise(with), TableKind::mlperf_inference);

  auto row = training_row();
  row.erase("throughput_steady");
  row.erase("nodes");
  const auto without = CsvTable::parse(table({row}), "t.csv");
  expect_contains(message_of([&] { recognise(without); }),
                  {"t.csv:1", "nearest is MLPerf training results", "nodes, throughput_steady"});
  const auto unknown = CsvTable::parse("fruit,weight\npear,3\n", "t.csv");
  expect_contains(message_of([&] { recognise(unknown); }), {"t.csv:1", "not that of a table", "aliases"});
}

std::vector<Observation> build(const Directory& dir, BuildReport* report = nullptr) {
  const BuildReport made = build_database(dir / "a.db", inputs(dir));
  if (report != nullptr) *report = made;
  return Store(dir / "a.db").observations();
}

TEST(Import, ReadsAnInferenceRow) {
  const Directory dir;
  write_facts(dir);
  write(dir / "facts/inference.csv",
        table({inference_row(), inference_row({{"tokens_per_s", ""}, {"model_base", "resnet99"}}),
               inference_row({{"division", "open"}, {"run_precision", "quark"}, {"kv_precision", "quark"}}),
               inference_row({{"tokens_per_s", ""}, {"samples_per_s", ""}, {"scenario", "SingleStream"}}),
               inference_row({{"accelerator", "NVIDIA H100 CTS"}, {"power_mode", "MaxQ"}, {"tp", "4|2"}}),
               inference_row({{"batch", "unet:16/vae:8"}, {"power_mode", "power-run"}, {"inferred", "1"}})}));
  BuildReport report;
  const auto rows = build(dir, &report);
  ASSERT_EQ(rows.size(), 6u);  // five of these and the training row
  const Observation& first = rows[0];
  EXPECT_EQ(first.id, 1);
  EXPECT_EQ(first.round, "inference-v4.1");
  EXPECT_EQ(first.published, "2024-08-28");
  EXPECT_EQ(first.device, "H100-SXM-80GB");
  EXPECT_EQ(first.model, "llama-2-70b");
  EXPECT_EQ(first.model_raw, "llama2-70b");
  EXPECT_EQ(first.accelerators, 8);
  EXPECT_EQ(first.quantity, "tokens_per_s");
  EXPECT_EQ(first.unit, "tokens/s");
  EXPECT_EQ(first.value, 24000.5);
  EXPECT_EQ(first.precision, "fp8");
  EXPECT_EQ(first.tp, 2);
  EXPECT_EQ(first.pp, std::nullopt);
  EXPECT_EQ(first.batch, 1024);
  EXPECT_EQ(first.cell, "inference-v4.1|H100-SXM-80GB|8|llama-2-70b|fp8|Offline");
  EXPECT_EQ(first.file, "inference.csv");
  EXPECT_EQ(first.line, 2);
  EXPECT_EQ(rows[1].quantity, "samples_per_s");
  EXPECT_EQ(rows[1].value, 81.5);
  EXPECT_EQ(rows[1].model, "");  // nothing knows it, and the report says so
  ASSERT_EQ(report.unknown_names.size(), 1u);
  EXPECT_EQ(report.unknown_names[0].name, "model 'resnet99' (inference)");
  EXPECT_EQ(rows[2].precision, "");
  EXPECT_EQ(rows[2].kv_precision, "");
  EXPECT_EQ(rows[3].device, "H100-CTS");  // the stated words go before the normalised name
  EXPECT_TRUE(rows[3].power_limited);
  EXPECT_FALSE(rows[3].power_run);
  EXPECT_EQ(rows[3].tp, std::nullopt);
  EXPECT_EQ(rows[4].batch, std::nullopt);
  EXPECT_TRUE(rows[4].power_run);
  EXPECT_TRUE(rows[4].inferred);
  ASSERT_EQ(report.not_loaded.size(), 1u);
  EXPECT_EQ(report.not_loaded[0].rows, 1);
  expect_contains(report.not_loaded[0].reason, {"SingleStream", "latency"});
}

TEST(Import, ReadsATrainingRow) {
  const Directory dir;
  write_facts(dir);
  write(dir / "facts/training.csv",
        table({training_row(), training_row({{"throughput_steady", ""}}),
               training_row({{"precision_source", "assumed from habit"}, {"benchmark", "ssd"}}),
               training_row({{"round", "v1.1"}, {"benchmark", "ssd"}, {"accelerator", "A100"}})}));
  BuildReport report;
  const auto all = build(dir, &report);
  ASSERT_EQ(all.size(), 4u);  // the first is the inference row
  EXPECT_EQ(all[1].quantity, "samples_per_s");
  EXPECT_EQ(all[1].value, 12.5);
  EXPECT_EQ(all[1].precision, "fp8");
  EXPECT_EQ(all[1].device, "H100-SXM-80GB");
  EXPECT_EQ(all[1].model, "gpt-3-175b");
  EXPECT_EQ(all[1].global_batch, 2048);
  EXPECT_EQ(all[2].precision, "");  // assumed is unknown
  EXPECT_EQ(all[2].model, "retinanet");
  EXPECT_EQ(all[3].model, "ssd-resnet34-300");
  EXPECT_EQ(all[3].device, "");
  EXPECT_TRUE(report.unknown_names.empty());  // "A100" is known to be ambiguous
  ASSERT_EQ(report.not_loaded.size(), 1u);
  expect_contains(report.not_loaded[0].reason, {"no steady throughput"});
}

TEST(Import, OutcomesOfTheRowAreNotInTheDatabase) {
  const Directory dir;
  write_facts(dir);
  auto row = inference_row();
  for (const char* outcome : {"out_tokens_mean", "lat_p99_ms", "ttft_mean_ms", "mean_in_flight", "accuracy",
                              "power_w", "performance"})
    row[outcome] = "31415.9265";
  write(dir / "facts/inference.csv", table({row}));
  build_database(dir / "a.db", inputs(dir));
  EXPECT_EQ(dump(dir / "a.db").find("31415"), std::string::npos);
}

TEST(Import, AddsRowsOnceAndAllOrNothing) {
  const Directory dir;
  write_facts(dir);
  const std::string db = dir / "a.db";
  build_database(db, inputs(dir));
  const std::string hash = data_hash(db);

  write(dir / "more.csv", table({inference_row({{"submitter", "Beta"}}), inference_row()}));
  const BuildReport report = import_files(db, {dir / "more.csv"});
  EXPECT_EQ(report.observations_added, 1);  // the second row is there already, from another file
  EXPECT_EQ(Store(db).observations().size(), 3u);
  EXPECT_NE(data_hash(db), hash);

  const std::string rows = dump(db);
  EXPECT_EQ(import_files(db, {dir / "more.csv"}).observations_added, 0);
  EXPECT_EQ(Store(db).observations().size(), 3u);

  const std::string before = read(db);
  write(dir / "good.csv", table({inference_row({{"submitter", "Gamma"}})}));
  write(dir / "bad.csv", table({inference_row({{"submitter", "Delta"}}), inference_row({{"nodes", "x"}})}));
  expect_contains(message_of([&] {
                    import_files(db, {dir / "good.csv", dir / "bad.csv"});
                  }),
                  {"bad.csv:3", "nodes"});
  EXPECT_EQ(read(db), before);
}

}  // namespace
}  // namespace ironlaw::test
