#include "framework/pipeline/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tests/pipeline/toys.hpp"

namespace ironlaw {
namespace {

using ::testing::ElementsAre;
using testing::fits;
using testing::gives;
using ::testing::HasSubstr;
using testing::message_of;
using ::testing::Not;
using testing::reads;
using testing::ToyWalls;

constexpr SourceColumn kHost[] = {{"tokens", "1", IRONLAW_LEVEL_SCENARIO},
                                  {"bytes", "B", IRONLAW_LEVEL_OPERATOR},
                                  {"node_time", "s", IRONLAW_LEVEL_STEP}};

std::string fault_of(const std::vector<const ironlaw_wall*>& walls) {
  return message_of([&] { const Pipeline pipeline(walls, nullptr, kHost); });
}
std::string fault_of(const ToyWalls& walls) {
  return fault_of(walls.list());
}

std::vector<std::string> order_of(const Pipeline& pipeline, ironlaw_level level) {
  std::vector<std::string> names;
  for (const Call& call : pipeline.stage(level).calls) names.emplace_back(call.function->name);
  return names;
}

TEST(Order, FollowsThePortsWhateverTheOrderOfTheWalls) {
  ToyWalls toys;
  toys.wall(101, "last").function("third", {reads("b"), reads("a")}, {gives("c")});
  toys.wall(102, "middle").function("second", {reads("a")}, {gives("b")});
  toys.wall(103, "first").function("first", {reads("bytes", "B")}, {gives("a")});
  std::vector<const ironlaw_wall*> walls = toys.list();
  std::sort(walls.begin(), walls.end());
  do {
    const Pipeline pipeline(walls, nullptr, kHost);
    EXPECT_THAT(order_of(pipeline, IRONLAW_LEVEL_OPERATOR), ElementsAre("first", "second", "third"));
    for (const Call& call : pipeline.stage(IRONLAW_LEVEL_OPERATOR).calls) {
      // A call knows its wall by its place in the list it was given in.
      const std::string_view id = walls[static_cast<std::size_t>(call.wall)]->id;
      EXPECT_EQ(std::string_view(call.function->name), id == "last"     ? "third"
                                                       : id == "middle" ? "second"
                                                                        : "first");
    }
  } while (std::next_permutation(walls.begin(), walls.end()));
}

TEST(Order, KeepsTheOrderOfTheWallsWhereThePortsLeaveIt) {
  ToyWalls toys;
  toys.wall(101, "x").function("x", {}, {gives("a")});
  toys.wall(102, "y").function("y2", {reads("b")}, {gives("d")}).function("y1", {}, {gives("b")});
  toys.wall(103, "z").function("z", {}, {gives("c")});
  EXPECT_THAT(order_of(Pipeline(toys.list(), nullptr, kHost), IRONLAW_LEVEL_OPERATOR),
              ElementsAre("x", "y1", "y2", "z"));
}

TEST(Order, EachLevelHasItsOwnAndImportsFromTheScenario) {
  ToyWalls toys;
  toys.wall(101, "work")
      .function("plan", {reads("tokens", "1"), fits("share")}, {gives("batch", "1")}, IRONLAW_LEVEL_SCENARIO);
  toys.wall(102, "cost")
      .function("time", {reads("batch", "1"), reads("bytes", "B"), fits("share")}, {gives("time")});
  const Pipeline pipeline(toys.list(), nullptr, kHost);
  ASSERT_EQ(pipeline.parameters().size(), 1u);  // one for both ports that name it
  EXPECT_EQ(pipeline.parameters()[0].owner, "wall 101 work (plan)");
  EXPECT_EQ(pipeline.parameter("share"), 0);
  EXPECT_EQ(pipeline.parameter("shares"), -1);

  const Stage& scenario = pipeline.stage(IRONLAW_LEVEL_SCENARIO);
  EXPECT_THAT(scenario.columns, ElementsAre("tokens", "share", "batch"));
  const Stage& operators = pipeline.stage(IRONLAW_LEVEL_OPERATOR);
  EXPECT_THAT(operators.columns, ElementsAre("batch", "bytes", "share", "time"));
  // The host fills bytes itself; batch repeats a scenario column and share a parameter.
  ASSERT_EQ(operators.imports.size(), 2u);
  EXPECT_EQ(operators.imports[0].column, 0);
  EXPECT_EQ(operators.imports[0].source, pipeline.column(IRONLAW_LEVEL_SCENARIO, "batch"));
  EXPECT_EQ(operators.imports[0].parameter, -1);
  EXPECT_EQ(operators.imports[1].column, 2);
  EXPECT_EQ(operators.imports[1].source, -1);
  EXPECT_EQ(operators.imports[1].parameter, 0);
  EXPECT_EQ(pipeline.column(IRONLAW_LEVEL_STEP, "bytes"), -1);
}

TEST(Fault, TwoProducersAreBothNamed) {
  ToyWalls toys;
  toys.wall(101, "one").function("f", {}, {gives("a")});
  toys.wall(102, "two").function("g", {}, {gives("a")});
  toys.wall(103, "three").function("h", {}, {gives("bytes", "B")});
  const std::string fault = fault_of(toys);
  EXPECT_THAT(fault, HasSubstr("'a' is provided twice: by wall 101 one (f) and by wall 102 two (g)."));
  EXPECT_THAT(fault, HasSubstr("'bytes' is provided twice: by the host and by wall 103 three (h)."));
}

TEST(Fault, AMissingProducerComesWithASuggestion) {
  ToyWalls toys;
  toys.wall(101, "one").function("f", {reads("byte", "B")}, {gives("a")});
  EXPECT_THAT(fault_of(toys),
              HasSubstr("wall 101 one (f) reads 'byte', which nothing provides. Did you mean bytes?"));
}

TEST(Fault, UnitsAndLevelsThatDifferNameBothSides) {
  ToyWalls toys;
  toys.wall(101, "one").function("f", {reads("bytes", "s")}, {gives("a", "1")});
  toys.wall(102, "two").function("g", {reads("a", "FLOP")}, {gives("b")});
  toys.wall(103, "three").function("h", {reads("bytes", "B")}, {gives("c")}, IRONLAW_LEVEL_STEP);
  toys.wall(104, "four").function("i", {reads("b")}, {gives("d")}, IRONLAW_LEVEL_SCENARIO);
  const std::string fault = fault_of(toys);
  EXPECT_THAT(fault, HasSubstr("wall 101 one (f) reads 'bytes' in s, but the host provides it in B."));
  EXPECT_THAT(fault, HasSubstr("wall 102 two (g) reads 'a' in FLOP, but wall 101 one (f) provides it in 1."));
  EXPECT_THAT(fault, HasSubstr("wall 103 three (h) works on step rows and cannot read 'bytes', which the "
                               "host provides on operator rows."));
  EXPECT_THAT(fault, HasSubstr("wall 104 four (i) works on scenario rows and cannot read 'b', which wall 102 "
                               "two (g) provides on operator rows."));
}

TEST(Fault, ACycleNamesItsWallsInOrder) {
  ToyWalls two;
  two.wall(101, "one").function("f", {reads("b")}, {gives("a")});
  two.wall(102, "two").function("g", {reads("a")}, {gives("b")});
  EXPECT_THAT(fault_of(two),
              HasSubstr("a cycle: wall 101 one (f) needs wall 102 two (g) needs wall 101 one (f)."));

  ToyWalls three;  // 101 only waits for the cycle and is not in it
  three.wall(101, "outside").function("e", {reads("a")}, {gives("x")});
  three.wall(102, "one").function("f", {reads("c")}, {gives("a")});
  three.wall(103, "two").function("g", {reads("a")}, {gives("b")});
  three.wall(104, "three").function("h", {reads("b")}, {gives("c")});
  const std::string fault = fault_of(three);
  EXPECT_THAT(fault, HasSubstr("a cycle: wall 102 one (f) needs wall 104 three (h) needs wall 103 two (g) "
                               "needs wall 102 one (f)."));
  EXPECT_THAT(fault, Not(HasSubstr("outside")));
}

TEST(Fault, AFunctionThatReadsItsOwnOutputIsACycle) {
  ToyWalls toys;
  toys.wall(101, "one").function("f", {reads("a")}, {gives("a")});
  EXPECT_THAT(fault_of(toys), HasSubstr("a cycle: wall 101 one (f) needs wall 101 one (f)."));
}

TEST(Fault, PortsOfOneParameterMustAgree) {
  ToyWalls toys;
  toys.wall(101, "one").function("f", {fits("share", "1"), fits("delay", "s")}, {gives("a")});
  toys.wall(102, "two")
      .function("g", {fits("share", "1", IRONLAW_LINK_LOGIT), fits("delay", "B")}, {gives("b")});
  const std::string fault = fault_of(toys);
  for (const char* name : {"share", "delay"})
    EXPECT_THAT(fault, HasSubstr(fmt::format("parameter '{}' differs", name)));
  EXPECT_THAT(fault, HasSubstr("between wall 101 one (f) and wall 102 two (g)."));
}

// The first port's prior would win in silence.
TEST(Fault, PriorsOfOneParameterMustAgree) {
  for (const auto change :
       {+[](ironlaw_port& p) { p.prior_mean = 0.6; }, +[](ironlaw_port& p) { p.prior_sd = 0.6; },
        +[](ironlaw_port& p) { p.scopes = IRONLAW_SCOPE_DEVICE; }, +[](ironlaw_port& p) { p.neutral = 0; }}) {
    ironlaw_port other = fits("share");
    change(other);
    ToyWalls toys;
    toys.wall(101, "one").function("f", {fits("share")}, {gives("a")});
    toys.wall(102, "two").function("g", {other}, {gives("b")});
    EXPECT_THAT(fault_of(toys), HasSubstr("parameter 'share' differs"));
  }
}

// Its reader would take the wall's column for its parameter.
TEST(Fault, AParameterThatIsAlsoProvided) {
  ToyWalls toys;
  toys.wall(101, "one").function("f", {}, {gives("share", "1")});
  toys.wall(102, "two").function("g", {fits("share"), fits("tokens")}, {gives("b")});
  const std::string fault = fault_of(toys);
  EXPECT_THAT(fault,
              HasSubstr("'share' is a parameter of wall 102 two (g), but wall 101 one (f) provides it."));
  EXPECT_THAT(fault, HasSubstr("'tokens' is a parameter of wall 102 two (g), but the host provides it."));
}

TEST(Fault, AFactorWithoutItsBound) {
  ToyWalls toys;
  toys.wall(101, "one").function("f", {}, {gives("e", "1", IRONLAW_ROLE_FACTOR, "time")});
  toys.wall(102, "two").function("g", {}, {gives("time", "s", IRONLAW_ROLE_BOUND)}, IRONLAW_LEVEL_STEP);
  EXPECT_THAT(fault_of(toys),
              HasSubstr("wall 101 one (f): factor 'e' divides 'time', which no wall provides as a bound on "
                        "operator rows."));
}

// What no composition reads would vanish from the time.
TEST(Fault, ATimeWhereTheCompositionHasNoPlaceForIt) {
  const auto fault = [](ironlaw_level level, std::uint32_t role, const char* term) {
    ToyWalls toys;
    toys.wall(101, "one", term).function("f", {}, {gives("t", "s", role, "")}, level);
    return fault_of(toys);
  };
  EXPECT_THAT(
      fault(IRONLAW_LEVEL_SCENARIO, IRONLAW_ROLE_BOUND, "mfu"),
      HasSubstr("wall 101 one (f): 't' is a bound on scenario rows, which has no place in the answer."));
  EXPECT_THAT(fault(IRONLAW_LEVEL_RUN, IRONLAW_ROLE_BOUND, "mfu"), HasSubstr("a bound on run rows"));
  EXPECT_THAT(fault(IRONLAW_LEVEL_SCENARIO, IRONLAW_ROLE_ADDEND, "mfu"), HasSubstr("an addend on scenario"));
  EXPECT_THAT(fault(IRONLAW_LEVEL_RUN, IRONLAW_ROLE_ADDEND, "mfu"),
              HasSubstr("an addend on run rows of a wall that binds mfu"));
  EXPECT_THAT(fault(IRONLAW_LEVEL_STEP, IRONLAW_ROLE_ADDEND, "goodput"),
              HasSubstr("an addend on step rows of a wall that binds goodput"));
  EXPECT_THAT(fault(IRONLAW_LEVEL_OPERATOR, IRONLAW_ROLE_GATE, "mfu"), HasSubstr("a gate on operator rows"));
}

TEST(Fault, AllAreListedAtOnce) {
  ToyWalls toys;
  toys.wall(101, "one").function("f", {reads("nowhere"), reads("bytes", "FLOP")}, {gives("a")});
  toys.wall(102, "two").function("g", {reads("neither")}, {gives("a")});
  const std::string fault = fault_of(toys);
  EXPECT_EQ(std::count(fault.begin(), fault.end(), '\n'), 4);
  for (const char* part : {"nowhere", "FLOP", "neither", "provided twice"})
    EXPECT_THAT(fault, HasSubstr(part));
}

// A mask of walls has 64 bits.
TEST(Fault, MoreWallsThanAMaskHasBits) {
  std::vector<std::string> names;
  for (int i = 0; i < 65; ++i) names.push_back(fmt::format("t{}", i));
  const auto build = [&](std::size_t count) {
    ToyWalls toys;
    for (std::size_t i = 0; i < count; ++i)
      toys.wall(101 + static_cast<std::uint32_t>(i), "w").function("f", {}, {gives(names[i].c_str())});
    const Pipeline pipeline(toys.list(), nullptr, kHost);
  };
  build(64);
  EXPECT_THAT(message_of([&] { build(65); }), HasSubstr("65 walls are loaded, at most 64 work together"));
}

// compose_operator keeps its bounds in an array.
TEST(Fault, MoreBoundsThanTheNormTakes) {
  std::vector<std::string> names;
  for (int i = 0; i < 17; ++i) names.push_back(fmt::format("t{}", i));
  const auto build = [&](std::size_t count) {
    ToyWalls toys;
    toys.wall(101, "w");
    std::vector<ironlaw_port> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(gives(names[i].c_str(), "s", IRONLAW_ROLE_BOUND));
    toys.function("f", {}, out);
    const Pipeline pipeline(toys.list(), nullptr, kHost);
  };
  build(16);
  EXPECT_THAT(message_of([&] { build(17); }),
              HasSubstr("there are 17 bounds on operator rows, at most 16 are allowed."));
}

TEST(Rule, SortsOutputsByRoleAndTerm) {
  ToyWalls toys;
  toys.wall(101, "compute", "peak")
      .function("f", {},
                {gives("flop_time", "s", IRONLAW_ROLE_BOUND), gives("byte_time", "s", IRONLAW_ROLE_BOUND)});
  toys.wall(102, "software", "mfu")
      .function("g", {},
                {gives("e1", "1", IRONLAW_ROLE_FACTOR, "byte_time"),
                 gives("e2", "1", IRONLAW_ROLE_FACTOR, "byte_time"),
                 gives("launch", "s", IRONLAW_ROLE_ADDEND), gives("overlap_loss", "1")})
      .function("h", {}, {gives("host", "s", IRONLAW_ROLE_ADDEND), gives("left", "B", IRONLAW_ROLE_GATE)},
                IRONLAW_LEVEL_STEP);
  toys.wall(103, "network", "eta_scaling")
      .function("i", {}, {gives("exposed", "s", IRONLAW_ROLE_ADDEND)}, IRONLAW_LEVEL_STEP);
  toys.wall(104, "faults", "goodput")
      .function("j", {},
                {gives("goodput", "1", IRONLAW_ROLE_FACTOR), gives("wait", "s", IRONLAW_ROLE_ADDEND)},
                IRONLAW_LEVEL_RUN);
  const Pipeline pipeline(toys.list(), nullptr, kHost);

  const Rule& op = pipeline.rule(IRONLAW_LEVEL_OPERATOR);
  const auto at = [&](ironlaw_level level, const char* name) { return pipeline.column(level, name); };
  ASSERT_EQ(op.bounds.size(), 2u);
  EXPECT_EQ(op.bounds[0].column, at(IRONLAW_LEVEL_OPERATOR, "flop_time"));
  EXPECT_EQ(op.bounds[0].wall, 0);
  EXPECT_TRUE(op.bounds[0].factors.empty());
  ASSERT_EQ(op.bounds[1].factors.size(), 2u);
  EXPECT_EQ(op.bounds[1].factors[1].column, at(IRONLAW_LEVEL_OPERATOR, "e2"));
  EXPECT_EQ(op.bounds[1].factors[1].wall, 1);
  ASSERT_EQ(op.replica_addends.size(), 1u);
  EXPECT_EQ(op.overlap_loss, at(IRONLAW_LEVEL_OPERATOR, "overlap_loss"));
  EXPECT_EQ(op.overlap_wall, 1);

  const Rule& step = pipeline.rule(IRONLAW_LEVEL_STEP);
  ASSERT_EQ(step.replica_addends.size(), 1u);
  EXPECT_EQ(step.replica_addends[0].column, at(IRONLAW_LEVEL_STEP, "host"));
  ASSERT_EQ(step.scaling_addends.size(), 1u);
  EXPECT_EQ(step.scaling_addends[0].column, at(IRONLAW_LEVEL_STEP, "exposed"));
  EXPECT_EQ(step.gates.size(), 1u);
  const Rule& run = pipeline.rule(IRONLAW_LEVEL_RUN);
  EXPECT_EQ(run.run_factors.size(), 1u);
  EXPECT_EQ(run.run_addends.size(), 1u);
}

TEST(Rule, TheHardwareShapeFunctionTakesPartWithoutAWall) {
  ToyWalls shape;
  shape.wall(101, "shape")
      .function("tiles", {reads("tokens", "1")}, {gives("fill", "1", IRONLAW_ROLE_FACTOR, "time")});
  ironlaw_hardware chip{};
  chip.id = "Chip-1";
  chip.shape = shape.list()[0]->functions[0];
  ToyWalls toys;
  toys.wall(102, "w").function("f", {}, {gives("time", "s", IRONLAW_ROLE_BOUND)});
  const Pipeline pipeline(toys.list(), &chip, kHost);
  const Rule& rule = pipeline.rule(IRONLAW_LEVEL_OPERATOR);
  ASSERT_EQ(rule.bounds.size(), 1u);
  ASSERT_EQ(rule.bounds[0].factors.size(), 1u);
  EXPECT_EQ(rule.bounds[0].factors[0].wall, -1);

  const std::string fault =
      message_of([&] { const Pipeline alone(std::span<const ironlaw_wall* const>{}, &chip, kHost); });
  EXPECT_THAT(fault, HasSubstr("the shape function of Chip-1: factor 'fill' divides 'time'"));
}

}  // namespace
}  // namespace ironlaw
