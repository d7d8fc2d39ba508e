// Streams through memory (as STREAM has them) and the ladder of caches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "framework/probe/cpu_products.hpp"

namespace ironlaw {

enum class Stream { read, copy, scale, add, triad };
inline constexpr Stream kStreams[] = {Stream::read, Stream::copy, Stream::scale, Stream::add, Stream::triad};
const char* name_of(Stream stream);  // as in measured::
// How many arrays a stream reads and writes; what a write first reads from memory is not counted, as STREAM
// does not.
int arrays_of(Stream stream);

// Three arrays of doubles, each touched first by the worker that works on it.
class Streams {
 public:
  // Throws std::bad_alloc.
  Streams(std::size_t array_bytes, Workers& workers);
  // [B] That one run of it moves.
  double bytes_of(Stream stream) const;
  // Does it `runs` times, on the workers given.
  void run(Stream stream, int runs, Workers& workers);
  double at(int array, std::size_t i) const { return arrays_[static_cast<std::size_t>(array)][i]; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::vector<Buffer> buffers_;
  std::vector<double*> arrays_;
  std::vector<double> sums_;  // of a read, one a worker, so that it is not optimised away
};

// Dependent loads through a working set, one a cache line, in one random cycle.
class PointerChase {
 public:
  explicit PointerChase(std::size_t bytes);
  std::size_t lines() const { return order_; }
  // Follows `hops` links and returns where that ends.
  const void* follow(std::int64_t hops);

 private:
  struct alignas(64) Line {
    Line* next;
  };
  std::size_t order_;
  Buffer buffer_;
  Line* at_;
};

// Reads a working set `runs` times with one thread; returns the sum.
double read_set(const Buffer& set, int runs);

}  // namespace ironlaw
