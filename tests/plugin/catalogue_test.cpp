// The figures of all targets: what must hold for every chip, what must hold between relatives, and some that
// were checked by hand against the tables they are from.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/device_names.hpp"
#include "framework/base/suggest.hpp"
#include "framework/plugin/plugin_host.hpp"
#include "ironlaw/hardware.hpp"

namespace ironlaw {
namespace {

const PluginHost& host() {
  static const PluginHost host(SearchPath{{{PLUGIN_DIR}}, false});
  return host;
}

const ironlaw_spec* find(const ironlaw_hardware& h, std::string_view quantity) {
  for (std::uint32_t i = 0; i < h.n_specs; ++i)
    if (h.specs[i]->quantity == quantity) return h.specs[i];
  return nullptr;
}
std::optional<double> value(const ironlaw_hardware& h, std::string_view quantity) {
  const ironlaw_spec* spec = find(h, quantity);
  return spec ? std::optional(spec->value) : std::nullopt;
}
const ironlaw_hardware& target(const char* id) {
  for (const ironlaw_hardware* h : host().hardware())
    if (std::string_view(h->id) == id) return *h;
  throw std::runtime_error(std::string("no target ") + id);
}

// Fails with the chip and the figure when it is there and outside [low, high].
void expect_within(const ironlaw_hardware& h, const char* quantity, double low, double high) {
  if (const auto v = value(h, quantity)) {
    EXPECT_GE(*v, low) << h.id << ' ' << quantity;
    EXPECT_LE(*v, high) << h.id << ' ' << quantity;
  }
}

// Between the smallest and the largest chip of a kind that anybody sells, with some room.
struct Bounds {
  double low, high;
};
struct Plausible {
  Bounds capacity, bandwidth, power, ridge;  // ridge: peak at 16 bits over the bandwidth, FLOP/B
};
const std::map<std::string, Plausible> kPlausible = {
    {"cpu", {{4e9, 8e12}, {20e9, 2e12}, {10, 600}, {0.5, 800}}},
    {"gpu", {{5e9, 400e9}, {100e9, 10e12}, {30, 1500}, {20, 600}}},
    {"mcu", {{1e3, 1e8}, {1e6, 1e10}, {1e-3, 2}, {0.01, 100}}},
    {"npu", {{1e6, 300e9}, {1e9, 2e15}, {0.5, 1500}, {0.5, 2000}}},  // with on-chip memory alone, too
    {"soc", {{2e9, 600e9}, {20e9, 1e12}, {2, 250}, {5, 1500}}},
    {"tpu", {{8e9, 300e9}, {500e9, 10e12}, {100, 1500}, {40, 700}}},
    {"wafer", {{1e9, 1e12}, {1e15, 1e17}, {1e3, 5e4}, {0.05, 50}}},
};

TEST(Catalogue, IsLarge) {
  EXPECT_GE(host().hardware().size(), 70u);
}

TEST(Catalogue, FiguresArePlausibleForTheirKind) {
  for (const ironlaw_hardware* h : host().hardware()) {
    const auto known = kPlausible.find(h->kind);
    ASSERT_NE(known, kPlausible.end()) << h->id << " is of a kind without bounds: " << h->kind;
    const Plausible& p = known->second;
    expect_within(*h, "memory_capacity", p.capacity.low, p.capacity.high);
    expect_within(*h, "memory_bandwidth", p.bandwidth.low, p.bandwidth.high);
    expect_within(*h, "power", p.power.low, p.power.high);
    expect_within(*h, "price", 0.5, 5e6);
    expect_within(*h, "scaleup_size", 1, 10000);
    expect_within(*h, "devices_per_node", 1, 128);
    expect_within(*h, "weight_source", weight_source::host, weight_source::wafer);
    const auto bandwidth = value(*h, "memory_bandwidth");
    const auto peak = value(*h, "peak_fp16") ? value(*h, "peak_fp16") : value(*h, "peak_bf16");
    if (bandwidth && peak) {
      EXPECT_GE(*peak / *bandwidth, p.ridge.low) << h->id;
      EXPECT_LE(*peak / *bandwidth, p.ridge.high) << h->id;
    }
    EXPECT_GE(h->year, 2010u) << h->id;
    EXPECT_LE(h->year, 2027u) << h->id;
  }
}

TEST(Catalogue, LinksAreSlowerTheFartherTheyReach) {
  for (const ironlaw_hardware* h : host().hardware()) {
    const auto memory = value(*h, "memory_bandwidth"), link = value(*h, "scaleup_bandwidth"),
               network = value(*h, "network_bandwidth");
    if (memory && link) {
      EXPECT_LT(*link, *memory) << h->id;
    }
    if (link && network) {
      EXPECT_LE(*network, *link) << h->id;
    }
  }
}

// What nobody published is absent, also a peak (the first Gaudi's); but then there is a memory to speak of.
TEST(Catalogue, EveryTargetHasAPeakOrAMemory) {
  for (const ironlaw_hardware* h : host().hardware()) {
    bool has_peak = false;
    for (std::uint32_t i = 0; i < h->n_specs; ++i) {
      const std::string_view name = h->specs[i]->quantity;
      if (!name.starts_with("peak_")) continue;
      EXPECT_STREQ(h->specs[i]->unit, "FLOP/s") << h->id << ' ' << name;
      has_peak = has_peak || !(h->specs[i]->flags & IRONLAW_SPEC_SPARSE);
    }
    EXPECT_TRUE(has_peak || value(*h, "memory_bandwidth")) << h->id;
    if (std::string_view(h->kind) == "gpu") {
      EXPECT_TRUE(has_peak) << h->id;
    }
  }
}

TEST(Catalogue, SparsePeaksAreMarkedAndNoSmallerThanDenseOnes) {
  constexpr std::string_view kEnd = "_sparse";
  for (const ironlaw_hardware* h : host().hardware())
    for (std::uint32_t i = 0; i < h->n_specs; ++i) {
      const ironlaw_spec& sparse = *h->specs[i];
      std::string_view name = sparse.quantity;
      EXPECT_EQ(name.ends_with(kEnd), (sparse.flags & IRONLAW_SPEC_SPARSE) != 0) << h->id << ' ' << name;
      if (!name.ends_with(kEnd)) continue;
      name.remove_suffix(kEnd.size());
      if (const auto dense = value(*h, name)) {
        EXPECT_GE(sparse.value, *dense) << h->id << ' ' << name;
        // 2:4 is twice, Trainium's 4:16 four times; a wafer skips zeros wherever they are.
        const double most = std::string_view(h->kind) == "wafer" ? 10.1 : 4.1;
        EXPECT_LE(sparse.value, *dense * most) << h->id << ' ' << name;
      }
    }
}

TEST(Catalogue, FewerBitsAreNoSlower) {
  constexpr std::pair<const char*, const char*> kOrder[] = {
      {"peak_fp32", "peak_fp16"}, {"peak_tf32", "peak_fp16"}, {"peak_fp16", "peak_fp8"},
      {"peak_bf16", "peak_fp8"},  {"peak_fp8", "peak_fp4"},   {"peak_int8", "peak_int4"}};
  for (const ironlaw_hardware* h : host().hardware())
    for (const auto& [wide, narrow] : kOrder)
      if (value(*h, wide) && value(*h, narrow)) {
        EXPECT_LE(*value(*h, wide), *value(*h, narrow) * 1.001) << h->id << ' ' << wide << ' ' << narrow;
      }
}

TEST(Catalogue, EveryFigureSaysWhereItComesFrom) {
  for (const ironlaw_hardware* h : host().hardware()) {
    std::set<std::string> seen;
    for (std::uint32_t i = 0; i < h->n_specs; ++i) {
      const ironlaw_spec& s = *h->specs[i];
      EXPECT_TRUE(seen.insert(s.quantity).second) << h->id << ' ' << s.quantity << " is there twice";
      EXPECT_GE(std::string(s.source).size(), 8u) << h->id << ' ' << s.quantity;
      EXPECT_STRNE(s.unit, "") << h->id << ' ' << s.quantity;
      if (s.flags & IRONLAW_SPEC_UNVERIFIED) {
        EXPECT_STRNE(s.note, "") << h->id << ' ' << s.quantity << " is doubtful and does not say why";
      }
      if (std::string_view(s.source).starts_with("recalled")) {
        EXPECT_TRUE(s.flags & IRONLAW_SPEC_UNVERIFIED) << h->id << ' ' << s.quantity;
      }
    }
  }
}

TEST(Catalogue, NamesDifferWhenTypedLoosely) {
  std::map<std::string, std::string> by_name;
  for (const ironlaw_hardware* h : host().hardware()) {
    const auto [other, is_new] = by_name.emplace(normalised(h->id), h->id);
    EXPECT_TRUE(is_new) << h->id << " and " << other->second;
    EXPECT_EQ(&host().find_hardware(h->id), h);
  }
  for (const auto& [nickname, id] : device_nicknames()) {
    EXPECT_EQ(normalised(nickname), nickname);
    EXPECT_EQ(host().find_hardware(nickname).id, id);
    EXPECT_FALSE(by_name.contains(std::string(nickname))) << nickname << " is a target of its own";
  }
}

TEST(Catalogue, IsFoundByUsualSpellings) {
  const std::pair<const char*, const char*> spellings[] = {{"h100", "H100-SXM-80GB"},
                                                           {"h100 pcie", "H100-PCIe-80GB"},
                                                           {"H100 NVL", "H100-NVL-94GB"},
                                                           {"a100", "A100-SXM-80GB"},
                                                           {"A100 40GB", "A100-SXM-40GB"},
                                                           {"a100 pcie", "A100-PCIe-80GB"},
                                                           {"h200", "H200-SXM-141GB"},
                                                           {"h200 nvl", "H200-NVL-141GB"},
                                                           {"b200", "B200-SXM-180GB"},
                                                           {"b300", "B300-SXM-270GB"},
                                                           {"gb200", "GB200"},
                                                           {"gh200", "GH200-96GB"},
                                                           {"h20", "H20"},
                                                           {"l4", "L4"},
                                                           {"l40", "L40"},
                                                           {"l40s", "L40S"},
                                                           {"t4", "T4"},
                                                           {"4090", "RTX-4090"},
                                                           {"RTX 5090", "RTX-5090"},
                                                           {"rtx pro 6000", "RTX-PRO-6000-BSE"},
                                                           {"jetson orin", "Orin-AGX-64GB"},
                                                           {"thor", "Jetson-AGX-Thor"},
                                                           {"dgx spark", "DGX-Spark"},
                                                           {"mi300x", "MI300X"},
                                                           {"mi355x", "MI355X"},
                                                           {"strix halo", "Ryzen-AI-Max+-395"},
                                                           {"7900 xtx", "RX-7900-XTX"},
                                                           {"a30", "A30"}};
  for (const auto& [given, id] : spellings) EXPECT_STREQ(host().find_hardware(given).id, id) << given;
  // 16 and 32 GB, four boards: nobody can tell which is meant.
  EXPECT_THROW(host().find_hardware("v100"), std::exception);
}

// What is the same chip on another board has the same cores, and the same rates where its clock is the same.
TEST(Catalogue, BoardsOfOneChipAgree) {
  const std::vector<std::vector<const char*>> siblings = {
      {"A100-SXM-80GB", "A100-SXM-40GB", "A100-PCIe-80GB", "A100-PCIe-40GB", "A800-SXM-80GB",
       "A100-SXM-80GB-CTS"},
      {"H100-SXM-80GB", "H200-SXM-141GB", "GH200-96GB", "GH200-144GB", "H800-SXM-80GB", "H200-SXM-141GB-CTS"},
      {"H100-NVL-94GB", "H200-NVL-141GB"},
      {"V100-SXM2-16GB", "V100-SXM2-32GB", "V100-SXM3-32GB", "V100-SXM3-32GB-450W"},
      {"V100-PCIe-16GB", "V100-PCIe-32GB"},
      {"MI300X", "MI325X"}};
  for (const auto& group : siblings)
    for (const char* id : group)
      for (const char* quantity : {"peak_bf16", "peak_fp16", "peak_fp8", "peak_int8", "cores"})
        EXPECT_EQ(value(target(id), quantity), value(target(group.front()), quantity))
            << id << ' ' << quantity;
}

TEST(Catalogue, FamiliesBelongToOneVendor) {
  std::map<std::string, std::string> vendor_of;
  for (const ironlaw_hardware* h : host().hardware())
    EXPECT_EQ(vendor_of.emplace(h->family, h->vendor).first->second, h->vendor) << h->id;
}

TEST(Catalogue, PartitionsAndLimitedBoards) {
  // 14 of 108 multiprocessors, one of 8 memory slices.
  const ironlaw_hardware& slice = target("A100-SXM-80GB-MIG-1x1g.10gb");
  EXPECT_NEAR(value(slice, "peak_fp16").value(), 40.444e12, 1e9);
  EXPECT_DOUBLE_EQ(value(slice, "memory_bandwidth").value(), 254.875e9);
  EXPECT_DOUBLE_EQ(value(slice, "memory_capacity").value(), 10 * gibi);
  EXPECT_FALSE(value(slice, "power"));
  // 14 of 56 and one of 4: a quarter.
  EXPECT_DOUBLE_EQ(value(target("A30-MIG-1x1g.6gb"), "peak_int8").value(), 330e12 / 4);
  EXPECT_DOUBLE_EQ(value(target("A30-MIG-1x1g.6gb"), "memory_bandwidth").value(), 933e9 / 4);
  EXPECT_EQ(value(target("A100-SXM-80GB-CTS"), "power"), 500);
  EXPECT_EQ(value(target("A100-SXM-80GB"), "power"), 400);
  EXPECT_STREQ(target("H100-SXM-96GB").shape->name, "power_capped");
}

// Each against the table it is from.
TEST(Catalogue, FiguresCheckedByHand) {
  struct Check {
    const char *id, *quantity;
    double expected;
  };
  const Check checks[] = {{"T4", "peak_fp16", 65.13e12},
                          {"T4", "memory_bandwidth", 320e9},
                          {"L4", "peak_fp8", 242e12},
                          {"A30", "memory_capacity", 25769803776.0},
                          {"H100-PCIe-80GB", "peak_fp16", 756e12},
                          {"H100-NVL-94GB", "peak_fp8", 1670.5e12},
                          {"GB200", "memory_capacity", 198674743296.0},
                          {"GB200", "scaleup_size", 72},
                          {"GB300", "peak_int8", 165e12},
                          {"GB300", "peak_fp4", 15000e12},
                          {"B300-SXM-270GB", "memory_capacity", 288400343040.0},
                          {"GH200-96GB", "host_link_bandwidth", 450e9},
                          {"RTX-4090", "peak_fp16", 165.2e12},
                          {"RTX-PRO-6000-BSE", "memory_bandwidth", 1597e9},
                          {"MI250X", "peak_bf16", 383e12},
                          {"MI300A", "cores", 228},
                          {"MI355X", "peak_fp4", 10066.3e12},
                          {"V100-SXM3-32GB", "power", 350}};
  for (const Check& c : checks) EXPECT_DOUBLE_EQ(value(target(c.id), c.quantity).value(), c.expected) << c.id;
}

// mlsysim's known errors: sparse figures taken for dense ones.
TEST(Catalogue, HeadlinesWithSparsityAreNoPeaks) {
  EXPECT_LT(value(target("Orin-AGX-64GB"), "peak_int8").value(), 275e12 / 2);
  EXPECT_LT(value(target("Orin-NX-16GB"), "peak_int8").value(), 100e12 / 2 + 1);
  EXPECT_LT(value(target("DGX-Spark"), "peak_fp4").value(), 1000e12);
  EXPECT_LT(value(target("RTX-5090"), "peak_fp4").value(), 3352e12);
}

}  // namespace
}  // namespace ironlaw
