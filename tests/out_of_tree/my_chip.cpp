// A chip of one's own, with the one thing that its datasheet does not say: it works on tiles of 256 rows, so
// a product of 257 rows takes as long as one of 512.
#include <ironlaw/hardware.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kSheet = "an invented datasheet";

constexpr HardwareInfo kInfo{
    .id = "My-Chip-1", .vendor = "Myself", .family = "my_chip", .kind = "gpu", .year = 2026};

constexpr Spec kSpecs[] = {
    {spec::peak_bf16, 400 * tera, kSheet},      {spec::peak_fp8, 800 * tera, kSheet},
    {spec::memory_bandwidth, 2 * tera, kSheet}, {spec::memory_capacity, 64 * gibi, kSheet},
    {spec::power, 500, kSheet, "whole board"},
};

struct Tiles {
  static constexpr Level kLevel = Level::op;

  template <class T>
  struct In {
    T rows;
    static constexpr auto ports() { return std::tuple{discrete(q::matmul_m, &In::rows)}; }
  };

  template <class T>
  struct Out {
    T efficiency;
    static constexpr auto ports() {
      return std::tuple{factor(q::shape_efficiency, &Out::efficiency, q::compute_time)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (in.rows < T(1.0)) return {T(1.0)};  // an operator that is no matrix product has no rows
    const T tile(256.0);
    return {in.rows / (ceil(in.rows / tile) * tile)};
  }
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, Tiles)
