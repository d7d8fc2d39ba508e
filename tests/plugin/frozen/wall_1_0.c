/* A wall and an analysis as a vendor's C compiler built them when the ABI was 1.0: this file and abi_1_0.h never
 * change and include nothing else of the project. Every host of 1.x has to load them and get their numbers. */
#include "abi_1_0.h"

#include <math.h>

#define EXPORT __attribute__((visibility("default")))

/* ---- a factor on every operator, with a setting, a choice and a parameter --------------------------------- */

static const ironlaw_port kTraffic = {.struct_size = sizeof(ironlaw_port),
                                      .name = "operator_bytes",
                                      .unit = "B",
                                      .meaning = "bytes one operator moves from and to memory",
                                      .min = 0,
                                      .max = INFINITY,
                                      .neutral = NAN,
                                      .target = "",
                                      .source = "",
                                      .choices = ""};
static const ironlaw_port kLoss = {.struct_size = sizeof(ironlaw_port),
                                   .flags = IRONLAW_PORT_SETTING,
                                   .name = "abi_1_0_loss",
                                   .unit = "1",
                                   .meaning = "share of the bandwidth that is at stake",
                                   .min = 0,
                                   .max = 0.5,
                                   .neutral = 0.25,
                                   .target = "",
                                   .source = "made up for this test",
                                   .choices = ""};
static const ironlaw_port kMode = {.struct_size = sizeof(ironlaw_port),
                                   .flags = IRONLAW_PORT_SETTING | IRONLAW_PORT_DISCRETE,
                                   .name = "abi_1_0_mode",
                                   .unit = "1",
                                   .meaning = "whether it is lost",
                                   .min = 0,
                                   .max = 1,
                                   .neutral = 1,
                                   .target = "",
                                   .source = "",
                                   .choices = "off|on"};
static const ironlaw_port kExposure = {.struct_size = sizeof(ironlaw_port),
                                       .flags = IRONLAW_PORT_PARAMETER,
                                       .name = "abi_1_0_exposure",
                                       .unit = "1",
                                       .meaning = "share of the loss that shows",
                                       .min = 0,
                                       .max = 1,
                                       .neutral = 1,
                                       .target = "",
                                       .link = IRONLAW_LINK_LOGIT,
                                       .scopes = IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_DEVICE,
                                       .prior_mean = 0.5,
                                       .prior_sd = 1,
                                       .source = "",
                                       .choices = ""};
static const ironlaw_port kKept = {.struct_size = sizeof(ironlaw_port),
                                   .name = "abi_1_0_efficiency",
                                   .unit = "1",
                                   .meaning = "share of the bandwidth that is left",
                                   .min = -INFINITY,
                                   .max = INFINITY,
                                   .neutral = 1,
                                   .role = IRONLAW_ROLE_FACTOR,
                                   .target = "memory_time",
                                   .source = "",
                                   .choices = ""};

static int32_t loss(const double* const* in, double* const* out, size_t n, ironlaw_error* error) {
  (void)error;
  for (size_t row = 0; row < n; ++row)
    out[0][row] = in[0][row] > 0 ? 1 - in[1][row] * in[2][row] * in[3][row] : 1;
  return IRONLAW_OK;
}

static int32_t loss_gradient(const double* const* in, double* const* out, double* const* jac, size_t n,
                             ironlaw_error* error) {
  for (size_t row = 0; row < n; ++row) {
    const double moves = in[0][row] > 0 ? 1 : 0;
    jac[0][row] = 0;
    jac[1][row] = -moves * in[2][row] * in[3][row];
    jac[2][row] = -moves * in[1][row] * in[3][row];
    jac[3][row] = -moves * in[1][row] * in[2][row];
  }
  return loss(in, out, n, error);
}

static const ironlaw_port* const kLossInputs[] = {&kTraffic, &kLoss, &kMode, &kExposure};
static const ironlaw_port* const kLossOutputs[] = {&kKept};
static const double kExampleInputs[] = {1e9, 0.25, 1, 0.5};
static const double kExampleOutputs[] = {0.875};
static const ironlaw_example kExample = {sizeof(ironlaw_example), "half of a loss of a quarter leaves 7/8",
                                         kExampleInputs, kExampleOutputs};
static const ironlaw_function kLossFunction = {.struct_size = sizeof(ironlaw_function),
                                               .level = IRONLAW_LEVEL_OPERATOR,
                                               .name = "loss",
                                               .n_inputs = 4,
                                               .n_outputs = 1,
                                               .inputs = kLossInputs,
                                               .outputs = kLossOutputs,
                                               .eval = &loss,
                                               .eval_grad = &loss_gradient,
                                               .phases = IRONLAW_EVERY_PHASE,
                                               .kinds = IRONLAW_EVERY_KIND,
                                               .supports = "",
                                               .example = &kExample};

/* ---- an account of a result, for inference only ------------------------------------------------------------ */

static const ironlaw_port kTime = {.struct_size = sizeof(ironlaw_port),
                                   .name = "cycle_time",
                                   .unit = "s",
                                   .meaning = "time of a cycle",
                                   .min = 0,
                                   .max = INFINITY,
                                   .neutral = NAN,
                                   .target = "",
                                   .source = "",
                                   .choices = ""};
static const ironlaw_port kTwice = {.struct_size = sizeof(ironlaw_port),
                                    .flags = IRONLAW_PORT_HEADLINE,
                                    .name = "abi_1_0_twice",
                                    .unit = "s",
                                    .meaning = "twice the time of a cycle",
                                    .min = -INFINITY,
                                    .max = INFINITY,
                                    .neutral = NAN,
                                    .role = IRONLAW_ROLE_ACCOUNT,
                                    .target = "",
                                    .source = "",
                                    .choices = ""};

static int32_t twice(const double* const* in, double* const* out, size_t n, ironlaw_error* error) {
  (void)error;
  for (size_t row = 0; row < n; ++row) out[0][row] = 2 * in[0][row];
  return IRONLAW_OK;
}

static int32_t twice_gradient(const double* const* in, double* const* out, double* const* jac, size_t n,
                              ironlaw_error* error) {
  for (size_t row = 0; row < n; ++row) jac[0][row] = 2;
  return twice(in, out, n, error);
}

static const ironlaw_port* const kTwiceInputs[] = {&kTime};
static const ironlaw_port* const kTwiceOutputs[] = {&kTwice};
static const ironlaw_function kTwiceFunction = {
    .struct_size = sizeof(ironlaw_function),
    .level = IRONLAW_LEVEL_RESULT,
    .name = "twice",
    .n_inputs = 1,
    .n_outputs = 1,
    .inputs = kTwiceInputs,
    .outputs = kTwiceOutputs,
    .eval = &twice,
    .eval_grad = &twice_gradient,
    .phases = IRONLAW_PHASE_PREFILL | IRONLAW_PHASE_DECODE | IRONLAW_PHASE_OFFLINE | IRONLAW_PHASE_SERVE,
    .kinds = IRONLAW_EVERY_KIND,
    .supports = "inference only"};

static const ironlaw_function* const kFunctions[] = {&kLossFunction, &kTwiceFunction};
static const ironlaw_wall kWall = {.struct_size = sizeof(ironlaw_wall),
                                   .number = 1010,
                                   .model_version = 1,
                                   .n_functions = 2,
                                   .id = "abi_1_0",
                                   .title = "A wall of ABI 1.0",
                                   .domain = "node",
                                   .term = "mfu",
                                   .statement = "Some of the bandwidth is lost.",
                                   .equation = "eta = 1 - loss x mode x exposure",
                                   .sources = "made up for this test",
                                   .functions = kFunctions};

/* ---- an analysis: slopes, and the output with an input a tenth larger --------------------------------------- */

enum { kMostInputs = 256, kMostOutputs = 256 };

static int32_t analyse(const ironlaw_system* system, const ironlaw_question* question, ironlaw_emit_fn emit,
                       void* sink, ironlaw_error* error) {
  static const char kTooMany[] = "the system is larger than this analysis can hold";
  double at[kMostInputs], outputs[kMostOutputs];
  if (system->n_inputs > kMostInputs || system->n_outputs > kMostOutputs) {
    for (size_t i = 0; i < sizeof kTooMany; ++i) error->message[i] = kTooMany[i];
    return IRONLAW_FAILED;
  }
  for (uint32_t i = 0; i < system->n_inputs; ++i) at[i] = system->inputs[i]->value;
  for (uint32_t i = 0; i < system->n_inputs; ++i) {
    if (question->input != IRONLAW_EVERY_INPUT && question->input != i) continue;
    if (system->inputs[i]->flags & IRONLAW_VARIABLE_DISCRETE) continue;
    at[i] *= 1 + question->change;
    if (system->evaluate(system->state, at, outputs, error) == IRONLAW_OK) {
      const ironlaw_finding finding = {
          sizeof(ironlaw_finding), i, outputs[question->output], NAN, NAN, system->inputs[i]->unit};
      emit(sink, &finding);
    }
    at[i] = system->inputs[i]->value;
  }
  return IRONLAW_OK;
}

static const ironlaw_wall kAnalysis = {.struct_size = sizeof(ironlaw_wall),
                                       .number = 1011,
                                       .model_version = 1,
                                       .id = "abi_1_0_analysis",
                                       .title = "An analysis of ABI 1.0",
                                       .domain = "analysis",
                                       .term = "none",
                                       .statement = "What an input moves.",
                                       .equation = "Y((1 + d) x)",
                                       .sources = "made up for this test",
                                       .analyse = &analyse};

/* ---- the plugin ----------------------------------------------------------------------------------------- */

static const ironlaw_wall* const kWalls[] = {&kWall, &kAnalysis};
static const ironlaw_plugin kPlugin = {.struct_size = sizeof(ironlaw_plugin),
                                       .abi_major = IRONLAW_ABI_MAJOR,
                                       .abi_minor = IRONLAW_ABI_MINOR,
                                       .id = "abi_1_0",
                                       .version = "1.0.0",
                                       .build = "C",
                                       .n_walls = 2,
                                       .walls = kWalls};

EXPORT const ironlaw_plugin* ironlaw_plugin_entry_v1(const ironlaw_host* host) {
  return host->abi_major == IRONLAW_ABI_MAJOR ? &kPlugin : NULL;
}
