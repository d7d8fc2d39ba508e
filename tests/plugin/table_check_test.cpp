#include "framework/plugin/table_check.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "ironlaw/hardware.hpp"

namespace ironlaw {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::int32_t eval(const double* const*, double* const*, std::size_t, ironlaw_error*) {
  return IRONLAW_OK;
}
std::int32_t eval_grad(const double* const*, double* const*, double* const*, std::size_t, ironlaw_error*) {
  return IRONLAW_OK;
}

// A plugin of one wall and one target that keeps the contract; each test breaks one thing of it.
struct Parts {
  ironlaw_port in{sizeof(ironlaw_port),  0, "traffic", "B", "bytes", 0, kAny, kNan, 0, "",
                  IRONLAW_LINK_IDENTITY, 0, 0,         0,   "",      ""};
  ironlaw_port fit{sizeof(ironlaw_port), IRONLAW_PORT_PARAMETER, "efficiency", "1", "share", 0, 1, 1, 0, "",
                   IRONLAW_LINK_LOGIT,   IRONLAW_SCOPE_FAMILY,   0.8,          0.5, "",      ""};
  ironlaw_port out{sizeof(ironlaw_port),  0, "time", "s", "time", -kAny, kAny, 0, IRONLAW_ROLE_BOUND, "",
                   IRONLAW_LINK_IDENTITY, 0, 0,      0,   "",     ""};
  ironlaw_port share{sizeof(ironlaw_port),
                     0,
                     "shape_efficiency",
                     "1",
                     "share",
                     -kAny,
                     kAny,
                     1,
                     IRONLAW_ROLE_FACTOR,
                     "compute_time",
                     IRONLAW_LINK_IDENTITY,
                     0,
                     0,
                     0,
                     "",
                     ""};
  const ironlaw_port* ins[2] = {&in, &fit};
  const ironlaw_port* outs[1] = {&out};
  const ironlaw_port* shares[1] = {&share};
  ironlaw_function function{
      sizeof(ironlaw_function), IRONLAW_LEVEL_OPERATOR, "f", 2,      1, ins, outs, &eval, &eval_grad,
      IRONLAW_EVERY_PHASE,      IRONLAW_EVERY_KIND,     "",  nullptr};
  ironlaw_function shape{
      sizeof(ironlaw_function), IRONLAW_LEVEL_OPERATOR, "shape", 1,      1, ins, shares, &eval, &eval_grad,
      IRONLAW_EVERY_PHASE,      IRONLAW_EVERY_KIND,     "",      nullptr};
  const ironlaw_function* functions[1] = {&function};
  ironlaw_wall wall{sizeof(ironlaw_wall), 2,       1,        1,         "memory", "Memory", "node", "mfu",
                    "A sentence.",        "t = x", "a book", functions, nullptr};
  const ironlaw_wall* walls[2] = {&wall, &wall};
  ironlaw_spec dense{sizeof(ironlaw_spec), 0, "peak_fp8", "FLOP/s", 2e15, "a sheet", ""};
  ironlaw_spec sparse{
      sizeof(ironlaw_spec), IRONLAW_SPEC_SPARSE, "peak_fp8_sparse", "FLOP/s", 4e15, "a sheet", ""};
  const ironlaw_spec* specs[2] = {&dense, &sparse};
  ironlaw_hardware chip{sizeof(ironlaw_hardware), 2026, "Chip-1", "Vendor", "one", "gpu", 2, specs, &shape};
  const ironlaw_hardware* chips[1] = {&chip};
  ironlaw_plugin plugin{
      sizeof(ironlaw_plugin), IRONLAW_ABI_MAJOR, IRONLAW_ABI_MINOR, "chip", "1", "gcc", 1, 1, walls, chips};
};

TEST(TableCheck, TakesAGoodTable) {
  const Parts parts;
  EXPECT_EQ(table_defect(&parts.plugin), "");
}

TEST(TableCheck, TakesATableOfALaterMinorVersionThatIsLonger) {
  Parts parts;
  parts.in.struct_size += 8;
  parts.plugin.struct_size += 64;
  EXPECT_EQ(table_defect(&parts.plugin), "");
}

TEST(TableCheck, NamesWhatIsWrong) {
  struct Case {
    std::function<void(Parts&)> damage;
    std::string reason;
  };
  const std::string wall = "wall memory: ", f = wall + "function 1 (f): ", chip = "hardware Chip-1: ";
  const std::vector<Case> cases = {
      {[](Parts& p) { p.plugin.struct_size = 12; }, "the table is cut short: struct_size is 12"},
      {[](Parts& p) { p.plugin.id = nullptr; },
       "the plugin's id is not made of A-Z, a-z, 0-9, _, ., + and -"},
      {[](Parts& p) { p.plugin.id = "../x"; }, "the plugin's id is not made of A-Z, a-z, 0-9, _, ., + and -"},
      {[](Parts& p) { p.plugin.n_walls = p.plugin.n_hardware = 0; },
       "it holds neither a wall nor a hardware target"},
      {[](Parts& p) { p.plugin.n_walls = 4000000000u; },
       "it says that it has 4000000000 walls; 256 are the most"},
      {[](Parts& p) { p.plugin.walls = nullptr; }, "it says that it has 1 walls and gives none"},
      {[](Parts& p) { p.walls[0] = nullptr; }, "wall 1 is null"},
      {[](Parts& p) { p.plugin.n_walls = 2; }, "wall memory is declared twice"},
      {[](Parts& p) { p.wall.struct_size = 8; }, "wall 1 is cut short: struct_size is 8"},
      {[](Parts& p) { p.wall.id = "Memory!"; }, "wall 1: its id is not made of a-z, 0-9 and _"},
      {[](Parts& p) { p.wall.number = 0; }, wall + "its number is 0; the taxonomy begins at 1"},
      {[](Parts& p) { p.wall.sources = ""; },
       wall + "its title, domain, term, statement, equation or sources are missing"},
      {[](Parts& p) { p.wall.title = "\x1b[2J"; },
       wall + "its title, domain, term, statement, equation or sources are missing"},
      {[](Parts& p) { p.wall.n_functions = 0; }, wall + "it has no function"},
      {[](Parts& p) { p.wall.n_functions = 65; }, wall + "it says that it has 65 functions; 64 are the most"},
      {[](Parts& p) { p.function.eval_grad = nullptr; }, f + "eval or eval_grad is missing"},
      {[](Parts& p) { p.function.level = 5; }, f + "its level 5 is not known"},
      {[](Parts& p) { p.function.n_outputs = 0; }, f + "it has no output"},
      {[](Parts& p) { p.function.n_inputs = 65; }, f + "it says that it has 65 inputs; 64 are the most"},
      {[](Parts& p) { p.ins[1] = nullptr; }, f + "input 2 is null"},
      {[](Parts& p) { p.in.struct_size = 16; }, f + "input 1 is cut short: struct_size is 16"},
      {[](Parts& p) { p.in.name = "Traffic"; },
       f + "input 1: its name is not made of a-z, 0-9 and _ (64 at the most)"},
      {[](Parts& p) { p.fit.name = "traffic"; }, f + "input traffic is declared twice"},
      {[](Parts& p) { p.in.unit = ""; }, f + "input traffic: it has no unit"},
      {[](Parts& p) { p.in.unit = nullptr; }, f + "input traffic: it has no unit"},
      {[](Parts& p) { p.in.min = kNan; }, f + "input traffic: its range [nan, inf] is not one"},
      {[](Parts& p) { p.in.max = -1; }, f + "input traffic: its range [0, -1] is not one"},
      {[](Parts& p) { p.fit.neutral = 2; },
       f + "input efficiency: its neutral value 2 is outside its range [0, 1]"},
      {[](Parts& p) { p.fit.neutral = kNan; }, f + "input efficiency: it has no textbook value"},
      {[](Parts& p) { p.fit.link = 3; }, f + "input efficiency: its link 3 is not known"},
      {[](Parts& p) { p.fit.prior_sd = 0; }, f + "input efficiency: its prior has no positive spread"},
      {[](Parts& p) { p.fit.prior_sd = kNan; }, f + "input efficiency: its prior has no positive spread"},
      {[](Parts& p) { p.fit.prior_mean = 1.5; },
       f + "input efficiency: its prior mean 1.5 is outside its range"},
      {[](Parts& p) { p.fit.prior_mean = 1; },
       f + "input efficiency: its prior mean 1 is outside what its link can take"},
      {[](Parts& p) { p.out.role = 0; }, f + "output time: its role 0 is not known"},
      {[](Parts& p) { p.out.role = 8; }, f + "output time: its role 8 is not known"},
      {[](Parts& p) { p.out.flags = IRONLAW_PORT_PARAMETER; },
       f + "output time: an output cannot be a parameter or a setting"},
      {[](Parts& p) { p.in.flags = IRONLAW_PORT_SETTING, p.in.choices = nullptr; },
       f + "input traffic: its source or its choices are missing or not plain text"},
      {[](Parts& p) { p.fit.flags |= IRONLAW_PORT_SETTING; },
       f + "input efficiency: it is both a setting and a parameter"},
      {[](Parts& p) { p.function.phases = 32; }, f + "it holds for no phase or for no kind of model"},
      {[](Parts& p) { p.function.kinds = IRONLAW_KIND_CONVNET; },
       f + "it does not hold for everything and does not say why"},
      {[](Parts& p) {
         p.function.phases = IRONLAW_PHASE_TRAIN;
         p.function.supports = "only training";
         p.out.neutral = kNan;
       },
       f + "output time has no neutral value for what the function does not hold for"},
      {[](Parts& p) {
         static const ironlaw_example kEmpty{sizeof(ironlaw_example), "", nullptr, nullptr};
         p.function.example = &kEmpty;
       },
       f + "its example has no text, inputs or outputs"},
      {[](Parts& p) {
         p.wall.analyse = [](const ironlaw_system*, const ironlaw_question*, ironlaw_emit_fn, void*,
                             ironlaw_error*) -> std::int32_t { return IRONLAW_OK; };
       },
       wall + "it is an analysis and has functions of its own"},
      {[](Parts& p) { p.out.unit = "B"; }, f + "output time: a time in B; times are in s"},
      {[](Parts& p) { p.out.role = IRONLAW_ROLE_FACTOR; },
       f + "output time: a factor that names no port to divide"},
      {[](Parts& p) { p.chip.id = "Chip 1"; },
       "hardware 1: its id is not made of A-Z, a-z, 0-9, _, ., + and -"},
      {[](Parts& p) { p.chip.vendor = ""; }, chip + "its vendor, family or kind is missing"},
      {[](Parts& p) { p.chip.n_specs = 0; }, chip + "it has no figures"},
      {[](Parts& p) { p.chip.n_specs = 1025; }, chip + "it says that it has 1025 specs; 1024 are the most"},
      {[](Parts& p) { p.dense.unit = "TFLOP/s"; },
       chip + "spec peak_fp8: it is in TFLOP/s and must be in FLOP/s"},
      {[](Parts& p) { p.dense.value = 0; }, chip + "spec peak_fp8: its value 0 is not a positive number"},
      {[](Parts& p) { p.dense.value = kAny; },
       chip + "spec peak_fp8: its value inf is not a positive number"},
      {[](Parts& p) { p.dense.source = ""; }, chip + "spec peak_fp8: it has no source"},
      {[](Parts& p) { p.dense.note = nullptr; },
       chip + "spec peak_fp8: its note is missing or not plain text"},
      {[](Parts& p) { p.sparse.quantity = "peak_fp16"; },
       chip + "spec peak_fp16: a sparse figure is one that is flagged so and whose name ends in _sparse"},
      {[](Parts& p) { p.sparse = p.dense; }, chip + "spec peak_fp8 is declared twice"},
      {[](Parts& p) { p.sparse.value = 1e15; }, chip + "spec peak_fp8_sparse is below the dense peak_fp8"},
      {[](Parts& p) { p.shape.level = IRONLAW_LEVEL_STEP; },
       chip + "shape function: it does not work on operators"},
      {[](Parts& p) { p.share.target = "memory_time"; },
       chip + "shape function: its one output must be a factor of compute_time"},
      {[](Parts& p) { p.shape.struct_size = 4; }, chip + "shape function: it is cut short: struct_size is 4"},
  };
  for (const Case& c : cases) {
    Parts parts;
    c.damage(parts);
    EXPECT_EQ(table_defect(&parts.plugin), c.reason);
  }
  EXPECT_EQ(table_defect(nullptr), "there is no table");
}

}  // namespace
}  // namespace ironlaw
