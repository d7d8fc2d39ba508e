// Shape functions that chips have in common: which share of the chip a matrix product's shape keeps busy.
//
//   constexpr int kCores = 132;
//   IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<kCores>)
//
// They count whole tiles and whole waves and hold no constant that was fitted: what kernels lose beyond that
// is the compute wall's parameter. The result is 1 for an operator that is neither a matrix product nor a
// convolution (as the product im2col makes of it), and else in (0, 1] for every m, n, k >= 1; m may be a mean
// and so a fraction. It changes in steps: its inputs are discrete and its derivatives zero.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "ironlaw/wall.hpp"

namespace ironlaw {
namespace detail {

// The ports of a shape function. Shape::share(m, n, k) is the share of the chip that a product keeps busy.
template <class Shape>
struct ShapeFunction {
  static constexpr Level kLevel = Level::op;

  template <class T>
  struct In {
    T matmul, convolution, m, n, k;
    static constexpr auto ports() {
      return std::tuple{discrete(q::is_matmul, &In::matmul, 0, 1),
                        discrete(q::is_convolution, &In::convolution, 0, 1), discrete(q::matmul_m, &In::m),
                        discrete(q::matmul_n, &In::n), discrete(q::matmul_k, &In::k)};
    }
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
    const double m = value_of(in.m), n = value_of(in.n), k = value_of(in.k);
    const bool is_product = value_of(in.matmul) > 0 || value_of(in.convolution) > 0;
    // Operators without a product leave its shape at 0.
    return {T(is_product && m > 0 && n > 0 && k > 0 ? Shape::share(m, n, k) : 1.0)};
  }
};

}  // namespace detail

// A GPU of kCores multiprocessors (streaming multiprocessors, compute units), each of which works on one tile
// of the result at a time.
//
//   tile quantisation  m n / (tiles x tile area): the last row and column of tiles are computed in full
//   wave quantisation  units / (ceil(units / cores) x cores): so is the last wave of tiles
//   share              their product, for the tile shape where it is largest
//
// units = tiles, or tiles x splits where fewer tiles than cores leave room to cut k into pieces of at least
// 256 (split-k, at most 16 pieces). NVIDIA, "Matrix Multiplication Background User's Guide", sections on tile
// and wave quantization; CUTLASS, "Efficient GEMM in CUDA", parallelized reductions; Zhang et al.,
// "LLMCompass", ISCA 2024, which searches tiles in the same way.
template <int kCores>
struct GpuTiles : detail::ShapeFunction<GpuTiles<kCores>> {
  static_assert(kCores > 0);
  static constexpr const char* kName = "gpu_tiles";

  static double share(double m, double n, double k) {
    struct Tile {
      double rows, columns;
    };
    // The first two are the kernels for few rows, as decoding needs: one row of tiles has to hold them all.
    constexpr Tile kTiles[] = {{16, 128}, {32, 128},  {64, 64},   {64, 128},
                               {128, 64}, {128, 128}, {128, 256}, {256, 128}};
    constexpr double kFewRows = 32;
    constexpr double kLeastDepth = 256, kMostSplits = 16;
    if (m > n) std::swap(m, n);  // the transposed product is the same work
    const double most_splits = std::clamp(std::floor(k / kLeastDepth), 1.0, kMostSplits);
    double best = 0;
    for (const Tile& tile : kTiles) {
      if (tile.rows <= kFewRows && m > tile.rows) continue;
      const double tiles = std::ceil(m / tile.rows) * std::ceil(n / tile.columns);
      const double cells = tiles * tile.rows * tile.columns;
      if (m * n / cells <= best) continue;  // not even with full waves
      double filled = waves(tiles);
      if (tiles < kCores) {  // either as many pieces as one wave holds, or as small ones as possible
        const double one_wave = std::clamp(std::floor(kCores / tiles), 1.0, most_splits);
        filled = std::max(waves(tiles * one_wave), waves(tiles * most_splits));
      }
      best = std::max(best, filled * (m * n) / cells);
    }
    return std::min(best, 1.0);
  }

 private:
  static double waves(double units) { return units / (std::ceil(units / kCores) * kCores); }
};

// A chip of kCores equal cores, each of which works on a tile of kRows x kColumns results at a time, kDepth
// terms of their sums in one step.
//
//   steps = ceil(k / kDepth)      tiles = ceil(m / kRows) x ceil(n / kColumns)
//   time  = ceil(tiles / cores) x steps, where a tile stays on its core: whole rounds of cores
//           ceil(tiles x steps / cores), where k is cut as well and the partial sums are added (SumsAre::cut)
//   share = m n k / (cores x kRows x kColumns x kDepth x time), for the better of the product and its
//           transpose, which is the same work
//
// Whole tiles and whole rounds only: how fast operands reach a core is for the walls of memory and software.
enum class SumsAre { whole, cut };

template <int kCores, int kRows, int kColumns, int kDepth, SumsAre kSums = SumsAre::whole>
struct CoreTiles : detail::ShapeFunction<CoreTiles<kCores, kRows, kColumns, kDepth, kSums>> {
  static_assert(kCores > 0 && kRows > 0 && kColumns > 0 && kDepth > 0);
  static constexpr const char* kName = "core_tiles";

  static double share(double m, double n, double k) {
    return std::min(1.0, std::max(one_way(m, n, k), one_way(n, m, k)));
  }

 private:
  static double one_way(double m, double n, double k) {
    const double steps = std::ceil(k / kDepth);
    const double tiles = std::ceil(m / kRows) * std::ceil(n / kColumns);
    const double time =
        kSums == SumsAre::cut ? std::ceil(tiles * steps / kCores) : std::ceil(tiles / kCores) * steps;
    return m * n * k / (double{kCores} * kRows * kColumns * kDepth * time);
  }
};

// A CPU whose cores have the tile unit of AMX: 16 rows of 64 B for each operand, so 16 x 16 sums of 32 terms
// at 16 bits. At 8 bits a step holds 64 terms; the function does not see the precision, and the loss it then
// leaves out is at most one half step of k. Intel, "64 and IA-32 Architectures Software Developer's Manual",
// volume 1, chapter on AMX (TDPBF16PS, TDPBSSD).
template <int kCores>
using AmxTiles = CoreTiles<kCores, 16, 16, 32>;

// A CPU whose cores have vectors of kLanes sums of 32 bits (16 with AVX-512, 8 with AVX2, 4 with NEON): a row
// of the result is computed a vector at a time, and the last vector of it in full.
template <int kCores, int kLanes>
using VectorCores = CoreTiles<kCores, 1, kLanes, 1>;

// How many cycles it takes until the next tile of weights stands in an array: kSize where they move in row by
// row behind the one in use.
inline constexpr int kRowByRow = 0;

// A chip of kArrays systolic arrays of kSize x kSize cells that hold a tile of the weights (k x n) while the
// rows of m stream through, one a cycle.
//
//   cycles = rounds x max(load, rows) + 2 kSize         rounds = ceil(tiles x parts / arrays)
//   share  = m n k / (arrays x kSize^2 x cycles)        tiles = ceil(k / kSize) x ceil(n / kSize)
//
// A tile takes at least `load` cycles, for that long the next weights need to move in behind it: kSize, or
// kLoad where a chip has a faster way; 2 kSize cycles fill and drain the pipeline once. With fewer tiles than
// arrays the rows are cut into parts. Jouppi et al., "In-Datacenter Performance Analysis of a Tensor
// Processing Unit", ISCA 2017; Samajdar et al., "SCALE-Sim", ISPASS 2020, weight-stationary runtime.
template <int kSize, int kArrays = 1, int kLoad = kRowByRow>
struct SystolicArray : detail::ShapeFunction<SystolicArray<kSize, kArrays, kLoad>> {
  static_assert(kSize > 0 && kArrays > 0 && kLoad >= 0);
  static constexpr const char* kName = "systolic_array";

  static double share(double m, double n, double k) {
    constexpr double kLoadCycles = kLoad == kRowByRow ? kSize : kLoad;
    const double tiles = std::ceil(k / kSize) * std::ceil(n / kSize);
    const double parts = std::max(1.0, std::floor(kArrays / tiles));
    const double rows = std::max(kLoadCycles, std::ceil(m / parts));
    const double cycles = std::ceil(tiles * parts / kArrays) * rows + 2.0 * kSize;
    return std::min(1.0, m * n * k / (double{kArrays} * kSize * kSize * cycles));
  }
};

// A chip of kArrays systolic arrays of kSize x kSize cells in which the results (m x n) stand still while the
// terms of k stream through, one a cycle. An array may be a square or, with as many cells, four times as wide
// as high or the other way round; the best of the three is taken.
//
//   cycles = rounds x k + 2 kSize        rounds = ceil(tiles / arrays)
//   share  = m n k / (arrays x kSize^2 x cycles)
//
// 2 kSize cycles fill and drain the pipeline once; from then on the next tile follows behind the last. Lee et
// al., "Debunking the CUDA Myth Towards GPU-based AI Systems", arXiv:2501.00210, section 3.2 (Gaudi 2's
// matrix engine and its geometries); SCALE-Sim, output-stationary runtime.
template <int kSize, int kArrays = 1>
struct OutputStationaryArray : detail::ShapeFunction<OutputStationaryArray<kSize, kArrays>> {
  static_assert(kSize > 0 && kSize % 2 == 0 && kArrays > 0);
  static constexpr const char* kName = "output_stationary_array";

  static double share(double m, double n, double k) {
    constexpr int kHalf = kSize / 2, kDouble = kSize * 2;
    const double rounds = std::min(
        {rounds_of(m, n, kSize, kSize), rounds_of(m, n, kHalf, kDouble), rounds_of(m, n, kDouble, kHalf)});
    const double cycles = rounds * k + 2.0 * kSize;
    return std::min(1.0, m * n * k / (double{kArrays} * kSize * kSize * cycles));
  }

 private:
  static double rounds_of(double m, double n, double rows, double columns) {
    return std::ceil(std::ceil(m / rows) * std::ceil(n / columns) / kArrays);
  }
};

}  // namespace ironlaw
