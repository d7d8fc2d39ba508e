#include "registry/model.hpp"

#include <array>
#include <string>
#include <vector>

#include "framework/base/suggest.hpp"
#include "registry/network.hpp"
#include "registry/transformer_shape.hpp"

namespace ironlaw {

namespace {

struct KindText {
  const char *name, *description;
};
constexpr std::array<KindText, kModelKinds> kKinds{{{"decoder", "decoder"},
                                                    {"encoder", "encoder"},
                                                    {"convnet", "convolutional network"},
                                                    {"diffusion", "diffusion model"},
                                                    {"recommender", "recommender"},
                                                    {"recurrent", "recurrent network"},
                                                    {"seq2seq", "sequence-to-sequence model"}}};

}  // namespace

const char* name_of(ModelKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind)).name;
}

const char* description_of(ModelKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind)).description;
}

const ModelSpec& find_model(std::string_view name) {
  std::vector<std::string> names;
  names.reserve(models().size());
  for (const ModelSpec& model : models()) names.emplace_back(model.id);
  return models()[match_name("model", name, names)];
}

double parameter_count(const ModelSpec& model) {
  return is_transformer(model.kind) ? stage_parameters(model, Parallelism{}).total()
                                    : network_parameters(*model.network);
}

double active_matmul_parameters(const ModelSpec& model) {
  return is_transformer(model.kind) ? transformer_active_parameters(model) : network_weights(*model.network);
}

int layer_count(const ModelSpec& model) {
  return is_transformer(model.kind) ? model.shape.layers : network_layers(*model.network);
}

}  // namespace ironlaw
