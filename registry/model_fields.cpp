#include "registry/model_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

using Json = nlohmann::json;

const Json kNull;

bool divides(int divisor, int number) {
  return divisor > 0 && number % divisor == 0;
}

std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  // Escapes what is not ASCII, and replaces what is no UTF-8.
  return printable(value.dump(-1, ' ', true, Json::error_handler_t::replace));
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string result;
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (text.size() > most) result += "...";
  return result;
}

void ModelFields::fail(std::string_view problem) const {
  throw Error(fmt::format("{}: {}.", file_, problem));
}

void ModelFields::fail_value(const char* key, std::string_view may) const {
  fail(fmt::format("{} is {}; it must be {}", key, shown(object_.at(key)), may));
}

void ModelFields::fail_missing(const char* key) const {
  fail(fmt::format("{} is missing", key));
}

bool ModelFields::has(const char* key) const {
  const auto found = object_.find(key);
  return found != object_.end() && !found->is_null();
}

const char* ModelFields::first_of(Keys keys) const {
  for (const char* key : keys)
    if (has(key)) return key;
  return nullptr;
}

std::optional<int> ModelFields::whole(Keys keys, Range range) const {
  const char* key = first_of(keys);
  if (key == nullptr) return std::nullopt;
  const Json& value = object_.at(key);
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (!(number >= range.low && number <= range.high) || number != std::floor(number))
    fail_value(key, fmt::format("a whole number from {} to {}", range.low, range.high));
  return static_cast<int>(number);
}

int ModelFields::need_whole(Keys keys, Range range) const {
  const std::optional<int> value = whole(keys, range);
  if (!value) fail_missing(fmt::format("{}", fmt::join(keys, " or ")).c_str());
  return *value;
}

std::optional<double> ModelFields::number(const char* key, double low) const {
  if (first_of({key}) == nullptr) return std::nullopt;
  const Json& value = object_.at(key);
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (!(number >= low && number <= kMostTokens))
    fail_value(key, fmt::format("a number from {} to {}", low, kMostTokens));
  return number;
}

bool ModelFields::flag(const char* key, bool fallback) const {
  if (first_of({key}) == nullptr) return fallback;
  const Json& value = object_.at(key);
  if (!value.is_boolean()) fail_value(key, "true or false");
  return value.get<bool>();
}

std::optional<std::string> ModelFields::text(const char* key) const {
  if (first_of({key}) == nullptr) return std::nullopt;
  const Json& value = object_.at(key);
  if (!value.is_string()) fail_value(key, "a text");
  return value.get<std::string>();
}

const Json& ModelFields::raw(const char* key) const {
  return first_of({key}) == nullptr ? kNull : object_.at(key);
}

void ModelFields::refuse_unknown(std::span<const char* const> known) const {
  const std::vector<std::string> names(known.begin(), known.end());
  for (const auto& [key, value] : object_.items()) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    const std::string given = printable(key);
    std::string hint = did_you_mean(given, names);
    if (hint.empty()) hint = fmt::format(" Its keys are {}.", fmt::join(names, ", "));
    throw Error(fmt::format("{}: '{}' is no key of a model.{}", file_, given, hint));
  }
}

void complete_shape(TransformerShape& s, const ModelFields& fields, const ShapeKeys& keys) {
  if (s.kv_lora_rank > 0) {
    for (const auto& [key, value] : {std::pair{keys.qk_nope_head_dim, s.qk_nope_head_dim},
                                     {keys.qk_rope_head_dim, s.qk_rope_head_dim},
                                     {keys.v_head_dim, s.v_head_dim}})
      if (value == 0)
        fields.fail(fmt::format("{} is missing: {} says latent attention", key, keys.kv_lora_rank));
    s.kv_heads = s.heads;
    s.head_dim = s.v_head_dim;
  }
  if (s.kv_heads == 0) s.kv_heads = s.heads;
  if (!divides(s.kv_heads, s.heads))
    fields.fail(
        fmt::format("{} is {}; it must divide {} ({})", keys.kv_heads, s.kv_heads, keys.heads, s.heads));
  if (s.head_dim == 0) {
    if (!divides(s.heads, s.hidden))
      fields.fail(fmt::format("{} is {}, which {} ({}) does not divide; such a model must state {}",
                              keys.hidden, s.hidden, keys.heads, s.heads, keys.head_dim));
    s.head_dim = s.hidden / s.heads;
  }
  if (s.experts > 0 && s.experts_per_token == 0)
    fields.fail(fmt::format("{} is missing: {} is {}", keys.experts_per_token, keys.experts, s.experts));
  if (s.experts_per_token > s.experts)
    fields.fail(fmt::format("{} is {}; it must be {} ({}) at the most", keys.experts_per_token,
                            s.experts_per_token, keys.experts, s.experts));
  if (s.dense_layers > s.layers)
    fields.fail(
        fmt::format("{} is {}, but there are {} layers", keys.dense_layers, s.dense_layers, s.layers));
}

void complete_lengths(ModelDraft& draft, std::optional<double> input, std::optional<double> output,
                      std::optional<double> train) {
  const bool decoder = draft.spec.kind == ModelKind::decoder;
  const double most = draft.spec.shape.positions > 0 ? draft.spec.shape.positions : kMostTokens;
  ModelSpec& spec = draft.spec;
  spec.output_len = decoder ? output.value_or(std::min(128.0, std::max(1.0, std::floor(most / 8)))) : 0;
  const double room = std::max(1.0, most - spec.output_len);
  spec.input_len = input.value_or(std::min(decoder ? 1024.0 : 256.0, room));
  spec.train_len = train.value_or(std::min(decoder ? 4096.0 : 256.0, most));
  const bool stated = input || output || train;
  draft.texts.lengths_source = stated ? "as its file says; what it does not say is assumed" : "assumed";
  if (input && train && (output || !decoder)) draft.texts.lengths_source = "as its file says";
}

}  // namespace ironlaw
