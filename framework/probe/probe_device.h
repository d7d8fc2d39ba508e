/* What an accelerator's part of the probe offers, in C: a library of its own, so that ironlaw needs neither
 * the toolkit to be built nor a driver to run. Not part of the plugin ABI (ironlaw/abi.h): it comes with
 * ironlaw. */
#ifndef IRONLAW_PROBE_DEVICE_H_
#define IRONLAW_PROBE_DEVICE_H_

#include <stdint.h>

#include "ironlaw/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IRONLAW_PROBE_DEVICE_SYMBOL "ironlaw_probe_device_v1"

/* The first device that this process may use. A number that is not known is 0. */
typedef struct ironlaw_probe_facts {
  uint32_t struct_size;
  char name[256];
  double memory_bytes, cache_bytes;
  uint32_t cores;    /* streaming multiprocessors, compute units */
  char library[256]; /* with what is measured: "CUDA 13.0, cuBLAS 13.1" */
} ironlaw_probe_facts;

/* Functions that can fail return an ironlaw_status and write the reason. */
typedef struct ironlaw_probe_device {
  uint32_t struct_size;
  const char* vendor; /* "NVIDIA" */
  const char* family; /* "cuda" */
  const char* kind;   /* "gpu" */
  uint32_t n_precisions;
  const char* const* precisions; /* "fp32", ...: those that products can be asked for; one may yet fail */
  int32_t (*describe)(ironlaw_probe_facts* facts, ironlaw_error* error);
  /* C = A B at a precision, with `copies` matrices B in turn. */
  int32_t (*open_product)(const char* precision, int64_t m, int64_t n, int64_t k, int32_t copies, void** job,
                          ironlaw_error* error);
  /* a = b + 3 c over arrays of so many bytes. */
  int32_t (*open_triad)(int64_t array_bytes, void** job, ironlaw_error* error);
  /* An empty kernel. */
  int32_t (*open_launch)(void** job, ironlaw_error* error);
  /* Does a job so many times and returns when the device has done them. */
  int32_t (*run)(void* job, int32_t runs, ironlaw_error* error);
  void (*close)(void* job);
} ironlaw_probe_device;

typedef const ironlaw_probe_device* (*ironlaw_probe_device_fn)(void);

#ifdef __cplusplus
}
#endif
#endif /* IRONLAW_PROBE_DEVICE_H_ */
