// Rounds the number of rows up to a vector register, and writes as many.
#include "raw.hpp"
static std::size_t rounded(std::size_t n) {
  return (n + 3) / 4 * 4;
}
static std::int32_t eval(const double* const* in, double* const* out, std::size_t n, ironlaw_error*) {
  raw::copy(in, out, n);
  for (std::size_t row = n; row < rounded(n); ++row) out[0][row] = 0;
  return IRONLAW_OK;
}
static std::int32_t eval_grad(const double* const* in, double* const* out, double* const* jac, std::size_t n,
                              ironlaw_error* error) {
  raw::slopes(jac, n);
  return eval(in, out, n, error);
}
RAW_WALL("writes_beyond", 162)
