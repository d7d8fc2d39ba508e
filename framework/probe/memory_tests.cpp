#include "framework/probe/memory_tests.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>

#include "framework/probe/measurement.hpp"

namespace ironlaw {
namespace {

constexpr double kScalar = 3;
constexpr std::size_t kSums = 8;  // independent ones: an addition takes several cycles

double sum_of(const double* x, std::size_t first, std::size_t last) {
  double sums[kSums] = {};
  std::size_t i = first;
  for (; i + kSums <= last; i += kSums)
    for (std::size_t j = 0; j < kSums; ++j) sums[j] += x[i + j];
  for (; i < last; ++i) sums[0] += x[i];
  return std::accumulate(std::begin(sums), std::end(sums), 0.0);
}

// memcpy, which compilers make of such a loop, writes large blocks past the caches: then a copy and a triad
// would measure different things.
void copy_in_pieces(const double* from, double* to, std::size_t n) {
  constexpr std::size_t piece = 512;
  for (std::size_t at = 0; at < n; at += piece) {
    std::copy_n(from + at, std::min(piece, n - at), to + at);
    asm volatile("" ::: "memory");
  }
}

double run_part(Stream stream, double* __restrict a, double* __restrict b, double* __restrict c,
                const Part& p) {
  switch (stream) {
    case Stream::read:
      return sum_of(a, p.first, p.last);
    case Stream::copy:
      copy_in_pieces(a + p.first, c + p.first, p.last - p.first);
      break;
    case Stream::scale:
      for (std::size_t i = p.first; i < p.last; ++i) b[i] = kScalar * c[i];
      break;
    case Stream::add:
      for (std::size_t i = p.first; i < p.last; ++i) c[i] = a[i] + b[i];
      break;
    case Stream::triad:
      for (std::size_t i = p.first; i < p.last; ++i) a[i] = b[i] + kScalar * c[i];
      break;
  }
  return 0;
}

}  // namespace

const char* name_of(Stream stream) {
  switch (stream) {
    case Stream::read:
      return measured::read;
    case Stream::copy:
      return measured::copy;
    case Stream::scale:
      return measured::scale;
    case Stream::add:
      return measured::add;
    case Stream::triad:
      break;
  }
  return measured::triad;
}

int arrays_of(Stream stream) {
  switch (stream) {
    case Stream::read:
      return 1;
    case Stream::copy:
    case Stream::scale:
      return 2;
    case Stream::add:
    case Stream::triad:
      break;
  }
  return 3;
}

Streams::Streams(std::size_t array_bytes, Workers& workers)
    : size_(array_bytes / sizeof(double)), sums_(static_cast<std::size_t>(workers.count())) {
  for (int i = 0; i < 3; ++i)
    arrays_.push_back(static_cast<double*>(buffers_.emplace_back(array_bytes).data()));
  workers.step([&](int worker) {
    const Part p = part_of(size_, worker, workers.count());
    for (std::size_t array = 0; array < arrays_.size(); ++array)
      std::fill(arrays_[array] + p.first, arrays_[array] + p.last, static_cast<double>(array + 1));
  });
}

double Streams::bytes_of(Stream stream) const {
  return static_cast<double>(size_ * sizeof(double)) * arrays_of(stream);
}

void Streams::run(Stream stream, int runs, Workers& workers) {
  const std::function<void(int)> part = [&](int worker) {
    sums_[static_cast<std::size_t>(worker)] +=
        run_part(stream, arrays_[0], arrays_[1], arrays_[2], part_of(size_, worker, workers.count()));
  };
  for (int i = 0; i < runs; ++i) workers.step(part);
}

PointerChase::PointerChase(std::size_t bytes)
    : order_(std::max<std::size_t>(bytes / sizeof(Line), 2)), buffer_(order_ * sizeof(Line)) {
  auto* lines = static_cast<Line*>(buffer_.data());
  std::vector<std::uint32_t> next(order_);
  std::iota(next.begin(), next.end(), 0U);
  // Sattolo's shuffle: one cycle through all.
  std::minstd_rand random(1);
  for (std::size_t i = order_ - 1; i > 0; --i) std::swap(next[i], next[random() % i]);
  for (std::size_t i = 0; i < order_; ++i) lines[i].next = &lines[next[i]];
  at_ = lines;
}

const void* PointerChase::follow(std::int64_t hops) {
  Line* at = at_;
  for (std::int64_t i = 0; i < hops; ++i) at = at->next;
  return at_ = at;
}

double read_set(const Buffer& set, int runs) {
  const auto* numbers = static_cast<const double*>(set.data());
  double sum = 0;
  for (int i = 0; i < runs; ++i) {
    sum += sum_of(numbers, 0, set.size() / sizeof(double));
    asm volatile("" ::: "memory");  // the next run reads it all again
  }
  return sum;
}

}  // namespace ironlaw
