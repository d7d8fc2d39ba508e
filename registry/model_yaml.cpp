// A short YAML as a model; model_file.hpp documents its keys.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "framework/base/error.hpp"
#include "registry/model_fields.hpp"

namespace ironlaw {
namespace {

using Json = nlohmann::json;

constexpr ShapeKeys kKeys{.hidden = "hidden",
                          .heads = "heads",
                          .kv_heads = "kv_heads",
                          .head_dim = "head_dim",
                          .experts = "experts",
                          .experts_per_token = "experts_per_token",
                          .dense_layers = "dense_layers",
                          .kv_lora_rank = "kv_lora_rank",
                          .qk_nope_head_dim = "qk_nope_head_dim",
                          .qk_rope_head_dim = "qk_rope_head_dim",
                          .v_head_dim = "v_head_dim"};

constexpr const char* kKnown[] = {"name",
                                  "kind",
                                  "layers",
                                  "hidden",
                                  "heads",
                                  "kv_heads",
                                  "head_dim",
                                  "ffn",
                                  "vocab",
                                  "gated_mlp",
                                  "tied_embedding",
                                  "biases",
                                  "qkv_biases",
                                  "qk_norms",
                                  "post_norms",
                                  "parallel_block",
                                  "positions",
                                  "experts",
                                  "experts_per_token",
                                  "shared_experts",
                                  "dense_layers",
                                  "dense_ffn",
                                  "window",
                                  "global_every",
                                  "kv_lora_rank",
                                  "q_lora_rank",
                                  "qk_nope_head_dim",
                                  "qk_rope_head_dim",
                                  "v_head_dim",
                                  "input_len",
                                  "output_len",
                                  "train_len",
                                  "source"};

// What is in quotes is a text; a plain scalar is what it looks like.
Json to_json(const YAML::Node& node) {
  if (node.IsMap()) return Json::object();
  if (node.IsSequence()) return Json::array();
  if (node.IsNull()) return nullptr;
  if (node.Tag() == "!") return node.Scalar();
  if (const std::string& text = node.Scalar(); text == "true" || text == "false") return text == "true";
  double number = 0;
  if (YAML::convert<double>::decode(node, number)) return number;
  return node.Scalar();
}

Json object_of(const std::string& file, const std::string& text) {
  const auto fail = [&](const std::string& problem) -> Error {
    return Error(fmt::format("{}: {}.", file, problem));
  };
  YAML::Node root;
  try {
    root = YAML::Load(text);
  } catch (const YAML::Exception& e) {
    throw fail(fmt::format("line {}: this is no YAML: {}", e.mark.line + 1, printable(e.msg)));
  }
  if (!root.IsMap()) throw fail("this is no list of keys and values, such as 'layers: 32'");
  Json object = Json::object();
  for (const auto& entry : root) {
    if (!entry.first.IsScalar()) throw fail("a key is no word");
    const std::string& key = entry.first.Scalar();
    if (object.contains(key)) throw fail(fmt::format("{} is there twice", printable(key)));
    object[key] = to_json(entry.second);
  }
  return object;
}

ModelKind kind_of(const ModelFields& fields) {
  const std::string kind = fields.text("kind").value_or("decoder");
  if (kind != "decoder" && kind != "encoder") fields.fail_value("kind", "decoder or encoder");
  return kind == "decoder" ? ModelKind::decoder : ModelKind::encoder;
}

void read_experts(const ModelFields& fields, TransformerShape& s) {
  s.experts = fields.whole({"experts"}, {0, kMostHeads}).value_or(0);
  const auto per_token = fields.whole({"experts_per_token"}, {1, kMostHeads});
  const auto shared = fields.whole({"shared_experts"}, {0, kMostHeads});
  const auto dense = fields.whole({"dense_layers"}, {0, kMostLayers});
  const auto dense_ffn = fields.whole({"dense_ffn"}, {1, kMostWidth});
  if (s.experts == 0) {
    for (const char* key : {"experts_per_token", "shared_experts", "dense_layers", "dense_ffn"})
      if (fields.has(key)) fields.fail(fmt::format("{} is there, but experts is not", key));
    return;
  }
  s.experts_per_token = per_token.value_or(0);
  const double shared_width = shared.value_or(0) * static_cast<double>(s.ffn);
  if (shared_width > kMostWidth)
    fields.fail(fmt::format("shared_experts of width {} make {}; at the most {} are possible", s.ffn,
                            shared_width, kMostWidth));
  s.shared_ffn = static_cast<int>(shared_width);
  s.dense_layers = dense.value_or(0);
  if (s.dense_layers > 0 && !dense_ffn) fields.fail_missing("dense_ffn");
  s.dense_ffn = dense_ffn.value_or(0);
}

void read_window(const ModelFields& fields, TransformerShape& s, ModelKind kind) {
  s.window = fields.whole({"window"}, {0, kMostTokens}).value_or(0);
  const int every = fields.whole({"global_every"}, {0, kMostLayers}).value_or(0);
  if (s.window == 0) {
    if (every > 0) fields.fail("global_every is there, but window is not");
    return;
  }
  if (kind == ModelKind::encoder) fields.fail("window is there, but only decoders can have one");
  s.windowed_layers = every > 0 ? s.layers - s.layers / every : s.layers;
}

void read_latents(const ModelFields& fields, TransformerShape& s) {
  const Range width{1, kMostWidth};
  s.kv_lora_rank = fields.whole({"kv_lora_rank"}, {0, kMostWidth}).value_or(0);
  s.q_lora_rank = fields.whole({"q_lora_rank"}, {0, kMostWidth}).value_or(0);
  s.qk_nope_head_dim = fields.whole({"qk_nope_head_dim"}, width).value_or(0);
  s.qk_rope_head_dim = fields.whole({"qk_rope_head_dim"}, width).value_or(0);
  s.v_head_dim = fields.whole({"v_head_dim"}, width).value_or(0);
  const bool latent = s.kv_lora_rank > 0;
  for (const char* key : {"q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"})
    if (!latent && fields.has(key)) fields.fail(fmt::format("{} is there, but kv_lora_rank is not", key));
  for (const char* key : {"kv_heads", "head_dim"})
    if (latent && fields.has(key))
      fields.fail(fmt::format("{} is there, but so is kv_lora_rank: latent attention has none", key));
}

TransformerShape shape_of(const ModelFields& fields, ModelKind kind) {
  const bool encoder = kind == ModelKind::encoder;
  TransformerShape s;
  s.layers = fields.need_whole({"layers"}, {1, kMostLayers});
  s.hidden = fields.need_whole({"hidden"}, {1, kMostWidth});
  s.heads = fields.need_whole({"heads"}, {1, kMostHeads});
  s.kv_heads = fields.whole({"kv_heads"}, {1, kMostHeads}).value_or(0);
  s.head_dim = fields.whole({"head_dim"}, {1, kMostWidth}).value_or(0);
  s.ffn = fields.need_whole({"ffn"}, {1, kMostWidth});
  s.vocab = fields.need_whole({"vocab"}, {1, kMostWords});
  s.gated_mlp = fields.flag("gated_mlp", !encoder);
  s.tied_embedding = fields.flag("tied_embedding", encoder);
  s.biases = fields.flag("biases", encoder);
  s.qkv_biases = fields.flag("qkv_biases", false);
  s.qk_norms = fields.flag("qk_norms", false);
  s.post_norms = fields.flag("post_norms", false);
  s.parallel_block = fields.flag("parallel_block", false);
  s.positions = fields.whole({"positions"}, {0, kMostTokens}).value_or(0);
  s.rotary = s.positions == 0;
  read_experts(fields, s);
  read_window(fields, s, kind);
  read_latents(fields, s);
  complete_shape(s, fields, kKeys);
  return s;
}

}  // namespace

ModelDraft read_model_yaml(const std::string& file, const std::string& text) {
  const Json object = object_of(file, text);
  const ModelFields fields(file, object);
  fields.refuse_unknown(kKnown);
  ModelDraft draft(kind_of(fields));
  draft.spec.shape = shape_of(fields, draft.spec.kind);
  draft.texts.id = printable(fields.text("name").value_or(""));
  draft.texts.source = printable(fields.text("source").value_or(file), 200);
  const bool decoder = draft.spec.kind == ModelKind::decoder;
  const auto output = fields.number("output_len", decoder ? 1 : 0);
  if (!decoder && output.value_or(0) > 0) fields.fail_value("output_len", "0: an encoder generates nothing");
  complete_lengths(draft, fields.number("input_len", 1), output, fields.number("train_len", 1));
  return draft;
}

}  // namespace ironlaw
