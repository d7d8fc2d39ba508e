// The models that Ironlaw knows: their real shapes, each with its source.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ironlaw {

enum class ModelKind {
  decoder,      // transformer that writes tokens one by one
  encoder,      // transformer that reads a text at once
  convnet,      // images or volumes: classes, boxes, masks
  diffusion,    // a denoiser that runs many times for an image
  recommender,  // embedding tables and small dense layers
  recurrent,    // cells that step through a sequence
  seq2seq       // transformer that reads one sequence and writes another
};
inline constexpr int kModelKinds = 7;
const char* name_of(ModelKind kind);         // "decoder": also the workload class of parameters
const char* description_of(ModelKind kind);  // "convolutional network"
// Has a TransformerShape, and lengths in tokens that a request may change; all others are a Network, whose
// requests are samples of the model's benchmark.
constexpr bool is_transformer(ModelKind kind) {
  return kind == ModelKind::decoder || kind == ModelKind::encoder;
}

// A transformer's shape. All counts; a mixture of experts has experts > 0 and ffn the width of one expert.
struct TransformerShape {
  int layers = 0, hidden = 0, heads = 0, kv_heads = 0, head_dim = 0, ffn = 0, vocab = 0;
  int experts = 0, experts_per_token = 0;
  // Of a mixture of experts: what every token passes beside its own experts, the width of all shared experts
  // together; layers that have a plain MLP instead, and its width; and every how many layers the others come.
  int shared_ffn = 0, dense_layers = 0, dense_ffn = 0, expert_every = 1;
  // Multi-head latent attention (DeepSeek) where kv_lora_rank > 0: keys and values of all heads are made from
  // one latent of that rank, which is cached with one rotary key of qk_rope_head_dim for all heads; then
  // head_dim is not used and kv_heads equals heads. Queries have a latent of their own where q_lora_rank > 0.
  int kv_lora_rank = 0, q_lora_rank = 0, qk_nope_head_dim = 0, qk_rope_head_dim = 0, v_head_dim = 0;
  // Sliding window: windowed_layers of the layers see and cache the last `window` positions only.
  int window = 0, windowed_layers = 0;
  bool gated_mlp = false;  // SwiGLU: three matrices instead of two
  bool tied_embedding = false;
  bool parallel_block = false;  // GPT-J: attention and MLP share one norm and one all-reduce
  bool biases = false;  // products have biases and norms a shift; counted as parameters, no work of their own
  int positions = 0;    // learned position embeddings; an encoder also has two segment embeddings
  bool rotary = false;  // rotary positions: a pass over queries and keys in every layer
  bool attention_biases = true;  // of the attention's products, where there are biases at all (not in GPT-J)
  bool norm_shifts = true;       // of the norms, where there are biases at all (not in gpt-oss)
  bool qkv_biases = false;       // of queries, keys and values, where there are none elsewhere (Qwen 2)
  bool qk_norms = false;         // of every head's query and key (Qwen 3, Gemma 3)
  bool post_norms = false;       // attention and MLP end in a norm too (Gemma 2, Gemma 3)
  bool head_bias = false;        // of the vocabulary head
};

struct Network;  // network.hpp

struct ModelSpec {
  const char* id;     // "llama-3.1-8b"
  const char* title;  // "Llama 3.1 8B"
  ModelKind kind;
  TransformerShape shape;  // decoder and encoder; all zero for others
  // What a request of the model's usual benchmark looks like, used where the user gives no lengths.
  double input_len, output_len;
  double longest_input = 0, longest_output = 0;  // of any request of that benchmark; 0 when unknown
  double beams = 1;                              // beam search: sequences decoded for one request
  const char* source;                            // of the shape
  const char* lengths_source;                    // of the lengths
  double train_len = 0;                          // tokens of a training sample that are no padding
  const Network* network = nullptr;              // the layers of what is no plain transformer
  const Network* training = nullptr;             // those of a training sample, where they differ
};

// All models, in a fixed order.
std::span<const ModelSpec> models();

// The model that `name` means (loose match); throws Error with suggestions.
const ModelSpec& find_model(std::string_view name);

// Parameters of the model, from its shape (others: from their layers). A tied embedding is counted once.
// GPT-J's untied head and its bias are counted, BERT's pooler too, its training heads are not.
double parameter_count(const ModelSpec& model);
// Layers that have weights of their own: a transformer's blocks; others: all products.
int layer_count(const ModelSpec& model);
// Parameters that one token's forward pass multiplies by: no input embedding, only the routed experts; the
// head is counted (an encoder: its two-column answer head). Others: all weights of products, which a
// sample may use many times.
double active_matmul_parameters(const ModelSpec& model);

}  // namespace ironlaw
