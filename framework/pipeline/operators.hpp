// What a model becomes when it is lowered: operators, each with its real sizes.
//
// Numbers are a template parameter (double, or Dual for derivatives with respect to the running batch and the
// context); counts of layers, ranks and devices are plain numbers: they have differences, not derivatives.
#pragma once

#include <cstdint>
#include <vector>

namespace ironlaw {

enum class Precision : std::uint8_t { fp32, tf32, bf16, fp16, fp8, int8, fp4, int4 };
inline constexpr int kPrecisions = 8;
const char* name_of(Precision precision);                        // "fp8"
double bytes_of(Precision precision);                            // 1; tf32 is stored in 4
Precision parse_precision(const char* field, const char* text);  // throws Error with what is allowed

enum class OperatorKind : std::uint8_t { matmul, attention, convolution, vector, collective };
enum class Collective : std::uint8_t { none, all_reduce, gather, all_to_all, point_to_point };
// To which sum of the step an operator's time belongs.
enum class Channel : std::uint8_t { node, tensor, pipeline, data, expert };
inline constexpr int kChannels = 5;

// Queries that one block of an attention kernel takes: Dao 2023 arXiv:2307.08691 section 3.3, Shah et al.
// 2024 arXiv:2407.08608 (FlashAttention 2 and 3).
inline constexpr double kAttentionRows = 128;

template <class T>
struct Operator {
  const char* name = "";  // "attention output", static storage
  OperatorKind kind = OperatorKind::vector;
  Channel channel = Channel::node;
  Collective collective = Collective::none;
  Precision precision = Precision::fp16;  // of the arithmetic
  double count = 1;                       // equal operators in a step on one device: layers x micro-batches
  T flops{};                              // executed by one operator on one device
  T useful_flops{};  // of them useful: no recompute, no padding; summed over a step and multiplied
                     // by the devices of a replica they give the model FLOPs
  T bytes{};         // moved from and to memory by one operator on one device
  T weight_bytes{};  // of them the model's weights, as they are stored
  T m{}, n{}, k{};   // of a matrix product, convolution (as its implicit product); 0 otherwise
  T scores{};        // of attention: (query, key) pairs of all heads, an exponential each
  // Of attention to a prompt or in training: blocks of up to kAttentionRows queries of one head and sequence,
  // and the scores of the longest. Decode splits its cache over all cores: 0.
  T tiles{}, tile_scores{};
  double launches = 1;      // kernels
  T message_bytes{};        // of a collective: its buffer on one rank
  double ranks_inside = 1;  // ranks in one scale-up domain
  double ranks_across = 1;  // scale-up domains
};

// One pass over the model on one device of a replica: a prefill of some prompts, one token of a running
// batch, or one optimizer step.
template <class T>
struct Step {
  std::vector<Operator<T>> operators;  // reused from call to call; cleared, not freed
  T kv_bytes{};                        // KV cache on one device
  T activation_bytes{};                // activations alive on one device, at the most
  double state_bytes = 0;              // gradients and optimizer states on one device
  double idle_slots = 0;  // micro-batch slots a stage waits: PP - 1 in a flush, else what is missing
  double micro_batches = 1;
  double interleave = 1;
  double backward_share = 0;  // of the node time: 2/3 in training, 0 in inference
};

}  // namespace ironlaw
