#include "framework/cli/plan_quantities.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/plan.hpp"
#include "ironlaw/hardware.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr std::string_view kHardwareBlock = "hardware", kOtherBlock = "parameters";

constexpr SpecName kFigures[] = {
    spec::memory_capacity, spec::memory_bandwidth,  spec::scaleup_bandwidth,
    spec::scaleup_size,    spec::network_bandwidth, spec::power,
    spec::price,
};

template <class T>
void add_once(std::vector<T>& list, T item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
}

// The blocks for the settings of a wall of this domain.
std::vector<std::string_view> blocks_of(std::string_view domain) {
  std::vector<std::string_view> blocks;
  for (const PlanBlock& block : plan_blocks())
    if (std::find(block.domains.begin(), block.domains.end(), domain) != block.domains.end())
      blocks.push_back(block.name);
  if (blocks.empty()) blocks.push_back(kOtherBlock);
  return blocks;
}

class Collector {
 public:
  PlanQuantities collect(const PluginHost& host) {
    for (const ironlaw_wall* wall : host.walls())
      for (std::uint32_t f = 0; f < wall->n_functions; ++f)
        add_inputs(*wall->functions[f], fmt::format("wall {} {}", wall->number, wall->id),
                   blocks_of(wall->domain));
    for (const ironlaw_hardware* hardware : host.hardware())
      if (hardware->shape)
        add_inputs(*hardware->shape, fmt::format("hardware {}", hardware->id), {kHardwareBlock});
    add_figures();
    add_host_columns();
    for (const ironlaw_wall* wall : host.walls())
      for (std::uint32_t f = 0; f < wall->n_functions; ++f)
        add_outputs(*wall->functions[f], fmt::format("wall {} {}", wall->number, wall->id));
    return std::move(found_);
  }

 private:
  PlanQuantity& add(const char* name, const char* unit, const char* meaning,
                    const std::vector<std::string_view>& blocks) {
    PlanQuantity& quantity = found_[name];
    if (quantity.blocks.empty()) {
      quantity.unit = unit;
      quantity.meaning = meaning;
    }
    for (const std::string_view block : blocks) add_once(quantity.blocks, block);
    return quantity;
  }

  void add_inputs(const ironlaw_function& function, const std::string& owner,
                  const std::vector<std::string_view>& blocks) {
    for (std::uint32_t i = 0; i < function.n_inputs; ++i) {
      const ironlaw_port& port = *function.inputs[i];
      const bool is_setting = (port.flags & IRONLAW_PORT_SETTING) != 0;
      const bool is_parameter = (port.flags & IRONLAW_PORT_PARAMETER) != 0;
      if (!is_setting && !is_parameter) continue;
      PlanQuantity& quantity =
          add(port.name, port.unit, port.meaning, is_setting ? blocks : std::vector{kOtherBlock});
      (is_setting ? quantity.setting : quantity.parameter) = &port;
      add_once(quantity.owners, owner);
    }
  }

  void add_figures() {
    for (const SpecName& figure : kFigures) add(figure.quantity, figure.unit, "", {kHardwareBlock});
    for (int p = 0; p < kPrecisions; ++p)
      add(fmt::format("peak_{}", name_of(static_cast<Precision>(p))).c_str(), spec::peak_bf16.unit,
          "dense peak at this precision", {kHardwareBlock});
    add(q::peak_flops.name, spec::peak_bf16.unit,
        "dense peak at the precision of the matrix products; the other precisions move in proportion",
        {kHardwareBlock});
  }

  // What the host knows of a scenario, unless an option asks for it.
  void add_host_columns() {
    for (const SourceColumn& source : source_columns())
      if (source.level == IRONLAW_LEVEL_SCENARIO && !chosen_by(source.name) && !block_of_option(source.name))
        if (!found_.contains(source.name)) add(source.name, source.unit, "", {kOtherBlock});
  }

  void add_outputs(const ironlaw_function& function, const std::string& owner) {
    for (std::uint32_t o = 0; o < function.n_outputs; ++o) {
      const ironlaw_port& port = *function.outputs[o];
      if (found_.contains(port.name)) continue;
      add(port.name, port.unit, port.meaning, {kOtherBlock}).owners.push_back(owner);
    }
  }

  PlanQuantities found_;
};

// The keys that may stand in a block.
std::vector<std::string> keys_of(std::string_view block_name, const PlanQuantities& quantities) {
  std::vector<std::string> keys;
  for (const PlanBlock& block : plan_blocks())
    if (block.name == block_name)
      for (const std::string_view option : block.options) keys.push_back(plan_key(option));
  for (const auto& [name, quantity] : quantities)
    if (std::find(quantity.blocks.begin(), quantity.blocks.end(), block_name) != quantity.blocks.end())
      keys.push_back(name);
  return keys;
}

}  // namespace

PlanQuantities plan_quantities(const PluginHost& host) {
  return Collector().collect(host);
}

void check_blocks(const Ask& ask, const PlanQuantities& quantities) {
  for (const auto& [name, said] : ask.set) {
    if (said.block.empty()) continue;
    const auto found = quantities.find(name);
    if (found == quantities.end()) {
      if (const char* instead = chosen_by(name))
        throw Error(fmt::format("{} follows from other choices: {}.", said.field, instead));
      throw Error(fmt::format("{} is unknown.{} `ironlaw schema` shows what a plan may hold.", said.field,
                              did_you_mean(name, keys_of(said.block, quantities))));
    }
    const auto& blocks = found->second.blocks;
    if (std::find(blocks.begin(), blocks.end(), said.block) == blocks.end())
      throw Error(fmt::format("{} stands in the wrong block: {} belongs in {}.", said.field, name,
                              fmt::join(blocks, " or ")));
  }
}

}  // namespace ironlaw
