// What docs/versioning.md promises. Compiled twice: with the host as it is, and with the host's own sources
// built against a header of the next minor version, whose structs have grown.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "framework/pipeline/pipeline.hpp"
#include "framework/pipeline/table.hpp"
#include "framework/plugin/plugin_host.hpp"
#include "ironlaw/wall.hpp"

namespace ironlaw {
namespace {

// ---- the layout ----------------------------------------------------------------------------------------

#define STRUCT(name, size) static_assert(sizeof(name) >= (size), #name " has shrunk");
#define FIELD(type, name, offset, size)                                          \
  static_assert(offsetof(type, name) == (offset), #type "." #name " has moved"); \
  static_assert(sizeof(std::declval<type>().name) == (size), #type "." #name " has another size");
#define VALUE(name, value) static_assert((name) == (value), #name " has another value");
#include "tests/plugin/frozen/layout_1_0.inc"
#undef STRUCT
#undef FIELD
#undef VALUE

// A struct that plugins make must not end in padding: an appended field would lie in it, where the size that
// an older plugin gives seems to cover it.
#define ENDS_WITH(type, field) \
  static_assert(offsetof(type, field) + sizeof(std::declval<type>().field) == sizeof(type))
#ifndef NEXT_MINOR
// The sizes of pointers are meant. NOLINTBEGIN(bugprone-sizeof-expression)
ENDS_WITH(ironlaw_port, choices);
ENDS_WITH(ironlaw_example, outputs);
ENDS_WITH(ironlaw_function, example);
ENDS_WITH(ironlaw_finding, text);
ENDS_WITH(ironlaw_wall, analyse);
ENDS_WITH(ironlaw_spec, note);
ENDS_WITH(ironlaw_hardware, shape);
ENDS_WITH(ironlaw_plugin, hardware);
// NOLINTEND(bugprone-sizeof-expression)
#endif

TEST(Frozen, TheHostIsTheOneThatIsMeant) {
  EXPECT_EQ(IRONLAW_ABI_MAJOR, 1u);
#ifdef NEXT_MINOR
  EXPECT_EQ(IRONLAW_ABI_MINOR, std::uint32_t{NEXT_MINOR});
  EXPECT_GT(sizeof(ironlaw_port), 112u) << "the header of the next minor version has not grown";
  EXPECT_GT(sizeof(ironlaw_plugin), offsetof(ironlaw_plugin, hardware) + sizeof(void*));
#endif
}

// ---- plugins of 1.0 ------------------------------------------------------------------------------------

const PluginHost& frozen() {
  static const PluginHost host(SearchPath{{{FROZEN_DIR}}, false});
  return host;
}

TEST(Frozen, PluginsOf10AreLoaded) {
  for (const PluginFailure& f : frozen().failures())
    ADD_FAILURE() << f.path << ": " << f.stage << ": " << f.reason;
  ASSERT_EQ(frozen().walls().size(), 2u);
  EXPECT_STREQ(frozen().walls()[0]->id, "abi_1_0");
  EXPECT_STREQ(frozen().walls()[1]->id, "abi_1_0_analysis");
  ASSERT_EQ(frozen().hardware().size(), 1u);
  const ironlaw_hardware& chip = frozen().find_hardware("abi-1.0-chip");
  ASSERT_EQ(chip.n_specs, 5u);
  EXPECT_STREQ(chip.specs[2]->quantity, "memory_capacity");
  EXPECT_EQ(chip.specs[2]->value, 64 * 1073741824.0);
  for (const LoadedPlugin& p : frozen().plugins()) EXPECT_EQ(p.table->abi_minor, 0u);
}

// The wall that the frozen one slows down.
struct Traffic {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    Bytes<T> bytes;
    static constexpr auto ports() { return std::tuple{input(q::operator_bytes, &In::bytes)}; }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::memory_time, &Out::time)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.bytes / BytesPerSecond<T>(T(1e12))};
  }
};
constexpr WallInfo kTrafficInfo{.number = 900,
                                .id = "traffic",
                                .title = "Traffic",
                                .domain = "node",
                                .term = "mfu",
                                .statement = "Bytes take time.",
                                .equation = "t = B / 1 TB/s",
                                .sources = "none"};

TEST(Frozen, APipelineRunsAndDifferentiatesAWallOf10) {
  constexpr SourceColumn kColumns[] = {{"operator_bytes", "B", IRONLAW_LEVEL_OPERATOR},
                                       {"matmul_m", "1", IRONLAW_LEVEL_OPERATOR},
                                       {"cycle_time", "s", IRONLAW_LEVEL_RESULT}};
  const ironlaw_wall* const walls[] = {&detail::WallPlugin<kTrafficInfo, Traffic>::kWall,
                                       &frozen().find_wall("abi_1_0")};
  // Without the chip: its shape divides a compute_time that nothing here makes.
  const Pipeline pipeline(walls, nullptr, kColumns);
  ASSERT_EQ(pipeline.parameters().size(), 1u);
  EXPECT_EQ(pipeline.parameters()[0].port->scopes,
            std::uint32_t{IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_DEVICE});
  const auto& bounds = pipeline.rule(IRONLAW_LEVEL_OPERATOR).bounds;
  ASSERT_EQ(bounds.size(), 1u);
  ASSERT_EQ(bounds[0].factors.size(), 1u);

  constexpr std::size_t kRows = 3;
  Table table;
  const Stage& stage = pipeline.stage(IRONLAW_LEVEL_OPERATOR);
  table.reset(stage.columns.size(), kRows, 1);
  const auto column = [&](const char* name) { return pipeline.column(IRONLAW_LEVEL_OPERATOR, name); };
  const double bytes[] = {0, 1e9, 2e9}, loss[] = {0.25, 0.25, 0.5}, exposure[] = {1, 0.5, 0.25};
  table.activate_one(column("abi_1_0_exposure"));
  for (std::size_t row = 0; row < kRows; ++row) {
    table.column(column("operator_bytes"))[row] = bytes[row];
    table.column(column("abi_1_0_loss"))[row] = loss[row];
    table.column(column("abi_1_0_mode"))[row] = 1;
    table.column(column("abi_1_0_exposure"))[row] = exposure[row];
    table.set_partial(column("abi_1_0_exposure"), row, 0, 1);
  }
  std::vector<double> scratch;
  run_stage(pipeline, IRONLAW_LEVEL_OPERATOR, table, {}, scratch);
  const int kept = column("abi_1_0_efficiency");
  const double expected[] = {1, 0.875, 0.875}, slopes[] = {0, -0.25, -0.5};
  for (std::size_t row = 0; row < kRows; ++row) {
    EXPECT_DOUBLE_EQ(table.column(kept)[row], expected[row]);
    EXPECT_DOUBLE_EQ(table.partials(kept, row)[0], slopes[row]);
    EXPECT_DOUBLE_EQ(table.column(column("memory_time"))[row], bytes[row] / 1e12);
  }
}

TEST(Frozen, TheShapeFunctionOfAChipOf10Works) {
  const ironlaw_function& shape = *frozen().find_hardware("abi-1.0-chip").shape;
  const double rows[] = {0, 256, 257, 512};
  double share[4];
  const double* in[] = {rows};
  double* out[] = {share};
  ironlaw_error error{};
  ASSERT_EQ(shape.eval(in, out, 4, &error), IRONLAW_OK) << error.message;
  EXPECT_DOUBLE_EQ(share[0], 1);
  EXPECT_DOUBLE_EQ(share[1], 1);
  EXPECT_DOUBLE_EQ(share[2], 257.0 / 512);
  EXPECT_DOUBLE_EQ(share[3], 1);
}

// y = 3 a + b, as the host offers it to an analysis.
std::int32_t evaluate(void*, const double* inputs, double* outputs, ironlaw_error*) {
  outputs[0] = 3 * inputs[0] + inputs[1];
  return IRONLAW_OK;
}

TEST(Frozen, AnAnalysisOf10ReadsTheHostsTables) {
  ironlaw_variable a{}, b{}, y{};
  a.struct_size = b.struct_size = y.struct_size = sizeof(ironlaw_variable);
  a.name = "a", a.unit = "s", a.value = 10;
  b.name = "b", b.unit = "B", b.value = 7, b.flags = IRONLAW_VARIABLE_DISCRETE;
  y.name = "y", y.unit = "1";
  const ironlaw_variable* const inputs[] = {&a, &b};
  const ironlaw_variable* const outputs[] = {&y};
  ironlaw_system system{};
  system.struct_size = sizeof(ironlaw_system);
  system.n_inputs = 2, system.n_outputs = 1;
  system.inputs = inputs, system.outputs = outputs;
  system.evaluate = &evaluate;
  ironlaw_question question{};
  question.struct_size = sizeof(ironlaw_question);
  question.input = IRONLAW_EVERY_INPUT, question.change = 0.1;

  std::map<std::string, double> found;  // by unit, which the fixture gives as its text
  const auto keep = [](void* into, const ironlaw_finding* f) {
    (*static_cast<std::map<std::string, double>*>(into))[f->text] = f->value;
    EXPECT_TRUE(std::isnan(f->low));
  };
  ironlaw_error error{};
  ASSERT_EQ(frozen().find_wall("abi_1_0_analysis").analyse(&system, &question, keep, &found, &error),
            IRONLAW_OK);
  const std::map<std::string, double> expected = {{"s", 40.0}};
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found["s"], expected.at("s"), 1e-12);
}

// ---- plugins of other versions -------------------------------------------------------------------------

TEST(Frozen, OtherVersionsAreRefusedWithASentence) {
  const PluginHost host(SearchPath{{{OTHERS_DIR}}, false});
  std::map<std::string, std::string> reasons;
  for (const PluginFailure& f : host.failures())
    reasons[f.path.filename().string()] = f.stage + ": " + f.reason;
  const std::string self = std::to_string(IRONLAW_ABI_MAJOR) + "." + std::to_string(IRONLAW_ABI_MINOR);
  std::map<std::string, std::string> expected = {
      {"major_2.wall.so", "entry: it was built for ABI 2, and this host speaks 1"},
      {"says_major_2.wall.so", "entry: it was built for ABI 2.0, and this host speaks " + self}};
#ifdef NEXT_MINOR
  ASSERT_EQ(host.hardware().size(), 1u) << "a plugin of its own minor version has to be loaded";
  EXPECT_STREQ(host.hardware()[0]->id, "My-Chip-1");
#else
  expected["next_minor.hardware.so"] = "entry: it was built for ABI 1.1, and this host speaks 1.0";
#endif
  EXPECT_EQ(reasons, expected);
}

}  // namespace
}  // namespace ironlaw
