// The kernels against plain loops, and how work is shared out.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>
#include <string_view>

#include "framework/probe/cpu_products.hpp"
#include "framework/probe/memory_tests.hpp"

namespace ironlaw::test {
namespace {

struct Size {
  std::size_t m, n, k;
};

float of_bf16(std::uint16_t x) {
  return std::bit_cast<float>(std::uint32_t{x} << 16U);
}

// C of a product by three loops, in double.
template <class A, class B>
std::vector<double> reference(const Size& s, const A& a, const B& b) {
  std::vector<double> c(s.m * s.n, 0.0);
  for (std::size_t i = 0; i < s.m; ++i)
    for (std::size_t l = 0; l < s.k; ++l)
      for (std::size_t j = 0; j < s.n; ++j) c[i * s.n + j] += a(i * s.k + l) * b(l * s.n + j);
  return c;
}

template <class T>
auto reader(const void* data) {
  return [numbers = static_cast<const T*>(data)](std::size_t i) { return static_cast<double>(numbers[i]); };
}
auto bf16_reader(const void* data) {
  return [numbers = static_cast<const std::uint16_t*>(data)](std::size_t i) {
    return double{of_bf16(numbers[i])};
  };
}

std::vector<double> expected(std::string_view precision, const Size& s, const CpuProduct& p) {
  if (precision == "fp32") return reference(s, reader<float>(p.a()), reader<float>(p.b()));
  if (precision == "fp64") return reference(s, reader<double>(p.a()), reader<double>(p.b()));
  if (precision == "int8") return reference(s, reader<std::uint8_t>(p.a()), reader<std::int8_t>(p.b()));
  return reference(s, bf16_reader(p.a()), bf16_reader(p.b()));
}

double result_at(std::string_view precision, const CpuProduct& p, std::size_t i) {
  if (precision == "fp64") return static_cast<const double*>(p.c())[i];
  if (precision == "int8") return static_cast<const std::int32_t*>(p.c())[i];
  return double{static_cast<const float*>(p.c())[i]};
}

TEST(Products, EveryKernelMultiplies) {
  std::vector<std::string> notes;
  const auto kernels = load_cpu_products(KERNELS_DIR, notes);
  std::set<std::string> precisions;
  for (const ironlaw_cpu_product* kernel : kernels) {
    precisions.insert(kernel->precision);
    for (const int threads : {1, 3})
      for (const Size s : {Size{1, 64, 4}, {7, 192, 36}, {64, 128, 256}, {130, 64, 64}}) {
        Workers workers(threads);
        CpuProduct product(*kernel, s.m, s.n, s.k, 1, workers);
        product.run(1);
        const std::vector<double> c = expected(kernel->precision, s, product);
        const double most = std::abs(*std::max_element(
            c.begin(), c.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }));
        for (std::size_t i = 0; i < c.size(); ++i)
          ASSERT_NEAR(result_at(kernel->precision, product, i), c[i], 1e-5 * most)
              << kernel->how << ", " << s.m << " x " << s.n << " x " << s.k << ", " << threads << " threads, "
              << i;
      }
  }
  EXPECT_TRUE(precisions.contains("fp32") && precisions.contains("fp64"));
  for (const char* precision : {"int8", "bf16"})  // there, or said to be missing
    EXPECT_TRUE(precisions.contains(precision) ||
                std::any_of(notes.begin(), notes.end(),
                            [&](const std::string& n) { return n.find(precision) != std::string::npos; }))
        << precision;
}

TEST(Products, AFolderWithoutKernelsIsSaid) {
  std::vector<std::string> notes;
  EXPECT_TRUE(load_cpu_products("/nowhere", notes).empty());
  ASSERT_FALSE(notes.empty());
  EXPECT_NE(notes[0].find("/nowhere"), std::string::npos);
}

TEST(Workers, PartsCoverEverythingOnce) {
  for (const std::size_t size : {0UL, 1UL, 63UL, 64UL, 1000UL})
    for (const int workers : {1, 2, 3, 7})
      for (const std::size_t grain : {1UL, 64UL}) {
        std::size_t at = 0;
        for (int w = 0; w < workers; ++w) {
          const Part p = part_of(size, w, workers, grain);
          EXPECT_EQ(p.first, at);
          EXPECT_GE(p.last, p.first);
          EXPECT_TRUE(p.last == size || p.last % grain == 0);
          at = p.last;
        }
        EXPECT_EQ(at, size);
      }
}

TEST(Workers, EveryWorkerTakesPartInEveryStep) {
  for (const int count : {1, 2, 5}) {
    Workers workers(count);
    EXPECT_EQ(workers.count(), count);
    std::vector<int> calls(static_cast<std::size_t>(count), 0);
    const std::function<void(int)> part = [&](int w) { ++calls[static_cast<std::size_t>(w)]; };
    for (int step = 0; step < 500; ++step) workers.step(part);
    for (const int n : calls) EXPECT_EQ(n, 500);
  }
}

TEST(Memory, StreamsComputeWhatTheirNamesSay) {
  Workers workers(3);
  Streams s(8000, workers);
  ASSERT_EQ(s.size(), 1000U);  // a = 1, b = 2, c = 3
  s.run(Stream::triad, 1, workers);
  for (std::size_t i = 0; i < s.size(); ++i) EXPECT_EQ(s.at(0, i), 2 + 3 * 3.0);  // a = b + 3 c
  s.run(Stream::copy, 1, workers);
  for (std::size_t i = 0; i < s.size(); ++i) EXPECT_EQ(s.at(2, i), 11);  // c = a
  s.run(Stream::scale, 1, workers);
  for (std::size_t i = 0; i < s.size(); ++i) EXPECT_EQ(s.at(1, i), 33);  // b = 3 c
  s.run(Stream::add, 2, workers);
  for (std::size_t i = 0; i < s.size(); ++i) EXPECT_EQ(s.at(2, i), 44);  // c = a + b
  EXPECT_EQ(s.bytes_of(Stream::read), 8000);
  EXPECT_EQ(s.bytes_of(Stream::copy), 16000);
  EXPECT_EQ(s.bytes_of(Stream::triad), 24000);
}

TEST(Memory, AChaseVisitsEveryLineOnce) {
  PointerChase chase(64 * 1000);
  ASSERT_EQ(chase.lines(), 1000U);
  const void* start = chase.follow(0);
  std::set<const void*> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(chase.follow(1)).second);
  EXPECT_TRUE(seen.contains(start));
  EXPECT_EQ(chase.follow(0), start);
}

TEST(Memory, ReadsEveryNumber) {
  const Buffer set(8 * 1003);
  auto* numbers = static_cast<double*>(set.data());
  for (int i = 0; i < 1003; ++i) numbers[i] = i;
  EXPECT_EQ(read_set(set, 3), 3 * 1003 * 1002 / 2.0);
}

}  // namespace
}  // namespace ironlaw::test
