#include "framework/predict/relatives.hpp"

#include <algorithm>
#include <cmath>

#include "framework/predict/scenario.hpp"

namespace ironlaw {
namespace {

constexpr int kLeastKnown = 2;  // one ratio alone would call a disk the relative of a GPU

Relative compare_to(const ironlaw_hardware& ours, const ironlaw_hardware& theirs) {
  const auto ratio = [&](const char* quantity) { return figure(theirs, quantity) / figure(ours, quantity); };
  Relative r{&theirs, NAN, sixteen_bit_peak(theirs) / sixteen_bit_peak(ours), ratio("memory_bandwidth"),
             ratio("memory_capacity")};
  double squares = 0;
  int known = 0;
  for (const double x : {r.peak, r.bandwidth, r.capacity}) {
    if (std::isnan(x)) continue;
    squares += std::log(x) * std::log(x);
    ++known;
  }
  if (known >= kLeastKnown) r.distance = std::sqrt(squares / known);
  return r;
}

}  // namespace

double sixteen_bit_peak(const ironlaw_hardware& hardware) {
  const double fp16 = dense_peak(hardware, Precision::fp16);
  return std::isnan(fp16) ? dense_peak(hardware, Precision::bf16) : fp16;
}

double ridge_point(double peak, const ironlaw_hardware& hardware) {
  return peak / figure(hardware, "memory_bandwidth");
}

std::vector<Relative> nearest_relatives(const ironlaw_hardware& hardware,
                                        std::span<const ironlaw_hardware* const> among, std::size_t most) {
  std::vector<Relative> relatives;
  for (const ironlaw_hardware* other : among) {
    if (other == &hardware) continue;
    const Relative r = compare_to(hardware, *other);
    if (!std::isnan(r.distance)) relatives.push_back(r);
  }
  std::stable_sort(relatives.begin(), relatives.end(),
                   [](const Relative& a, const Relative& b) { return a.distance < b.distance; });
  if (relatives.size() > most)
    relatives.erase(relatives.begin() + static_cast<std::ptrdiff_t>(most), relatives.end());
  return relatives;
}

}  // namespace ironlaw
