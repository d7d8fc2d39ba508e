// Lowering: a model, a phase and a split over devices become operators.
//
// What an operator counts:
// - FLOPs of products and attention only, 2 a multiply-add; element-wise work ("vector") has bytes and no
// FLOPs, as in
//   the usual model FLOPs. Causal attention counts visible pairs only: 4 heads head_dim tokens (context +
//   (tokens + 1) / 2) a sequence and layer; an encoder's sees all pairs, and with a sliding window a query
//   sees no more positions than that. Latent attention multiplies expanded keys and values in prompts and
//   training, the latents themselves in decode. Over a step, the sum of count x
//   useful_flops, times TP x PP, is the model FLOPs: 2 (training 6, frozen weights 4) x active parameters x
//   tokens, plus attention.
// - Bytes of a product: its weights once, its input and output. Kernels are fused as usual: residual sum and
// norm;
//   rotary positions and cache write; activation and gate; flash attention (no score matrix).
// - Below 16 bits, only products and the KV cache are narrow: the residual stream, norms, router, embedding,
// vocabulary
//   head and all messages stay at 16, and so does attention unless the cache is FP8 and so are the
//   activations. A training step stores weights at 16 bits or more and sums gradients in fp32.
// - A mixture of experts reads the weights of the E (1 - (1 - k/E)^tokens) experts that uniform routing
// touches, and the shared ones for every token. Where only some layers have experts or a window, counts are
// of the mean mix of layers, stored weights of the heaviest stage.
//
// The split, in Megatron's order of ranks (tensor innermost, then data, then pipeline):
// - TP: columns, then rows; keys and values are replicated where TP exceeds their heads. Two all-reduces a
// layer (one
//   where attention and MLP are parallel); sequence parallelism in training moves the same bytes.
// - PP: counts are of the slowest stage, ceil(L / PP) layers; useful FLOPs are scaled by L / PP / ceil(L /
// PP).
//   Embedding, head and loss belong to the end stages; they are spread over all, with count M / PP, for M
//   micro-batches.
// - Micro-batches M: training requests / micro_batch. Decode M = min(PP, requests), each of requests / M
// sequences, and
//   a stage waits PP - M slots. Prefill M = min(4 PP, requests), and a stage waits PP - 1 slots. PP = 1: M
//   = 1. The choice is made on the value of `requests`; derivatives are those at that M.
// - EP: min(EP, TP) of the expert ranks are tensor ranks, the others are data ranks. Tokens travel (two
// all-to-alls
//   a layer and pass, instead of one all-reduce) in training and where EP > TP; else every tensor rank has
//   them already.
// - DP (training): see zero_stage. Adapters (frozen_weights) are small and left out.
//
// An encoder reads no context. Every other network (network.hpp) is split over data only; its requests are
// samples of its benchmark (an image, a case, a query, an utterance), and neither tokens nor context are
// read. What it is in training may differ: one crop instead of a case's windows, one noise level instead of
// all steps. Embedding tables are shared by the devices in training, and every one has them all in inference.
//
// Sources: Shoeybi et al. 2019 arXiv:1909.08053 (TP), Narayanan et al. 2021 arXiv:2104.04473 (PP, FLOPs), Dao
// 2023 arXiv:2307.08691 (flash attention: backward 2.5 x forward), Rajbhandari et al. 2020 arXiv:1910.02054
// (ZeRO), Korthikanti et al. 2022 arXiv:2205.05198 (activations), DeepSeek-AI 2024 arXiv:2405.04434 (latent
// attention), Beltagy et al. 2020 arXiv:2004.05150 (sliding window), Hu et al. 2021 arXiv:2106.09685 (LoRA).
#pragma once

#include "framework/pipeline/operators.hpp"
#include "registry/model.hpp"

namespace ironlaw {

enum class Phase { train, prefill, decode };  // of one step

struct Parallelism {
  int tensor = 1, pipeline = 1, data = 1, expert = 1;
  int context = 1;  // ranks that share a sequence in training: each has its part of the positions
  int interleave = 1;
  int devices() const { return tensor * pipeline * context * data; }
  int replica() const { return tensor * pipeline * context; }  // experts are spread over data x tensor ranks
  bool operator==(const Parallelism&) const = default;
};

enum class Recompute { none, selective, full };

// Everything about a step that has no derivative.
struct StepPlan {
  const ModelSpec* model = nullptr;
  Phase phase = Phase::decode;
  Parallelism split;
  bool steady = false;   // steps follow each other without a gap: a pipeline is never drained
  int scaleup_size = 8;  // devices in one scale-up domain
  // Decode with beam search: the beams of a request read one copy of its prompt's keys and values together.
  double beams = 1, shared_prompt = 0;  // sequences of a request; tokens of its prompt
  Precision weights = Precision::fp16, activations = Precision::fp16, kv = Precision::fp16;
  // Training only.
  int micro_batch = 1;  // samples of one micro-batch on one replica
  Recompute recompute = Recompute::none;
  int zero_stage = 1;  // 0: all replicated; 1: optimizer sharded over data; 2: and gradients; 3: and weights
  bool frozen_weights = false;  // LoRA: no weight gradients of the base model, no optimizer for it
};

// How much one step of one replica works on.
template <class T>
struct StepLoad {
  T requests;  // sequences in the step (train: samples of the replica in one optimizer step; decode: running
               // sequences, beams included)
  T tokens;    // new tokens (positions) of each: prompt length, 1 for decode, sequence length for train
  T context;   // tokens already in the KV cache of each, on average, before this step
};

// Fills `step` for one device of the slowest pipeline stage. Instantiated for double and Dual<3>. Allocates
// only while step.operators grows for the first time. Throws Error on a split that the model cannot have
// (more stages than layers, heads not divisible), naming both numbers; for a phase that the model lacks; for
// training requests that are no whole number of micro-batches; for sizes that are not above zero.
//
// Step::state_bytes is, a parameter: fp32 gradients 4 and Adam's fp32 master copy, mean and variance 12 (a
// convnet: momentum SGD, 8), the shares over DP by zero_stage; one update moves 30 bytes (22).
// Step::activation_bytes in training: Korthikanti et al. without scores and dropout masks, 32 s b h / TP a
// layer of a plain transformer, for the micro-batches that 1F1B has in flight, and one micro-batch's fp32
// logits; selective recomputation saves nothing more than flash attention does; full keeps each layer's
// input.
template <class T>
void lower(const StepPlan& plan, const StepLoad<T>& load, Step<T>& step);

// Bytes of weights on one device of the slowest stage (unsharded over data unless zero_stage is 3). With
// several stages, one of the vocabulary's two matrices is on it, unless layers that PP does not divide leave
// it more layers.
double weight_bytes_per_device(const StepPlan& plan);
// KV cache of one token of one sequence on one device, on average over the `held` tokens that the sequence
// has: with a sliding window a long one has less of it a token. 0 where the model keeps none.
double kv_bytes_per_token_per_device(const StepPlan& plan, double held);
// Whether `tensor` ranks can share the model: they divide its heads and widths.
bool tensor_ranks_fit(const ModelSpec& model, int tensor);

}  // namespace ironlaw
