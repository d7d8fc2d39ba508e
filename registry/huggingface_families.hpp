// The model_types of Hugging Face that are known, and what their modelling code does that no key of a
// config.json says.
#pragma once

#include "registry/model.hpp"

namespace ironlaw {

// Which layers have the sliding window where no layer_types say it.
enum class Windowed {
  none,
  all,
  every_second,
  all_but_every_sixth,
  all_but_every_fourth,
  from_max_window_layers
};

// Of a model_type.
struct Family {
  const char* type;
  bool gated = true;
  bool tied = false;  // where tie_word_embeddings is absent
  bool rotary = true;
  bool biases = false, norm_shifts = true, attention_biases = true, qkv_biases = false, head_bias = false;
  bool qk_norms = false, post_norms = false, parallel = false;
  Windowed windowed = Windowed::none;
  ModelKind kind = ModelKind::decoder;
};

inline constexpr Family kFamilies[] = {
    {.type = "llama"},
    {.type = "mistral", .windowed = Windowed::all},
    {.type = "mixtral", .windowed = Windowed::all},
    {.type = "qwen2", .qkv_biases = true, .windowed = Windowed::from_max_window_layers},
    {.type = "qwen2_moe", .qkv_biases = true, .windowed = Windowed::from_max_window_layers},
    {.type = "qwen3", .qk_norms = true, .windowed = Windowed::from_max_window_layers},
    {.type = "qwen3_moe", .qk_norms = true, .windowed = Windowed::all},
    {.type = "gemma", .tied = true},
    {.type = "gemma2", .tied = true, .post_norms = true, .windowed = Windowed::every_second},
    {.type = "gemma3",
     .tied = true,
     .qk_norms = true,
     .post_norms = true,
     .windowed = Windowed::all_but_every_sixth},
    {.type = "gemma3_text",
     .tied = true,
     .qk_norms = true,
     .post_norms = true,
     .windowed = Windowed::all_but_every_sixth},
    {.type = "phi", .gated = false, .biases = true, .head_bias = true, .parallel = true},
    {.type = "phi3", .windowed = Windowed::all},
    {.type = "deepseek_v2"},
    {.type = "deepseek_v3"},
    {.type = "kimi_k2"},
    {.type = "gpt2", .gated = false, .tied = true, .rotary = false, .biases = true},
    {.type = "gpt_bigcode", .gated = false, .tied = true, .rotary = false, .biases = true},
    {.type = "gptj",
     .gated = false,
     .biases = true,
     .attention_biases = false,
     .head_bias = true,
     .parallel = true},
    {.type = "gpt_neox", .gated = false, .biases = true, .parallel = true},
    {.type = "gpt_oss", .biases = true, .norm_shifts = false, .windowed = Windowed::every_second},
    {.type = "falcon", .gated = false, .tied = true, .parallel = true},
    {.type = "opt", .gated = false, .tied = true, .rotary = false, .biases = true},
    {.type = "cohere", .tied = true, .parallel = true},
    {.type = "cohere2", .tied = true, .parallel = true, .windowed = Windowed::all_but_every_fourth},
    {.type = "olmo"},
    {.type = "olmo2"},
    {.type = "starcoder2", .gated = false, .tied = true, .biases = true, .windowed = Windowed::all},
    {.type = "granite"},
    {.type = "granitemoe"},
    {.type = "bert",
     .gated = false,
     .tied = true,
     .rotary = false,
     .biases = true,
     .kind = ModelKind::encoder},
    {.type = "roberta",
     .gated = false,
     .tied = true,
     .rotary = false,
     .biases = true,
     .kind = ModelKind::encoder},
};

}  // namespace ironlaw
