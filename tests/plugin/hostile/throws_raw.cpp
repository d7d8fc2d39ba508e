// Throws across the boundary, which abi.h forbids.
#include <stdexcept>

#include "raw.hpp"
static std::int32_t eval(const double* const*, double* const*, std::size_t, ironlaw_error*) {
  throw std::runtime_error("out of licences");
}
static std::int32_t eval_grad(const double* const*, double* const*, double* const*, std::size_t,
                              ironlaw_error*) {
  throw std::runtime_error("out of licences");
}
RAW_WALL("throws_raw", 161)
