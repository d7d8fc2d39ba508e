/* What a library of matrix-product kernels for one instruction set offers the probe, in C.
 *
 * Each is compiled for its own instruction set and loaded only on a CPU that has it. They are libraries of
 * their own because inline functions of a header (Eigen's) that are compiled for two instruction sets into
 * one program would be merged into one of the two. */
#ifndef IRONLAW_CPU_KERNELS_H_
#define IRONLAW_CPU_KERNELS_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRONLAW_CPU_KERNELS_SYMBOL "ironlaw_cpu_kernels_v1"

/* C[m,n] = A[m,k] B[k,n], all row by row, for n a multiple of 64, k of 4. */
typedef struct ironlaw_cpu_product {
  const char* precision;            /* "fp32" */
  const char* how;                  /* "Eigen 3.4.0, AVX2" */
  size_t input_bytes, output_bytes; /* of one number */
  /* B as the kernel wants it: its size in bytes, and how it is made. Null: as it is. */
  size_t (*packed_bytes)(size_t k, size_t n);
  void (*pack)(const void* b, void* packed, size_t k, size_t n);
  /* Rows [row, row_end) x columns [column, column_end) of C; columns in multiples of 64. */
  void (*multiply)(const void* a, const void* b, void* c, size_t m, size_t n, size_t k, size_t row,
                   size_t row_end, size_t column, size_t column_end);
} ironlaw_cpu_product;

typedef struct ironlaw_cpu_kernels {
  uint32_t n_products;
  const ironlaw_cpu_product* products;
} ironlaw_cpu_kernels;

typedef const ironlaw_cpu_kernels* (*ironlaw_cpu_kernels_fn)(void);

#ifdef __cplusplus
}
#endif
#endif /* IRONLAW_CPU_KERNELS_H_ */
