// ironlaw models: the models that are known, and their shapes.
#include <fmt/format.h>

#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"
#include "registry/lowering.hpp"
#include "registry/model_file.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "models",
    .synopsis = "[NAME|FILE] [options]",
    .summary =
        "Lists the models that are known, or shows one: its shape, parameters, the lengths of its usual "
        "benchmark, and where all that was read. FILE is a Hugging Face config.json, or a short YAML with "
        "layers, hidden, heads, ffn and vocab.",
    .options = {{"format", "F", "text or json; text"}},
    .most_names = 1,
};

double weight_bytes(const ModelSpec& model) {
  StepPlan plan;
  plan.model = &model;
  plan.phase = Phase::prefill;
  plan.weights = plan.activations = plan.kv = Precision::fp16;
  return weight_bytes_per_device(plan);
}

Json to_json(const ModelSpec& m) {
  Json json;
  json["name"] = m.id;
  json["title"] = m.title;
  json["kind"] = name_of(m.kind);
  json["parameters"] = json_number(parameter_count(m));
  json["active_parameters"] = json_number(active_matmul_parameters(m));
  json["weight_bytes_fp16"] = json_number(weight_bytes(m));
  if (!is_transformer(m.kind)) {
    json["shape"] = nullptr;
  } else {
    const TransformerShape& s = m.shape;
    json["shape"] = {{"layers", s.layers},
                     {"hidden", s.hidden},
                     {"heads", s.heads},
                     {"kv_heads", s.kv_heads},
                     {"head_dim", s.head_dim},
                     {"ffn", s.ffn},
                     {"vocab", s.vocab},
                     {"experts", s.experts},
                     {"experts_per_token", s.experts_per_token},
                     {"shared_ffn", s.shared_ffn},
                     {"dense_layers", s.dense_layers},
                     {"dense_ffn", s.dense_ffn},
                     {"kv_lora_rank", s.kv_lora_rank},
                     {"q_lora_rank", s.q_lora_rank},
                     {"window", s.window},
                     {"windowed_layers", s.windowed_layers},
                     {"gated_mlp", s.gated_mlp},
                     {"tied_embedding", s.tied_embedding},
                     {"parallel_block", s.parallel_block}};
  }
  json["input_len"] = json_number(m.input_len);
  json["output_len"] = json_number(m.output_len);
  json["train_len"] = json_number(m.train_len);
  json["beams"] = json_number(m.beams);
  json["source"] = m.source;
  json["lengths_source"] = m.lengths_source;
  return json;
}

// "70.6 billion": a prefix would say "70.6 G".
std::string count_text(double parameters) {
  constexpr double kMillion = 1e6, kBillion = 1e9;
  return parameters >= kBillion ? fmt::format("{:.4g} billion", parameters / kBillion)
                                : fmt::format("{:.4g} million", parameters / kMillion);
}

std::string list() {
  TextTable table({Align::left, Align::left, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right});
  table.add({"name", "kind", "parameters", "active", "fp16 weights", "input", "output", "training"});
  for (const ModelSpec& m : models())
    table.add({m.id, name_of(m.kind), count_text(parameter_count(m)), count_text(active_matmul_parameters(m)),
               format_bytes(weight_bytes(m)), format_number(m.input_len),
               m.output_len > 0 ? format_number(m.output_len) : "-",
               m.train_len > 0 ? format_number(m.train_len) : "-"});
  return table.text() +
         "\nActive parameters are those that one token is multiplied by. Lengths are tokens (what is no\n"
         "decoder or encoder: samples) of the model's usual benchmark.\n";
}

std::string show(const ModelSpec& m, std::span<const std::string> notes) {
  std::string text = bold(fmt::format("{} ({}, {})", m.title, m.id, name_of(m.kind))) + "\n\n";
  TextTable table({Align::left, Align::left});
  const auto row = [&](const char* name, std::string value) { table.add({name, std::move(value)}); };
  const TransformerShape& s = m.shape;
  if (is_transformer(m.kind)) {
    row("layers", std::to_string(s.layers));
    row("hidden", std::to_string(s.hidden));
    if (s.kv_lora_rank > 0)
      row("heads", fmt::format("{}, latent attention: rank {} and {} rotary numbers are cached", s.heads,
                               s.kv_lora_rank, s.qk_rope_head_dim));
    else
      row("heads", fmt::format("{} of {} ({} of keys and values)", s.heads, s.head_dim, s.kv_heads));
    if (s.window > 0)
      row("sliding window",
          fmt::format("{} tokens in {} of {} layers", s.window, s.windowed_layers, s.layers));
    row("feed-forward", fmt::format("{}{}{}", s.ffn, s.gated_mlp ? ", gated" : "",
                                    s.parallel_block ? ", beside the attention" : ""));
    if (s.experts > 0) row("experts", fmt::format("{}, {} a token", s.experts, s.experts_per_token));
    if (s.shared_ffn > 0) row("shared experts", fmt::format("{} wide together", s.shared_ffn));
    if (s.dense_layers > 0) row("dense layers", fmt::format("{} of {}", s.dense_layers, s.dense_ffn));
    row("vocabulary", fmt::format("{}{}", s.vocab, s.tied_embedding ? ", embedding and head are one" : ""));
  }
  row("parameters", count_text(parameter_count(m)));
  row("active parameters", fmt::format("{} for {}", count_text(active_matmul_parameters(m)),
                                       !is_transformer(m.kind) ? "a sample" : "a token"));
  row("weights at fp16", format_bytes(weight_bytes(m)));
  if (is_transformer(m.kind)) row("input", fmt::format("{} tokens", format_number(m.input_len)));
  if (m.output_len > 0) row("output", fmt::format("{} tokens", format_number(m.output_len)));
  if (m.beams > 1) row("beams", format_number(m.beams));
  if (m.train_len > 0 && is_transformer(m.kind))
    row("training sample", fmt::format("{} tokens", format_number(m.train_len)));
  row("source of the shape", m.source);
  row("source of the lengths", m.lengths_source);
  for (const std::string& note : notes) row("note", note);
  return text + table.text("  ", kPageWidth);
}

}  // namespace

ExitCode cmd_models(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const bool is_list = arguments->names().empty();
  const ResolvedModel one = is_list ? ResolvedModel{} : resolve_model(arguments->names()[0]);
  if (format == Format::json) {
    Json json = Json::array();
    if (!is_list) json.push_back(to_json(*one.spec));
    for (const ModelSpec& m : models())
      if (is_list) json.push_back(to_json(m));
    print(json_text(json));
  } else {
    print(is_list ? list() : show(*one.spec, one.notes));
  }
  return ExitCode::ok;
}

}  // namespace ironlaw
