#include <array>
#include <string>
#include <vector>

#include "framework/base/suggest.hpp"
#include "registry/convnet.hpp"
#include "registry/model.hpp"
#include "registry/transformer_shape.hpp"

namespace ironlaw {
namespace {

constexpr const char* kMaxtext = "AI-Hypercomputer/maxtext@e591f30cbb src/maxtext/configs/models";

// The lengths of MLPerf are means over the benchmark's data set: the work of a batch depends on the mean, its
// spread only on attention.
const std::array<ModelSpec, 9> kModels{{
    {.id = "llama-3.1-8b",
     .title = "Llama 3.1 8B",
     .kind = ModelKind::decoder,
     .shape = {.layers = 32,
               .hidden = 4096,
               .heads = 32,
               .kv_heads = 8,
               .head_dim = 128,
               .ffn = 14336,
               .vocab = 128256,
               .gated_mlp = true,
               .rotary = true},
     .input_len = 870.73,
     .output_len = 128,
     .source = kMaxtext,
     .lengths_source =
         "MLPerf Inference v5.1 (CNN/DailyMail, 13,368 samples, 128 new tokens); training: MLPerf "
         "Training v5.1, sequences of 8192",
     .train_len = 8192},
    {.id = "llama-3.1-70b",
     .title = "Llama 3.1 70B",
     .kind = ModelKind::decoder,
     .shape = {.layers = 80,
               .hidden = 8192,
               .heads = 64,
               .kv_heads = 8,
               .head_dim = 128,
               .ffn = 28672,
               .vocab = 128256,
               .gated_mlp = true,
               .rotary = true},
     .input_len = 222.33,
     .output_len = 294.45,
     .source = kMaxtext,
     .lengths_source = "assumed: those of llama-2-70b, as MLPerf has no benchmark of this model",
     .train_len = 8192},
    {.id = "llama-3.1-405b",
     .title = "Llama 3.1 405B",
     .kind = ModelKind::decoder,
     .shape = {.layers = 126,
               .hidden = 16384,
               .heads = 128,
               .kv_heads = 8,
               .head_dim = 128,
               .ffn = 53248,
               .vocab = 128256,
               .gated_mlp = true,
               .rotary = true},
     .input_len = 9428.64,
     .output_len = 684.68,
     .source = kMaxtext,
     .lengths_source =
         "MLPerf Inference v5.0 (8,313 samples; reference output); training: MLPerf Training v5.0, "
         "sequences of 8192",
     .train_len = 8192},
    {.id = "llama-2-70b",
     .title = "Llama 2 70B",
     .kind = ModelKind::decoder,
     .shape = {.layers = 80,
               .hidden = 8192,
               .heads = 64,
               .kv_heads = 8,
               .head_dim = 128,
               .ffn = 28672,
               .vocab = 32000,
               .gated_mlp = true,
               .rotary = true},
     .input_len = 222.33,
     .output_len = 294.45,
     .source = kMaxtext,
     .lengths_source =
         "MLPerf Inference v4.0 (OpenOrca, 24,576 samples; reference output); training: MLPerf Training "
         "v4.0 LoRA, packed sequences of 8192",
     .train_len = 8192},
    {.id = "gpt-j-6b",
     .title = "GPT-J 6B",
     .kind = ModelKind::decoder,
     .shape = {.layers = 28,
               .hidden = 4096,
               .heads = 16,
               .kv_heads = 16,
               .head_dim = 256,
               .ffn = 16384,
               .vocab = 50400,
               .parallel_block = true,
               .biases = true,
               .rotary = true,
               .attention_biases = false,
               .head_bias = true},
     .input_len = 870.73,
     .output_len = 69,
     .beams = 4,
     .source = "MLPerf Inference benchmarks.csv (EleutherAI/gpt-j-6b config)",
     .lengths_source =
         "MLPerf Inference v3.1 (CNN/DailyMail; 69 new tokens, 4 beams); the input is the mean of the same "
         "articles under the Llama 3.1 tokeniser, so approximate; training: the model's context",
     .train_len = 2048},
    {.id = "mixtral-8x7b",
     .title = "Mixtral 8x7B",
     .kind = ModelKind::decoder,
     .shape = {.layers = 32,
               .hidden = 4096,
               .heads = 32,
               .kv_heads = 8,
               .head_dim = 128,
               .ffn = 14336,
               .vocab = 32000,
               .experts = 8,
               .experts_per_token = 2,
               .gated_mlp = true,
               .rotary = true},
     .input_len = 427.394,
     .output_len = 144.84,
     .source = kMaxtext,
     .lengths_source =
         "MLPerf Inference v4.1 (OpenOrca, GSM8K, MBXP, 15,000 samples; reference output); training: "
         "assumed 4096",
     .train_len = 4096},
    // The vocabulary of 50257 is padded: 51200 in the FLOPs formula of MLPerf Training (a multiple of 128 x
    // TP 8), 50304 in maxtext. The former is used: it is what the published training FLOPs count.
    {.id = "gpt-3-175b",
     .title = "GPT-3 175B",
     .kind = ModelKind::decoder,
     .shape = {.layers = 96,
               .hidden = 12288,
               .heads = 96,
               .kv_heads = 96,
               .head_dim = 128,
               .ffn = 49152,
               .vocab = 51200,
               .tied_embedding = true,
               .biases = true,
               .positions = 2048},
     .input_len = 1024,
     .output_len = 128,
     .source = "Brown et al. 2020 arXiv:2005.14165; vocabulary padded to 51200 as in MLPerf Training",
     .lengths_source =
         "assumed: MLPerf has no inference benchmark of this model; training: MLPerf Training v3.0, "
         "sequences of 2048",
     .train_len = 2048},
    {.id = "bert-large",
     .title = "BERT-large",
     .kind = ModelKind::encoder,
     .shape = {.layers = 24,
               .hidden = 1024,
               .heads = 16,
               .kv_heads = 16,
               .head_dim = 64,
               .ffn = 4096,
               .vocab = 30522,
               .tied_embedding = true,
               .biases = true,
               .positions = 512},
     .input_len = 178,
     .output_len = 0,
     .source = "Devlin et al. 2018 arXiv:1810.04805; MLPerf Inference benchmarks.csv",
     .lengths_source =
         "memory (unverified): mean SQuAD v1.1 length; the padded 384 would exceed the H100's FP8 peak; "
         "training: mean useful length 256 of 512, Krell et al. arXiv:2107.02027",
     .train_len = 256},
    {.id = "resnet-50",
     .title = "ResNet-50 v1.5",
     .kind = ModelKind::convnet,
     .shape = {},
     .input_len = 1,
     .output_len = 0,
     .source = "He et al. 2015 arXiv:1512.03385 table 1; stride in the 3x3 convolution (v1.5)",
     .lengths_source = "one image of 224x224x3",
     .train_len = 1},
}};

}  // namespace

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

std::span<const ModelSpec> models() {
  return kModels;
}

const ModelSpec& find_model(std::string_view name) {
  std::vector<std::string> names;
  names.reserve(kModels.size());
  for (const ModelSpec& model : kModels) names.emplace_back(model.id);
  return kModels[match_name("model", name, names)];
}

double parameter_count(const ModelSpec& model) {
  return model.kind == ModelKind::convnet ? convnet_parameters()
                                          : stage_parameters(model, Parallelism{}).total();
}

double active_matmul_parameters(const ModelSpec& model) {
  return model.kind == ModelKind::convnet ? convnet_weights() : transformer_active_parameters(model);
}

}  // namespace ironlaw
