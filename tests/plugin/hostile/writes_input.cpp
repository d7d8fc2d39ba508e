// Uses its input as scratch.
#include "raw.hpp"
static std::int32_t eval(const double* const* in, double* const* out, std::size_t n, ironlaw_error*) {
  raw::copy(in, out, n);
  for (std::size_t row = 0; row < n; ++row) const_cast<double*>(in[0])[row] += 1;
  return IRONLAW_OK;
}
static std::int32_t eval_grad(const double* const* in, double* const* out, double* const* jac, std::size_t n,
                              ironlaw_error*) {
  raw::copy(in, out, n);
  raw::slopes(jac, n);
  return IRONLAW_OK;
}
RAW_WALL("writes_input", 163)
