// A Hugging Face config.json as a model. What a key means, and what it is where it is absent, is as in the
// configuration classes of the transformers library (4.57); the traits below are what its modelling code does
// and no key says.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "registry/huggingface_families.hpp"
#include "registry/model_fields.hpp"

namespace ironlaw {
namespace {

using Json = nlohmann::json;

constexpr ShapeKeys kKeys{.hidden = "hidden_size",
                          .heads = "num_attention_heads",
                          .kv_heads = "num_key_value_heads",
                          .head_dim = "head_dim",
                          .experts = "the number of experts",
                          .experts_per_token = "num_experts_per_tok",
                          .dense_layers = "the number of layers without experts",
                          .kv_lora_rank = "kv_lora_rank",
                          .qk_nope_head_dim = "qk_nope_head_dim",
                          .qk_rope_head_dim = "qk_rope_head_dim",
                          .v_head_dim = "v_head_dim"};

// "LlamaForCausalLM" -> "llama", for files without a model_type.
std::string type_of_architecture(const Json& config) {
  const auto found = config.find("architectures");
  if (found == config.end() || !found->is_array() || found->empty() || !found->front().is_string()) return "";
  const auto name = found->front().get<std::string>();
  std::string stem = name.substr(0, std::min({name.find("For"), name.find("LMHead"), name.find("Model")}));
  for (const Family& family : kFamilies)
    if (normalised(stem) == normalised(family.type)) return family.type;
  return stem;
}

bool has_llama_keys(const ModelFields& fields) {
  constexpr std::array kLlama = {"num_hidden_layers", "hidden_size", "num_attention_heads",
                                 "intermediate_size", "vocab_size"};
  return std::all_of(kLlama.begin(), kLlama.end(), [&](const char* key) { return fields.has(key); });
}

// Layers that are neither attention nor an MLP, and the keys that give them away.
void refuse_other_mixers(const ModelFields& fields) {
  for (const char* key : {"ssm_cfg", "state_size", "mamba_d_state", "linear_num_key_heads",
                          "attn_layer_period", "hybrid_override_pattern", "rwkv_version", "lru_width"})
    if (fields.has(key))
      fields.fail(fmt::format("{} is there: state-space, linear and recurrent layers are not modelled", key));
  if (fields.flag("is_encoder_decoder", false))
    fields.fail("is_encoder_decoder is true: a model with both is not modelled");
}

class Reader {
 public:
  Reader(const ModelFields& fields, const Family& family)
      : fields_(fields), family_(family), draft_(family.kind) {}

  ModelDraft read() {
    traits();
    sizes();
    latents();
    experts();
    complete_shape(s_, fields_, kKeys);
    window();
    return std::move(draft_);
  }

 private:
  bool is(const char* type) const { return std::string_view(family_.type) == type; }
  bool starts(std::string_view prefix) const { return std::string_view(family_.type).starts_with(prefix); }

  void traits() {
    s_.gated_mlp = family_.gated;
    s_.tied_embedding = fields_.flag("tie_word_embeddings", family_.tied);
    s_.rotary = family_.rotary;
    s_.biases = family_.biases;
    s_.norm_shifts = family_.norm_shifts;
    s_.attention_biases = family_.attention_biases;
    s_.qkv_biases = family_.qkv_biases || fields_.flag("attention_bias", false);
    s_.head_bias = family_.head_bias;
    s_.qk_norms = family_.qk_norms || fields_.flag("use_qk_norm", false);
    s_.post_norms = family_.post_norms;
    s_.parallel_block = family_.parallel;
    if (is("starcoder2")) s_.biases = fields_.flag("use_bias", true);
    if (is("gpt_neox")) s_.parallel_block = fields_.flag("use_parallel_residual", true);
    if (is("falcon")) {
      s_.biases = fields_.flag("bias", false);
      s_.parallel_block = fields_.flag("parallel_attn", true);
      s_.rotary = !fields_.flag("alibi", false);
    }
  }

  // Gemma 3 files leave out what is as in the library's class.
  int sized(ModelFields::Keys keys, Range range, int gemma3 = 0) const {
    if (gemma3 == 0 || !starts("gemma3")) return fields_.need_whole(keys, range);
    return fields_.whole(keys, range).value_or(gemma3);
  }

  void sizes() {
    s_.layers = sized({"num_hidden_layers", "n_layer"}, {1, kMostLayers}, 26);
    s_.hidden = sized({"hidden_size", "n_embd"}, {1, kMostWidth}, 2304);
    s_.heads = sized({"num_attention_heads", "n_head"}, {1, kMostHeads}, 8);
    s_.vocab = sized({"vocab_size"}, {1, kMostWords}, 262208);
    s_.head_dim = fields_.whole({"head_dim"}, {1, kMostWidth}).value_or(starts("gemma3") ? 256 : 0);
    s_.kv_heads = fields_.whole({"num_key_value_heads", "num_kv_heads"}, {1, kMostHeads})
                      .value_or(starts("gemma3") ? 4 : 0);
    if (is("falcon") && !fields_.flag("new_decoder_architecture", false))
      s_.kv_heads = fields_.flag("multi_query", true) ? 1 : s_.heads;
    if (is("gpt_bigcode") && fields_.flag("multi_query", true)) s_.kv_heads = 1;
    s_.ffn = feed_forward();
    if (!s_.rotary) positions();
  }

  int feed_forward() const {
    const auto width =
        fields_.whole({"intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"}, {1, kMostWidth});
    if (width) return *width;
    if (starts("gemma3")) return 9216;
    const bool has_default = is("gpt2") || is("gpt_bigcode") || is("gptj") || is("falcon");
    if (!has_default) fields_.fail_missing(is("opt") ? "ffn_dim" : "intermediate_size");
    return 4 * s_.hidden;
  }

  void positions() {
    if (is("falcon")) return;  // ALiBi has no parameters
    s_.positions = fields_.need_whole({"max_position_embeddings", "n_positions"}, {1, kMostTokens});
    if (is("opt")) s_.positions += 2;  // two that padding uses
  }

  void latents() {
    const Range width{1, kMostWidth};
    s_.kv_lora_rank = fields_.whole({"kv_lora_rank"}, width).value_or(0);
    if (s_.kv_lora_rank == 0) {
      if (starts("deepseek") || is("kimi_k2")) fields_.fail_missing("kv_lora_rank");
      return;
    }
    s_.q_lora_rank = fields_.whole({"q_lora_rank"}, width).value_or(0);
    s_.qk_nope_head_dim = fields_.whole({"qk_nope_head_dim"}, width).value_or(0);
    s_.qk_rope_head_dim = fields_.whole({"qk_rope_head_dim"}, width).value_or(0);
    s_.v_head_dim = fields_.whole({"v_head_dim"}, width).value_or(0);
    if (const auto extra = fields_.whole({"num_nextn_predict_layers"}, {0, kMostLayers});
        extra.value_or(0) > 0)
      note(fmt::format("num_nextn_predict_layers is {}: layers for multi-token prediction are left out",
                       *extra));
  }

  // Layers that have experts: from first_k_dense_replace on, every so many (DeepSeek), or the last of every
  // so many (Qwen), but for those that are listed as plain.
  void experts() {
    s_.experts =
        fields_.whole({"num_local_experts", "num_experts", "n_routed_experts"}, {0, kMostHeads}).value_or(0);
    if (s_.experts == 0) return;
    s_.experts_per_token =
        fields_.whole({"num_experts_per_tok", "experts_per_token", "moe_topk"}, {1, kMostHeads}).value_or(0);
    s_.dense_ffn = s_.ffn;
    s_.ffn = fields_.whole({"moe_intermediate_size"}, {1, kMostWidth}).value_or(s_.ffn);
    const double shared = fields_.whole({"n_shared_experts"}, {0, kMostHeads}).value_or(0) * 1.0 * s_.ffn;
    if (shared > kMostWidth)
      fields_.fail_value("n_shared_experts", fmt::format("{} wide in all at the most", kMostWidth));
    s_.shared_ffn = static_cast<int>(shared);
    if (const auto width =
            fields_.whole({"shared_expert_intermediate_size", "shared_intermediate_size"}, {0, kMostWidth}))
      s_.shared_ffn = *width;
    dense_layers();
    if (s_.dense_layers == 0) s_.dense_ffn = 0;
  }

  void dense_layers() {
    const Range layers{0, kMostLayers};
    const int first = std::min(fields_.whole({"first_k_dense_replace"}, layers).value_or(0), s_.layers);
    const int frequency = fields_.whole({"moe_layer_freq"}, {1, kMostLayers}).value_or(1);
    const int step = fields_.whole({"decoder_sparse_step"}, {1, kMostLayers}).value_or(1);
    int listed = 0;
    if (const Json& plain = fields_.raw("mlp_only_layers"); !plain.is_null()) {
      if (!plain.is_array()) fields_.fail_value("mlp_only_layers", "a list of layers");
      listed = static_cast<int>(std::min<std::size_t>(plain.size(), kMostLayers));
    }
    int with_experts = 0;
    for (int layer = 0; layer < s_.layers; ++layer)
      if (layer >= first && layer % frequency == 0 && (layer + 1) % step == 0) ++with_experts;
    s_.dense_layers = std::min(s_.layers - with_experts + listed, s_.layers);
    s_.expert_every = std::max(frequency, step);
  }

  void window() {
    if (family_.kind == ModelKind::encoder || !fields_.flag("use_sliding_window", true)) return;
    s_.window = fields_.whole({"sliding_window"}, {1, kMostTokens}).value_or(0);
    if (s_.window == 0 && starts("gemma3")) s_.window = 4096;
    if (s_.window == 0) return;
    s_.windowed_layers = fields_.has("layer_types") ? listed_windows() : pattern_windows();
    if (s_.windowed_layers == 0) s_.window = 0;
  }

  int listed_windows() const {
    const Json& types = fields_.raw("layer_types");
    if (!types.is_array() || types.size() != static_cast<std::size_t>(s_.layers))
      fields_.fail_value("layer_types", fmt::format("a list of {} layers", s_.layers));
    int windowed = 0;
    for (const Json& type : types) {
      if (type == "sliding_attention")
        ++windowed;
      else if (type != "full_attention")
        fields_.fail(fmt::format("layer_types has {}; only full_attention and sliding_attention are modelled",
                                 printable(type.dump(-1, ' ', true, Json::error_handler_t::replace))));
    }
    return windowed;
  }

  int pattern_windows() const {
    const int stated =
        fields_.whole({"sliding_window_pattern", "_sliding_window_pattern"}, {1, kMostLayers}).value_or(0);
    const auto all_but_every = [&](int every) {
      return s_.layers - s_.layers / (stated > 0 ? stated : every);
    };
    switch (family_.windowed) {
      case Windowed::none:
        return stated > 0 ? all_but_every(stated) : 0;
      case Windowed::all:
        return s_.layers;
      case Windowed::every_second:
        return all_but_every(2);
      case Windowed::all_but_every_sixth:
        return all_but_every(6);
      case Windowed::all_but_every_fourth:
        return all_but_every(4);
      case Windowed::from_max_window_layers:
        // Both must be said: the first so many layers see everything.
        return fields_.flag("use_sliding_window", false)
                   ? s_.layers - std::min(fields_.whole({"max_window_layers"}, {0, kMostLayers}).value_or(28),
                                          s_.layers)
                   : 0;
    }
    return 0;
  }

  void note(std::string text) { draft_.notes.push_back(std::move(text)); }

  const ModelFields& fields_;
  const Family& family_;
  ModelDraft draft_;
  TransformerShape& s_ = draft_.spec.shape;
};

// How the weights are stored: a quantisation, else the type of the tensors.
std::optional<Precision> stored_precision(const Json& config) {
  const auto word = [](const Json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? normalised(found->get<std::string>())
                                                       : std::string();
  };
  if (const auto found = config.find("quantization_config"); found != config.end() && found->is_object()) {
    const std::string method = word(*found, "quant_method");
    const auto bits = found->find("bits");
    if (method.find("fp8") != std::string::npos) return Precision::fp8;
    if (method.find("fp4") != std::string::npos ||
        word(*found, "quant_algo").find("fp4") != std::string::npos)
      return Precision::fp4;
    if (word(*found, "quant_algo").find("fp8") != std::string::npos) return Precision::fp8;
    if (bits != found->end() && bits->is_number()) {
      if (*bits == 4) return Precision::int4;
      if (*bits == 8) return Precision::int8;
    }
    return std::nullopt;  // another way of packing weights
  }
  for (const char* key : {"torch_dtype", "dtype"}) {
    const std::string type = word(config, key);
    if (type == "bfloat16") return Precision::bf16;
    if (type == "float16") return Precision::fp16;
    if (type == "float32") return Precision::fp32;
  }
  return std::nullopt;
}

const Family& family_of(const ModelFields& fields, const std::string& type, ModelDraft& unknown) {
  static constexpr Family kLlama{.type = "llama"};
  for (const Family& family : kFamilies)
    if (type == family.type) return family;
  if (type.empty() && !has_llama_keys(fields)) {
    fields.fail(
        "model_type is missing, and so are keys of a Llama-style decoder (num_hidden_layers, hidden_size, "
        "num_attention_heads, intermediate_size, vocab_size): is this a Hugging Face config.json");
  }
  const std::string given = printable(type);
  if (!has_llama_keys(fields)) {
    std::vector<std::string> names;
    for (const Family& family : kFamilies) names.emplace_back(family.type);
    fields.fail(
        fmt::format("model_type '{}' is not known.{} Known are {}, and whatever has the keys of Llama", given,
                    did_you_mean(given, names), fmt::join(names, ", ")));
  }
  unknown.notes.push_back(
      type.empty() ? std::string("model_type is missing: read as a Llama-style decoder")
                   : fmt::format("model_type '{}' is not known: read as a Llama-style decoder", given));
  return kLlama;
}

void note_precision(ModelDraft& draft) {
  if (draft.stored)
    draft.notes.push_back(fmt::format("its weights are stored as {}", name_of(*draft.stored)));
}

}  // namespace

ModelDraft read_huggingface(const std::string& file, const Json& config) {
  const ModelFields whole(file, config);
  // Of a model that sees, too, the part that speaks.
  const Json& inner = whole.raw("text_config");
  if (!inner.is_null() && !inner.is_object()) whole.fail_value("text_config", "an object");
  const Json& text = inner.is_null() ? config : inner;
  const ModelFields fields(file, text);
  std::string type = fields.text("model_type").value_or("");
  if (type.empty()) type = type_of_architecture(text);

  ModelDraft notes(ModelKind::decoder);
  if (!inner.is_null()) notes.notes.emplace_back("only its text_config is modelled: no images, no sound");
  refuse_other_mixers(fields);
  const Family& family = family_of(fields, type, notes);
  ModelDraft draft = Reader(fields, family).read();
  draft.notes.insert(draft.notes.begin(), notes.notes.begin(), notes.notes.end());
  draft.stored = stored_precision(config);
  if (!draft.stored) draft.stored = stored_precision(text);
  note_precision(draft);

  std::string name = whole.text("_name_or_path").value_or("");
  if (const auto slash = name.find_last_of('/'); slash != std::string::npos) name.erase(0, slash + 1);
  draft.texts.id = printable(name);
  draft.texts.source = fmt::format("Hugging Face config: {}", file);
  complete_lengths(draft, std::nullopt, std::nullopt, std::nullopt);
  return draft;
}

}  // namespace ironlaw
