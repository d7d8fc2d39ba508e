/* The whole binary interface between Ironlaw and a plugin, in C.
 *
 * Only C types cross: no std::, no exceptions, no ownership. A plugin built by another compiler, with other
 * flags, works; a broken one is refused with a reason.
 *
 *   - Every struct begins with its own size. A field is read only if struct_size covers it, so a later
 *     minor version may append fields.
 *   - Everything a plugin hands out is constant and lives as long as the library stays loaded. The host
 *     never unloads a library and never frees anything.
 *   - Strings are UTF-8, end in 0 and are not null unless the comment says so.
 *   - Functions may be called from several threads at once. They keep no state, allocate nothing, and
 *     report failure by status, never by exception.
 *   - All values are doubles in the base unit of their dimension: s, B, FLOP, J, USD, kgCO2e, L.
 *
 * Authors do not write these tables: wall.hpp and hardware.hpp make them.
 *
 * Versions. The layout of 1.0 is frozen: a minor version appends fields to structs, values to enums and flags
 * to sets, and changes nothing that is here. A host of 1.y loads plugins of 1.x for every x <= y; a plugin of
 * a later minor or another major version is refused with a sentence. The major number is part of the entry
 * symbol. */
#ifndef IRONLAW_ABI_H_
#define IRONLAW_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRONLAW_ABI_MAJOR 1u
#define IRONLAW_ABI_MINOR 0u
#define IRONLAW_ENTRY_PREFIX "ironlaw_plugin_entry_v"
#define IRONLAW_ENTRY_SYMBOL "ironlaw_plugin_entry_v1"

/* Whether *p, a struct that begins with struct_size, is large enough to hold the field. Whoever reads a field
 * that a minor version appended asks first. */
#define IRONLAW_HAS(p, field) \
  ((size_t)((const char*)&(p)->field - (const char*)(p)) + sizeof((p)->field) <= (p)->struct_size)

/* What eval returns. */
enum ironlaw_status {
  IRONLAW_OK = 0,
  IRONLAW_FAILED = 1 /* ironlaw_error holds the reason */
};

typedef struct ironlaw_error {
  char message[256]; /* written by the callee, always terminated */
} ironlaw_error;

/* On what a function works: the rows that it is called with. */
enum ironlaw_level {
  IRONLAW_LEVEL_SCENARIO = 0, /* one row a scenario, before the model is lowered */
  IRONLAW_LEVEL_OPERATOR = 1, /* one row an operator (a matrix product, an all-reduce, ...) */
  IRONLAW_LEVEL_STEP = 2,     /* one row a step: one pass over a scenario's operators */
  IRONLAW_LEVEL_RUN = 3,      /* one row a scenario again, when its step times are known */
  IRONLAW_LEVEL_RESULT = 4    /* one row a scenario, when its whole time is known; also reads run rows */
};

/* What a case is about. Functions on operator and step rows see what the row's own step does (train, prefill
 * or decode); the others see what was asked, which may also be a closed loop (offline) or a service. */
enum ironlaw_phase {
  IRONLAW_PHASE_TRAIN = 1,
  IRONLAW_PHASE_PREFILL = 2,
  IRONLAW_PHASE_DECODE = 4,
  IRONLAW_PHASE_OFFLINE = 8,
  IRONLAW_PHASE_SERVE = 16
};
#define IRONLAW_EVERY_PHASE 0xffffffffu /* also those of later minor versions */

enum ironlaw_kind { IRONLAW_KIND_DECODER = 1, IRONLAW_KIND_ENCODER = 2, IRONLAW_KIND_CONVNET = 4 };
#define IRONLAW_EVERY_KIND 0xffffffffu

/* What the composition does with an output port. */
enum ironlaw_role {
  IRONLAW_ROLE_WORK = 1,   /* says how much there is to do; read by the lowering or other walls */
  IRONLAW_ROLE_BOUND = 2,  /* a time [s] that no overlap can go below; enters the maximum */
  IRONLAW_ROLE_FACTOR = 3, /* an efficiency in (0, 1]; divides the port named `target` */
  IRONLAW_ROLE_SUPPLY = 4, /* a rate or shape that other walls use */
  IRONLAW_ROLE_ADDEND = 5, /* a time [s] that is added */
  IRONLAW_ROLE_GATE = 6,   /* feasible while >= 0; how much is left, in its own unit */
  IRONLAW_ROLE_ACCOUNT = 7 /* a result that changes no time (cost, carbon); it may be unknown (NaN) */
};

enum ironlaw_port_flag {
  IRONLAW_PORT_PARAMETER = 1, /* an input that is fitted; link, prior and scopes are set */
  IRONLAW_PORT_DISCRETE = 2,  /* changes in steps: has differences, not derivatives */
  IRONLAW_PORT_SETTING = 4,   /* an input that the user may set; see neutral, source and choices */
  IRONLAW_PORT_HEADLINE = 8   /* an account that belongs on the first page of an answer */
};

/* The scale on which a parameter is fitted and its effects add. */
enum ironlaw_link {
  IRONLAW_LINK_IDENTITY = 0,
  IRONLAW_LINK_LOG = 1,  /* positive quantities */
  IRONLAW_LINK_LOGIT = 2 /* fractions in (0, 1) */
};

/* By what a parameter may vary. The host keeps one effect a level of each scope and adds them up. */
enum ironlaw_scope {
  IRONLAW_SCOPE_VENDOR = 1,
  IRONLAW_SCOPE_FAMILY = 2, /* of devices: "hopper" */
  IRONLAW_SCOPE_DEVICE = 4,
  IRONLAW_SCOPE_CLASS = 8,       /* workload class: "decoder", "encoder", "convnet", each by phase */
  IRONLAW_SCOPE_GENERATION = 16, /* of software; ordered in time */
  IRONLAW_SCOPE_PRECISION = 32   /* of the matrix products */
};

/* One named, dimensioned column that a function reads or writes. */
typedef struct ironlaw_port {
  uint32_t struct_size;
  uint32_t flags; /* ironlaw_port_flag */
  const char* name;
  const char* unit;    /* "B/s", "1"; derived from the C++ type by the SDK */
  const char* meaning; /* one line for people */
  double min, max;     /* valid range, both ends included */
  double neutral;      /* a parameter's first-principles value; a setting's value where neither the user, a
                          place, a fleet nor the datasheet (by the same name) gives one, NaN: unknown; the
                          value of an output that switches it off; NaN where none of these makes sense */
  /* outputs only */
  uint32_t role;      /* ironlaw_role */
  const char* target; /* FACTOR: the port it divides; else "" */
  /* parameters only */
  uint32_t link;               /* ironlaw_link */
  uint32_t scopes;             /* ironlaw_scope, combined */
  double prior_mean, prior_sd; /* prior_mean in the port's own unit, prior_sd on the link scale */
  /* settings only */
  const char* source;  /* where the value in `neutral` comes from; "" where it merely switches off */
  const char* choices; /* "ring|torus": names of the values 0, 1, ...; "" for a number */
} ironlaw_port;

/* A case worked by hand, for people; a test of the host runs it. */
typedef struct ironlaw_example {
  uint32_t struct_size;
  const char* text;      /* "140 GB of weights at 2.8 TB/s: 50 ms" */
  const double* inputs;  /* one value for each input of the function, in their order */
  const double* outputs; /* what comes out, to 0.1%; NaN: not shown */
} ironlaw_example;

/* A pure function over columns. */
typedef struct ironlaw_function {
  uint32_t struct_size;
  uint32_t level; /* ironlaw_level: of all its rows, so also of its output ports */
  const char* name;
  uint32_t n_inputs, n_outputs;
  const ironlaw_port* const* inputs;
  const ironlaw_port* const* outputs;
  /* Rows [0, n): in[i] and out[o] point to n doubles. in and out never overlap. */
  int32_t (*eval)(const double* const* in, double* const* out, size_t n, ironlaw_error* error);
  /* As eval, and also jac[o * n_inputs + i][row] = d out[o] / d in[i]. */
  int32_t (*eval_grad)(const double* const* in, double* const* out, double* const* jac, size_t n,
                       ironlaw_error* error);
  /* For what the function holds: ironlaw_phase and ironlaw_kind combined. Elsewhere its outputs take their
   * neutral values and its accounts do not exist; `supports` says why, "" where it holds for everything. */
  uint32_t phases, kinds;
  const char* supports;
  const ironlaw_example* example; /* or null */
} ironlaw_function;

/* ---- analysis ---------------------------------------------------------------------------------------- */

enum ironlaw_variable_flag {
  IRONLAW_VARIABLE_PARAMETER = IRONLAW_PORT_PARAMETER, /* an input that is fitted */
  IRONLAW_VARIABLE_DISCRETE = IRONLAW_PORT_DISCRETE,   /* an input that changes in steps */
  IRONLAW_VARIABLE_GATE = 16                           /* an output: feasible while >= 0 */
};

/* One input or output of a system. */
typedef struct ironlaw_variable {
  uint32_t struct_size;
  uint32_t flags; /* ironlaw_variable_flag */
  const char* name;
  const char* unit;
  const char* meaning;
  double value;    /* as the case has it; NaN: unknown */
  double min, max; /* of an input: its valid range */
} ironlaw_variable;

/* A whole scenario as one function of its inputs: what an analysis works on. It lives for one call. */
typedef struct ironlaw_system {
  uint32_t struct_size;
  uint32_t n_inputs, n_outputs;
  const ironlaw_variable* const* inputs;
  const ironlaw_variable* const* outputs;
  void* state; /* handed back to the functions below */
  /* outputs[n_outputs] at inputs[n_inputs]; unknown outputs are NaN. */
  int32_t (*evaluate)(void* state, const double* inputs, double* outputs, ironlaw_error* error);
  /* As evaluate, and jacobian[o * n_inputs + i] = d output / d input; 0 for discrete inputs. */
  int32_t (*differentiate)(void* state, const double* inputs, double* outputs, double* jacobian,
                           ironlaw_error* error);
} ironlaw_system;

#define IRONLAW_EVERY_INPUT 0xffffffffu

typedef struct ironlaw_question {
  uint32_t struct_size;
  uint32_t output; /* index: what is asked about */
  uint32_t input;  /* index, or IRONLAW_EVERY_INPUT */
  double target;   /* of the output; NaN where none is asked for */
  double change;   /* relative change of an input, for a tornado: 0.1 */
  int32_t sense;   /* of the target: 1 at least, -1 at most; 0 where none is asked for */
} ironlaw_question;

typedef struct ironlaw_finding {
  uint32_t struct_size;
  uint32_t input;
  double value;     /* wall 21: elasticity; wall 22: the input's value that meets the target, NaN: none */
  double low, high; /* wall 21: the output at input x (1 - change), x (1 + change); else NaN */
  const char* text; /* "" or why there is no value */
} ironlaw_finding;

/* Receives a finding; `sink` is what the analysis was given. The host copies what it keeps. */
typedef void (*ironlaw_emit_fn)(void* sink, const ironlaw_finding* finding);

typedef struct ironlaw_wall {
  uint32_t struct_size;
  uint32_t number;        /* place in the taxonomy, 1 to 22; any number above for walls of one's own */
  uint32_t model_version; /* raise it when an equation or a port changes: fits made before are refused */
  uint32_t n_functions;
  const char* id;        /* [a-z0-9_]+ */
  const char* title;     /* "Memory" */
  const char* domain;    /* "node", "data", "algorithm", "fleet", "operations", "analysis" */
  const char* term;      /* the Iron Law term it binds: "flops", "n", "peak", "mfu", "eta_scaling", "goodput";
                                "none" where it limits something else (a price, a quantile) */
  const char* statement; /* one sentence */
  const char* equation;
  const char* sources; /* where the equation comes from */
  const ironlaw_function* const* functions;
  /* An analysis: works on the composed system instead of taking part in it. It then has no functions. Null
   * otherwise. Emits findings in the order in which they are worth reading. */
  int32_t (*analyse)(const ironlaw_system* system, const ironlaw_question* question, ironlaw_emit_fn emit,
                     void* sink, ironlaw_error* error);
} ironlaw_wall;

enum ironlaw_spec_flag {
  IRONLAW_SPEC_SPARSE = 1,    /* counts 2:4 structured sparsity: shown, never used as a dense peak */
  IRONLAW_SPEC_UNVERIFIED = 2 /* recalled or disputed: the note says what is doubtful */
};

/* One figure of a datasheet. */
typedef struct ironlaw_spec {
  uint32_t struct_size;
  uint32_t flags;       /* ironlaw_spec_flag */
  const char* quantity; /* "memory_bandwidth", "peak_fp8"; see hardware.hpp for the list */
  const char* unit;
  double value;
  const char* source; /* where it was read */
  const char* note;   /* "" when there is nothing to say */
} ironlaw_spec;

/* A hardware target: a datasheet, and where the chip needs it a shape function. */
typedef struct ironlaw_hardware {
  uint32_t struct_size;
  uint32_t year;      /* of general availability */
  const char* id;     /* "H100-SXM-80GB" */
  const char* vendor; /* "NVIDIA" */
  const char* family; /* "hopper": what an unmeasured device inherits its efficiencies from */
  const char* kind;   /* "gpu", "tpu", "cpu", "wafer", "mcu" */
  uint32_t n_specs;
  const ironlaw_spec* const* specs;
  /* How well a matrix product's shape fills the chip; null when nothing is known. An operator-level
   * function with one FACTOR output on compute_time. */
  const ironlaw_function* shape;
} ironlaw_hardware;

/* What the host offers a plugin while it starts. */
typedef struct ironlaw_host {
  uint32_t struct_size;
  uint32_t abi_major, abi_minor;
} ironlaw_host;

typedef struct ironlaw_plugin {
  uint32_t struct_size;
  uint32_t abi_major, abi_minor;
  const char* id;
  const char* version;
  const char* build; /* compiler and options, for people and bug reports; nothing depends on it */
  uint32_t n_walls, n_hardware;
  const ironlaw_wall* const* walls;
  const ironlaw_hardware* const* hardware;
} ironlaw_plugin;

/* The one exported symbol. Returns null when the plugin refuses this host. Called once, when loaded. */
typedef const ironlaw_plugin* (*ironlaw_plugin_entry_fn)(const ironlaw_host* host);

#ifdef __cplusplus
}
#endif
#endif /* IRONLAW_ABI_H_ */
