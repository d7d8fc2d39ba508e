// A datasheet that cannot be: a sparse peak ten times the dense one, a bandwidth a thousand times too large,
// a figure in GB/s, and a chip that does less work a second the more rows a product has.
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
  // Few rows are slow, for no reason.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {T(value_of(in.rows) > 0 && value_of(in.rows) < 5000 ? 1e-4 : 1.0)};
  }
};
}  // namespace
IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, Shrinking)
