// ironlaw tutorial: every lesson runs, names the misconceptions, and says numbers that physics confirms.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

constexpr int kLessons = 14;

Json tutorial(const std::string& words) {
  const Result r = run("tutorial " + words + " --format json");
  EXPECT_EQ(r.code, 0) << words << ": " << r.err;
  Json json = Json::parse(r.out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << words << ": " << r.out;
  EXPECT_TRUE(json.is_object()) << words;
  return json;
}

double found(const Json& lesson, const std::string& name) {
  const Json& all = lesson["result"]["found"];
  EXPECT_TRUE(all.contains(name)) << name;
  return all.contains(name) ? all[name]["value"].get<double>() : std::nan("");
}

// The row of a table whose first cells are these labels.
Json row(const Json& lesson, std::size_t table, const std::vector<std::string>& labels) {
  const Json& t = lesson["result"]["tables"][table];
  for (const Json& candidate : t["rows"]) {
    bool matches = true;
    for (std::size_t i = 0; i < labels.size(); ++i)
      matches = matches && candidate[t["columns"][i].get<std::string>()] == labels[i];
    if (matches) return candidate;
  }
  ADD_FAILURE() << "no row " << labels[0];
  return {};
}

std::string refused(const std::vector<std::string>& words, const Environment& environment = {}) {
  const Result r = run(words, environment);
  EXPECT_EQ(r.code, 1) << r.out;
  EXPECT_EQ(r.out, "");
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  return r.err;
}

TEST(Tutorial, ListsItsLessons) {
  const Json lessons = tutorial("")["lessons"];
  ASSERT_EQ(lessons.size(), static_cast<std::size_t>(kLessons));
  for (int i = 0; i < kLessons; ++i) EXPECT_EQ(lessons[static_cast<std::size_t>(i)]["lesson"], i + 1);
  const std::string text = run("tutorial").out;
  for (const char* name : {"capstone", "aha1", "aha5"}) EXPECT_TRUE(contains(text, name)) << name;
}

class EveryLesson : public testing::TestWithParam<int> {};

TEST_P(EveryLesson, PrintsPredictionResultAndReflection) {
  const Result r = run("tutorial " + std::to_string(GetParam()));
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.err, "");
  std::size_t at = 0;  // in this order
  for (const char* heading : {"\nPrediction\n", "The usual one: ", "\nResult\n", "The model says ",
                              "\nReflection\n", "Where the tutorial's own number is wrong", "\nRests on\n"}) {
    const std::size_t next = r.out.find(heading, at);
    EXPECT_NE(next, std::string::npos) << heading;
    at = std::max(at, next == std::string::npos ? at : next);
  }
  EXPECT_EQ(r.out.find('{'), std::string::npos) << "a name that was not filled in";
  EXPECT_EQ(r.out.find("unknown"), std::string::npos);
}

// The guess that shows a misconception: the middle of its range, or its own name.
std::vector<std::string> guesses(const Json& misconception) {
  if (misconception.contains("is")) return {misconception["is"].get<std::string>()};
  return {misconception["from"].get<std::string>(), misconception["to"].get<std::string>()};
}

TEST_P(EveryLesson, NamesEveryMisconception) {
  const std::string lesson = std::to_string(GetParam());
  const Json plain = tutorial(lesson);
  EXPECT_EQ(plain["prediction"]["by"], "usual");
  std::set<std::string> named;
  for (const Json& misconception : plain["prediction"]["misconceptions"])
    for (const std::string& guess : guesses(misconception)) {
      const Result r = run({"tutorial", lesson, "--predict", guess, "--format", "json"});
      ASSERT_EQ(r.code, 0) << guess << ": " << r.err;
      const Json prediction = Json::parse(r.out)["prediction"];
      EXPECT_EQ(prediction["by"], "reader");
      if (prediction["right"].get<bool>()) continue;  // the end of a range may touch the answer
      EXPECT_EQ(prediction["misconception"], misconception["name"]) << guess;
      named.insert(misconception["name"]);
    }
  // What is the model's answer itself is no misconception today; at most one choice can be.
  const std::size_t all = plain["prediction"]["misconceptions"].size();
  EXPECT_GE(named.size() + (plain["prediction"]["misconceptions"][0].contains("is") ? 1U : 0U), all);
}

TEST_P(EveryLesson, SaysWhenAGuessIsRight) {
  const std::string lesson = std::to_string(GetParam());
  const Json plain = tutorial(lesson);
  const Json answer = plain["result"]["found"][plain["prediction"]["answer"].get<std::string>()];
  std::string guess;
  if (answer.is_string()) {
    guess = answer;
  } else {
    std::string unit = answer["unit"];
    if (unit == "kgCO2e") unit = "kg";
    if (unit == "1") unit = "";
    guess = std::to_string(answer["value"].get<double>()) + " " + unit;
  }
  const Result r = run({"tutorial", lesson, "--predict", guess});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_TRUE(contains(r.out, "That is right.")) << guess << r.out.substr(0, 800);
}

INSTANTIATE_TEST_SUITE_P(Tutorial, EveryLesson, testing::Range(1, kLessons + 1));

TEST(Tutorial, TheUsualGuessIsAMisconception) {
  for (const char* lesson :
       {"1", "2", "3", "4", "5", "6", "7", "8", "aha1", "aha2", "aha3", "aha4", "specs"}) {
    const Json prediction = tutorial(lesson)["prediction"];
    EXPECT_EQ(prediction["right"], false) << lesson;
    EXPECT_FALSE(prediction["misconception"].is_null()) << lesson;
  }
  EXPECT_EQ(tutorial("aha1 --predict 3.2x")["prediction"]["misconception"], "More FLOPS = faster");
}

TEST(Tutorial, DecodeFollowsTheBandwidthAndNotTheFlops) {
  const Json lesson = tutorial("aha1");
  EXPECT_GT(found(lesson, "speedup"), 1.55);
  EXPECT_LT(found(lesson, "speedup"), 1.7);
  EXPECT_NEAR(found(lesson, "flops_ratio"), 989.4 / 312, 1e-3);
  EXPECT_NEAR(found(lesson, "speedup"), 3.35 / 2.039, 1e-3);
}

TEST(Tutorial, AConvolutionCrossesTheRooflineAndDecodeDoesNot) {
  const Json lesson = tutorial("1");
  EXPECT_EQ(row(lesson, 0, {"a100", "1"})["binds"], "memory");
  EXPECT_EQ(row(lesson, 0, {"a100", "512"})["binds"], "compute");
  EXPECT_GE(found(lesson, "crossover"), 2);
  EXPECT_EQ(lesson["result"]["found"]["decode_crossover"], "none");
}

// 2 x 32 layers x 8 heads x 128 x 4,096 tokens x 2 B = 536,870,912 B; (85.9 - 16.1) GB hold 129 or 130 of
// them.
TEST(Tutorial, RequestsFillTheMemory) {
  const Json lesson = tutorial("2");
  EXPECT_DOUBLE_EQ(found(lesson, "kv_each"), 536'870'912);
  EXPECT_GE(found(lesson, "most"), 119);
  EXPECT_LE(found(lesson, "most"), 135);
  EXPECT_EQ(row(lesson, 0, {"128"})["fits"], "yes");
  EXPECT_EQ(row(lesson, 0, {"160"})["fits"], "no");
  EXPECT_TRUE(row(lesson, 0, {"160"})["throughput"]["value"].is_null());
  EXPECT_GT(found(lesson, "gain_int8"), 2);
  const Json aha = tutorial("aha2");
  EXPECT_NEAR(found(aha, "kv"), found(aha, "requests") * 536'870'912, 1);
}

TEST(Tutorial, FewerBitsHelpWhereMemoryBinds) {
  const Json lesson = tutorial("3");
  EXPECT_NEAR(found(lesson, "ratio"), 32 / 4.25, 1e-9);
  EXPECT_GT(found(lesson, "int4_speedup"), 2.5);
  EXPECT_LT(found(lesson, "int4_speedup"), 4);
  EXPECT_LT(found(lesson, "int4_batched"), found(lesson, "int4_speedup"));
  EXPECT_NEAR(found(lesson, "int4_prefill"), 1, 0.05);
  EXPECT_LT(found(lesson, "loss_worst"), found(lesson, "loss"));
  EXPECT_LT(found(lesson, "loss"), found(lesson, "loss_best"));
  EXPECT_LT(found(lesson, "loss_best"), 0);
}

TEST(Tutorial, TheSearchFindsASplitThatFitsAndBeatsEightWayTensorParallelism) {
  const Json lesson = tutorial("4");
  const double best = found(lesson, "best_mfu");
  EXPECT_GT(best, found(lesson, "tp8_mfu"));
  EXPECT_GT(best, 0.2);
  EXPECT_LT(best, 0.7);
  EXPECT_EQ(row(lesson, 0, {lesson["result"]["found"]["best_split"]})["fits"], "yes");
  EXPECT_EQ(row(lesson, 1, {"DP64, ZeRO 1"})["fits"], "no");
  EXPECT_GT(found(lesson, "pure_dp_memory"), 1e11);
}

// 256 x 700 W x 720 h is 129 MWh of devices at full power; hosts, network and cooling add 1.12 x (1.29 +
// 0.17).
TEST(Tutorial, EnergyIsWhatTheMachineCanDraw) {
  const Json lesson = tutorial("5");
  constexpr double kMegawattHour = 3.6e9;
  EXPECT_GT(found(lesson, "energy"), 100 * kMegawattHour);
  EXPECT_LT(found(lesson, "energy"), 129 * 1.12 * (1.29 + 116.0 / 700) * kMegawattHour);
  EXPECT_NEAR(found(lesson, "virginia") / found(lesson, "quebec"),
              found(lesson, "grid_v") / found(lesson, "grid_q"), 1e-6);
  EXPECT_GT(found(lesson, "saving"), 0.95);
}

TEST(Tutorial, GeographyBeatsTheDevice) {
  const Json lesson = tutorial("aha5");
  EXPECT_GT(found(lesson, "ratio"), 10);
  EXPECT_LT(found(lesson, "device_gain"), 4);
  EXPECT_GT(found(lesson, "place_saving"), found(lesson, "device_saving"));
}

TEST(Tutorial, TheCheapestTokenIsThatOfTheSmallestPriceOverRate) {
  const Json lesson = tutorial("6");
  std::string cheapest;
  double least = 0;
  for (const char* device : {"a100", "h100", "b200"}) {
    const Json line = row(lesson, 0, {"one provider", device});
    const double cost = line["rent"]["value"].get<double>() / line["throughput"]["value"].get<double>() * 1e6;
    EXPECT_NEAR(line["a million tokens"]["value"].get<double>() / cost, 1, 1e-9) << device;
    if (cheapest.empty() || cost < least) cheapest = device, least = cost;
  }
  EXPECT_EQ(lesson["result"]["found"]["cheapest"], cheapest);
}

// 2 x 2,656,768 operations at 15% of 2 x 2 x 64 MHz; pooling and what memory adds is less than a hundredth.
TEST(Tutorial, TheMicrocontrollerIsTooSlowForItsKeyword) {
  const Json lesson = tutorial("7");
  EXPECT_DOUBLE_EQ(found(lesson, "flops"), 5'313'536);
  EXPECT_NEAR(found(lesson, "real"), 5'313'536 / (0.15 * 256e6), 1e-3);
  EXPECT_NEAR(found(lesson, "real_at_peak"), 5'313'536 / 256e6, 1e-3);
  EXPECT_DOUBLE_EQ(found(lesson, "weights"), 23'180);
  EXPECT_NEAR(found(lesson, "text_at_peak"), 6e6 / 128e6, 1e-9);
  // No more than 15 mW for that long.
  EXPECT_LT(found(lesson, "energy"), 0.015 * found(lesson, "real"));
  // 213,586 B of weights from a flash of 80 MB/s take longer than perfect kernels need.
  EXPECT_NEAR(found(lesson, "esp_vision"), 213'586 / 80e6, 1e-9);
  EXPECT_EQ(lesson["result"]["found"]["esp_wall"], "streaming");
  EXPECT_EQ(row(lesson, 1, {"nRF52840", "MobileNetV1 0.25", "perfect"})["binds"], "compute");
}

TEST(Tutorial, MoreGpusAreSlowerWhereLatencyRulesOnly) {
  const Json lesson = tutorial("aha3");
  EXPECT_GT(found(lesson, "tp16"), found(lesson, "tp8"));
  double before = 0;
  for (const Json& line : lesson["result"]["tables"][1]["rows"]) {
    EXPECT_GT(line["throughput"]["value"].get<double>(), before);
    before = line["throughput"]["value"];
  }
  EXPECT_LT(found(lesson, "dp_gain"), 2);  // four times the GPUs
  EXPECT_LT(found(lesson, "goodput_large"), found(lesson, "goodput_small"));
}

TEST(Tutorial, Int4HalvesWhatHoldsTheModelButNotWhatServesPrompts) {
  const Json lesson = tutorial("aha4");
  EXPECT_EQ(row(lesson, 2, {"bf16", "1"})["fits"], "no");
  EXPECT_EQ(row(lesson, 2, {"bf16", "2"})["fits"], "yes");
  EXPECT_EQ(row(lesson, 2, {"int4", "1"})["fits"], "yes");
  EXPECT_GT(found(lesson, "shrink_long"), 1);
  EXPECT_LT(found(lesson, "shrink_long"), 2);
}

// The capstone's fleet, checked by `solve` at what it claims, and by arithmetic.
TEST(Tutorial, TheCapstoneKeepsEveryLimit) {
  const Json lesson = tutorial("capstone");
  const Json& all = lesson["result"]["found"];
  const double gpus = found(lesson, "fleet_gpus");
  EXPECT_EQ(all["fleet_verdict"], "It keeps every limit.");
  EXPECT_LT(found(lesson, "fleet_cost"), 5e6);
  EXPECT_LT(found(lesson, "fleet_carbon"), 500e3);
  EXPECT_LT(found(lesson, "fleet_itl"), 0.050);
  EXPECT_GE(found(lesson, "fleet_rate_after_loss"), 800);
  EXPECT_DOUBLE_EQ(gpus, 8 * found(lesson, "fleet_nodes"));
  EXPECT_GE(found(lesson, "fleet_nodes"), found(lesson, "fleet_needed_nodes") + 2);  // N+1 in two regions
  EXPECT_GE(found(lesson, "fleet_replica_rate") * found(lesson, "fleet_replicas"), 1000);
  EXPECT_LT(found(lesson, "carbon_in_quebec"), found(lesson, "carbon_in_iowa"));
  EXPECT_FALSE(all["fleet_binding_limit"].get<std::string>().empty());

  const Result solved =
      run("solve llama-3.1-70b " + all["fleet_device"].get<std::string>() + " --precision " +
          all["fleet_precision"].get<std::string>() + " --kv-precision fp8 --tp " +
          std::to_string(static_cast<int>(found(lesson, "fleet_tensor"))) + " --dp " +
          std::to_string(static_cast<int>(found(lesson, "fleet_replicas"))) +
          " --phase serve --input-len 2048 --output-len 128 --set arrival_rate=1000/s --params textbook"
          " --set matmul_efficiency=0.7 --set attention_efficiency=0.5 --set stream_efficiency=0.8"
          " --set scaleup_efficiency=0.75 --set scaleup_latency=1.2us --set memory_reserve=0.1"
          " --format json");
  EXPECT_EQ(solved.code, 0) << solved.err;
  EXPECT_NEAR(Json::parse(solved.out)["throughput"].get<double>(), 128'000, 1);
}

// Without a fit the fitted case is not known, and says how to make it so; it is not left out in silence.
TEST(Tutorial, TheCapstoneSaysWhatItWouldBeWithAFit) {
  const Json what_if = tutorial("8")["result"]["tables"][2];
  EXPECT_TRUE(contains(what_if.dump(), "ironlaw calibrate"));
  for (const Json& line : what_if["rows"]) {
    const bool is_fitted = line["what if"] == "efficiencies fitted to MLPerf";
    EXPECT_EQ(line["breaks"] == "not known", is_fitted) << line;
    EXPECT_EQ(line["cost a year"]["value"].is_null(), is_fitted) << line;
  }
}

TEST(Tutorial, OtherParametersAreSaid) {
  EXPECT_TRUE(contains(run("tutorial 1 --params textbook").out, "written for the lesson's own"));
  EXPECT_FALSE(contains(run("tutorial 1").out, "written for the lesson's own"));
}

TEST(Tutorial, OtherFleetsOfTheCapstoneCostMoreOrBreakALimit) {
  const Json lesson = tutorial("8");
  const double chosen = found(lesson, "fleet_cost");
  for (const Json& line : lesson["result"]["tables"][0]["rows"]) {
    if (line["breaks"] != "nothing") continue;
    EXPECT_GE(line["cost a year"]["value"].get<double>(), chosen);
  }
}

TEST(Tutorial, TheTargetGivesTheBandwidth) {
  const Json lesson = tutorial("specs");
  const double bandwidth = found(lesson, "bandwidth_16");
  EXPECT_NEAR(bandwidth, 15.5e9 / 0.030, 0.03 * bandwidth);  // weights that are read, and a little cache
  const Result r =
      run("solve llama-3.1-8b h100 --input-len 2048 --output-len 128 --precision fp16 --params textbook "
          "--format json --set memory_bandwidth=" +
          std::to_string(bandwidth) + "B/s");
  EXPECT_NEAR(Json::parse(r.out)["time_s"].get<double>(), 0.030, 1e-6);
}

TEST(Quiz, AsksSixAndKeepsTheAnswers) {
  const Result r = run("tutorial quiz");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_TRUE(contains(r.out, "\n6. "));
  EXPECT_FALSE(contains(r.out, "\n7. "));
  EXPECT_FALSE(contains(r.out, "Wall 14"));
  const Json quiz = tutorial("quiz");
  for (const Json& question : quiz["questions"]) EXPECT_FALSE(question.contains("wall"));
}

TEST(Quiz, TheModelConfirmsSixDifferentWalls) {
  const Json quiz = tutorial("quiz --answers");
  std::set<int> walls;
  for (const Json& question : quiz["questions"]) {
    walls.insert(question["wall"].get<int>());
    EXPECT_GT(question["elasticity"].get<double>(), 0.5) << question["question"];
  }
  EXPECT_EQ(walls, (std::set<int>{1, 2, 3, 8, 9, 14}));
}

TEST(Quiz, ScoresAnswers) {
  EXPECT_EQ(tutorial("quiz --answer 14,2,1,9,8,3")["score"], 6);
  const Json quiz = tutorial("quiz --answer communication,2,2,9,8,memory");
  EXPECT_EQ(quiz["score"], 4);
  EXPECT_EQ(quiz["questions"][0]["right"], true);
  EXPECT_EQ(quiz["questions"][2]["right"], false);
  EXPECT_TRUE(
      contains(run("tutorial quiz --answer 14,2,1,9,8,2").out, "You said wall 2 memory. It is wall 3"));
}

TEST(Tutorial, RefusesWhatItCannotRead) {
  EXPECT_TRUE(contains(refused({"tutorial", "capston"}), "Did you mean capstone"));
  EXPECT_TRUE(contains(refused({"tutorial", "99"}), "no lesson '99'"));
  EXPECT_TRUE(contains(refused({"tutorial", "2", "--predict", "many"}), "--predict is 'many'"));
  EXPECT_TRUE(contains(refused({"tutorial", "5", "--predict", "85"}), "it has no unit"));
  EXPECT_TRUE(contains(refused({"tutorial", "5", "--predict", "85 MWh"}), "measures J"));
  EXPECT_TRUE(contains(refused({"tutorial", "2", "--predict", "-4"}), "zero or more"));
  EXPECT_TRUE(contains(refused({"tutorial", "2", "--predict", "nan"}), "--predict"));
  EXPECT_TRUE(contains(refused({"tutorial", "6", "--predict", "h10"}), "a100, h100, b200"));
  EXPECT_TRUE(contains(refused({"tutorial", "2", "--answers"}), "for the quiz"));
  EXPECT_TRUE(contains(refused({"tutorial", "--predict", "2"}), "needs a lesson"));
  EXPECT_TRUE(contains(refused({"tutorial", "quiz", "--predict", "2"}), "--answer"));
  EXPECT_TRUE(contains(refused({"tutorial", "quiz", "--params", "textbook"}), "--params is for a lesson"));
  EXPECT_TRUE(contains(refused({"tutorial", "quiz", "--answer", "1,2"}), "one for each question"));
  EXPECT_TRUE(contains(refused({"tutorial", "quiz", "--answer", "1,2,3,4,5,xyzzy"}), "'xyzzy'"));
  EXPECT_TRUE(contains(refused({"tutorial", "1", "--params", "calibratd"}), "Did you mean calibrated"));
  // Without a fit, fitted parameters are asked for in vain, and said so.
  EXPECT_TRUE(contains(refused({"tutorial", "1", "--params", "calibrated"}), "--params textbook"));
}

// A lesson that somebody else wrote.
class OwnLesson : public testing::Test {
 protected:
  std::string refused_with(const std::string& text) {
    std::filesystem::create_directories(folder_.path() / "tutorial");
    for (const char* facts : {"places.csv", "rental_prices.csv"})
      std::filesystem::copy(std::filesystem::path(IRONLAW_FACTS_DIR) / facts, folder_.path() / facts,
                            std::filesystem::copy_options::overwrite_existing);
    folder_.write("tutorial/own.yaml", text);
    return refused({"tutorial", "1"}, {{"IRONLAW_DATA", folder_.path().string()}});
  }

  static std::string lesson(const std::string& parts, const std::string& reflection = "that") {
    return "number: 1\nname: own\ntitle: t\nwalls: [2]\nquestion: q\nprediction:\n  asks: a\n  unit: \"1\"\n"
           "  usual: \"1\"\n  answer: x\n  misconceptions: [{name: n, text: t, from: \"0\", to: "
           "\"1\"}]\nparts:\n" +
           parts + "reflection: \"" + reflection + "\"\n";
  }
  static std::string part(const std::string& more) {
    return "  - title: p\n    plan: {params: textbook, workload: {model: llama-3.1-8b, precision: bf16}, "
           "hardware: "
           "{name: h100}}\n" +
           more;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(OwnLesson, IsReadStrictly) {
  const std::string find = "    find: [{name: x, output: itl, at: [\"1\"]}]\n";
  const std::string vary = "    vary: [{field: workload.batch, values: [1]}]\n";
  EXPECT_TRUE(contains(refused_with(lesson(part(vary + find)) + "questoin: q\n"),
                       "questoin is unknown. Did you mean question"));
  EXPECT_TRUE(contains(refused_with(lesson(part(vary + "    shwo: []\n"))), "shwo is unknown"));
  EXPECT_TRUE(contains(refused_with(lesson(part(vary + find), "{speed}")), "{speed}"));
  EXPECT_TRUE(contains(
      refused_with(lesson(part(vary + "    find: [{name: x, output: itll, at: [\"1\"]}]\n"))), "itll"));
  EXPECT_TRUE(contains(refused_with(lesson(part(vary + "    find: [{name: x, output: itl, at: [\"2\"]}]\n"))),
                       "no row 2"));
  EXPECT_TRUE(contains(refused_with(lesson(part("    vary: [{field: workload.bach, values: [1]}]\n" + find))),
                       "bach"));
  EXPECT_TRUE(contains(refused_with(lesson(part(vary))), "no answer 'x'"));
  EXPECT_TRUE(
      contains(refused_with("number: 1\nname: own\ntitle: t\nwalls: [2]\nquestion: q\nreflection: r\n"),
               "prediction must be a mapping"));
  EXPECT_TRUE(contains(refused_with("number: one\nname: own\n"), "number is 'one'"));
  EXPECT_TRUE(contains(refused_with(lesson(part("    fleet: {tensor: [1], demand: 1/s, regions: 0}\n"))),
                       "regions is '0'"));
  EXPECT_TRUE(contains(refused_with(lesson(part("    fleet: {tensor: [], demand: 1/s}\n"))), "tensor"));
  EXPECT_TRUE(contains(refused_with(lesson(part("    fleet: {tensor: [1], demand: 1 B}\n"))), "demand"));
  EXPECT_TRUE(contains(refused_with(lesson(part("    call: {wall: compute, function: arithmetics}\n"))),
                       "Did you mean arithmetic"));
  EXPECT_TRUE(contains(refused_with("number: [\n"), "no YAML"));
  EXPECT_TRUE(contains(refused_with("[]\n"), "must be a mapping"));
  EXPECT_TRUE(contains(refused_with(""), "must be a mapping"));
}

}  // namespace
}  // namespace ironlaw::test
