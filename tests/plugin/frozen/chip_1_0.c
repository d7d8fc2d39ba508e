/* A hardware target as a vendor's C compiler built it when the ABI was 1.0; see wall_1_0.c. */
#include "abi_1_0.h"

#include <math.h>

#define FIGURE(name, quantity, number, unit)                                                            \
  static const ironlaw_spec name = {sizeof(ironlaw_spec), 0, quantity, unit, number, "made up for this test", ""}
FIGURE(kPeak, "peak_bf16", 4e14, "FLOP/s");
FIGURE(kBandwidth, "memory_bandwidth", 2e12, "B/s");
FIGURE(kCapacity, "memory_capacity", 68719476736.0, "B");
FIGURE(kPower, "power", 500, "J/s");
static const ironlaw_spec kSparsePeak = {sizeof(ironlaw_spec),
                                         IRONLAW_SPEC_SPARSE | IRONLAW_SPEC_UNVERIFIED,
                                         "peak_bf16_sparse",
                                         "FLOP/s",
                                         8e14,
                                         "made up for this test",
                                         "shown, never used"};
static const ironlaw_spec* const kSpecs[] = {&kPeak, &kBandwidth, &kCapacity, &kPower, &kSparsePeak};

/* Works on 256 rows at a time. */
static const ironlaw_port kRows = {.struct_size = sizeof(ironlaw_port),
                                   .flags = IRONLAW_PORT_DISCRETE,
                                   .name = "matmul_m",
                                   .unit = "1",
                                   .meaning = "rows of the product",
                                   .min = 0,
                                   .max = INFINITY,
                                   .neutral = NAN,
                                   .target = "",
                                   .source = "",
                                   .choices = ""};
static const ironlaw_port kShare = {.struct_size = sizeof(ironlaw_port),
                                    .name = "shape_efficiency",
                                    .unit = "1",
                                    .meaning = "share of the chip that the product's shape keeps busy",
                                    .min = -INFINITY,
                                    .max = INFINITY,
                                    .neutral = 1,
                                    .role = IRONLAW_ROLE_FACTOR,
                                    .target = "compute_time",
                                    .source = "",
                                    .choices = ""};

static int32_t share(const double* const* in, double* const* out, size_t n, ironlaw_error* error) {
  (void)error;
  for (size_t row = 0; row < n; ++row) {
    const double rows = in[0][row];
    out[0][row] = rows < 1 ? 1 : rows / (ceil(rows / 256) * 256);
  }
  return IRONLAW_OK;
}

static int32_t share_gradient(const double* const* in, double* const* out, double* const* jac, size_t n,
                              ironlaw_error* error) {
  for (size_t row = 0; row < n; ++row) jac[0][row] = 0;
  return share(in, out, n, error);
}

static const ironlaw_port* const kInputs[] = {&kRows};
static const ironlaw_port* const kOutputs[] = {&kShare};
static const ironlaw_function kShape = {.struct_size = sizeof(ironlaw_function),
                                        .level = IRONLAW_LEVEL_OPERATOR,
                                        .name = "tiles",
                                        .n_inputs = 1,
                                        .n_outputs = 1,
                                        .inputs = kInputs,
                                        .outputs = kOutputs,
                                        .eval = &share,
                                        .eval_grad = &share_gradient,
                                        .phases = IRONLAW_EVERY_PHASE,
                                        .kinds = IRONLAW_EVERY_KIND,
                                        .supports = ""};

static const ironlaw_hardware kChip = {.struct_size = sizeof(ironlaw_hardware),
                                       .year = 2026,
                                       .id = "ABI-1.0-Chip",
                                       .vendor = "Nobody",
                                       .family = "frozen",
                                       .kind = "gpu",
                                       .n_specs = sizeof kSpecs / sizeof kSpecs[0],
                                       .specs = kSpecs,
                                       .shape = &kShape};
static const ironlaw_hardware* const kChips[] = {&kChip};
static const ironlaw_plugin kPlugin = {.struct_size = sizeof(ironlaw_plugin),
                                       .abi_major = IRONLAW_ABI_MAJOR,
                                       .abi_minor = IRONLAW_ABI_MINOR,
                                       .id = "abi_1_0_chip",
                                       .version = "1.0.0",
                                       .build = "C",
                                       .n_hardware = 1,
                                       .hardware = kChips};

__attribute__((visibility("default"))) const ironlaw_plugin* ironlaw_plugin_entry_v1(const ironlaw_host* host) {
  return host->abi_major == IRONLAW_ABI_MAJOR ? &kPlugin : NULL;
}
