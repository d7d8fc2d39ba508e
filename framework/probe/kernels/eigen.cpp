// fp32 and fp64 products by Eigen, for the instruction set that this file is compiled for (IRONLAW_ISA).
#include <Eigen/Core>

#include "framework/probe/kernels/cpu_kernels.h"

namespace {

#define IRONLAW_TEXT_OF(x) #x
#define IRONLAW_TEXT(x) IRONLAW_TEXT_OF(x)
constexpr const char* kHow = "Eigen " IRONLAW_TEXT(EIGEN_WORLD_VERSION) "." IRONLAW_TEXT(
    EIGEN_MAJOR_VERSION) "." IRONLAW_TEXT(EIGEN_MINOR_VERSION) ", " IRONLAW_ISA;

template <class Number>
void multiply(const void* a, const void* b, void* c, size_t m, size_t n, size_t k, size_t row, size_t row_end,
              size_t column, size_t column_end) {
  using Matrix = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = [](size_t x) { return static_cast<Eigen::Index>(x); };
  const Eigen::Map<const Matrix> left(static_cast<const Number*>(a), size(m), size(k));
  const Eigen::Map<const Matrix> right(static_cast<const Number*>(b), size(k), size(n));
  Eigen::Map<Matrix> result(static_cast<Number*>(c), size(m), size(n));
  result.block(size(row), size(column), size(row_end - row), size(column_end - column)).noalias() =
      left.middleRows(size(row), size(row_end - row)) *
      right.middleCols(size(column), size(column_end - column));
}

constexpr ironlaw_cpu_product kProducts[] = {
    {"fp32", kHow, sizeof(float), sizeof(float), nullptr, nullptr, multiply<float>},
    {"fp64", kHow, sizeof(double), sizeof(double), nullptr, nullptr, multiply<double>}};
constexpr ironlaw_cpu_kernels kKernels = {2, kProducts};

}  // namespace

extern "C" __attribute__((visibility("default"))) const ironlaw_cpu_kernels* ironlaw_cpu_kernels_v1() {
  return &kKernels;
}
