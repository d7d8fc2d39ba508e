// ironlaw sensitivity, synthesize and compare, as a user runs them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

Json answer(const std::string& words, int code = 0) {
  const Result r = run(words + " --params textbook --format json");
  EXPECT_EQ(r.code, code) << words << ": " << r.err;
  Json json = Json::parse(r.out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << words << ": " << r.out;
  return json;
}
std::string page(const std::string& words, int code = 0) {
  const Result r = run(words + " --params textbook");
  EXPECT_EQ(r.code, code) << words << ": " << r.err;
  EXPECT_FALSE(contains(r.out, " nan")) << r.out;
  EXPECT_FALSE(contains(r.out, " inf ")) << r.out;
  return r.out;
}
// One line on stderr, nothing on stdout, exit code 1.
std::string refused(const std::string& words) {
  const Result r = run(words + " --params textbook");
  EXPECT_EQ(r.code, 1) << words << ": " << r.err;
  EXPECT_EQ(r.out, "") << words;
  EXPECT_TRUE(r.err.starts_with("ironlaw: ")) << r.err;
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  return r.err;
}
Json find(const Json& list, const char* key, const std::string& value) {
  for (const Json& x : list)
    if (x[key] == value) return x;
  ADD_FAILURE() << value << " is not in " << list.dump(1);
  return {};
}
long lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

// ---- sensitivity ---------------------------------------------------------------------------------------

// By hand: all of a textbook decode of one request is bytes over bandwidth. A tenth more bandwidth takes
// 1/1.1 of the time, -9.09%. The reference says -8.75%: it adds a launch cost per layer to every token.
TEST(Sensitivity, BandwidthOfADecode) {
  const Json json = answer("sensitivity llama-3.1-8b a100 --precision fp16 --batch 1");
  EXPECT_EQ(json["output"]["name"], "time");
  EXPECT_EQ(json["binding_wall"], "memory");
  const Json bandwidth = find(json["elasticities"], "input", "memory_bandwidth");
  EXPECT_NEAR(bandwidth["elasticity"].get<double>(), -1, 0.001);
  EXPECT_NEAR(bandwidth["high"].get<double>() / json["output"]["value"].get<double>() - 1, -1 / 11.0, 1e-4);
  EXPECT_EQ(bandwidth["kind"], "hardware");
  EXPECT_EQ(bandwidth["unit"], "B/s");
  EXPECT_EQ(find(json["elasticities"], "input", "stream_efficiency")["kind"], "parameter");
  EXPECT_EQ(json["next"][0], "1% more memory_bandwidth makes it 1% faster.");
  for (const Json& e : json["elasticities"]) EXPECT_NE(e["input"], "peak_flops");  // it moves nothing here
}

// The output of the tornado's ends is what solve says of the moved scenario.
TEST(Sensitivity, EndsAreSolves) {
  const Json json = answer("sensitivity llama-3.1-70b h100 --tp 8 --phase prefill --batch 4");
  const Json peak = find(json["elasticities"], "input", "peak_flops");
  const Json moved = answer("solve llama-3.1-70b h100 --tp 8 --phase prefill --batch 4 --set peak_flops=" +
                            std::to_string(peak["value"].get<double>() * 1.1 / 1e12) + "TFLOP/s");
  EXPECT_NEAR(moved["time_s"].get<double>() / peak["high"].get<double>(), 1, 1e-6);
}

TEST(Sensitivity, EveryPhaseAndOutput) {
  for (const char* words :
       {"llama-3.1-8b h100 --phase decode --of itl", "llama-3.1-8b h100 --phase decode --of run_cost",
        "llama-3.1-70b h100 --gpus 64 --phase train --batch 512 --of throughput",
        "llama-3.1-8b h100 --phase offline --of cost_per_million_tokens",
        "llama-3.1-8b h100 --phase serve --set arrival_rate=8/s --of request_time_p99",
        "resnet-50 a100 --phase train --batch 256", "bert-large a100 --of run_energy",
        "mixtral-8x7b h100 --tp 4 --batch 8",
        "llama-3.1-8b h100 --set carbon_intensity=390g/kWh --of run_carbon"}) {
    const std::string text = page(std::string("sensitivity ") + words);
    EXPECT_TRUE(contains(text, "Change next")) << text;
    EXPECT_TRUE(contains(text, "Binding wall")) << text;
    EXPECT_LE(lines(text), 32) << text;
    EXPECT_FALSE(answer(std::string("sensitivity ") + words)["elasticities"].empty()) << words;
  }
}

TEST(Sensitivity, OverridesAreMarked) {
  const std::string words = "sensitivity llama-3.1-8b h100 --set memory_bandwidth=8TB/s";
  const Json json = answer(words);
  EXPECT_EQ(json["set"]["memory_bandwidth"], "8TB/s");
  const Json bandwidth = find(json["elasticities"], "input", "memory_bandwidth");
  EXPECT_EQ(bandwidth["value"], 8e12);
  EXPECT_TRUE(bandwidth["is_set"].get<bool>());
  EXPECT_FALSE(find(json["elasticities"], "input", "stream_efficiency")["is_set"].get<bool>());
  EXPECT_TRUE(contains(page(words), "memory_bandwidth *"));
  EXPECT_TRUE(contains(page(words), "Set *"));
}

TEST(Sensitivity, FormatsAgree) {
  const Json json = answer("sensitivity llama-3.1-8b h100");
  const Result csv = run("sensitivity llama-3.1-8b h100 --params textbook --format csv");
  EXPECT_EQ(lines(csv.out), static_cast<long>(json["elasticities"].size()) + 1);
  EXPECT_TRUE(csv.out.starts_with("output,input,kind,value,unit,elasticity,low,high,is_set\n"));
  EXPECT_EQ(answer("sensitivity llama-3.1-8b h100 --top 3")["elasticities"].size(), 3U);
  const Json one = answer("sensitivity llama-3.1-8b h100 --input memory_capacity")["elasticities"];
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0]["elasticity"], 0);
}

TEST(Sensitivity, WhatDoesNotFitIsSaidToo) {
  const Result r = run("sensitivity llama-3.1-70b h100 --params textbook");
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.out, "memory_bandwidth"));
  EXPECT_TRUE(contains(r.out, "as if it worked")) << r.out;
  EXPECT_TRUE(r.err.starts_with("ironlaw: llama-3.1-70b does not fit")) << r.err;
}

TEST(Sensitivity, WhatMakesNoSenseIsRefused) {
  EXPECT_TRUE(contains(refused("sensitivity llama-3.1-8b h100 --of itm"), "Did you mean itl"));
  EXPECT_TRUE(contains(refused("sensitivity llama-3.1-8b h100 --of run_carbon"), "carbon_intensity"));
  EXPECT_TRUE(contains(refused("sensitivity llama-3.1-8b h100 --input memory_bandwith"), "memory_bandwidth"));
  for (const char* change : {"0", "1", "-10%", "100%", "x", "nan", "5s"})
    EXPECT_TRUE(
        contains(refused(std::string("sensitivity llama-3.1-8b h100 --change ") + change), "--change"));
  EXPECT_TRUE(contains(refused("sensitivity llama-3.1-8b h100 --top 0"), "--top"));
  EXPECT_TRUE(contains(refused("sensitivity llama-3.1-8b"), "HARDWARE"));
  EXPECT_TRUE(contains(refused("sensitivity resnet-50 a100 --of itl"), "itl"));
}

// ---- synthesize ----------------------------------------------------------------------------------------

// The reference: 70.6e9 weights of two bytes in 50 ms are 2,824 GB/s. It counts weights only, and all of
// them. Ours reads one row of the embedding table (128,256 x 8,192, 2.101 GB) and not the others, and reads
// the cache of 222.3 + 294.45/2 = 369.5 tokens, each 80 x 2 x 8 x 128 x 2 B = 327,680 B (0.121 GB):
//   141.107 - 2.101 + 0.121 = 139.127 GB, over 50 ms 2,783 GB/s; activations and arithmetic add 0.1%.
TEST(Synthesize, BandwidthFor50MillisecondsOfLlama70B) {
  const Json json = answer("synthesize llama-3.1-70b h100 --precision fp16 --target itl=50ms");
  const Json bandwidth = find(json["requirements"], "input", "memory_bandwidth");
  const double weights = 141.107e9, table = 128256.0 * 8192 * 2, cache = 369.5 * 327680;
  EXPECT_NEAR(bandwidth["required"].get<double>() / ((weights - table + cache) / 50e-3), 1, 2e-3);
  EXPECT_GT(bandwidth["required"].get<double>() * 50e-3, weights - table + cache);
  EXPECT_LT(bandwidth["required"].get<double>(), 2824e9);
  EXPECT_EQ(bandwidth["present"], 3.35e12);
  EXPECT_NEAR(bandwidth["ratio"].get<double>(), bandwidth["required"].get<double>() / 3.35e12, 1e-12);
  // One H100 is fast enough but too small. Twice its memory would do, and so would two.
  EXPECT_FALSE(json["is_met"].get<bool>());
  EXPECT_FALSE(json["feasible"].get<bool>());
  const Json memory = find(json["requirements"], "input", "memory_capacity");
  EXPECT_NEAR(memory["required"].get<double>(), 141.2e9, 0.2e9);
  EXPECT_EQ(find(json["requirements"], "input", "devices")["required"], 2);
  EXPECT_FALSE(find(json["requirements"], "input", "network_bandwidth")["has_effect"].get<bool>());
}

// What is said to be enough is enough, and a little less is not.
TEST(Synthesize, WhatItSaysIsEnough) {
  const std::string scenario = "llama-3.1-70b h100 --tp 8 --batch 32 ";
  const Json json = answer("synthesize " + scenario + "--target itl=4ms --no-catalogue");
  EXPECT_TRUE(json["catalogue"].empty());
  const double needed = find(json["requirements"], "input", "memory_bandwidth")["required"].get<double>();
  const auto itl = [&](double bandwidth) {
    const Json solved =
        answer("solve " + scenario + "--set memory_bandwidth=" + std::to_string(bandwidth / 1e9) + "GB/s");
    return solved["time_s"].get<double>();
  };
  EXPECT_LE(itl(needed * (1 + 1e-9)), 4e-3 * (1 + 1e-9));
  EXPECT_GT(itl(needed * 0.999), 4e-3);
  const Json peak = find(json["requirements"], "input", "peak_flops");
  EXPECT_TRUE(peak["required"].is_null());
  EXPECT_TRUE(contains(peak["text"], "wall 2 memory binds")) << peak;
}

TEST(Synthesize, TheCatalogueSaysWhoAndWhyNot) {
  const Json json = answer("synthesize llama-3.1-70b h100 --precision fp8 --target itl=15ms");
  const std::size_t targets = Json::parse(run("hardware --format json").out).size();
  EXPECT_EQ(json["catalogue"].size(), targets);
  bool some = false;
  for (const Json& e : json["catalogue"]) {
    EXPECT_NE(e["meets"].get<bool>(), e["reason"].is_string()) << e;
    some |= e["meets"].get<bool>();
    if (e["least_devices"].is_null()) continue;
    // The least number does it, by the fastest split.
    const Json solved =
        answer("solve llama-3.1-70b " + e["hardware"].get<std::string>() +
               " --precision fp8 --split fastest --gpus " + std::to_string(e["least_devices"].get<int>()));
    EXPECT_LE(solved["time_s"].get<double>(), 15e-3) << e;
    EXPECT_TRUE(solved["feasible"].get<bool>()) << e;
  }
  EXPECT_TRUE(some);
  EXPECT_TRUE(contains(find(json["catalogue"], "hardware", "A100-SXM-80GB")["reason"], "no dense fp8 peak"));
  EXPECT_TRUE(contains(find(json["catalogue"], "hardware", "L40S")["reason"], "does not fit"));
}

TEST(Synthesize, FiguresOfADeviceAreItsOwn) {
  const Json plain = answer("synthesize llama-3.1-8b h100 --target itl=4ms");
  const Json set = answer("synthesize llama-3.1-8b h100 --target itl=4ms --set memory_bandwidth=8TB/s");
  EXPECT_TRUE(set["is_met"].get<bool>());
  EXPECT_FALSE(plain["is_met"].get<bool>());
  EXPECT_EQ(set["catalogue"], plain["catalogue"]);
  EXPECT_TRUE(contains(set["notes"].dump(), "keeps its own memory_bandwidth"));
}

TEST(Synthesize, EveryKindOfTarget) {
  for (const char* words :
       {"llama-3.1-8b h100 --phase offline --target throughput=20000/s",
        "llama-3.1-8b h100 --phase offline --target throughput=20000tokens/s",
        "llama-3.1-70b h100 --phase train --gpus 64 --batch 512 --set training_tokens=1e12 --target "
        "run_time=30days",
        "llama-3.1-70b h100 --phase train --gpus 64 --batch 512 --set training_tokens=1e12 --target "
        "run_cost=200000USD",
        "llama-3.1-70b h100 --phase train --gpus 64 --batch 512 --set training_tokens=1e12 --set "
        "carbon_intensity=390g/kWh --target run_carbon=50t",
        "llama-3.1-8b h100 --phase serve --set arrival_rate=50/s --target request_time_p99=5s",
        "llama-3.1-8b h100 --target itl<=3ms", "llama-3.1-8b h100 --target throughput>=400/s",
        "resnet-50 a100 --phase train --batch 256 --target throughput=10000samples/s"}) {
    const std::string text = page(std::string("synthesize ") + words);
    EXPECT_TRUE(contains(text, "Target")) << text;
    EXPECT_TRUE(contains(text, "The catalogue")) << text;
    const Result csv = run(std::string("synthesize ") + words + " --params textbook --format csv");
    EXPECT_TRUE(contains(csv.out, "\ndevice,H100-SXM-80GB,")) << csv.out;
  }
}

// A target that is met: how far each figure could go down.
TEST(Synthesize, SlackIsSaid) {
  const std::string text = page("synthesize llama-3.1-8b h100 --target itl=10ms --no-catalogue");
  EXPECT_TRUE(contains(text, "How far each could go down")) << text;
}

TEST(Synthesize, TheImpossibleIsInfeasible) {
  const Result r = run("synthesize llama-3.1-8b h100 --target itl=1us --for peak_flops --params textbook");
  EXPECT_EQ(r.code, 2) << r.out;
  EXPECT_TRUE(contains(r.out, "without limit")) << r.out;
  EXPECT_TRUE(contains(r.err, "Nothing meets itl=1us")) << r.err;
}

TEST(Synthesize, WhatMakesNoSenseIsRefused) {
  const std::string scenario = "synthesize llama-3.1-8b h100 ";
  EXPECT_TRUE(contains(refused(scenario), "--target is missing"));
  for (const char* target : {"itl", "=5ms", "itl=", "itl=fast", "itl=5GB", "itl=50", "itl=-5ms", "itl=0"})
    EXPECT_TRUE(contains(refused(scenario + "--target " + target), "--target")) << target;
  EXPECT_TRUE(contains(refused(scenario + "--target itm=5ms"), "Did you mean itl"));
  EXPECT_TRUE(contains(refused(scenario + "--target run_carbon=5kg"), "carbon_intensity"));
  EXPECT_TRUE(contains(refused(scenario + "--target itl=5ms --for memory_bandwith"), "memory_bandwidth"));
}

// ---- compare -------------------------------------------------------------------------------------------

TEST(Compare, DevicesSideBySide) {
  const Json json = answer("compare llama-3.1-8b a100 h100 h200");
  ASSERT_EQ(json["contenders"].size(), 3U);
  EXPECT_EQ(json["winner"], "H200-SXM-141GB");
  ASSERT_EQ(json["gaps"].size(), 2U);
  EXPECT_EQ(json["gaps"][0]["wall"], "memory");
  EXPECT_TRUE(json["gaps"][0]["factor90"].is_null());  // textbook parameters have no error bar
  for (std::size_t i = 0; i < 3; ++i) {
    const Json& c = json["contenders"][i];
    const Json solved = answer("solve llama-3.1-8b " + c["hardware"].get<std::string>());
    EXPECT_EQ(c["time"], solved["time_s"]);
    EXPECT_EQ(c["throughput"], solved["throughput"]);
    EXPECT_EQ(c["binding_wall"], solved["binding_wall"]);
    EXPECT_TRUE(c["run_carbon"].is_null());  // nobody says where
  }
  EXPECT_NEAR(
      json["gaps"][0]["factor"].get<double>(),
      json["contenders"][2]["throughput"].get<double>() / json["contenders"][1]["throughput"].get<double>(),
      1e-12);
}

// The crossover, looked at from both sides by solve.
TEST(Compare, FlipsHoldInSolve) {
  const std::string split = " --phase prefill --gpus 8 --batch 8";
  const Json json = answer("compare llama-3.1-70b h100 mi300x" + split);
  const Json scan = find(json["scans"], "along", "input_len");
  ASSERT_GE(scan["stretches"].size(), 2U);
  const auto throughput = [&](const char* device, int tokens) {
    const Json solved = answer(std::string("solve llama-3.1-70b ") + device + split + " --input-len " +
                               std::to_string(tokens));
    return solved["throughput"].get<double>();
  };
  const int flip = scan["stretches"][1]["from"].get<int>();
  EXPECT_EQ(scan["stretches"][0]["winner"], "H100-SXM-80GB");
  EXPECT_EQ(scan["stretches"][1]["winner"], "MI300X");
  EXPECT_EQ(scan["stretches"][1]["because"], "overtaken");
  EXPECT_GT(throughput("h100", flip - 1), throughput("mi300x", flip - 1));
  EXPECT_GT(throughput("mi300x", flip), throughput("h100", flip));
}

TEST(Compare, EveryPhaseFitsAPage) {
  for (const char* words : {"llama-3.1-8b a100 h100 mi300x --batch 32",
                            "llama-3.1-70b h100 b200 --phase train --gpus 64 --batch 256",
                            "llama-3.1-8b h100 mi300x tpu-v5p --phase offline",
                            "llama-3.1-8b h100 mi300x --phase serve --set arrival_rate=5/s",
                            "resnet-50 a100 h100 --phase train --batch 256", "bert-large a100 l40s"}) {
    const std::string text = page(std::string("compare ") + words);
    EXPECT_TRUE(contains(text, "Winner")) << text;
    EXPECT_TRUE(contains(text, "because of wall")) << text;
    EXPECT_TRUE(contains(text, "Wall by wall")) << text;
    EXPECT_LE(lines(text), 48) << text;
    const Result csv = run(std::string("compare ") + words + " --params textbook --format csv");
    EXPECT_EQ(lines(csv.out),
              static_cast<long>(answer(std::string("compare ") + words)["contenders"].size()) + 1);
  }
}

TEST(Compare, TwoOfAKindAreEqual) {
  const Json json = answer("compare llama-3.1-8b h100 h100");
  EXPECT_EQ(json["contenders"][0]["name"], "H100-SXM-80GB #1");
  EXPECT_EQ(json["gaps"][0]["factor"], 1);
  EXPECT_TRUE(json["gaps"][0]["wall"].is_null());
  EXPECT_TRUE(contains(page("compare llama-3.1-8b h100 h100"), "are equal"));
}

TEST(Compare, OverridesCountForAllAndAreShown) {
  const Json json = answer("compare llama-3.1-8b h100 h200 --set memory_bandwidth=8TB/s");
  EXPECT_EQ(json["set"]["memory_bandwidth"], "8TB/s");
  EXPECT_NEAR(json["gaps"][0]["factor"].get<double>(), 1, 1e-9);
}

TEST(Compare, WhatDoesNotFitLosesAndNothingIsInfeasible) {
  const Json json = answer("compare llama-3.1-70b h100 h200");
  EXPECT_EQ(json["winner"], "H200-SXM-141GB");
  EXPECT_TRUE(json["contenders"][0]["time"].is_null());
  EXPECT_FALSE(json["contenders"][0]["feasible"].get<bool>());
  const Result r = run("compare llama-3.1-405b h100 a100 --params textbook");
  EXPECT_EQ(r.code, 2);
  EXPECT_TRUE(contains(r.out, "nothing here is feasible")) << r.out;
  const Json fp8 = answer("compare llama-3.1-8b a100 h100 --precision fp8");
  EXPECT_TRUE(contains(fp8["contenders"][0]["refused"], "no dense fp8 peak"));
  EXPECT_EQ(fp8["winner"], "H100-SXM-80GB");
}

TEST(Compare, PlansSideBySide) {
  const TemporaryFolder folder;
  const std::string small = folder.write(
      "one-h100.yaml", "workload: {model: llama-3.1-8b, phase: decode, batch: 8}\nhardware: {name: h100}\n");
  const std::string large = folder.write("two-a100.yaml",
                                         "workload: {model: llama-3.1-8b, phase: decode, batch: "
                                         "8}\nhardware: {name: a100}\nparallelism: {tp: 2}\n");
  const Result r = run({"compare", small, large, "--params", "textbook", "--format", "json"});
  ASSERT_EQ(r.code, 0) << r.err;
  const Json json = Json::parse(r.out);
  EXPECT_EQ(json["contenders"][0]["name"], "one-h100");
  EXPECT_EQ(json["contenders"][1]["gpus"], 2);
  EXPECT_EQ(json["winner"], "two-a100");
  const Result one = run({"sensitivity", small, "--params", "textbook"});
  EXPECT_EQ(one.code, 0) << one.err;
  const Result target = run({"synthesize", small, "--target", "itl=3ms", "--params", "textbook"});
  EXPECT_EQ(target.code, 0) << target.err;
  EXPECT_TRUE(contains(refused("compare " + small + " h100"), "not both"));
}

TEST(Compare, WhatMakesNoSenseIsRefused) {
  EXPECT_TRUE(contains(refused("compare llama-3.1-8b h100"), "at least two"));
  EXPECT_TRUE(contains(refused("compare llama-3.1-8b h100 h100x"), "H100-SXM-80GB"));
  EXPECT_TRUE(contains(refused("compare lamma-3.1-8b h100 h200"), "llama-3.1-8b"));
  EXPECT_TRUE(contains(refused("compare llama-3.1-8b h100 h200 --set nonsense=3"), "nonsense"));
}

}  // namespace
}  // namespace ironlaw::test
