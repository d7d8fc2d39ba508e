// Models that a user brings: a Hugging Face config.json, or a short YAML file.
//
// The YAML has one `key: value` a line. Needed: layers, hidden, heads, ffn, vocab. All other keys:
//
//   name: my-model            # what reports call it; the file's name
//   kind: decoder             # or encoder; decoder
//   layers: 32
//   hidden: 4096
//   heads: 32
//   kv_heads: 8               # heads
//   head_dim: 128             # hidden / heads
//   ffn: 14336                # width of the MLP, or of one expert
//   vocab: 128256
//   gated_mlp: true           # three matrices instead of two; true in a decoder, false in an encoder
//   tied_embedding: false     # embedding and head are one matrix; false in a decoder, true in an encoder
//   biases: false             # of all products and norms; false in a decoder, true in an encoder
//   qkv_biases: false         # of queries, keys and values only
//   qk_norms: false           # a norm of every head's query and key
//   post_norms: false         # attention and MLP end in a norm, too
//   parallel_block: false     # attention and MLP side by side, with one norm
//   positions: 0              # learned position embeddings; 0: rotary
//   experts: 0                # of a mixture of experts; with them:
//   experts_per_token: 2      #   needed
//   shared_experts: 0         #   experts of the same width that every token passes
//   dense_layers: 0           #   layers that have one plain MLP instead
//   dense_ffn: 18432          #   and its width; needed where there are any
//   window: 0                 # positions that a layer with a sliding window sees; 0: none has one
//   global_every: 0           # with a window, every so many layers one sees everything; 0: none does
//   kv_lora_rank: 0           # latent attention (MLA); with it, and without kv_heads and head_dim:
//   q_lora_rank: 0            #   0: queries have no latent
//   qk_nope_head_dim: 128     #   needed, as are the next two
//   qk_rope_head_dim: 64
//   v_head_dim: 128
//   input_len: 1024           # tokens of a request where the command line says nothing (encoder: 256)
//   output_len: 128           # 0 in an encoder
//   train_len: 4096           # tokens of a training sample (encoder: 256)
//   source: "our wiki"        # where the shape is from
//
// Lengths that a file does not say are those above, cut to fit into learned positions. Whatever else is in a
// YAML is refused; a config.json may say more than is read.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/pipeline/operators.hpp"
#include "registry/model.hpp"

namespace ironlaw {

// What a file says of a model. The texts of its spec live as long as this does.
class LoadedModel {
 public:
  struct Texts {
    std::string id, title, source, lengths_source;
  };
  // Of `spec`, all but its texts.
  LoadedModel(Texts texts, const ModelSpec& spec, std::vector<std::string> notes,
              std::optional<Precision> stored);

  const ModelSpec& spec() const { return spec_; }
  // What the user should know: assumptions that were made, what the file says and is not modelled.
  const std::vector<std::string>& notes() const { return notes_; }
  // How the weights of the file's model are stored, if it says so.
  std::optional<Precision> stored() const { return stored_; }

 private:
  std::unique_ptr<const Texts> texts_;
  ModelSpec spec_;
  std::vector<std::string> notes_;
  std::optional<Precision> stored_;
};

// Reads a .json, .yaml or .yml file, or the config.json of a directory. Throws Error that names the file, and
// the key, what it is and what it may be.
LoadedModel load_model(const std::filesystem::path& path);

// Whether a MODEL is a file or directory rather than a name: it ends in .json, .yaml or .yml, or has a '/'.
bool is_model_path(std::string_view name_or_path);

struct ResolvedModel {
  const ModelSpec* spec;  // for the whole process
  std::span<const std::string> notes;
  std::optional<Precision> stored;
};
// A model of the registry by name, or what a file says. A path is read once in a process.
ResolvedModel resolve_model(std::string_view name_or_path);

}  // namespace ironlaw
