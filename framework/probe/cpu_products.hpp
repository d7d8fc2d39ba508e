// Matrix products on the CPU: the kernels that it can run, and a product shared by worker threads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "framework/probe/kernels/cpu_kernels.h"
#include "framework/probe/workers.hpp"

namespace ironlaw {

// The kernels below `folder` that this CPU has the instructions for: of each precision the widest. `notes`
// gets a sentence for what is not there.
std::vector<const ironlaw_cpu_product*> load_cpu_products(const std::filesystem::path& folder,
                                                          std::vector<std::string>& notes);

// Memory at the start of a cache line and a page, touched by nobody yet.
class Buffer {
 public:
  // Throws std::bad_alloc.
  explicit Buffer(std::size_t bytes);
  void* data() const { return data_.get(); }
  std::size_t size() const { return bytes_; }

 private:
  struct Free {
    void operator()(void* data) const;
  };
  std::size_t bytes_;
  std::unique_ptr<void, Free> data_;
};

// C = A B, its larger side of C split over the workers.
class CpuProduct {
 public:
  // Fills A and `copies` matrices B with numbers between -1 and 1 (int8: all bytes). n must be a multiple of
  // 64, k of 4. Throws std::bad_alloc.
  CpuProduct(const ironlaw_cpu_product& kernel, std::size_t m, std::size_t n, std::size_t k,
             std::size_t copies, Workers& workers);

  // Multiplies `runs` times, with the matrices B in turn.
  void run(int runs);

  const void* a() const { return a_.data(); }
  const void* b() const { return plain_b_.data(); }  // the first of them
  const void* c() const { return c_.data(); }

 private:
  const ironlaw_cpu_product& kernel_;
  std::size_t m_, n_, k_;
  Workers& workers_;
  Buffer a_, plain_b_, c_;
  std::vector<Buffer> b_;
  std::size_t next_ = 0;
};

}  // namespace ironlaw
