// ironlaw solve: what it answers, and what it refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

// One answer as JSON; 0 or 2 is what its code must be.
Json solve(const std::string& words) {
  const Result r = run("solve " + words + " --params textbook --format json");
  EXPECT_TRUE(r.code == 0 || r.code == 2) << words << ": " << r.err;
  Json json = Json::parse(r.out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << words << ": " << r.out;
  EXPECT_EQ(json.value("feasible", false), r.code == 0) << words;
  return json;
}

// The message of something refused: one line, exit code 1, nothing on stdout.
std::string refused(const std::string& words) {
  const Result r = run("solve " + words + (contains(words, "--params") ? "" : " --params textbook"));
  EXPECT_EQ(r.code, 1) << words << ": " << r.err;
  EXPECT_EQ(r.out, "") << words;
  EXPECT_TRUE(r.err.starts_with("ironlaw: ")) << r.err;
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  return r.err;
}

double product_time(const Json& json) {
  const Json& law = json["iron_law"];
  double product = 1;
  for (const char* term : {"n", "peak", "mfu", "eta_scaling", "goodput"})
    if (!law[term].is_null()) product *= law[term].get<double>();
  return law["flops"].get<double>() / product;
}

TEST(Solve, NamesMatchLoosely) {
  for (const char* words : {"llama-3.1-8b H100-SXM-80GB", "LLAMA3.1-8B h100", "llama_3.1_8b h100sxm"}) {
    const Json json = solve(words);
    EXPECT_EQ(json["model"], "llama-3.1-8b");
    EXPECT_EQ(json["hardware"], "H100-SXM-80GB");
  }
}

TEST(Solve, UnknownNamesGetSuggestions) {
  EXPECT_TRUE(contains(refused("lamma-3.1-8b h100"), "Did you mean llama-3.1-8b"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100x"), "H100-SXM-80GB"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --bach 4"), "Did you mean --batch"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --phase decod"), "Did you mean decode"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --precision fp9"), "fp8"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --kv-precision f7"), "fp8"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --format jsn"), "Did you mean json"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --params texbook"), "Did you mean textbook"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --recompute ful"), "full"));
  EXPECT_TRUE(contains(refused("llama h100"), "ambiguous"));
}

TEST(Solve, OptionsAreNotGuessed) {
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --bat 4"), "--batch"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 -b 4"), "no option -b"));
}

TEST(Solve, TooFewAndTooManyNames) {
  EXPECT_TRUE(contains(refused("llama-3.1-8b"), "MODEL and HARDWARE are needed"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 a100"), "a100"));
  EXPECT_TRUE(contains(run("solve llama-3.1-8b h100 --batch").err, "--batch needs a value"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --batch --gpus 1"), "--batch"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --batch 1 --batch 2"), "given twice"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --batch="), "--batch"));
}

TEST(Solve, NumbersMustMakeSense) {
  for (const char* option :
       {"batch", "input-len", "output-len", "gpus", "tp", "pp", "dp", "ep", "micro-batch"})
    for (const char* value : {"0", "-1", "nan", "inf", "-inf", "1x", "x", "1e16", "1e999", "0x10", "1,5"}) {
      const std::string message = refused(std::string("llama-3.1-8b h100 --") + option + " " + value);
      EXPECT_TRUE(contains(message, std::string("--") + option)) << message;
      EXPECT_TRUE(contains(message, value)) << message;
    }
  for (const char* option : {"batch", "gpus", "tp", "micro-batch"})
    EXPECT_TRUE(contains(refused(std::string("llama-3.1-8b h100 --") + option + " 1.5"), "whole number"));
  for (const char* zero : {"-1", "4", "1.0", "x"})
    EXPECT_TRUE(contains(refused(std::string("llama-3.1-8b h100 --phase train --zero ") + zero), "--zero"));
  for (const char* month : {"2025", "2025-13", "2025-9", "yesterday"})
    EXPECT_TRUE(contains(refused(std::string("llama-3.1-8b h100 --generation ") + month), "--generation"));
}

TEST(Solve, ImpossibleSplits) {
  const std::string message = refused("llama-3.1-8b h100 --gpus 8 --tp 3");
  EXPECT_TRUE(contains(message, "3") && contains(message, "8")) << message;
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --tp 5 --batch 5"), "5"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --pp 64"), "64"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --dp 4 --batch 2"), "dp"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --tp 1000000 --pp 1000000 --dp 1000000"), "1000000"));
  EXPECT_TRUE(contains(refused("resnet-50 h100 --tp 2"), "2"));
}

TEST(Solve, PrecisionsThatADeviceLacksNameTheNearest) {
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --precision fp4"), "The nearest is fp8"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b l40s --precision fp4"), "The nearest is"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b a100 --precision fp8"), "The nearest is"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b b200 --precision int4"), "The nearest is"));
}

TEST(Solve, PhasesThatAModelLacksAreRefused) {
  EXPECT_TRUE(contains(refused("bert-large h100 --phase decode"), "bert-large has no decode phase"));
  EXPECT_TRUE(contains(refused("resnet-50 h100 --phase decode"), "no decode phase"));
}

TEST(Solve, WhatDoesNotFitHasNoTime) {
  const Result r = run("solve llama-3.1-405b h100 --params textbook --format json");
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(r.err.starts_with("ironlaw: llama-3.1-405b does not fit")) << r.err;
  const Json json = Json::parse(r.out);
  EXPECT_TRUE(json["time_s"].is_null());
  EXPECT_TRUE(json["throughput"].is_null());
  EXPECT_TRUE(json["interval90"].is_null());
  EXPECT_FALSE(json["feasible"].get<bool>());
  EXPECT_TRUE(json["infeasible_because"].is_string());
  EXPECT_LT(json["memory"]["headroom_bytes"].get<double>(), 0);

  const Result text = run("solve llama-3.1-405b h100 --params textbook");
  EXPECT_EQ(text.code, 2);
  EXPECT_TRUE(contains(text.out, "does not fit"));
  const Result csv = run("solve llama-3.1-405b h100 --params textbook --format csv");
  EXPECT_EQ(csv.code, 2);
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 2);
}

TEST(Solve, JsonHasWhatIsPromised) {
  const Json json = solve("llama-3.1-8b h100 --phase decode --batch 4 --input-len 1024 --output-len 256");
  for (const char* key : {"model", "hardware", "phase", "precision", "params", "time_is", "throughput_unit"})
    EXPECT_TRUE(json[key].is_string()) << key;
  for (const char* key :
       {"batch", "input_len", "output_len", "gpus", "tp", "pp", "dp", "time_s", "throughput"})
    EXPECT_TRUE(json[key].is_number()) << key;
  EXPECT_EQ(json["batch"], 4);
  EXPECT_EQ(json["input_len"], 1024);
  EXPECT_EQ(json["output_len"], 256);
  EXPECT_EQ(json["phase"], "decode");
  EXPECT_EQ(json["params"], "textbook");
  for (const char* term : {"flops", "n", "peak", "mfu", "eta_scaling", "goodput"})
    EXPECT_TRUE(json["iron_law"].contains(term)) << term;
  for (const char* term : {"flops", "n", "peak", "mfu"})
    EXPECT_TRUE(json["iron_law"][term].is_number()) << term;
  std::vector<std::string> nulls;
  for (const auto& [term, value] : json["iron_law"].items())
    if (value.is_null()) nulls.push_back(term);
  EXPECT_EQ(json["not_modelled"].get<std::vector<std::string>>(), nulls);
  EXPECT_TRUE(json["binding_wall"].is_string());
  EXPECT_TRUE(json["feasible"].is_boolean());
  EXPECT_TRUE(json["infeasible_because"].is_null());
  EXPECT_TRUE(json["interval90"].is_null());  // textbook parameters have no error bar
  EXPECT_TRUE(json["memory"]["headroom_bytes"].is_number());
  EXPECT_TRUE(json["notes"].is_array());
  ASSERT_FALSE(json["ledger"].empty());
  double total = json["peak_time_s"].get<double>();
  for (const Json& entry : json["ledger"]) {
    EXPECT_TRUE(entry["number"].is_number_integer());
    EXPECT_TRUE(entry["name"].is_string());
    EXPECT_TRUE(entry["elasticity"].is_number());
    total += entry["seconds"].get<double>();
  }
  EXPECT_NEAR(total / json["time_s"].get<double>(), 1, 1e-9);
}

// Every model on every target in every phase: an answer whose terms multiply to its time, or a refusal in
// one sentence.
TEST(Solve, TermsMultiplyToTheTime) {
  const Json models = Json::parse(run("models --format json").out);
  const Json targets = Json::parse(run("hardware --format json").out);
  ASSERT_GE(models.size(), 9U);
  ASSERT_GE(targets.size(), 8U);
  // Every model and every target, each with some of the others: a process a run takes its time.
  constexpr std::size_t kThin = 7;
  int answered = 0;
  for (std::size_t m = 0; m < models.size(); ++m)
    for (std::size_t t = m % kThin; t < targets.size(); t += kThin)
      for (const char* phase : {"train", "prefill", "decode", "offline"}) {
        const Json& model = models[m];
        const Json& target = targets[t];
        const Result r = run({"solve", model["name"], target["name"], "--phase", phase, "--batch", "16",
                              "--gpus", "8", "--params", "textbook", "--format", "json"});
        const std::string what = model["name"].get<std::string>() + " on " +
                                 target["name"].get<std::string>() + ", " + phase + ": " + r.err;
        ASSERT_TRUE(r.code >= 0 && r.code <= 2) << what;
        if (r.code != 0) {
          EXPECT_TRUE(r.err.starts_with("ironlaw: ")) << what;
          continue;
        }
        const Json json = Json::parse(r.out);
        EXPECT_NEAR(product_time(json) / json["time_s"].get<double>(), 1, 1e-9) << what;
        EXPECT_GT(json["throughput"].get<double>(), 0) << what;
        EXPECT_GT(json["iron_law"]["mfu"].get<double>(), 0) << what;
        EXPECT_LE(json["iron_law"]["mfu"].get<double>(), 1) << what;
        ++answered;
      }
  EXPECT_GT(answered, 100);
}

// By hand: bytes over bandwidth.
TEST(Solve, TextbookDecodeIsBoundByMemory) {
  const Json a100 = solve("llama-3.1-8b a100 --batch 1");
  const Json h100 = solve("llama-3.1-8b h100 --batch 1");
  EXPECT_EQ(h100["binding_wall"], "memory");
  const double speedup = a100["time_s"].get<double>() / h100["time_s"].get<double>();
  EXPECT_GT(speedup, 1.6);
  EXPECT_LT(speedup, 1.7);
  EXPECT_NEAR(h100["iron_law"]["peak"].get<double>() / a100["iron_law"]["peak"].get<double>(), 3.2, 0.05);
}

TEST(Solve, PrecisionIsChosenAndSaid) {
  const Json json = solve("llama-3.1-8b h100");
  EXPECT_EQ(json["precision"], "bf16");
  EXPECT_TRUE(contains(json["notes"].dump(), "bf16 is assumed"));
  EXPECT_EQ(solve("llama-3.1-8b h100 --precision fp8")["precision"], "fp8");
  EXPECT_EQ(solve("llama-3.1-8b h100 --precision fp8")["notes"].size(), 0U);
}

// 4-bit weights in 16-bit products: a small batch reads a quarter of the bytes, the arithmetic is the same.
TEST(Solve, WeightsMayBeStoredNarrower) {
  const Json wide = solve("llama-3.1-8b h100 --precision bf16 --phase decode --batch 1");
  const Json narrow =
      solve("llama-3.1-8b h100 --precision bf16 --weight-precision int4 --phase decode --batch 1");
  EXPECT_EQ(wide["weight_precision"], "bf16");
  EXPECT_EQ(narrow["weight_precision"], "int4");
  EXPECT_EQ(narrow["precision"], "bf16");
  EXPECT_LT(narrow["time_s"].get<double>(), 0.5 * wide["time_s"].get<double>());
  EXPECT_EQ(narrow["iron_law"]["peak"], wide["iron_law"]["peak"]);
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --phase train --weight-precision int4"), "inference"));
  EXPECT_TRUE(contains(refused("llama-3.1-8b h100 --weight-precision int5"), "int4"));
}

TEST(Solve, PhaseFollowsTheModel) {
  EXPECT_EQ(solve("llama-3.1-8b h100")["phase"], "decode");
  EXPECT_EQ(solve("bert-large h100")["phase"], "prefill");
}

TEST(Solve, SplitIsCompleted) {
  const Json json = solve("llama-3.1-70b h100 --gpus 8 --tp 4 --batch 8");
  EXPECT_EQ(json["tp"], 4);
  EXPECT_EQ(json["dp"], 2);
  EXPECT_EQ(json["gpus"], 8);
  EXPECT_EQ(solve("llama-3.1-70b h100 --tp 2 --pp 2 --batch 8")["gpus"], 4);
  EXPECT_EQ(solve("llama-3.1-8b h100 --phase train --cp 2")["gpus"], 2);
}

TEST(Solve, ThePageIsShortAndPlain) {
  for (const char* words :
       {"llama-3.1-8b h100", "llama-3.1-405b h100", "llama-3.1-70b h100 --gpus 16 --phase train --batch 64",
        "mixtral-8x7b mi300x --tp 8 --phase offline", "resnet-50 a100 --batch 256"}) {
    const Result r = run(std::string("solve ") + words + " --params textbook");
    EXPECT_LE(std::count(r.out.begin(), r.out.end(), '\n'), 40) << r.out;
    EXPECT_FALSE(contains(r.out, "\x1b")) << words;
    EXPECT_FALSE(contains(r.out, "nan")) << r.out;
    for (const char* part : {"Iron Law", "mfu", "goodput", "check:", "Rests on", " textbook\n", "Memory"})
      EXPECT_TRUE(contains(r.out, part)) << part << "\n" << r.out;
  }
}

TEST(Solve, TakesAModelFromAFile) {
  // The published config.json has the shape that the registry has.
  const Json mine = solve(CONFIGS_DIR "/llama-3.1-8b/config.json h100 --input-len 1000 --output-len 100");
  const Json known = solve("llama-3.1-8b h100 --input-len 1000 --output-len 100");
  EXPECT_EQ(mine["time_s"], known["time_s"]);
  EXPECT_EQ(mine["memory"], known["memory"]);
  EXPECT_EQ(solve(CONFIGS_DIR "/deepseek-v3 h200 --gpus 8 --tp 8 --precision fp8")["feasible"], true);
  const Result missing = run("solve ./no/such/config.json h100 --params textbook");
  EXPECT_EQ(missing.code, 1);
  EXPECT_TRUE(contains(missing.err, "there is no such file")) << missing.err;
}

TEST(Solve, CsvIsAHeaderAndARow) {
  const Result r = run("solve llama-3.1-8b h100 --params textbook --format csv");
  ASSERT_EQ(r.code, 0);
  ASSERT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 2);
  EXPECT_TRUE(contains(r.out, ",time_s,"));
  EXPECT_TRUE(contains(r.out, "iron_law.mfu"));
  EXPECT_TRUE(contains(r.out, "interval90.low"));
  EXPECT_TRUE(contains(r.out, "\nllama-3.1-8b,H100-SXM-80GB,decode,1,"));
}

TEST(Solve, CalibratedNeedsADatabase) {
  const Result r = run("solve llama-3.1-8b h100");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.out, "");
  EXPECT_TRUE(contains(r.err, "ironlaw db build")) << r.err;
  EXPECT_TRUE(contains(r.err, "textbook")) << r.err;
}

TEST(Solve, FilesThatAreNoPluginsAreWarnedOf) {
  const TemporaryFolder folder;
  folder.write("x.wall.so", "not a library\n");
  const Result r = run("solve llama-3.1-8b h100 --params textbook --format json",
                       {{"IRONLAW_PLUGIN_PATH", folder.path().string()}});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  EXPECT_TRUE(contains(r.err, "x.wall.so")) << r.err;
  EXPECT_TRUE(Json::accept(r.out));
}

TEST(Solve, MissingPluginFoldersAreWarnedOf) {
  const Result r = run("solve llama-3.1-8b h100 --params textbook --format json",
                       {{"IRONLAW_PLUGIN_PATH", "/nowhere/at/all"}});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_TRUE(contains(r.err, "/nowhere/at/all")) << r.err;
  EXPECT_TRUE(Json::accept(r.out));
}

}  // namespace
}  // namespace ironlaw::test
