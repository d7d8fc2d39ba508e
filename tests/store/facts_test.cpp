// The real facts. The numbers here were counted independently, with Python's csv module over the same files:
// one pass over each results.csv that takes tokens_per_s, else samples_per_s (training: throughput_steady),
// looks names up in aliases.csv as a dictionary, and counts with collections.Counter. Nothing of this library
// was used.
#include <ctime>
#include <map>

#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

// Built once for all the tests here.
struct Facts : testing::Test {
  static void SetUpTestSuite() {
    dir = new Directory;
    BuildInputs in;
    in.facts_dir = IRONLAW_FACTS_DIR;
    const std::clock_t begin = std::clock();
    report = build_database(*dir / "facts.db", in);
    processor_s = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf("built in %.2f s of the processor\n", processor_s);
  }
  static void TearDownTestSuite() { delete dir; }
  static std::size_t count(const Selection& selection) {
    return Store(*dir / "facts.db").observations(selection).size();
  }
  // How many rows of MLPerf.
  static std::int64_t ask(const std::string& condition) {
    return std::stoll(
        query(*dir / "facts.db",
              "SELECT count(*) FROM observation WHERE round IS NOT NULL AND (" + condition + ")")
            .rows[0][0]
            .text);
  }
  static inline Directory* dir = nullptr;
  static inline BuildReport report;
  static inline double processor_s = 0;
};

TEST_F(Facts, EveryRoundHasItsRows) {
  std::map<std::string, std::int64_t> rounds;
  for (const auto& round : report.rounds) rounds[round.name] = round.rows;
  const std::map<std::string, std::int64_t> expected{
      {"inference-v2.0", 1222}, {"inference-v2.1", 785}, {"inference-v3.0", 1219}, {"inference-v3.1", 1053},
      {"inference-v4.0", 821},  {"inference-v4.1", 880}, {"inference-v5.0", 822},  {"inference-v5.1", 613},
      {"training-v0.7", 116},   {"training-v1.0", 134},  {"training-v1.1", 168},   {"training-v2.0", 247},
      {"training-v2.1", 190},   {"training-v3.0", 259},  {"training-v3.1", 208},   {"training-v4.0", 202},
      {"training-v4.1", 153},   {"training-v5.0", 201}};
  EXPECT_EQ(rounds, expected);
  EXPECT_EQ(ask("1"), 9293);
}

TEST_F(Facts, EveryRowOfTheFilesIsAnObservationOrCounted) {
  std::map<std::string, std::int64_t> skipped;
  for (const auto& entry : report.not_loaded)
    if (entry.file.starts_with("mlperf")) skipped[entry.file + ": " + entry.reason] = entry.rows;
  const std::map<std::string, std::int64_t> expected{
      {"mlperf_inference/results.csv: no throughput: SingleStream states a latency", 991},
      {"mlperf_inference/results.csv: no throughput: MultiStream states a latency", 507},
      {"mlperf_training/results.csv: no steady throughput: the logs do not give it", 81}};
  EXPECT_EQ(skipped, expected);
  EXPECT_EQ(9293 + 991 + 507 + 81, 8913 + 1959);  // the records of the two files
}

// Of the other tables too: rows in the file = rows in the store (two of a serving run, four of a prediction
// for one)
// + rows counted with a reason.
TEST_F(Facts, EveryRowOfTheOtherTablesIsLoadedOrCounted) {
  struct Expected {
    const char *file, *table;
    std::int64_t each = 1;
  };
  for (const Expected& e : {Expected{"operators/gemm.csv.gz", "operator_measurement"},
                            Expected{"operators/gemm_power.csv.gz", "operator_measurement"},
                            Expected{"operators/attention_context.csv.gz", "operator_measurement"},
                            Expected{"operators/attention_generation.csv.gz", "operator_measurement"},
                            Expected{"operators/comm.csv.gz", "operator_measurement"},
                            Expected{"operators/comm_moe_a2a.csv.gz", "operator_measurement"},
                            Expected{"operators/memops.csv.gz", "operator_measurement"},
                            Expected{"operators/mla.csv.gz", "operator_measurement"},
                            Expected{"operators/moe.csv.gz", "operator_measurement"},
                            Expected{"published/microbench.csv.gz", "operator_measurement"},
                            Expected{"published/training.csv.gz", "observation"},
                            Expected{"published/inference.csv.gz", "observation"},
                            Expected{"published/vtrain.csv.gz", "observation"},
                            Expected{"serving/silicon_e2e.csv.gz", "observation", 2},
                            Expected{"peers/aiconfigurator_serving.csv", "peer_prediction", 4},
                            Expected{"peers/calculon_validation.csv", "peer_prediction"}}) {
    const auto rows = static_cast<std::int64_t>(
        CsvTable::read(std::string(IRONLAW_FACTS_DIR) + "/" + e.file, e.file).size());
    std::int64_t skipped = 0;
    for (const auto& entry : report.not_loaded)
      if (entry.file == e.file) skipped += entry.rows;
    const auto loaded = std::stoll(query(*dir / "facts.db", std::string("SELECT count(*) FROM ") + e.table +
                                                                " WHERE file = '" + e.file + "'")
                                       .rows[0][0]
                                       .text);
    EXPECT_GT(loaded, 0) << e.file;
    EXPECT_EQ(loaded + skipped, rows * e.each) << e.file;
  }
}

TEST_F(Facts, OperatorsOfTheSourceAgreeWithItsOwnCheck) {
  // operator-accuracy, section 0: 8192^3 in bf16 on an H100 in TensorRT-LLM takes 1404.8 us, 783 TFLOP/s.
  const auto rows = Store(*dir / "facts.db")
                        .operators({.ops = {"gemm"}, .devices = {"H100-SXM-80GB"}, .precisions = {"bf16"}});
  int found = 0;
  for (const OperatorRecord& r : rows) {
    if (r.m != 8192 || r.n != 8192 || r.k != 8192 || r.framework != "trtllm" || !r.weight_precision.empty())
      continue;
    ++found;
    EXPECT_NEAR(r.time_s, 1404.8e-6, 0.1e-6);
  }
  EXPECT_EQ(found, 1);
  for (const OperatorRecord& r : rows) EXPECT_FALSE(r.suspect);
}

TEST_F(Facts, EveryNameIsKnown) {
  for (const auto& name : report.unknown_names) ADD_FAILURE() << name.name << ": " << name.rows << " rows";
}

TEST_F(Facts, DevicesOfTheCatalogueHaveTheirRows) {
  const std::map<std::string, std::pair<std::size_t, std::size_t>> expected{
      {"A100-SXM-80GB", {565, 320}}, {"H100-SXM-80GB", {938, 458}}, {"H200-SXM-141GB", {575, 116}},
      {"B200-SXM-180GB", {215, 63}}, {"L40S", {289, 21}},           {"MI300X", {51, 7}},
      {"MI325X", {82, 4}},           {"TPU-v5p", {0, 11}},          {"A100-SXM-80GB-CTS", {93, 98}}};
  for (const auto& [device, rows] : expected) {
    EXPECT_EQ(count({.suites = {"inference"}, .devices = {device}}), rows.first) << device;
    EXPECT_EQ(count({.suites = {"training"}, .devices = {device}}), rows.second) << device;
  }
  EXPECT_EQ(ask("device IS NULL"), 80);
  EXPECT_EQ(ask("model IS NULL"), 0);
}

TEST_F(Facts, ModelsHaveTheirRows) {
  const std::map<std::string, std::pair<std::size_t, std::size_t>> expected{
      {"llama-3.1-8b", {58, 0}}, {"llama-3.1-405b", {89, 14}},  {"llama-2-70b", {671, 0}},
      {"gpt-j-6b", {528, 0}},    {"mixtral-8x7b", {108, 0}},    {"llama-2-70b-lora", {0, 111}},
      {"gpt-3-175b", {0, 42}},   {"bert-large", {1475, 344}},   {"resnet-50", {1044, 340}},
      {"retinanet", {696, 210}}, {"ssd-resnet34-300", {0, 67}}, {"llama-3.1-70b", {19, 0}}};
  for (const auto& [model, rows] : expected) {
    EXPECT_EQ(count({.suites = {"inference"}, .models = {model}}), rows.first) << model;
    EXPECT_EQ(count({.suites = {"training"}, .models = {model}}), rows.second) << model;
  }
}

TEST_F(Facts, ColumnsHaveTheirValues) {
  EXPECT_EQ(ask("quantity = 'tokens_per_s'"), 1529);
  EXPECT_EQ(ask("precision IS NULL"), 5804);
  EXPECT_EQ(ask("precision = 'int8'"), 1939);
  EXPECT_EQ(ask("precision = 'fp8'"), 751);
  EXPECT_EQ(ask("precision = 'fp16'"), 641);
  EXPECT_EQ(ask("precision = 'fp4'"), 156);
  EXPECT_EQ(ask("precision = 'bf16'"), 2);
  EXPECT_EQ(ask("scenario = 'Offline'"), 4487);
  EXPECT_EQ(ask("scenario = 'Server'"), 2821);
  EXPECT_EQ(ask("scenario = 'Interactive'"), 107);
  EXPECT_EQ(ask("duplicate_of IS NOT NULL"), 1232);
  EXPECT_EQ(ask("power_limited"), 372);
  EXPECT_EQ(ask("power_run"), 349);
  const std::string db = *dir / "facts.db";
  EXPECT_EQ(query(db, "SELECT count(DISTINCT cell) FROM observation WHERE round IS NOT NULL").rows[0][0].text,
            "3926");
  EXPECT_NEAR(
      std::stod(
          query(db, "SELECT total(value) FROM observation WHERE unit = 'tokens/s' AND round IS NOT NULL")
              .rows[0][0]
              .text),
      41908164.13039, 1e-3);
  EXPECT_EQ(count({.suites = {"inference"},
                   .divisions = {"closed"},
                   .scenarios = {"Offline"},
                   .devices = {"A100-SXM-80GB", "H100-SXM-80GB", "H200-SXM-141GB", "B200-SXM-180GB", "L40S",
                               "MI300X", "MI325X", "TPU-v5p"},
                   .with_duplicates = false}),
            1156u);
}

TEST_F(Facts, VariantsAreNotThePlainDevice) {
  const std::string plain =
      "device IN ('A100-SXM-80GB', 'H100-SXM-80GB', 'H200-SXM-141GB', 'L40S', 'B200-SXM-180GB', 'A30', "
      "'A100-PCIe-80GB') AND ";
  for (const char* variant : {"%CTS%", "%MIG-%", "%500W%", "%Virtualized%", "%vGPU%"})
    EXPECT_EQ(ask(plain + "(device_stated LIKE '" + variant + "' OR device_raw LIKE '" + variant + "')"), 0)
        << variant;
  EXPECT_EQ(ask("device LIKE 'A100%' AND (device_raw LIKE 'RTX%' OR device_raw = 'A100')"), 0);
}

// One slice of one card ran in HPE's machine of 8 cards; 56 slices of 8 A100 and 32 of 8 A30 ran in others.
TEST_F(Facts, PartitionsAreCountedAsTheyRan) {
  const std::string slice = "device = 'A100-SXM-80GB-MIG-1x1g.10gb' AND ";
  EXPECT_GT(ask(slice + "submitter = 'HPE'"), 0);
  EXPECT_EQ(ask(slice + "submitter = 'HPE' AND accelerators <> 1"), 0);
  EXPECT_EQ(ask(slice + "device_raw LIKE '%7x1g%' AND accelerators = 56"),
            ask("device_raw = 'A100-SXM-80GB-MIG-7x1g.10gb'"));
  EXPECT_EQ(ask("device = 'A30-MIG-1x1g.6gb' AND accelerators = 32"), ask("device_raw = 'A30-MIG-4x1g.6gb'"));
  // A slice runs as fast alone as beside others.
  EXPECT_EQ(ask(slice + "scenario = 'Offline' AND model = 'bert-large' AND accuracy_class = '99' AND "
                        "value / accelerators NOT BETWEEN 450 AND 500"),
            0);
}

#ifdef __SANITIZE_ADDRESS__
constexpr double kBuildLimitS = 200;  // the sanitizers cost about tenfold
#else
constexpr double kBuildLimitS = 20;
#endif

TEST_F(Facts, BuildsInTime) {
  EXPECT_LT(processor_s, kBuildLimitS);  // not by the clock: others may use the machine
}

}  // namespace
}  // namespace ironlaw::test
