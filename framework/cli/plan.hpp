// Plans: a scenario written down in YAML, with the limits that its results must keep.
//
//   name: Llama 3.1 70B on eight H100
//   workload: {model: llama-3.1-70b, phase: serve, input_len: 1024, output_len: 256}
//   hardware: {name: h100, memory_capacity: 96 GB}
//   parallelism: {tp: 8}
//   serving: {arrival_rate: 4/s}
//   constraints:
//     assert:
//       - {metric: itl, max: 50 ms}
//
// What stands where:
//   - What the command line has an option for stands in the block that plan_blocks() lists it in, with _ for
//   -.
//   - A wall's setting stands in the block of the wall's domain: algorithm in `workload`, node in `serving`
//   or
//     `hardware`, data and fleet in `fleet`, operations in `operations`. So a new wall's settings have a
//     place without a change here. A setting that several walls read may stand in the block of each.
//   - A figure of a datasheet stands in `hardware`.
//   - Every other quantity (a fitted parameter, something a wall computes, a setting of a wall of no domain
//     above) stands in `parameters`.
// Values are written as on the command line: a name, a number, or a number with its unit ("8 TB/s").
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "framework/cli/request.hpp"

namespace ironlaw {

struct PlanBlock {
  std::string_view name, meaning;
  std::span<const std::string_view> options;  // of the command line that stand in it
  std::span<const std::string_view> domains;  // of the walls whose settings stand in it
  bool takes_quantities;                      // else it has the options only
};
std::span<const PlanBlock> plan_blocks();
// The options that stand at the top of a plan, in no block.
std::span<const std::string_view> plan_options();
// How a plan calls an option: "input-len" is input_len, and in the block `hardware` "hardware" is name.
std::string plan_key(std::string_view option);
// The block that has an option under this key; null when none has.
const PlanBlock* block_of_option(std::string_view key);

// Checks the structure of a plan. `where` is what messages call it: the file. Throws Error with the path and
// line of a key that is unknown or given twice, of a value that is missing or of the wrong kind, and of what
// is no plan at all. Whether the quantities exist is found out when the request is understood.
Ask ask_of_plan(const YAML::Node& plan, const std::string& where);

// Reads a file. Throws Error for one that is missing, no regular file, empty, larger than a megabyte, no text
// or no YAML, and as ask_of_plan().
Ask load_plan(const std::filesystem::path& path);

}  // namespace ironlaw
