#include "registry/model.hpp"

#include <string>
#include <vector>

#include "framework/base/suggest.hpp"
#include "registry/convnet.hpp"
#include "registry/transformer_shape.hpp"

namespace ironlaw {

const char* name_of(ModelKind kind) {
  switch (kind) {
    case ModelKind::decoder:
      return "decoder";
    case ModelKind::encoder:
      return "encoder";
    case ModelKind::convnet:
      return "convnet";
  }
  return "";
}

const ModelSpec& find_model(std::string_view name) {
  std::vector<std::string> names;
  names.reserve(models().size());
  for (const ModelSpec& model : models()) names.emplace_back(model.id);
  return models()[match_name("model", name, names)];
}

double parameter_count(const ModelSpec& model) {
  return model.kind == ModelKind::convnet ? convnet_parameters(*model.network)
                                          : stage_parameters(model, Parallelism{}).total();
}

double active_matmul_parameters(const ModelSpec& model) {
  return model.kind == ModelKind::convnet ? convnet_weights(*model.network)
                                          : transformer_active_parameters(model);
}

int layer_count(const ModelSpec& model) {
  return model.kind == ModelKind::convnet ? convnet_layers(*model.network) : model.shape.layers;
}

}  // namespace ironlaw
