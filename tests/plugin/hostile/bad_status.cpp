// Returns a status that is none.
#include "raw.hpp"
static std::int32_t eval(const double* const* in, double* const* out, std::size_t n, ironlaw_error*) {
  raw::copy(in, out, n);
  return 77;
}
static std::int32_t eval_grad(const double* const* in, double* const* out, double* const* jac, std::size_t n,
                              ironlaw_error*) {
  raw::copy(in, out, n);
  raw::slopes(jac, n);
  return 77;
}
RAW_WALL("bad_status", 160)
