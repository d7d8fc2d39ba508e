// Facts: what our datasheets, places and walls say where the reference's registry does.
#include <cmath>

#include "registry/places.hpp"
#include "tests/reference/setups.hpp"
#include "tests/reference/values.hpp"

namespace ironlaw::reference {
namespace {

double sheet(const char* device, const char* quantity) {
  return figure(testing::hardware(device), quantity);
}
double ridge(const char* device) {
  return sheet(device, "peak_fp16") / sheet(device, "memory_bandwidth");
}

// [g/kWh] the newest average that places have in common.
double grid(const char* place) {
  static const auto places = read_places(CsvTable::read(DATASETS_DIR "/places.csv"));
  return find_place(places, place).figure("carbon_intensity")->value * kKilowattHour * 1e3;
}

double taxonomy_walls(const char* domain = nullptr) {
  double count = 0;
  for (const ironlaw_wall* wall : testing::walls())
    count += wall->number <= 22 && (!domain || std::string_view(wall->domain) == domain);
  return count;
}
std::string walls_per_domain() {
  std::string text;
  for (const char* domain : {"node", "data", "algorithm", "fleet", "operations", "analysis"}) {
    if (!text.empty()) text += "/";
    text += std::to_string(static_cast<int>(taxonomy_walls(domain)));
  }
  return text;
}

double usual_setting(const char* wall, const char* name, const char* setting) {
  const ironlaw_function& f = function(wall, name);
  for (std::uint32_t i = 0; i < f.n_inputs; ++i)
    if (std::string_view(f.inputs[i]->name) == setting) return f.inputs[i]->neutral;
  return NAN;
}

constexpr Computed kValues[] = {
    {"REG-H100-peak", [] { return Parts{sheet("h100", "peak_fp16") / 1e12}; }},
    {"REG-H100-bw", [] { return Parts{sheet("h100", "memory_bandwidth") / 1e12}; }},
    {"REG-H100-capGiB", [] { return Parts{sheet("h100", "memory_capacity") / kGibi}; }},
    {"REG-H100-capGB", [] { return Parts{sheet("h100", "memory_capacity") / 1e9}; }},
    {"REG-H100-cost", [] { return Parts{sheet("h100", "price")}; }},
    {"REG-H100-tdp", [] { return Parts{sheet("h100", "power")}; }},
    {"REG-H100-ridge", [] { return Parts{ridge("h100")}; }},
    {"REG-H100-nvl", [] { return Parts{2 * sheet("h100", "scaleup_bandwidth") / 1e9}; }},
    {"REG-H100-nvl-dir", [] { return Parts{sheet("h100", "scaleup_bandwidth") / 1e9}; }},
    {"REG-A100-peak", [] { return Parts{sheet("a100", "peak_fp16") / 1e12}; }},
    {"REG-A100-bw", [] { return Parts{sheet("a100", "memory_bandwidth") / 1e12}; }},
    {"REG-B200-bw", [] { return Parts{sheet("b200", "memory_bandwidth") / 1e12}; }},
    {"REG-B200-cap", [] { return Parts{sheet("b200", "memory_capacity") / kGibi}; }},
    {"REG-H/A-bw",
     [] { return Parts{sheet("h100", "memory_bandwidth") / sheet("a100", "memory_bandwidth")}; }},
    {"REG-H/A-flops", [] { return Parts{sheet("h100", "peak_fp16") / sheet("a100", "peak_fp16")}; }},
    {"REG-NDR", [] { return Parts{sheet("h100", "network_bandwidth") / 1e9}; }},
    {"REG-HDR", [] { return Parts{sheet("a100", "network_bandwidth") * 8 / 1e9}; }},
    {"REG-NVL/NDR",
     [] { return Parts{sheet("h100", "scaleup_bandwidth") / sheet("h100", "network_bandwidth")}; }},
    {"REG-GRID-spread", [] { return Parts{grid("poland") / grid("norway")}; }},
    {"REG-CoT", [] { return Parts{usual_setting("12", "thought", "tokens_per_reasoning_step")}; }},
    {"CNT-walls", [] { return Parts{taxonomy_walls()}; }},
    {"CNT-domains",
     [] {
       double domains = 0;
       for (const char* domain : {"node", "data", "algorithm", "fleet", "operations", "analysis"})
         domains += taxonomy_walls(domain) > 0;
       return Parts{domains};
     }},
    {"CNT-perdomain", [] { return Parts{walls_per_domain()}; }},
    {"CNT-hw", [] { return Parts{static_cast<double>(testing::host().hardware().size())}; }},
    {"CNT-models", [] { return Parts{static_cast<double>(models().size())}; }},
    {"EX5-d",
     [] {
       return Parts{Part::none(), grid("united states")};
     }},
    {"Q10",
     [] {
       std::string meet;
       for (const auto& [name, device] : {std::pair{"A100", "a100"}, {"L40S", "l40s"}})
         if (sheet(device, "memory_bandwidth") >= 400e9)
           meet.append(meet.empty() ? "" : ", ")
               .append(name)
               .append(" ")
               .append(std::to_string(static_cast<int>(sheet(device, "memory_bandwidth") / 1e9)));
       return Parts{meet + " yes", Part::none()};
     }},
    {"CS-H100", [] { return Parts{sheet("h100", "peak_fp16") / 1e12}; }},
    {"SL-8",
     [] {
       return Parts{ridge("h100"), ridge("b200"), ridge("mi300x"), Part::none()};
     }},
    {"SL-15", [] { return Parts{sheet("h100", "peak_fp16") / sheet("a100", "peak_fp16")}; }},
};

}  // namespace

std::span<const Computed> registry_values() {
  return kValues;
}

}  // namespace ironlaw::reference
