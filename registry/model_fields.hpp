// Reading the keys of a model file: types and ranges are checked, and errors name the file and the key.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "registry/model_file.hpp"

namespace ironlaw {

// The most that a shape may have of anything; a file that says more is mistaken.
inline constexpr int kMostLayers = 10'000;
inline constexpr int kMostHeads = 100'000;
inline constexpr int kMostWidth = 10'000'000;
inline constexpr int kMostWords = 100'000'000;
inline constexpr int kMostTokens = 1'000'000'000;

struct Range {
  int low, high;
};

// One object of a file. A key that is null counts as absent.
class ModelFields {
 public:
  using Keys = std::initializer_list<const char*>;  // names of the same thing, the usual one first

  ModelFields(std::string file, const nlohmann::json& object) : file_(std::move(file)), object_(object) {}

  bool has(const char* key) const;
  std::optional<int> whole(Keys keys, Range range) const;
  int need_whole(Keys keys, Range range) const;
  std::optional<double> number(const char* key, double low) const;
  bool flag(const char* key, bool fallback) const;
  std::optional<std::string> text(const char* key) const;
  // The value as it is; a null one where there is none.
  const nlohmann::json& raw(const char* key) const;

  void refuse_unknown(std::span<const char* const> known) const;
  [[noreturn]] void fail(std::string_view problem) const;  // "FILE: PROBLEM."
  [[noreturn]] void fail_value(const char* key,
                               std::string_view may) const;  // "FILE: KEY is V; it must be MAY."
  [[noreturn]] void fail_missing(const char* key) const;

 private:
  const char* first_of(Keys keys) const;

  std::string file_;
  const nlohmann::json& object_;
};

// What the reader of a format fills in.
struct ModelDraft {
  explicit ModelDraft(ModelKind kind) { spec.kind = kind; }
  LoadedModel::Texts texts;
  ModelSpec spec{};
  std::vector<std::string> notes;
  std::optional<Precision> stored;
};

// Checks that go beyond single keys, in the words of the format.
struct ShapeKeys {
  const char *hidden, *heads, *kv_heads, *head_dim, *experts, *experts_per_token, *dense_layers,
      *kv_lora_rank, *qk_nope_head_dim, *qk_rope_head_dim, *v_head_dim;
};
// Fills kv_heads and head_dim where they are 0.
void complete_shape(TransformerShape& shape, const ModelFields& fields, const ShapeKeys& keys);

// The lengths that nobody stated, and where they are from.
void complete_lengths(ModelDraft& draft, std::optional<double> input, std::optional<double> output,
                      std::optional<double> train);

ModelDraft read_huggingface(const std::string& file, const nlohmann::json& config);
ModelDraft read_model_yaml(const std::string& file, const std::string& text);

// Without control characters, and not long: file contents may be anything.
std::string printable(std::string_view text, std::size_t most = 60);

}  // namespace ironlaw
