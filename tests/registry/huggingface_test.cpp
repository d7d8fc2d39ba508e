// config.json files: as published, of other families, broken.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "files.hpp"
#include "steps.hpp"

namespace ironlaw {
namespace {
using ::testing::ElementsAre;
using testing::expect_ratio;
using testing::get;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ModelFile;
using testing::published;
using testing::refusal_of;
using ::testing::StartsWith;
using Json = nlohmann::json;

constexpr std::size_t kMega = 1'000'000;

double parameters_of(const char* name) {
  return parameter_count(published(name).spec());
}

// ---- published files
// -----------------------------------------------------------------------------------------

TEST(Published, ParametersAreThoseOfTheStoredTensors) {
  EXPECT_DOUBLE_EQ(parameters_of("llama-3.1-8b"), 8'030'261'248.0);
  EXPECT_DOUBLE_EQ(parameters_of("mistral-7b-v0.1"), 7'241'732'096.0);
  EXPECT_DOUBLE_EQ(parameters_of("mixtral-8x7b"), 46'702'792'704.0);
  EXPECT_DOUBLE_EQ(parameters_of("qwen2.5-7b"), 7'615'616'512.0);
  EXPECT_DOUBLE_EQ(parameters_of("gemma-2-9b"), 9'241'705'984.0);
  EXPECT_DOUBLE_EQ(parameters_of("gpt2"), 124'439'808.0);
  EXPECT_DOUBLE_EQ(parameters_of("bert-large"), 335'141'888.0);
  expect_ratio(parameters_of("deepseek-v3"), 671.025e9, 1e-5);  // mlperf_inference/benchmarks.csv
}

// Everything that a step is made of.
std::vector<double> numbers_of(const ModelSpec& model, Phase phase) {
  StepPlan plan;
  plan.model = &model;
  plan.phase = phase;
  Step<double> step;
  lower(plan, StepLoad<double>{8, phase == Phase::decode ? 1.0 : 300.0, 5000}, step);
  std::vector<double> all{
      step.kv_bytes,          step.activation_bytes,         step.state_bytes,
      parameter_count(model), weight_bytes_per_device(plan), active_matmul_parameters(model)};
  for (const auto& op : step.operators)
    for (const double x : {op.count, op.flops, op.useful_flops, op.bytes, op.weight_bytes, op.m, op.n, op.k})
      all.push_back(x);
  return all;
}

TEST(Published, AreTheModelsOfTheRegistry) {
  const struct {
    const char *file, *name;
  } pairs[] = {{"llama-3.1-8b", "llama-3.1-8b"}, {"mistral-7b-v0.1", "mistral-7b"},
               {"mixtral-8x7b", "mixtral-8x7b"}, {"deepseek-v3", "deepseek-v3"},
               {"gemma-2-9b", "gemma-2-9b"},     {"bert-large", "bert-large"}};
  for (const auto& [file, name] : pairs) {
    SCOPED_TRACE(file);
    const LoadedModel model = published(file);
    const ModelSpec& known = find_model(name);
    EXPECT_EQ(model.spec().kind, known.kind);
    for (const Phase phase : {Phase::train, Phase::prefill, Phase::decode}) {
      if (phase == Phase::decode && known.kind == ModelKind::encoder) continue;
      EXPECT_EQ(numbers_of(model.spec(), phase), numbers_of(known, phase));
    }
  }
}

TEST(Published, KvCacheByHand) {
  const auto bytes = [](const char* name, double held) {
    const LoadedModel model = published(name);
    StepPlan plan;
    plan.model = &model.spec();
    return kv_bytes_per_token_per_device(plan, held);
  };
  EXPECT_DOUBLE_EQ(bytes("llama-3.1-8b", 8192), 131'072);    // 2 x 32 x 8 x 128 x 2
  EXPECT_DOUBLE_EQ(bytes("deepseek-v3", 8192), 70'272);      // 61 x 576 x 2
  EXPECT_DOUBLE_EQ(bytes("qwen2.5-7b", 100'000), 57'344);    // 2 x 28 x 4 x 128 x 2, no window
  EXPECT_DOUBLE_EQ(bytes("mixtral-8x7b", 8192), 131'072);    // its window is null
  EXPECT_DOUBLE_EQ(bytes("mistral-7b-v0.1", 8192), 65'536);  // half of 8192 is kept
  // 2 x 8 x 256 x 2 = 8192 a layer: 21 keep everything, 21 half of it.
  EXPECT_DOUBLE_EQ(bytes("gemma-2-9b", 8192), 8192 * (21 + 10.5));
}

TEST(Published, NamesSourcesAndLengths) {
  const LoadedModel llama = published("llama-3.1-8b");
  EXPECT_STREQ(llama.spec().id, "llama-3.1-8b");  // the folder's name
  EXPECT_THAT(llama.spec().source, HasSubstr("llama-3.1-8b/config.json"));
  EXPECT_THAT(llama.spec().lengths_source, StartsWith("assumed"));
  EXPECT_EQ(llama.spec().input_len, 1024);
  EXPECT_EQ(llama.spec().output_len, 128);
  EXPECT_EQ(llama.spec().train_len, 4096);
  // 1024 learned positions: input and output fit in.
  const LoadedModel gpt2 = published("gpt2");
  EXPECT_EQ(gpt2.spec().input_len, 896);
  EXPECT_EQ(gpt2.spec().train_len, 1024);
  const LoadedModel bert = published("bert-large");
  EXPECT_EQ(bert.spec().input_len, 256);
  EXPECT_EQ(bert.spec().output_len, 0);
}

TEST(Published, SayHowTheirWeightsAreStored) {
  EXPECT_EQ(published("deepseek-v3").stored(), Precision::fp8);
  EXPECT_EQ(published("llama-3.1-8b").stored(), Precision::bf16);
  EXPECT_EQ(published("gemma-2-9b").stored(), Precision::fp32);
  EXPECT_EQ(published("gpt2").stored(), std::nullopt);
  EXPECT_THAT(published("gpt2").notes(), IsEmpty());
  EXPECT_THAT(published("deepseek-v3").notes(),
              ElementsAre("num_nextn_predict_layers is 1: layers for multi-token prediction are left out",
                          "its weights are stored as fp8"));
}

TEST(Published, TextsOutliveAMove) {
  LoadedModel first = published("gpt2");
  const LoadedModel second = std::move(first);
  EXPECT_STREQ(second.spec().id, "gpt2");
  EXPECT_STREQ(second.spec().title, "gpt2");
}

// ---- other families
// ------------------------------------------------------------------------------------------

Json llama_like(const char* type, const Json& more = Json::object()) {
  Json config = {{"model_type", type},        {"hidden_size", 2048},       {"num_hidden_layers", 24},
                 {"num_attention_heads", 16}, {"intermediate_size", 5632}, {"vocab_size", 32000}};
  config.update(more);
  return config;
}

LoadedModel loaded(const Json& config) {
  return load_model(ModelFile("config.json", config.dump()).path());
}

TEST(Families, GptOss) {
  // As published, with its list of layers: sliding first, then full, 36 of them.
  Json layers = Json::array();
  for (int i = 0; i < 36; ++i) layers.push_back(i % 2 == 0 ? "sliding_attention" : "full_attention");
  const LoadedModel model = loaded({{"architectures", {"GptOssForCausalLM"}},
                                    {"model_type", "gpt_oss"},
                                    {"attention_bias", true},
                                    {"experts_per_token", 4},
                                    {"head_dim", 64},
                                    {"hidden_size", 2880},
                                    {"intermediate_size", 2880},
                                    {"layer_types", layers},
                                    {"num_attention_heads", 64},
                                    {"num_experts_per_tok", 4},
                                    {"num_hidden_layers", 36},
                                    {"num_key_value_heads", 8},
                                    {"num_local_experts", 128},
                                    {"quantization_config", {{"quant_method", "mxfp4"}}},
                                    {"sliding_window", 128},
                                    {"tie_word_embeddings", false},
                                    {"vocab_size", 201088}});
  EXPECT_EQ(numbers_of(model.spec(), Phase::decode), numbers_of(find_model("gpt-oss-120b"), Phase::decode));
  EXPECT_EQ(model.stored(), Precision::fp4);
}

TEST(Families, Qwen3AndItsExperts) {
  const LoadedModel dense = loaded({{"model_type", "qwen3"},
                                    {"head_dim", 128},
                                    {"hidden_size", 4096},
                                    {"intermediate_size", 12288},
                                    {"max_window_layers", 36},
                                    {"num_attention_heads", 32},
                                    {"num_hidden_layers", 36},
                                    {"num_key_value_heads", 8},
                                    {"sliding_window", nullptr},
                                    {"use_sliding_window", false},
                                    {"vocab_size", 151936}});
  EXPECT_DOUBLE_EQ(parameter_count(dense.spec()), 8'190'735'360.0);
  // Qwen3-30B-A3B: 30.53e9 parameters, 3.35e9 active of which 0.31e9 are the input table.
  const LoadedModel mixture = loaded({{"model_type", "qwen3_moe"},
                                      {"decoder_sparse_step", 1},
                                      {"head_dim", 128},
                                      {"hidden_size", 2048},
                                      {"intermediate_size", 6144},
                                      {"mlp_only_layers", Json::array()},
                                      {"moe_intermediate_size", 768},
                                      {"num_attention_heads", 32},
                                      {"num_experts", 128},
                                      {"num_experts_per_tok", 8},
                                      {"num_hidden_layers", 48},
                                      {"num_key_value_heads", 4},
                                      {"vocab_size", 151936}});
  expect_ratio(parameter_count(mixture.spec()), 30.532e9, 1e-4);
  EXPECT_EQ(mixture.spec().shape.dense_layers, 0);
}

TEST(Families, Qwen15Experts) {
  // Qwen1.5-MoE-A2.7B: 14.3e9 parameters; four shared experts of 1408 in one of 5632.
  const LoadedModel model = loaded({{"model_type", "qwen2_moe"},
                                    {"hidden_size", 2048},
                                    {"intermediate_size", 5632},
                                    {"moe_intermediate_size", 1408},
                                    {"num_attention_heads", 16},
                                    {"num_experts", 60},
                                    {"num_experts_per_tok", 4},
                                    {"num_hidden_layers", 24},
                                    {"num_key_value_heads", 16},
                                    {"shared_expert_intermediate_size", 5632},
                                    {"vocab_size", 151936}});
  expect_ratio(parameter_count(model.spec()), 14.316e9, 0.001);
}

TEST(Families, SparseStepsAndListedLayersHaveNoExperts) {
  const Json experts = {{"num_experts", 8}, {"num_experts_per_tok", 2}, {"moe_intermediate_size", 512}};
  Json config = llama_like("qwen2_moe", experts);
  config["decoder_sparse_step"] = 2;  // layers 1, 3, ..., 23 have experts
  EXPECT_EQ(loaded(config).spec().shape.dense_layers, 12);
  EXPECT_EQ(loaded(config).spec().shape.dense_ffn, 5632);
  config["decoder_sparse_step"] = 1;
  config["mlp_only_layers"] = {0, 5, 7};
  EXPECT_EQ(loaded(config).spec().shape.dense_layers, 3);
  Json deepseek = llama_like("deepseek_v2", experts);
  deepseek.update({{"kv_lora_rank", 512},
                   {"q_lora_rank", nullptr},
                   {"qk_nope_head_dim", 128},
                   {"qk_rope_head_dim", 64},
                   {"v_head_dim", 128},
                   {"first_k_dense_replace", 1}});
  EXPECT_EQ(loaded(deepseek).spec().shape.dense_layers, 1);
  EXPECT_EQ(loaded(deepseek).spec().shape.q_lora_rank, 0);
}

TEST(Families, DeepSeekV2Lite) {
  // 15.7e9 parameters, 2.4e9 active (arXiv:2405.04434 appendix B); queries without a latent.
  const LoadedModel model = loaded({{"model_type", "deepseek_v2"},
                                    {"first_k_dense_replace", 1},
                                    {"hidden_size", 2048},
                                    {"intermediate_size", 10944},
                                    {"kv_lora_rank", 512},
                                    {"moe_intermediate_size", 1408},
                                    {"moe_layer_freq", 1},
                                    {"n_routed_experts", 64},
                                    {"n_shared_experts", 2},
                                    {"num_attention_heads", 16},
                                    {"num_experts_per_tok", 6},
                                    {"num_hidden_layers", 27},
                                    {"num_key_value_heads", 16},
                                    {"q_lora_rank", nullptr},
                                    {"qk_nope_head_dim", 128},
                                    {"qk_rope_head_dim", 64},
                                    {"tie_word_embeddings", false},
                                    {"v_head_dim", 128},
                                    {"vocab_size", 102400}});
  expect_ratio(parameter_count(model.spec()), 15.706e9, 1e-4);
  StepPlan plan;
  plan.model = &model.spec();
  const Step<double> step = testing::lowered(plan, 4, 1, 99);
  EXPECT_EQ(get(step, "latent projection").n, 576);
  EXPECT_EQ(get(step, "query projection").k, 2048);
}

TEST(Families, Gemma3LeavesOutWhatIsUsual) {
  // gemma-3-4b-it: heads, head_dim, key-value heads and vocabulary are those of the library's class. 3.88e9
  // parameters of the language model; 29 of 34 layers have the window.
  const LoadedModel model = loaded({{"architectures", {"Gemma3ForConditionalGeneration"}},
                                    {"model_type", "gemma3"},
                                    {"text_config",
                                     {{"hidden_size", 2560},
                                      {"intermediate_size", 10240},
                                      {"model_type", "gemma3_text"},
                                      {"num_hidden_layers", 34},
                                      {"sliding_window", 1024}}},
                                    {"torch_dtype", "bfloat16"},
                                    {"vision_config", {{"hidden_size", 1152}}}});
  expect_ratio(parameter_count(model.spec()), 3.880e9, 0.001);
  EXPECT_EQ(model.spec().shape.windowed_layers, 29);
  EXPECT_THAT(model.notes(), ElementsAre("only its text_config is modelled: no images, no sound",
                                         "its weights are stored as bf16"));
}

TEST(Families, OlderOnes) {
  // Published totals: falcon-7b 6.92e9 (tied), pythia-6.9b 6.857e9, opt-6.7b 6.658e9, starcoder2-7b 7.174e9,
  // phi-2 2.780e9, roberta-base 124.06e6 without its head, santacoder-like GPT-BigCode (starcoder) 15.52e9.
  const struct {
    Json config;
    double parameters;
  } published_totals[] = {{{{"model_type", "falcon"},
                            {"alibi", false},
                            {"bias", false},
                            {"hidden_size", 4544},
                            {"multi_query", true},
                            {"new_decoder_architecture", false},
                            {"num_attention_heads", 71},
                            {"num_hidden_layers", 32},
                            {"parallel_attn", true},
                            {"vocab_size", 65024}},
                           6.9217e9},
                          {{{"model_type", "gpt_neox"},
                            {"hidden_size", 4096},
                            {"intermediate_size", 16384},
                            {"num_attention_heads", 32},
                            {"num_hidden_layers", 32},
                            {"tie_word_embeddings", false},
                            {"use_parallel_residual", true},
                            {"vocab_size", 50432}},
                           6.8573e9},
                          {{{"model_type", "opt"},
                            {"ffn_dim", 16384},
                            {"hidden_size", 4096},
                            {"max_position_embeddings", 2048},
                            {"num_attention_heads", 32},
                            {"num_hidden_layers", 32},
                            {"vocab_size", 50272}},
                           6.6585e9},
                          {{{"model_type", "starcoder2"},
                            {"hidden_size", 4608},
                            {"intermediate_size", 18432},
                            {"num_attention_heads", 36},
                            {"num_hidden_layers", 32},
                            {"num_key_value_heads", 4},
                            {"sliding_window", 4096},
                            {"use_bias", true},
                            {"vocab_size", 49152}},
                           7.1739e9},
                          {{{"model_type", "phi"},
                            {"hidden_size", 2560},
                            {"intermediate_size", 10240},
                            {"num_attention_heads", 32},
                            {"num_hidden_layers", 32},
                            {"tie_word_embeddings", false},
                            {"vocab_size", 51200}},
                           2.7797e9},
                          {{{"model_type", "roberta"},
                            {"hidden_size", 768},
                            {"intermediate_size", 3072},
                            {"max_position_embeddings", 514},
                            {"num_attention_heads", 12},
                            {"num_hidden_layers", 12},
                            {"type_vocab_size", 1},
                            {"vocab_size", 50265}},
                           124.646e6},
                          {{{"model_type", "gpt_bigcode"},
                            {"multi_query", true},
                            {"n_embd", 6144},
                            {"n_head", 48},
                            {"n_inner", 24576},
                            {"n_layer", 40},
                            {"n_positions", 8192},
                            {"vocab_size", 49152}},
                           15.5175e9}};
  for (const auto& [config, parameters] : published_totals) {
    SCOPED_TRACE(config.at("model_type").get<std::string>());
    expect_ratio(parameter_count(loaded(config).spec()), parameters, 0.001);
  }
}

TEST(Families, WindowsOnlyWhereTheyAreUsed) {
  const auto windowed = [](const char* type, const Json& more) {
    return loaded(llama_like(type, more)).spec().shape.windowed_layers;
  };
  EXPECT_EQ(windowed("mistral", {{"sliding_window", 4096}}), 24);
  EXPECT_EQ(windowed("mistral", Json::object()), 0);
  EXPECT_EQ(windowed("qwen2", {{"sliding_window", 4096}}), 0);  // use_sliding_window is false where absent
  EXPECT_EQ(
      windowed("qwen2", {{"sliding_window", 4096}, {"use_sliding_window", true}, {"max_window_layers", 20}}),
      4);
  EXPECT_EQ(windowed("gemma2", {{"sliding_window", 4096}}), 12);
  EXPECT_EQ(windowed("gemma3_text", {{"sliding_window", 512}, {"sliding_window_pattern", 4}}), 18);
  EXPECT_EQ(windowed("cohere2", {{"sliding_window", 4096}}), 18);
  EXPECT_EQ(windowed("llama", {{"sliding_window", 4096}}), 0);  // its code has none
}

TEST(Families, UnknownOnesAreReadAsLlamaWhereTheyCanBe) {
  const LoadedModel model = loaded(llama_like("arcane"));
  EXPECT_THAT(model.notes(), ElementsAre("model_type 'arcane' is not known: read as a Llama-style decoder"));
  EXPECT_EQ(parameter_count(model.spec()), parameter_count(loaded(llama_like("llama")).spec()));
  Json nameless = llama_like("");
  nameless.erase("model_type");
  EXPECT_THAT(loaded(nameless).notes(), ElementsAre("model_type is missing: read as a Llama-style decoder"));
  nameless["architectures"] = {"Qwen2ForCausalLM"};
  EXPECT_THAT(loaded(nameless).notes(), IsEmpty());
  EXPECT_TRUE(loaded(nameless).spec().shape.qkv_biases);
}

// ---- what is refused
// -----------------------------------------------------------------------------------------

std::string refused(const Json& config) {
  return refusal_of("config.json", config.dump());
}
std::string refused_with(const char* key, const Json& value) {
  return refused(llama_like("llama", {{key, value}}));
}

TEST(Refused, UnknownTypes) {
  EXPECT_THAT(refused({{"model_type", "lama"}, {"hidden_size", 4096}}),
              StartsWith(": model_type 'lama' is not known. Did you mean llama"));
  EXPECT_THAT(refused({{"model_type", "t5"}}), HasSubstr("Known are llama, mistral, mixtral"));
  EXPECT_THAT(refused({{"hello", "world"}}), HasSubstr("model_type is missing"));
  EXPECT_THAT(
      refused(llama_like("jamba", {{"attn_layer_period", 8}})),
      HasSubstr("attn_layer_period is there: state-space, linear and recurrent layers are not modelled."));
  EXPECT_THAT(refused_with("is_encoder_decoder", true), HasSubstr("is_encoder_decoder is true"));
}

TEST(Refused, MissingAndAbsurdNumbers) {
  Json config = llama_like("llama");
  config.erase("hidden_size");
  EXPECT_EQ(refused(config), ": hidden_size or n_embd is missing.");
  EXPECT_EQ(refused_with("hidden_size", 0),
            ": hidden_size is 0; it must be a whole number from 1 to 10000000.");
  EXPECT_EQ(refused_with("num_hidden_layers", -3),
            ": num_hidden_layers is -3; it must be a whole number from 1 to 10000.");
  EXPECT_THAT(refused_with("num_hidden_layers", 1e300), HasSubstr("num_hidden_layers is 1e+300; it must be"));
  EXPECT_THAT(refused_with("num_attention_heads", 2.5), HasSubstr("num_attention_heads is 2.5; it must be"));
  EXPECT_THAT(refused_with("vocab_size", "many"), HasSubstr("vocab_size is \"many\"; it must be"));
  EXPECT_THAT(refused_with("vocab_size", true), HasSubstr("vocab_size is true; it must be"));
  EXPECT_THAT(refused_with("hidden_size", {4096}), HasSubstr("hidden_size is a list; it must be"));
  EXPECT_THAT(refused_with("hidden_size", {{"a", 1}}), HasSubstr("hidden_size is an object; it must be"));
  EXPECT_THAT(refused_with("tie_word_embeddings", "yes"),
              HasSubstr("tie_word_embeddings is \"yes\"; it must be true or false."));
  EXPECT_THAT(refused_with("text_config", 7), HasSubstr("text_config is 7; it must be an object."));
  EXPECT_THAT(refused_with("model_type", 7), HasSubstr("model_type is 7; it must be a text."));
}

TEST(Refused, NumbersThatDoNotAgree) {
  EXPECT_EQ(refused_with("num_attention_heads", 15),
            ": hidden_size is 2048, which num_attention_heads (15) does not divide; such a model must state "
            "head_dim.");
  EXPECT_EQ(refused_with("num_key_value_heads", 5),
            ": num_key_value_heads is 5; it must divide num_attention_heads (16).");
  EXPECT_EQ(refused(llama_like("mixtral", {{"num_local_experts", 8}})),
            ": num_experts_per_tok is missing: the number of experts is 8.");
  EXPECT_EQ(refused(llama_like("mixtral", {{"num_local_experts", 8}, {"num_experts_per_tok", 9}})),
            ": num_experts_per_tok is 9; it must be the number of experts (8) at the most.");
  EXPECT_EQ(refused(llama_like("deepseek_v3", {{"kv_lora_rank", 512}, {"v_head_dim", 128}})),
            ": qk_nope_head_dim is missing: kv_lora_rank says latent attention.");
  EXPECT_EQ(refused(llama_like("deepseek_v3")), ": kv_lora_rank is missing.");
  EXPECT_EQ(refused(llama_like("gemma2", {{"sliding_window", 64}, {"layer_types", {"full_attention"}}})),
            ": layer_types is a list; it must be a list of 24 layers.");
  Json layers(24, "full_attention");
  layers = Json::array();
  for (int i = 0; i < 24; ++i) layers.push_back("linear_attention");
  EXPECT_THAT(refused(llama_like("gemma2", {{"sliding_window", 64}, {"layer_types", layers}})),
              HasSubstr("layer_types has \"linear_attention\"; only"));
  EXPECT_THAT(refused(llama_like("qwen2_moe",
                                 {{"num_experts", 8}, {"num_experts_per_tok", 2}, {"mlp_only_layers", 3}})),
              HasSubstr("mlp_only_layers is 3; it must be a list of layers."));
}

TEST(Refused, FilesThatAreNoModel) {
  EXPECT_EQ(refusal_of("config.json", ""), ": the file is empty.");
  EXPECT_EQ(refusal_of("config.json", " \n\t"), ": the file is empty.");
  EXPECT_THAT(refusal_of("config.json", "layers: 3"), StartsWith(": this is no JSON: "));
  EXPECT_THAT(refusal_of("config.json", "{\"hidden_size\": 1e999}"), StartsWith(": this is no JSON: "));
  EXPECT_THAT(refusal_of("config.json", std::string("\x7f\x45LF\0\0\1", 7)),
              StartsWith(": this is no JSON: "));
  EXPECT_THAT(refusal_of("config.json", std::string(1 << 19, '[')), StartsWith(": this is no JSON: "));
  EXPECT_EQ(refusal_of("config.json", "[1, 2]"), ": this is no object with the keys of a model.");
  EXPECT_THAT(refusal_of("config.json", std::string(10 * kMega, ' ')),
              StartsWith(": is larger than 1048576 bytes"));
  EXPECT_THAT(refusal_of("model.txt", "{}"), HasSubstr("a model is a config.json, or a .yaml or .yml file."));
  const Scratch scratch;
  EXPECT_EQ(refusal_of(scratch.path()), ": this directory has no config.json.");
  EXPECT_EQ(refusal_of(scratch.path() / "none.json"), ": there is no such file.");
  EXPECT_EQ(refusal_of("/dev/null"), ": this is no file.");
}

TEST(Refused, NothingOfAFileReachesATerminalAsItIs) {
  const std::string message = refused_with("hidden_size", "\x1b[31mred\x1b[0m\n" + std::string(5000, 'x'));
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_LT(message.size(), 200u);
  EXPECT_LT(refused({{"model_type", std::string(100'000, 'l')}}).size(), 1000u);
  const LoadedModel model = loaded(llama_like("llama", {{"_name_or_path", "me/\x1b[31mred"}}));
  EXPECT_STREQ(model.spec().id, "?[31mred");
}

// ---- names and paths
// -----------------------------------------------------------------------------------------

TEST(Resolve, NamesAndPaths) {
  EXPECT_EQ(resolve_model("llama-3.1-8b").spec, &find_model("llama-3.1-8b"));
  EXPECT_THAT(resolve_model("llama-3.1-8b").notes, IsEmpty());
  const std::string path = std::string(CONFIGS_DIR) + "/deepseek-v3";
  const ResolvedModel first = resolve_model(path);
  EXPECT_STREQ(first.spec->id, "deepseek-v3");
  EXPECT_EQ(first.stored, Precision::fp8);
  EXPECT_EQ(first.notes.size(), 2u);
  resolve_model(std::string(CONFIGS_DIR) + "/gpt2/config.json");
  EXPECT_EQ(resolve_model(path).spec, first.spec);
  EXPECT_THROW(resolve_model("no-such-model"), Error);
  EXPECT_THROW(resolve_model("./no-such-model"), Error);
  for (const char* text : {"a.json", "a.yaml", "a.yml", "./a", "models/"})
    EXPECT_TRUE(is_model_path(text)) << text;
  for (const char* text : {"llama-3.1-8b", "Llama 3.1 8B", "json", ""})
    EXPECT_FALSE(is_model_path(text)) << text;
}

}  // namespace
}  // namespace ironlaw
