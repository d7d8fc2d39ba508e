// Checkouts of MLPerf results repositories, as users have them on disk.
#include "datasets/checkout.hpp"

#include <fmt/format.h>

#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

// What LoadGen writes after a run.
std::string summary(const std::string& scenario, const std::string& rates,
                    const std::string& result = "VALID") {
  return "================================================\nMLPerf Results Summary\n"
         "================================================\nSUT name : LWIS_Server\nScenario : " +
         scenario + "\nMode     : PerformanceOnly\n" + rates + "Result is : " + result +
         "\n  Min duration satisfied : Yes\n  Min queries satisfied : Yes\n\n"
         "================================================\nAdditional Stats\n"
         "================================================\nMin latency (ns)                : 412345678\n"
         "Mean latency (ns)               : 30512345678\n";
}

std::string system_json(const std::string& accelerator, const std::string& count, const std::string& nodes) {
  return fmt::format(
      R"({{"division": "closed", "submitter": "Acme", "status": "available", "system_name": "Acme One",
"system_type": "datacenter", "number_of_nodes": {}, "host_processor_model_name": "EPYC",
"accelerator_model_name": "{}", "accelerators_per_node": "{}", "framework": "TensorRT 10.8, CUDA 12.8"}})",
      nodes, accelerator, count);
}

void write_inference(const Directory& dir, const std::string& root) {
  const std::string acme = dir / (root + "/closed/Acme/");
  write(acme + "systems/acme1.json", system_json("NVIDIA H100-SXM-80GB", "8", "1"));
  const auto log = [&](const std::string& where, const std::string& text) {
    write(acme + "results/acme1/" + where + "/performance/run_1/mlperf_log_summary.txt", text);
  };
  log("llama2-70b-99.9/Offline",
      summary("Offline", "Samples per second: 81.5\nTokens per second: 24000.5\n"));
  log("llama2-70b-99.9/Server",
      summary("Server",
              "Completed samples per second    : 70.25\nCompleted tokens per second     : "
              "20500\n"));
  log("llama2-70b-interactive-99/Server", summary("Server", "Completed tokens per second : 9000\n"));
  log("llama2-70b-interactive-99/Offline", summary("Offline", "Tokens per second: 24000\n"));
  log("resnet50/Offline", summary("Offline", "Samples per second: 700000\n", "INVALID"));
  log("resnet50/SingleStream", summary("SingleStream", "90.0th percentile latency (ns) : 300000\n"));
}

struct Made {
  Directory dir;
  std::string db;
  Made() : db(dir / "a.db") {
    write_facts(dir);
    build_database(db, inputs(dir));
  }
};

TEST(Checkout, ReadsTheLogsOfInference) {
  Made made;
  write_inference(made.dir, "inference_results_v4.1");
  const BuildReport report = import_files(made.db, {made.dir / "inference_results_v4.1"});
  EXPECT_EQ(report.observations_added, 3);
  const auto rows = Store(made.db).observations({.suites = {"inference"}});
  ASSERT_EQ(rows.size(), 4u);  // the first is in the facts
  EXPECT_EQ(rows[1].scenario, "Offline");
  EXPECT_EQ(rows[1].value, 24000.5);
  EXPECT_EQ(rows[1].quantity, "tokens_per_s");
  EXPECT_EQ(rows[1].accuracy_class, "99.9");
  EXPECT_EQ(rows[1].model, "llama-2-70b");
  EXPECT_EQ(rows[1].device, "H100-SXM-80GB");  // as these words were understood before
  EXPECT_EQ(rows[1].accelerators, 8);
  EXPECT_EQ(rows[1].platform, "acme1");
  EXPECT_EQ(rows[1].published, "2024-08-28");
  EXPECT_EQ(rows[2].scenario, "Server");
  EXPECT_EQ(rows[2].value, 20500);
  EXPECT_EQ(rows[3].scenario, "Interactive");
  EXPECT_EQ(rows[3].accuracy_class, "99");
  std::map<std::string, std::int64_t> skipped;
  for (const auto& entry : report.not_loaded) skipped[entry.reason] += entry.rows;
  EXPECT_EQ(skipped["the run is not valid"], 1);
  EXPECT_EQ(skipped["the offline twin of an interactive benchmark"], 1);
  EXPECT_EQ(skipped["no throughput: SingleStream states a latency"], 1);

  EXPECT_EQ(import_files(made.db, {made.dir / "inference_results_v4.1"}).observations_added, 0);
}

TEST(Checkout, PrefersTheSummaryOfInferenceAndSeesThroughItsUnits) {
  Made made;
  write(made.dir / "repo/summary_results.json", R"json([
    {"Suite": "datacenter", "Category": "closed", "Availability": "available", "Submitter": "Beta", "System": "B",
     "Platform": "b1", "Accelerator": "NVIDIA H100-SXM-80GB", "a#": 4, "Nodes": 2, "Software": "vLLM",
     "Model": "llama2-70b-99", "Scenario": "Offline", "Performance_Result": 12000.5, "Performance_Units": "Samples/s",
     "inferred": 0, "Location": "closed/Beta/results/b1/llama2-70b-99/Offline"},
    {"Suite": "edge", "Category": "closed", "Submitter": "Beta", "Platform": "b1", "Accelerator": "NVIDIA L4", "a#": 1,
     "Model": "resnet50", "Scenario": "SingleStream", "Performance_Result": 0.31, "Performance_Units": "Latency (ms)"
},
    {"Suite": "datacenter", "Category": "closed", "Submitter": "Beta", "Platform": "b1", "System": "B",
     "Accelerator": "NVIDIA H100-SXM-80GB", "a#": 4, "Model": "retinanet", "Scenario": "Server",
     "Performance_Result": 900, "Performance_Units": "Queries/s"}])json");
  EXPECT_EQ(import_files(made.db, {made.dir / "repo"}, "v4.1").observations_added, 2);
  const auto rows = Store(made.db).observations({.suites = {"inference"}});
  EXPECT_EQ(rows[1].quantity,
            "tokens_per_s");           // labelled Samples/s, but v4.1 counts tokens for language models
  EXPECT_EQ(rows[1].accelerators, 8);  // 4 x 2
  EXPECT_EQ(rows[2].quantity, "samples_per_s");
}

std::string event(double time_s, const std::string& key, const std::string& value,
                  const std::string& metadata = "{}") {
  return fmt::format(
      ":::MLLOG {{\"namespace\": \"\", \"time_ms\": {:.0f}, \"event_type\": \"POINT_IN_TIME\", \"key\": "
      "\"{}\", "
      "\"value\": {}, \"metadata\": {}}}\n",
      1700000000000.0 + time_s * 1000, key, value, metadata);
}

// Runs 10 s of start-up, then two blocks of 1000 samples in 100 s, each followed by an evaluation of 20 s.
std::string training_log(double start_up_s, const std::string& extra = "",
                         const std::string& status = "success") {
  std::string log = "0: some line of the launcher\n";
  const double t = start_up_s;
  log += event(-5, "global_batch_size", "32") + event(-5, "max_sequence_length", "2048") +
         event(0, "run_start", "null");
  log += event(t + 100, "eval_start", "null", "{\"samples_count\": 1000}") +
         event(t + 120, "eval_stop", "null", "{\"samples_count\": 1000}") +
         event(t + 120, "eval_accuracy", "0.9", "{\"samples_count\": 1000}") +
         event(t + 220, "eval_start", "null", "{\"samples_count\": 2000}") +
         event(t + 240, "eval_stop", "null", "{\"samples_count\": 2000}") +
         event(t + 240, "eval_accuracy", "0.95", "{\"samples_count\": 2000}");
  return log + extra + event(t + 240, "run_stop", "null", "{\"status\": \"" + status + "\"}");
}

void write_training(const Directory& dir, const std::vector<std::string>& logs,
                    const std::string& benchmark) {
  const std::string acme = dir / "training_results_v4.0/Acme/";
  write(acme + "systems/acme2.json", system_json("NVIDIA H100-SXM5-80GB", "8", "\"4\""));
  for (std::size_t i = 0; i < logs.size(); ++i)
    write(acme + "results/acme2/" + benchmark + "/result_" + std::to_string(i) + ".txt", logs[i]);
}

// The rate is that between the marks, 1000 / 100 s = 10 samples/s, whatever the start-up. The mean of the
// times is that of the three in the middle: (250 + 260 + 270) / 3 = 260 s.
TEST(Checkout, KeepsTheTimeOfTrainingApartFromTheRate) {
  Made made;
  write_training(made.dir,
                 {training_log(10), training_log(0), training_log(20), training_log(30), training_log(60)},
                 "llama2_70b_lora");
  write(made.dir / "training_results_v4.0/Acme/results/acme2/llama2_70b_lora/scaling.json",
        R"({"scaling_factor": 1.1})");
  EXPECT_EQ(import_files(made.db, {made.dir / "training_results_v4.0"}).observations_added, 1);
  const auto rows = Store(made.db).observations({.suites = {"training"}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].quantity, "samples_per_s");
  EXPECT_DOUBLE_EQ(rows[1].value, 10);
  EXPECT_EQ(rows[1].accelerators, 32);
  EXPECT_EQ(rows[1].device, "H100-SXM-80GB");
  EXPECT_EQ(rows[1].global_batch, 32);
  EXPECT_EQ(rows[1].sequence_length, "2048");
  expect_contains(rows[1].quality_note, {"5 runs", "samples between marks"});
  const auto time = query(made.db, "SELECT seconds, scaling FROM time_to_train");
  ASSERT_EQ(time.rows.size(), 1u);
  EXPECT_NEAR(std::stod(time.rows[0][0].text), 260, 1e-6);
  EXPECT_EQ(time.rows[0][1].text, "1.1");
}

// 32 samples in 4 s steps are 8 samples/s; marks say 10, and the step time is what the system does.
TEST(Checkout, PrefersALoggedStepTime) {
  Made made;
  std::string stats;
  for (const double step : {4.0, 3.9, 4.1})
    stats += event(50, "tracked_stats", fmt::format("{{\"train_step_time\": {}}}", step), "{\"step\": 1}");
  write_training(made.dir, {training_log(10, stats)}, "llama2_70b_lora");
  import_files(made.db, {made.dir / "training_results_v4.0"});
  const auto rows = Store(made.db).observations({.suites = {"training"}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_DOUBLE_EQ(rows[1].value, 8);
  EXPECT_EQ(query(made.db, "SELECT count(*) FROM time_to_train").rows[0][0].text, "0");  // one run is no mean
}

// Logged 0.33 a second on each of 32 accelerators is 10.56 in all: it agrees with the marks' 10 in that unit
// alone.
TEST(Checkout, FindsTheUnitOfALoggedThroughput) {
  Made made;
  const std::string stats = event(50, "tracked_stats", "{\"throughput\": 0.33}", "{\"step\": 10}");
  write_training(made.dir, {training_log(10, stats)}, "llama2_70b_lora");
  import_files(made.db, {made.dir / "training_results_v4.0"});
  EXPECT_DOUBLE_EQ(Store(made.db).observations({.suites = {"training"}})[1].value, 10.56);
}

TEST(Checkout, AFailedRunCountsAsTheSlowestAndGivesNoRate) {
  Made made;
  write_training(made.dir,
                 {training_log(10), training_log(20), training_log(0), training_log(5, "", "aborted"),
                  ":::MLLOG {broken\n" + training_log(30)},
                 "llama2_70b_lora");
  import_files(made.db, {made.dir / "training_results_v4.0"});
  const auto rows = Store(made.db).observations({.suites = {"training"}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_DOUBLE_EQ(rows[1].value, 10);
  expect_contains(rows[1].quality_note, {"1 lines of the logs are no JSON"});
  // 240 is dropped as the fastest, the failed one as the slowest: (250 + 260 + 270) / 3
  EXPECT_NEAR(std::stod(query(made.db, "SELECT seconds FROM time_to_train").rows[0][0].text), 260, 1e-6);
}

TEST(Checkout, SaysWhatIsWrongWithAFolder) {
  Made made;
  write(made.dir / "empty/readme.txt", "x");
  expect_contains(message_of([&] { import_files(made.db, {made.dir / "empty"}); }),
                  {"no checkout of MLPerf results", "summary_results.json"});
  write_inference(made.dir, "repo");
  expect_contains(message_of([&] { import_files(made.db, {made.dir / "repo"}); }), {"--round v5.1"});
  expect_contains(message_of([&] { import_files(made.db, {made.dir / "repo"}, "v9.9"); }),
                  {"column 'round'", "v9.9", "v4.1"});
  write(made.dir / "repo/closed/Acme/systems/acme1.json", system_json("NVIDIA H100-SXM-80GB", "eight", "1"));
  expect_contains(message_of([&] { import_files(made.db, {made.dir / "repo"}, "v4.1"); }),
                  {"acme1.json", "accelerators_per_node", "given 'eight'"});
  write(made.dir / "repo/closed/Acme/systems/acme1.json", "{");
  expect_contains(message_of([&] { import_files(made.db, {made.dir / "repo"}, "v4.1"); }),
                  {"acme1.json", "no JSON"});
  EXPECT_EQ(Store(made.db).observations().size(), 2u);
}

}  // namespace
}  // namespace ironlaw::test
