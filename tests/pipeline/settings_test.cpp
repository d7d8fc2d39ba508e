// Settings, levels and what a function holds for.
#include <array>
#include <cmath>

#include "framework/pipeline/table.hpp"
#include "ironlaw/wall.hpp"
#include "tests/pipeline/toys.hpp"

namespace ironlaw {
namespace {

using testing::gives;
using ::testing::HasSubstr;
using testing::message_of;
using testing::reads;
using testing::ToyWalls;

constexpr SourceColumn kHost[] = {{"tokens", "1", IRONLAW_LEVEL_SCENARIO},
                                  {"steps_time", "s", IRONLAW_LEVEL_RUN},
                                  {"cycle_time", "s", IRONLAW_LEVEL_RESULT}};

ironlaw_port sets(const char* name, double usual, const char* choices = "") {
  ironlaw_port port = reads(name, "1");
  port.flags = IRONLAW_PORT_SETTING;
  port.neutral = usual;
  port.choices = choices;
  return port;
}

Pipeline pipeline_of(const ToyWalls& toys) {
  return {toys.list(), nullptr, kHost};
}
std::string fault_of(const ToyWalls& toys) {
  return message_of([&] { pipeline_of(toys); });
}

TEST(Settings, BecomeInputsOfTheScenarioWhereverTheyAreRead) {
  ToyWalls toys;
  toys.wall(101, "x").function("f", {sets("pue", 1.2)}, {gives("a", "1")}, IRONLAW_LEVEL_OPERATOR);
  toys.wall(102, "y").function("g", {sets("pue", 1.2), reads("tokens", "1")}, {gives("b", "1")},
                               IRONLAW_LEVEL_RESULT);
  const Pipeline pipeline = pipeline_of(toys);
  ASSERT_EQ(pipeline.inputs().size(), 2u);  // tokens of the host, then the setting, once
  const ScenarioInput& pue = pipeline.inputs()[1];
  EXPECT_EQ(pue.name, "pue");
  EXPECT_EQ(pue.setting->neutral, 1.2);
  EXPECT_THAT(pue.owner, HasSubstr("wall 101 x"));
  EXPECT_GE(pue.column, 0);
  EXPECT_EQ(pipeline.input("pue"), 1);
  EXPECT_EQ(pipeline.input("nothing"), -1);
}

TEST(Settings, MustAgreeAndBeNobodyElses) {
  ToyWalls differ;
  differ.wall(101, "x").function("f", {sets("pue", 1.2)}, {gives("a", "1")});
  differ.wall(102, "y").function("g", {sets("pue", 1.4)}, {gives("b", "1")});
  EXPECT_THAT(fault_of(differ), HasSubstr("setting 'pue' differs in unit, usual value or choices between "
                                          "wall 101 x (f) and wall 102 y (g)."));
  ToyWalls hosts;
  hosts.wall(101, "x").function("f", {sets("tokens", 1)}, {gives("a", "1")});
  EXPECT_THAT(fault_of(hosts),
              HasSubstr("'tokens' is a setting of wall 101 x (f), but the host provides it."));
  ToyWalls made;
  made.wall(101, "x").function("f", {sets("b", 1)}, {gives("a", "1")});
  made.wall(102, "y").function("g", {}, {gives("b", "1")});
  EXPECT_THAT(fault_of(made), HasSubstr("but wall 102 y (g) provides it."));
}

TEST(Levels, AResultSeesTheRunAndARunSeesNoResult) {
  ToyWalls toys;
  toys.wall(101, "x").function("f", {reads("steps_time"), reads("cycle_time")}, {gives("a", "1")},
                               IRONLAW_LEVEL_RESULT);
  EXPECT_EQ(pipeline_of(toys).stage(IRONLAW_LEVEL_RESULT).imports.size(), 1u);
  ToyWalls early;
  early.wall(101, "x").function("f", {reads("cycle_time")}, {gives("a", "1")}, IRONLAW_LEVEL_RUN);
  EXPECT_THAT(fault_of(early), HasSubstr("works on run rows and cannot read 'cycle_time'"));
}

TEST(Levels, WhatNobodyWouldReadHasNoPlace) {
  ToyWalls toys;
  toys.wall(101, "x")
      .function("f", {}, {gives("a", "1", IRONLAW_ROLE_ACCOUNT)}, IRONLAW_LEVEL_STEP)
      .function("g", {}, {gives("b", "1", IRONLAW_ROLE_GATE)}, IRONLAW_LEVEL_RUN)
      .function("h", {}, {gives("c", "1", IRONLAW_ROLE_FACTOR, "cycle_time")}, IRONLAW_LEVEL_RESULT);
  const std::string faults = fault_of(toys);
  EXPECT_THAT(faults, HasSubstr("'a' is an account on step rows"));
  EXPECT_THAT(faults, HasSubstr("'b' is a gate on run rows"));
  EXPECT_THAT(faults, HasSubstr("'c' is a factor on result rows"));
}

TEST(Analyses, TakeNoPartInThePipeline) {
  ToyWalls toys;
  toys.wall(121, "analysis");  // no functions
  toys.wall(101, "x").function("f", {}, {gives("a", "1")});
  EXPECT_EQ(pipeline_of(toys).walls().size(), 1u);
}

constexpr q::Count kRate{"rate", ""}, kTokens{"tokens", ""};
constexpr q::Time kDelay{"delay", ""};
struct TrainOnly {  // 1 s per token, in training, of decoders
  static constexpr Level kLevel = Level::scenario;
  static constexpr std::uint32_t kPhases = phase::train, kKinds = kind::decoder;
  static constexpr const char* kSupports = "only training";
  template <class T>
  struct In {
    T tokens;
    static constexpr auto ports() { return std::tuple{input(kTokens, &In::tokens, 1, 10)}; }
  };
  template <class T>
  struct Out {
    T rate, cost;
    static constexpr auto ports() {
      return std::tuple{work(kRate, &Out::rate, 7), account(q::Count{"cost", ""}, &Out::cost)};
    }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.tokens, in.tokens};
  }
};
constexpr WallInfo kInfo{.number = 101,
                         .id = "train_only",
                         .title = "T",
                         .domain = "node",
                         .term = "mfu",
                         .statement = "",
                         .equation = "",
                         .sources = ""};

TEST(Phases, ElsewhereOutputsAreNeutralAndAccountsDoNotExist) {
  constexpr const ironlaw_wall* kWalls[] = {&detail::WallPlugin<kInfo, TrainOnly>::kWall};
  const Pipeline pipeline(kWalls, nullptr, kHost);
  constexpr auto kScenario = IRONLAW_LEVEL_SCENARIO;
  EXPECT_FALSE(pipeline.stage(kScenario).holds_everywhere);
  Table table;
  table.reset(pipeline.stage(kScenario).columns.size(), 3, 1);
  const int tokens = pipeline.column(kScenario, "tokens");
  table.activate_one(tokens);
  for (std::size_t row = 0; row < 3; ++row) {
    table.column(tokens)[row] = row == 0 ? 3 : 1000;  // out of range where the function does not hold
    table.set_partial(tokens, row, 0, 1);
  }
  const std::array<std::uint32_t, 3> phases = {IRONLAW_PHASE_TRAIN, IRONLAW_PHASE_DECODE,
                                               IRONLAW_PHASE_TRAIN};
  const std::array<std::uint32_t, 3> kinds = {IRONLAW_KIND_DECODER, IRONLAW_KIND_DECODER,
                                              IRONLAW_KIND_CONVNET};
  std::vector<double> scratch;
  run_stage(pipeline, kScenario, table, {phases, kinds, {}, nullptr}, scratch);
  const int rate = pipeline.column(kScenario, "rate");
  const int cost = pipeline.column(kScenario, "cost");
  const double slopes[] = {1, 0, 0};
  const double values[] = {3, 7, 7};
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(table.column(rate)[row], values[row]);
    EXPECT_EQ(table.partials(rate, row)[0], slopes[row]);
    EXPECT_EQ(std::isnan(table.column(cost)[row]), row > 0);
  }
}

}  // namespace
}  // namespace ironlaw
