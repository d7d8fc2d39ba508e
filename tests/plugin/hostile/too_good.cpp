// A datasheet that cannot be: a sparse peak ten times the dense one, a bandwidth a thousand times too large,
// a figure in GB/s, and a chip that is done sooner the more rows a product has.
#include <algorithm>

#include "fixture.hpp"
using namespace ironlaw;
namespace {
constexpr const char* kSheet = "a dream";
constexpr HardwareInfo kInfo{
    .id = "Too-Good", .vendor = "Nobody", .family = "dream", .kind = "gpu", .year = 2026};
constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 1 * peta, kSheet},
    {{"peak_bf16_sparse", "FLOP/s"}, 10 * peta, kSheet, "", kSparse},
    {spec::memory_bandwidth, 3350 * tera, kSheet},
    {spec::memory_capacity, 80 * gibi, kSheet},
    {{"dream_bandwidth", "GB/s"}, 100, kSheet},
};
struct Shrinking {
  static constexpr Level kLevel = Level::op;
  template <class T>
  struct In {
    T rows;
    static constexpr auto ports() { return std::tuple{discrete(q::matmul_m, &In::rows)}; }
  };
  template <class T>
  struct Out {
    T share;
    static constexpr auto ports() {
      return std::tuple{factor(q::shape_efficiency, &Out::share, q::compute_time)};
    }
  };
  // Twice the rows are four times as efficient, so they take half the time.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const double rows = value_of(in.rows);
    return {T(rows > 0 ? std::min(1.0, std::max(1e-6, rows * rows / 1e12)) : 1.0)};
  }
};
}  // namespace
IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, Shrinking)
