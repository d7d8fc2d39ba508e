// Which observations become rows, what is counted of the others, and where precisions come from.
#include "calibration/rows.hpp"

#include <numeric>

#include "tests/calibration/support.hpp"

namespace ironlaw::test {
namespace {

int total(const Unlowered& unlowered) {
  return std::accumulate(unlowered.begin(), unlowered.end(), 0,
                         [](int sum, const auto& entry) { return sum + entry.second; });
}

TEST(Selection, EachReasonIsCountedOnce) {
  const std::vector<std::pair<std::string, Observation>> cases = {
      {"division: open", inference([](Observation& o) { o.division = "open"; })},
      {"division: network", inference([](Observation& o) { o.division = "network"; })},
      {"duplicate of another row", inference([](Observation& o) { o.duplicate_of = "x"; })},
      {"copied from another scenario by the results tool",
       inference([](Observation& o) { o.inferred = true; })},
      {"power limit lowered (MaxQ)", inference([](Observation& o) { o.power_limited = true; })},
      {"scenario not predicted: Server", inference([](Observation& o) { o.scenario = "Server"; })},
      {"device not identified: X1", inference([](Observation& o) {
         o.device = "";
         o.device_raw = "X1";
       })},
      {"no model: dlrm", inference([](Observation& o) { o.model = "dlrm"; })},
      {"no model: odd", inference([](Observation& o) {
         o.model = "";
         o.model_raw = "odd";
       })},
      {"no rate", inference([](Observation& o) { o.value = 0; })},
      {"no hardware target: X9", inference([](Observation& o) { o.device = "X9"; })},
      {"number of accelerators unknown", inference([](Observation& o) { o.accelerators.reset(); })},
  };
  for (const auto& [reason, observation] : cases) {
    Unlowered unlowered;
    EXPECT_TRUE(select_rows({observation}, hardware(), unlowered).empty()) << reason;
    EXPECT_EQ(unlowered, (Unlowered{{reason, 1}}));
  }

  // All of them at once, each wrong in every way: still counted once.
  std::vector<Observation> all;
  all.reserve(cases.size() + 2);
  for (const auto& entry : cases) all.push_back(entry.second);
  all.push_back(inference([](Observation& o) {
    o.division = "open";
    o.duplicate_of = "x";
    o.inferred = o.power_limited = true;
    o.device = "";
    o.value = 0;
  }));
  all.push_back(inference());
  Unlowered unlowered;
  EXPECT_EQ(select_rows(all, hardware(), unlowered).size(), 1u);
  EXPECT_EQ(total(unlowered), 13);
}

TEST(Selection, ExactRepeatsAreOneObservation) {
  const auto other = [](double value, const char* submitter, const char* accuracy = "99") {
    return inference([&](Observation& o) {
      o.value = value;
      o.submitter = submitter;
      o.accuracy_class = accuracy;
    });
  };
  Unlowered unlowered;
  const auto rows = select_rows({other(100, "Acme"), other(100, "Acme", "99.9"), other(100, "Acme"),
                                 other(101, "Acme"), other(100, "Bolt"), inference([](Observation& o) {
                                   o.value = 100;
                                   o.accelerators = 4;
                                 })},
                                hardware(), unlowered);
  EXPECT_EQ(rows.size(), 4u);
  EXPECT_EQ(unlowered, (Unlowered{{"exact repeat within a cell", 2}}));
}

TEST(Selection, ARowCarriesTheScenarioOfItsSuite) {
  Predictor predictor(walls());
  const auto rows =
      lowered({inference([](Observation& o) {
                 o.batch = 256;
                 o.tp = 2;
                 o.max_num_tokens = 4096;
               }),
               inference([](Observation& o) { o.model = "bert-large"; }), training([](Observation& o) {
                 o.model = "llama-2-70b-lora";
                 o.tp = 4;
                 o.fsdp = 2;
                 o.global_batch = 8;
               })},
              hardware(), predictor);
  ASSERT_EQ(rows.size(), 3u);
  const Scenario& llm = rows[0].scenario;
  EXPECT_EQ(llm.task, Task::offline);
  EXPECT_EQ(llm.split.tensor, 2);
  EXPECT_EQ(llm.split.data, 4);
  EXPECT_EQ(llm.batch, 4 * 256);  // stated for one instance
  EXPECT_EQ(llm.prefill_tokens, 4096);
  EXPECT_EQ(llm.generation, "2024-03");
  EXPECT_EQ(rows[0].units, rows[0].model->output_len);
  EXPECT_EQ(rows[1].units, 1);
  EXPECT_EQ(rows[1].scenario.split.data, 8);  // unstated: BERT fits one device, so each serves by itself
  EXPECT_EQ(rows[1].scenario.batch, 0);       // unstated: what the walls admit
  const Scenario& lora = rows[2].scenario;
  EXPECT_EQ(lora.task, Task::train);
  EXPECT_TRUE(lora.frozen_weights);
  EXPECT_EQ(lora.zero_stage, 3);
  EXPECT_EQ(lora.split.data, 2);
  EXPECT_EQ(lora.batch, 8);
  EXPECT_STREQ(rows[2].model->id, "llama-2-70b");
}

// Where experts are spread and latents are cached, every rank serves requests of its own.
TEST(Selection, LatentAttentionIsDataParallelWhereExpertsAreSpread) {
  Predictor predictor(walls());
  const auto of = [&](const char* model, std::optional<std::int64_t> attention_dp) {
    const auto rows = lowered({inference([&](Observation& o) {
                                o.model = model;
                                o.device = o.device_raw = std::string("B200-SXM-180GB");
                                o.precision = std::string("fp4");
                                o.tp = o.ep = 8;
                                o.batch = 512;
                                o.attention_dp = attention_dp;
                              })},
                              hardware(), predictor);
    return rows.at(0).scenario;
  };
  const Scenario latent = of("deepseek-v3", {});
  EXPECT_EQ(latent.split.tensor, 1);
  EXPECT_EQ(latent.split.data, 8);
  EXPECT_EQ(latent.split.expert, 8);
  EXPECT_EQ(latent.batch, 8 * 512);  // the stated one is of a rank
  const Scenario stated = of("deepseek-v3", 1);
  EXPECT_EQ(stated.split.tensor, 8);
  EXPECT_EQ(stated.split.expert, 8);
  const Scenario heads = of("mixtral-8x7b", {});
  EXPECT_EQ(heads.split.tensor, 8);
  EXPECT_EQ(heads.batch, 512);
}

TEST(Selection, WeightsAreStoredAsTheRowSays) {
  Predictor predictor(walls());
  const auto rows = lowered({inference(), inference([](Observation& o) {
                               o.submitter = "Bolt";
                               o.weight_precision = std::string("int4");
                             })},
                            hardware(), predictor);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_FALSE(rows[0].scenario.weight_precision);
  EXPECT_EQ(rows[1].scenario.weight_precision, Precision::int4);
  EXPECT_EQ(rows[0].scenario.precision, rows[1].scenario.precision);
}

TEST(Selection, ARowThatCannotBeLoweredIsCountedByWhatIsWrong) {
  Predictor predictor(walls());
  Unlowered unlowered;
  const auto rows = lowered({inference([](Observation& o) { o.precision = "fp4"; }),  // not on an H100
                             inference([](Observation& o) {
                               o.tp = 3;
                               o.value = 1;  // else a repeat of the good one
                             }),
                             training([](Observation& o) { o.global_batch.reset(); }), inference()},
                            hardware(), predictor, &unlowered);
  EXPECT_EQ(rows.size(), 1u);
  EXPECT_EQ(total(unlowered), 3);
  EXPECT_EQ(unlowered["global batch size unknown"], 1);
  for (const auto& [reason, count] : unlowered) EXPECT_EQ(count, 1) << reason;
}

// A chip whose network nobody published, over two nodes: the wall that needs the figure fails, not the fit.
TEST(Selection, ARowThatAWallCannotEvaluateIsCountedToo) {
  Clones clones;
  ironlaw_hardware* chip = clones.add("H100-SXM-80GB", "no-network", "family", "vendor");
  std::vector<const ironlaw_spec*> specs;
  for (std::uint32_t i = 0; i < chip->n_specs; ++i)
    if (std::string_view(chip->specs[i]->quantity) != "network_bandwidth") specs.push_back(chip->specs[i]);
  ASSERT_EQ(specs.size() + 1, chip->n_specs);
  chip->specs = specs.data();
  chip->n_specs = static_cast<std::uint32_t>(specs.size());
  const auto on = [](int devices) {
    return training([&](Observation& o) {
      o.device = "no-network";
      o.accelerators = devices;
    });
  };
  Predictor predictor(walls());
  Unlowered unlowered;
  const auto rows = lowered({on(8), on(16)}, {chip}, predictor, &unlowered);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].observation.accelerators, 8);
  ASSERT_EQ(total(unlowered), 1);
  expect_contains(unlowered.begin()->first, {"network_bandwidth is unknown"});
}

// Counted a second time, from the observations alone.
TEST(Selection, TheRealFactsAddUp) {
  const std::vector<Observation>& all = facts().observations;
  ASSERT_GT(all.size(), 9000u);
  std::set<std::string> chips;
  for (const ironlaw_hardware* h : hardware()) chips.insert(h->id);
  std::set<std::string> known;
  for (const ModelSpec& model : models()) known.insert({model.id, std::string(model.id) + "-lora"});
  std::set<std::tuple<std::string, std::string, double>> distinct;
  for (const Observation& o : all)
    if (o.division == "closed" && o.duplicate_of.empty() && !o.inferred && !o.power_limited &&
        (o.scenario == "Offline" || o.suite == "training") && chips.contains(o.device) &&
        known.contains(o.model) && o.accelerators.value_or(0) > 0 && o.value > 0 &&
        o.software.find("reference implementation") == std::string::npos)
      distinct.insert({o.cell, o.submitter, o.value});

  Unlowered unlowered;
  std::vector<Row> rows = select_rows(all, hardware(), unlowered);
  EXPECT_EQ(rows.size(), distinct.size());
  EXPECT_EQ(static_cast<std::size_t>(total(unlowered)) + rows.size(), all.size());

  Predictor predictor(walls());
  lower_rows(rows, learn_precisions(rows), predictor, unlowered);
  EXPECT_EQ(static_cast<std::size_t>(total(unlowered)) + rows.size(), all.size());
  EXPECT_GT(rows.size(), distinct.size() * 9 / 10) << "most of what is selected can be lowered";
  std::set<std::int64_t> ids;
  for (const Row& row : rows) {
    const Observation& o = row.observation;
    EXPECT_TRUE(ids.insert(o.id).second);
    EXPECT_TRUE(o.division == "closed" && o.duplicate_of.empty() && !o.inferred && !o.power_limited);
    EXPECT_FALSE(row.precision_basis.empty());
    EXPECT_FALSE(std::isnan(dense_peak(*row.hardware, row.scenario.precision)));
    EXPECT_EQ(row.scenario.split.devices(), *o.accelerators);
  }
}

// --- precision ---------------------------------------------------------------------------------------------

struct Rule : testing::Test {
  Rule() {
    h100 = &plugins().find_hardware("H100-SXM-80GB");
    h200 = &plugins().find_hardware("H200-SXM-141GB");
    a100 = &plugins().find_hardware("A100-SXM-80GB");
    l40s = &plugins().find_hardware("L40S");
    mi300x = &plugins().find_hardware("MI300X");
  }
  void learn(const char* model, const ironlaw_hardware* h, Precision precision, const std::string& cell,
             const char* accuracy = "99") {
    rule.learn(unstated(model, accuracy, cell), find_model(model), *h, precision);
  }
  static Observation unstated(const char* model, const char* accuracy = "99", const std::string& cell = "") {
    Observation o = inference([&](Observation& x) {
      x.model = model;
      x.accuracy_class = accuracy;
      x.precision = "";
    });
    if (!cell.empty()) o.cell = cell;
    return o;
  }
  PrecisionRule::Choice choose(const char* model, const ironlaw_hardware* h, const char* accuracy = "99") {
    return rule.choose(unstated(model, accuracy), find_model(model), *h);
  }
  PrecisionRule rule;
  const ironlaw_hardware *h100, *h200, *a100, *l40s, *mi300x;
};

TEST_F(Rule, StatedWinsOverEveryVote) {
  for (int i = 0; i < 9; ++i) learn("llama-2-70b", h100, Precision::fp8, fmt::format("c{}", i));
  Observation o = unstated("llama-2-70b");
  o.precision = "bf16";
  const auto choice = rule.choose(o, find_model("llama-2-70b"), *h100);
  EXPECT_EQ(choice.precision, Precision::bf16);
  EXPECT_STREQ(choice.basis, "stated");
}

// Each basis is used where, and only where, every nearer one has nothing to say.
TEST_F(Rule, BacksOffFromNearToFar) {
  EXPECT_EQ(choose("llama-2-70b", h100).precision, Precision::fp8);
  EXPECT_STREQ(choose("llama-2-70b", h100).basis, "narrowest floating point of the device");
  EXPECT_EQ(choose("llama-2-70b", a100).precision, Precision::bf16);  // no FP8 there

  learn("gpt-j-6b", l40s, Precision::fp16, "1");  // another family of the vendor
  EXPECT_STREQ(choose("llama-2-70b", h100).basis, "same kind of model and vendor");
  EXPECT_EQ(choose("llama-2-70b", h100).precision, Precision::fp16);

  learn("gpt-j-6b", h200, Precision::bf16, "2");  // the family, another model
  EXPECT_STREQ(choose("llama-2-70b", h100).basis, "same kind of model and family");
  EXPECT_EQ(choose("llama-2-70b", h100).precision, Precision::bf16);

  learn("llama-2-70b", h200, Precision::int8, "3");
  EXPECT_STREQ(choose("llama-2-70b", h100).basis, "same model and family");
  EXPECT_EQ(choose("llama-2-70b", h100).precision, Precision::int8);

  learn("llama-2-70b", h100, Precision::fp8, "4");
  EXPECT_STREQ(choose("llama-2-70b", h100).basis, "same model and device");
  EXPECT_EQ(choose("llama-2-70b", h100).precision, Precision::fp8);

  // Other vendors are heard last, and of the same model only.
  EXPECT_STREQ(choose("llama-2-70b", mi300x).basis, "same model");
  EXPECT_EQ(choose("llama-2-70b", mi300x).precision, Precision::fp8);
  EXPECT_STREQ(choose("gpt-j-6b", mi300x, "99.9").basis, "narrowest floating point of the device");

  // Other accuracy classes, kinds of model and suites are not heard.
  EXPECT_STREQ(choose("llama-2-70b", h100, "99.9").basis, "same kind of model and family");
  EXPECT_STREQ(choose("bert-large", h100).basis, "narrowest floating point of the device");
  Observation train = unstated("llama-2-70b");
  train.suite = "training";
  EXPECT_STREQ(rule.choose(train, find_model("llama-2-70b"), *h100).basis,
               "narrowest floating point of the device");
  // Convolutions have no recipe for training at 8 bits.
  train.model = "resnet-50";
  const auto vision = rule.choose(train, find_model("resnet-50"), *h100);
  EXPECT_EQ(vision.precision, Precision::bf16);
  EXPECT_STREQ(vision.basis, "16 bits: nothing narrower trains such networks");
}

// Those who serve decoders in the narrowest format that their devices have would do so on another.
TEST_F(Rule, ADecoderIsServedInTheNarrowestFormatOfAnotherFamily) {
  const ironlaw_hardware* const b200 = &plugins().find_hardware("B200-SXM-180GB");
  learn("llama-2-70b", h100, Precision::fp8, "1");
  EXPECT_EQ(choose("llama-2-70b", b200).precision, Precision::fp4);
  EXPECT_STREQ(choose("llama-2-70b", b200).basis,
               "narrowest of the device, as on other devices of vendor or model");
  // Nobody trains so, and encoders stay at what they ran in.
  learn("bert-large", h100, Precision::fp8, "2");
  EXPECT_EQ(choose("bert-large", b200).precision, Precision::fp8);
  // Wider than was possible: so on the other one too.
  learn("gpt-j-6b", mi300x, Precision::fp16, "3");
  EXPECT_EQ(choose("gpt-j-6b", &plugins().find_hardware("MI355X")).precision, Precision::fp16);
  // The device's own family is heard first.
  learn("llama-2-70b", b200, Precision::fp8, "4");
  EXPECT_EQ(choose("llama-2-70b", b200).precision, Precision::fp8);
}

TEST_F(Rule, PassesOverWhatTheDeviceCannotMultiply) {
  learn("llama-2-70b", h100, Precision::fp4, "1");
  learn("llama-2-70b", h100, Precision::fp4, "2");
  learn("llama-2-70b", h100, Precision::fp16, "3");
  EXPECT_EQ(choose("llama-2-70b", h100).precision, Precision::fp16);  // the minority that is possible
  learn("gpt-j-6b", a100, Precision::fp8, "4");                       // an A100 has no FP8
  EXPECT_STREQ(choose("gpt-j-6b", a100).basis, "same kind of model and vendor");
  EXPECT_EQ(choose("gpt-j-6b", a100).precision, Precision::fp16);
}

TEST_F(Rule, ACellHasOneVote) {
  for (int i = 0; i < 10; ++i) learn("llama-2-70b", h100, Precision::fp16, "many submitters, one system");
  learn("llama-2-70b", h100, Precision::fp8, "a");
  learn("llama-2-70b", h100, Precision::fp8, "b");
  EXPECT_EQ(choose("llama-2-70b", h100).precision, Precision::fp8);
}

TEST(PrecisionOfRows, NeverDependsOnTheRate) {
  std::vector<Observation> observations = facts().observations;
  Predictor predictor(walls());
  const std::vector<Row> before = lowered(observations, hardware(), predictor);
  // Equal rates stay equal, different ones different: the same rows are repeats.
  for (Observation& o : observations) o.value = 1e3 / o.value;
  const std::vector<Row> after = lowered(observations, hardware(), predictor);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].observation.id, after[i].observation.id);
    EXPECT_EQ(before[i].scenario.precision, after[i].scenario.precision);
    EXPECT_EQ(before[i].precision_basis, after[i].precision_basis);
    EXPECT_EQ(before[i].scenario.split.tensor, after[i].scenario.split.tensor);
    EXPECT_EQ(before[i].scenario.split.data, after[i].scenario.split.data);
    EXPECT_EQ(before[i].scenario.batch, after[i].scenario.batch);
    EXPECT_EQ(before[i].cell, after[i].cell);
  }
}

}  // namespace
}  // namespace ironlaw::test
