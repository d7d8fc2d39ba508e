#include "framework/base/device_names.hpp"

#include <algorithm>
#include <array>

#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

// Bare names of a generation mean the board that benchmarks and papers mean by it: the SXM one with the most
// common memory. "V100" is left out: 16 and 32 GB are equally common, so whoever asks has to say which.
constexpr auto kNicknames = std::to_array<Nickname>({
    {"a100", "A100-SXM-80GB"},
    {"a10040gb", "A100-SXM-40GB"},
    {"a10080gb", "A100-SXM-80GB"},
    {"a100pcie", "A100-PCIe-80GB"},
    {"a100sxm", "A100-SXM-80GB"},
    {"a100sxm4", "A100-SXM-80GB"},
    {"agxorin", "Orin-AGX-64GB"},
    {"b200", "B200-SXM-180GB"},
    {"b300", "B300-SXM-270GB"},
    {"gb10", "DGX-Spark"},
    {"gh200", "GH200-96GB"},
    {"h100", "H100-SXM-80GB"},
    {"h10080gb", "H100-SXM-80GB"},
    {"h100sxm", "H100-SXM-80GB"},
    {"h100sxm5", "H100-SXM-80GB"},
    {"h200", "H200-SXM-141GB"},
    {"h200sxm", "H200-SXM-141GB"},
    {"jetsonagxorin", "Orin-AGX-64GB"},
    {"jetsonorin", "Orin-AGX-64GB"},
    {"jetsonorinnx", "Orin-NX-16GB"},
    {"mi300", "MI300X"},
    {"orin", "Orin-AGX-64GB"},
    {"strixhalo", "Ryzen-AI-Max+-395"},
});
static_assert(std::is_sorted(kNicknames.begin(), kNicknames.end()));

}  // namespace

std::span<const Nickname> device_nicknames() {
  return kNicknames;
}

std::size_t match_device(std::string_view what, std::string_view given, std::span<const std::string> ids) {
  const std::string key = normalised(given);
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (normalised(ids[i]) == key) return i;
  const auto nickname = std::lower_bound(kNicknames.begin(), kNicknames.end(), key,
                                         [](const Nickname& n, const std::string& k) { return n.first < k; });
  if (nickname != kNicknames.end() && nickname->first == key) {
    const auto id = std::find(ids.begin(), ids.end(), nickname->second);
    if (id != ids.end()) return static_cast<std::size_t>(id - ids.begin());
  }
  return match_name(what, given, ids);
}

}  // namespace ironlaw
