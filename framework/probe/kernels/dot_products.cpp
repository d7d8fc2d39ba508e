// int8 and bf16 products by the dot-product instructions of AVX-512: VNNI (vpdpbusd) and BF16 (vdpbf16ps). A
// 512-bit register holds 16 columns of B with a group of k each (4 bytes or 2 bf16), which one instruction
// multiplies with the same group of a row of A and adds to 16 sums. Compiled once for each instruction set.
#include <immintrin.h>

#include <cstring>

#include "framework/probe/kernels/cpu_kernels.h"

namespace {

constexpr size_t kLanes = 16, kVectors = 4, kPanel = kLanes * kVectors;  // columns of a register, of a block
constexpr size_t kRows = 6;  // 6 x 4 sums, 4 columns of B and one of A fill the 32 registers
constexpr size_t kGroupBytes = 4;

#if defined(IRONLAW_VNNI)
using Input = unsigned char;
using Sums = __m512i;
constexpr const char* kPrecision = "int8";
constexpr const char* kHow = "ironlaw's kernel, AVX-512 VNNI (u8 x s8 into s32), weights packed beforehand";
Sums zero() {
  return _mm512_setzero_si512();
}
Sums dot(Sums sums, __m512i a, __m512i b) {
  return _mm512_dpbusd_epi32(sums, a, b);
}
void store(void* to, Sums sums) {
  _mm512_storeu_si512(to, sums);
}
#elif defined(IRONLAW_BF16)
using Input = unsigned short;
using Sums = __m512;
constexpr const char* kPrecision = "bf16";
constexpr const char* kHow = "ironlaw's kernel, AVX-512 BF16 (into fp32), weights packed beforehand";
Sums zero() {
  return _mm512_setzero_ps();
}
Sums dot(Sums sums, __m512i a, __m512i b) {
  return _mm512_dpbf16_ps(sums, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
}
void store(void* to, Sums sums) {
  _mm512_storeu_ps(to, sums);
}
#endif

constexpr size_t kGroup = kGroupBytes / sizeof(Input);  // numbers of k that one instruction takes

size_t packed_bytes(size_t k, size_t n) {
  return k * n * sizeof(Input);
}

// By panels of 64 columns; within one by groups of k; within one by columns.
void pack(const void* b, void* packed, size_t k, size_t n) {
  const auto* from = static_cast<const Input*>(b);
  auto* to = static_cast<Input*>(packed);
  for (size_t panel = 0; panel < n; panel += kPanel)
    for (size_t group = 0; group < k; group += kGroup)
      for (size_t column = panel; column < panel + kPanel; ++column)
        for (size_t i = 0; i < kGroup; ++i) *to++ = from[(group + i) * n + column];
}

// `kCount` rows of A with one panel of B.
template <size_t kCount>
void multiply_block(const Input* a, const Input* panel, char* c, size_t n, size_t k) {
  Sums sums[kCount][kVectors];
  for (auto& row : sums)
    for (Sums& sum : row) sum = zero();
  for (size_t group = 0; group < k; group += kGroup, panel += kPanel * kGroup) {
    __m512i b[kVectors];
    for (size_t v = 0; v < kVectors; ++v) b[v] = _mm512_loadu_si512(panel + v * kLanes * kGroup);
    for (size_t row = 0; row < kCount; ++row) {
      int numbers;
      std::memcpy(&numbers, a + row * k + group, sizeof numbers);
      const __m512i same = _mm512_set1_epi32(numbers);
      for (size_t v = 0; v < kVectors; ++v) sums[row][v] = dot(sums[row][v], same, b[v]);
    }
  }
  for (size_t row = 0; row < kCount; ++row)
    for (size_t v = 0; v < kVectors; ++v) store(c + (row * n + v * kLanes) * sizeof(float), sums[row][v]);
}

void multiply(const void* a, const void* b, void* c, size_t /*m*/, size_t n, size_t k, size_t row,
              size_t row_end, size_t column, size_t column_end) {
  const auto* left = static_cast<const Input*>(a);
  const auto* right = static_cast<const Input*>(b);
  constexpr void (*blocks[])(const Input*, const Input*, char*, size_t, size_t) = {
      multiply_block<1>, multiply_block<2>, multiply_block<3>,
      multiply_block<4>, multiply_block<5>, multiply_block<6>};
  static_assert(sizeof blocks / sizeof *blocks == kRows);
  for (size_t panel = column; panel < column_end; panel += kPanel)
    for (size_t r = row; r < row_end; r += kRows) {
      const size_t count = row_end - r < kRows ? row_end - r : kRows;
      blocks[count - 1](left + r * k, right + panel * k,
                        static_cast<char*>(c) + (r * n + panel) * sizeof(float), n, k);
    }
}

constexpr ironlaw_cpu_product kProduct = {kPrecision,   kHow, sizeof(Input), sizeof(float),
                                          packed_bytes, pack, multiply};
constexpr ironlaw_cpu_kernels kKernels = {1, &kProduct};

}  // namespace

extern "C" __attribute__((visibility("default"))) const ironlaw_cpu_kernels* ironlaw_cpu_kernels_v1() {
  return &kKernels;
}
