#include "framework/probe/cpu_products.hpp"

#include <fmt/format.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <boost/dll/shared_library.hpp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace ironlaw {
namespace {

constexpr std::size_t kAlignment = 4096, kPanel = 64;
constexpr std::size_t kPatternNumbers = 4093;  // a prime: no two rows of a matrix look the same

struct Library {
  const char* file;
  bool (*is_supported)();
};

// Wider instruction sets first.
constexpr Library kLibraries[] = {
#if defined(__x86_64__)
    {"eigen_avx512",
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
              __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512cd");
     }},
    {"eigen_avx2", [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }},
    {"dot_avx512_vnni",
     [] { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni") != 0; }},
    {"dot_avx512_bf16",
     [] { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bf16") != 0; }},
#endif
    {"eigen_baseline", [] { return true; }},
};

#if defined(__x86_64__)
// Compilers of 2022 have no name for it.
bool has_amx() {
  constexpr unsigned leaf = 7, amx_tile = 1U << 24U;
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(leaf, 0, &a, &b, &c, &d) != 0 && (d & amx_tile) != 0;
}
#endif

const ironlaw_cpu_kernels* load(const std::filesystem::path& path) {
  boost::dll::fs::error_code error;
  boost::dll::shared_library library(path, error,
                                     boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error || !library.has(IRONLAW_CPU_KERNELS_SYMBOL)) return nullptr;
  const auto entry = library.get<const ironlaw_cpu_kernels*()>(IRONLAW_CPU_KERNELS_SYMBOL);
  const ironlaw_cpu_kernels* kernels = entry();
  // Never unloaded: its tables are in use.
  static auto* const kept = new std::vector<boost::dll::shared_library>;
  kept->push_back(std::move(library));
  return kernels;
}

// Numbers between -1 and 1 as a precision stores them; no denormals, which some CPUs are slow on.
template <class Number>
std::vector<Number> pattern() {
  std::vector<Number> numbers(kPatternNumbers);
  std::uint32_t state = 12345;
  for (Number& x : numbers) {
    state = state * 1664525U + 1013904223U;
    const float value = static_cast<float>(static_cast<std::int32_t>(state | 0x100U)) / 2147483648.0F;
    if constexpr (std::is_same_v<Number, std::uint8_t>)
      x = static_cast<std::uint8_t>(state >> 24U);
    else if constexpr (std::is_same_v<Number, std::uint16_t>)
      x = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16U);  // bf16: the upper half
    else
      x = static_cast<Number>(value);
  }
  return numbers;
}

template <class Number>
void fill_with(const Buffer& buffer, Workers& workers) {
  const std::vector<Number> numbers = pattern<Number>();
  const std::size_t block = numbers.size() * sizeof(Number);
  workers.step([&](int worker) {
    const Part part = part_of(buffer.size(), worker, workers.count(), block);
    for (std::size_t at = part.first; at < part.last; at += block)
      std::memcpy(static_cast<char*>(buffer.data()) + at, numbers.data(), std::min(block, part.last - at));
  });
}

void fill(const Buffer& buffer, std::size_t number_bytes, Workers& workers) {
  switch (number_bytes) {
    case sizeof(std::uint8_t):
      return fill_with<std::uint8_t>(buffer, workers);
    case sizeof(std::uint16_t):
      return fill_with<std::uint16_t>(buffer, workers);
    case sizeof(float):
      return fill_with<float>(buffer, workers);
    default:
      return fill_with<double>(buffer, workers);
  }
}

}  // namespace

std::vector<const ironlaw_cpu_product*> load_cpu_products(const std::filesystem::path& folder,
                                                          std::vector<std::string>& notes) {
  std::vector<const ironlaw_cpu_product*> products;
  const auto has = [&](std::string_view precision) {
    return std::any_of(products.begin(), products.end(),
                       [&](const auto* p) { return p->precision == precision; });
  };
  for (const Library& library : kLibraries) {
    if (!library.is_supported()) continue;
    const std::filesystem::path path = folder / fmt::format("{}.so", library.file);
    const ironlaw_cpu_kernels* kernels = load(path);
    if (!kernels) {
      notes.push_back(fmt::format("The kernels {} cannot be loaded; narrower ones are used.", path.string()));
      continue;
    }
    for (std::uint32_t i = 0; i < kernels->n_products; ++i)
      if (!has(kernels->products[i].precision)) products.push_back(&kernels->products[i]);
  }
  // What no model runs at comes last, should the time not suffice.
  std::stable_partition(products.begin(), products.end(),
                        [](const auto* p) { return std::string_view(p->precision) != "fp64"; });
  for (const auto& [precision, needs] : {std::pair{"int8", "AVX-512 VNNI"}, {"bf16", "AVX-512 BF16"}})
    if (!has(precision))
      notes.push_back(fmt::format(
          "No {} products: this CPU lacks {}, and there is a kernel for nothing else.", precision, needs));
#if defined(__x86_64__)
  if (has_amx())
    notes.emplace_back(
        "This CPU has AMX, for which there is no kernel: its int8 and bf16 peaks are higher than measured.");
#endif
  return products;
}

Buffer::Buffer(std::size_t bytes)
    : bytes_(bytes),
      data_(std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment)) {
  if (!data_) throw std::bad_alloc();
}

void Buffer::Free::operator()(void* data) const {
  std::free(data);
}

CpuProduct::CpuProduct(const ironlaw_cpu_product& kernel, std::size_t m, std::size_t n, std::size_t k,
                       std::size_t copies, Workers& workers)
    : kernel_(kernel),
      m_(m),
      n_(n),
      k_(k),
      workers_(workers),
      a_(m * k * kernel.input_bytes),
      plain_b_(n * k * kernel.input_bytes),
      c_(m * n * kernel.output_bytes) {
  fill(a_, kernel.input_bytes, workers);
  fill(plain_b_, kernel.input_bytes, workers);
  fill(c_, sizeof(float), workers);
  b_.reserve(copies);
  for (std::size_t i = 0; i < copies; ++i) {
    b_.emplace_back(kernel.pack ? kernel.packed_bytes(k, n) : plain_b_.size());
    if (kernel.pack && i == 0)
      kernel.pack(plain_b_.data(), b_[i].data(), k, n);
    else if (kernel.pack)
      std::memcpy(b_[i].data(), b_[0].data(), b_[0].size());
    else
      fill(b_[i], kernel.input_bytes, workers);
  }
}

void CpuProduct::run(int runs) {
  const bool by_columns = n_ >= m_;
  const void* b = nullptr;
  const std::function<void(int)> part = [&](int worker) {
    const Part p =
        by_columns ? part_of(n_, worker, workers_.count(), kPanel) : part_of(m_, worker, workers_.count());
    if (p.first == p.last) return;
    if (by_columns)
      kernel_.multiply(a_.data(), b, c_.data(), m_, n_, k_, 0, m_, p.first, p.last);
    else
      kernel_.multiply(a_.data(), b, c_.data(), m_, n_, k_, p.first, p.last, 0, n_);
  };
  for (int i = 0; i < runs; ++i) {
    b = b_[next_].data();
    next_ = (next_ + 1) % b_.size();
    workers_.step(part);
  }
}

}  // namespace ironlaw
