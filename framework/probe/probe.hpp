// The probe: measures this machine's CPU and memory.
//
//   products       square ones by size and precision, all threads; and those of decoding, a few rows with
//                  matrices of weights that follow each other and do not fit in the caches together
//   mlp            the MLP of one decoder layer at fp32: two products and the activation between them
//   streams        read, copy, scale, add and triad by thread count, over arrays beyond the last-level cache
//   cache ladder   bandwidth and latency of one thread by working set
//   launch         an empty step handed to the worker threads and waited for
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "framework/probe/kernels/cpu_kernels.h"
#include "framework/probe/measurement.hpp"

namespace ironlaw {

struct ProductSize {
  std::int64_t m, n, k;
};

struct ProbePlan {
  bool is_quick = false;
  int threads = 1;                    // at the most
  double seconds = 30;                // after that, what is left is left out, and said to be
  TimingLimits limits;                // of one measurement
  std::vector<ProductSize> products;  // of every precision
  std::size_t main_product = 0;       // of them: measured whatever the time is
  std::vector<ProductSize> decoding;  // likewise, with several matrices in turn
  ProductSize mlp{128, 4096, 1024};   // tokens, width inside, width
  double cache_multiple = 4;          // what the arrays of a stream are together, over the last-level cache
  std::size_t most_stream_bytes = 0;  // of the three arrays together
  std::vector<std::size_t> working_sets;
};

// Under 5 s, or under 40 s with `is_quick` false, on two cores. Takes no more than a quarter of the memory
// that is free.
ProbePlan plan_of(bool is_quick, int threads, const Machine& machine);

// Does what the plan says with these kernels. `progress` gets a line a part.
ProbeResult run_probe(const ProbePlan& plan, const Machine& machine,
                      std::span<const ironlaw_cpu_product* const> kernels, const Clock& clock,
                      const std::function<void(const std::string&)>& progress);

// Today, ISO, UTC.
std::string today();

}  // namespace ironlaw
