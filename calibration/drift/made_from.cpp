#include "calibration/drift/made_from.hpp"

#include <fmt/format.h>

#include "calibration/stored_fit.hpp"
#include "datasets/build.hpp"
#include "framework/conformance/numbers.hpp"
#include "registry/model.hpp"

namespace ironlaw {
namespace {

void add_numbers(Mark& mark, const ironlaw_function& f) {
  const std::vector<double> numbers = conformance::numbers_of(f);
  for (std::uint32_t o = 0; o < f.n_outputs; ++o)
    mark.values[fmt::format("{}.{}", f.name, f.outputs[o]->name)] = numbers[o];
}

Mark mark_of(const ironlaw_wall& wall) {
  Mark mark{std::to_string(wall.model_version), ports_hash(wall), {}};
  for (std::uint32_t f = 0; f < wall.n_functions; ++f) add_numbers(mark, *wall.functions[f]);
  return mark;
}

Mark mark_of(const ironlaw_hardware& device) {
  Mark mark{fmt::format("{} {}", device.vendor, device.family), "", {}};
  for (std::uint32_t i = 0; i < device.n_specs; ++i) {
    const ironlaw_spec& spec = *device.specs[i];
    const char* const sparse = spec.flags & IRONLAW_SPEC_SPARSE ? ".sparse" : "";
    mark.values[fmt::format("{}{}", spec.quantity, sparse)] = spec.value;
  }
  if (device.shape) add_numbers(mark, *device.shape);
  return mark;
}

Mark mark_of(const ModelSpec& model) {
  return {name_of(model.kind),
          "",
          {{"parameters", parameter_count(model)},
           {"active", active_matmul_parameters(model)},
           {"layers", layer_count(model)},
           {"input_len", model.input_len},
           {"output_len", model.output_len},
           {"train_len", model.train_len}}};
}

}  // namespace

MadeFrom made_from(std::span<const ironlaw_wall* const> walls,
                   std::span<const ironlaw_hardware* const> hardware, const std::filesystem::path& facts) {
  MadeFrom result;
  for (const ironlaw_wall* wall : walls)
    if (!wall->analyse) result.walls[fmt::format("{} {}", wall->number, wall->id)] = mark_of(*wall);
  for (const ironlaw_hardware* device : hardware) result.devices[device->id] = mark_of(*device);
  for (const ModelSpec& model : models()) result.models[model.id] = mark_of(model);
  for (const auto& [name, hash] : facts_hashes(facts.string())) result.files[name] = {"", hash, {}};
  return result;
}

Marks fit_marks(const std::string& data_hash, const std::string& options, const std::string& origin) {
  return {{"data", {"", data_hash, {}}}, {"options", {options, "", {}}}, {"rows", {origin, "", {}}}};
}

}  // namespace ironlaw
