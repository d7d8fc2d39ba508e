// Short YAML files.
#include <gmock/gmock.h>

#include "files.hpp"
#include "steps.hpp"

namespace ironlaw {
namespace {
using ::testing::HasSubstr;
using testing::ModelFile;
using testing::refusal_of;
using testing::shape_in;
using ::testing::StartsWith;

constexpr std::size_t kMega = 1'000'000;

// Llama 3.1 8B in seven lines.
const std::string kLlama =
    "name: my llama\n"
    "layers: 32\n"
    "hidden: 4096\n"
    "heads: 32\n"
    "kv_heads: 8\n"
    "ffn: 14336\n"
    "vocab: 128256\n";

std::string refused(const std::string& more) {
  return refusal_of("model.yaml", kLlama + more);
}

TEST(Yaml, SevenLinesAreAModel) {
  const LoadedModel model = load_model(ModelFile("model.yaml", kLlama).path());
  EXPECT_STREQ(model.spec().id, "my llama");
  EXPECT_EQ(model.spec().kind, ModelKind::decoder);
  EXPECT_DOUBLE_EQ(parameter_count(model.spec()), 8'030'261'248.0);
  EXPECT_EQ(model.spec().shape.head_dim, 128);
  EXPECT_TRUE(model.spec().shape.rotary);
  EXPECT_EQ(model.spec().input_len, 1024);
  EXPECT_EQ(model.spec().output_len, 128);
  EXPECT_EQ(model.spec().train_len, 4096);
  EXPECT_STREQ(model.spec().lengths_source, "assumed");
  EXPECT_THAT(model.spec().source, HasSubstr("model.yaml"));
}

TEST(Yaml, EveryKeyIsRead) {
  // DeepSeek-V3.
  const TransformerShape s = shape_in("model.yml", R"(
name: deepseek
kind: decoder
layers: 61
hidden: 7168
heads: 128
ffn: 2048
vocab: 129280
experts: 256
experts_per_token: 8
shared_experts: 1
dense_layers: 3
dense_ffn: 18432
kv_lora_rank: 512
q_lora_rank: 1536
qk_nope_head_dim: 128
qk_rope_head_dim: 64
v_head_dim: 128
)");
  const TransformerShape& known = find_model("deepseek-v3").shape;
  for (const auto field :
       {&TransformerShape::layers, &TransformerShape::hidden, &TransformerShape::heads,
        &TransformerShape::kv_heads, &TransformerShape::head_dim, &TransformerShape::ffn,
        &TransformerShape::vocab, &TransformerShape::experts, &TransformerShape::experts_per_token,
        &TransformerShape::shared_ffn, &TransformerShape::dense_layers, &TransformerShape::dense_ffn,
        &TransformerShape::kv_lora_rank, &TransformerShape::q_lora_rank, &TransformerShape::qk_nope_head_dim,
        &TransformerShape::qk_rope_head_dim, &TransformerShape::v_head_dim, &TransformerShape::window,
        &TransformerShape::positions})
    EXPECT_EQ(s.*field, known.*field);
  const TransformerShape plain = shape_in("model.yaml", kLlama + R"(
head_dim: 64
gated_mlp: false
tied_embedding: true
biases: true
qkv_biases: true
qk_norms: true
post_norms: true
parallel_block: true
positions: 2048
window: 512
global_every: 6
)");
  EXPECT_EQ(plain.head_dim, 64);
  EXPECT_FALSE(plain.gated_mlp);
  EXPECT_TRUE(plain.tied_embedding && plain.biases && plain.qkv_biases && plain.qk_norms && plain.post_norms);
  EXPECT_TRUE(plain.parallel_block);
  EXPECT_EQ(plain.positions, 2048);
  EXPECT_FALSE(plain.rotary);
  EXPECT_EQ(plain.window, 512);
  EXPECT_EQ(plain.windowed_layers, 32 - 5);
  EXPECT_EQ(shape_in("model.yaml", kLlama + "window: 512").windowed_layers, 32);
}

TEST(Yaml, LengthsAndSource) {
  const LoadedModel model =
      load_model(ModelFile("model.yaml",
                           kLlama + "input_len: 2000\noutput_len: 0.5e3\ntrain_len: 8192\nsource: our wiki\n")
                     .path());
  EXPECT_EQ(model.spec().input_len, 2000);
  EXPECT_EQ(model.spec().output_len, 500);
  EXPECT_EQ(model.spec().train_len, 8192);
  EXPECT_STREQ(model.spec().source, "our wiki");
  EXPECT_STREQ(model.spec().lengths_source, "as its file says");
  const LoadedModel partly = load_model(ModelFile("model.yaml", kLlama + "input_len: 2000").path());
  EXPECT_STREQ(partly.spec().lengths_source, "as its file says; what it does not say is assumed");
}

TEST(Yaml, Encoders) {
  // BERT-large.
  const LoadedModel model = load_model(ModelFile("bert.yaml", R"(
kind: encoder
layers: 24
hidden: 1024
heads: 16
ffn: 4096
vocab: 30522
positions: 512
)")
                                           .path());
  EXPECT_STREQ(model.spec().id, "bert");
  EXPECT_DOUBLE_EQ(parameter_count(model.spec()), 335'141'888.0);
  EXPECT_EQ(model.spec().output_len, 0);
  EXPECT_EQ(model.spec().input_len, 256);
}

TEST(Yaml, UnknownKeysAreRefused) {
  EXPECT_THAT(refused("layer: 3"), StartsWith(": 'layer' is no key of a model. Did you mean layers"));
  EXPECT_THAT(refused("shoe_size: 43"),
              HasSubstr("'shoe_size' is no key of a model. Its keys are name, kind, layers,"));
  EXPECT_EQ(refused("layers: 3"), ": layers is there twice.");
  // The misspelt key is named before the one that is missing because of it.
  EXPECT_EQ(refusal_of("model.yaml", "layers: 2\nhiden: 64\nheads: 4\nffn: 128\nvocab: 10"),
            ": 'hiden' is no key of a model. Did you mean hidden?");
}

TEST(Yaml, WrongValuesAreNamed) {
  EXPECT_EQ(refusal_of("model.yaml", "layers: 2"), ": hidden is missing.");
  EXPECT_EQ(refused("head_dim: -1"), ": head_dim is -1.0; it must be a whole number from 1 to 10000000.");
  EXPECT_THAT(refused("head_dim: .inf"), HasSubstr("it must be a whole number"));
  EXPECT_THAT(refused("head_dim: .nan"), HasSubstr("it must be a whole number"));
  EXPECT_THAT(refused("head_dim: 99999999999999999999"), HasSubstr("it must be a whole number"));
  EXPECT_THAT(refused("head_dim: \"128\""), HasSubstr("head_dim is \"128\"; it must be a whole number"));
  EXPECT_THAT(refused("head_dim: [128]"), HasSubstr("head_dim is a list; it must be"));
  EXPECT_THAT(refused("head_dim: {of: 128}"), HasSubstr("head_dim is an object; it must be"));
  EXPECT_THAT(refused("gated_mlp: maybe"), HasSubstr("gated_mlp is \"maybe\"; it must be true or false."));
  EXPECT_THAT(refused("kind: convnet"), HasSubstr("kind is \"convnet\"; it must be decoder or encoder."));
  EXPECT_THAT(refused("input_len: 0"), HasSubstr("input_len is 0.0; it must be a number from 1"));
  EXPECT_THAT(refused("kind: encoder\noutput_len: 5"), HasSubstr("an encoder generates nothing"));
}

TEST(Yaml, KeysThatNeedEachOther) {
  EXPECT_EQ(refused("experts: 8"), ": experts_per_token is missing: experts is 8.");
  EXPECT_EQ(refused("shared_experts: 1"), ": shared_experts is there, but experts is not.");
  EXPECT_EQ(refused("experts: 8\nexperts_per_token: 2\ndense_layers: 1"), ": dense_ffn is missing.");
  EXPECT_EQ(refused("experts: 8\nexperts_per_token: 2\ndense_layers: 33\ndense_ffn: 8"),
            ": dense_layers is 33, but there are 32 layers.");
  EXPECT_EQ(refused("global_every: 2"), ": global_every is there, but window is not.");
  EXPECT_EQ(refused("kind: encoder\nwindow: 2"), ": window is there, but only decoders can have one.");
  EXPECT_EQ(refused("v_head_dim: 128"), ": v_head_dim is there, but kv_lora_rank is not.");
  EXPECT_EQ(refused("kv_lora_rank: 512"),
            ": kv_heads is there, but so is kv_lora_rank: latent attention has none.");
  EXPECT_EQ(
      refusal_of("model.yaml", "layers: 2\nhidden: 64\nheads: 4\nffn: 128\nvocab: 10\nkv_lora_rank: 16"),
      ": qk_nope_head_dim is missing: kv_lora_rank says latent attention.");
  EXPECT_EQ(refused("experts: 100000\nexperts_per_token: 1\nshared_experts: 99999"),
            ": shared_experts of width 14336 make 1433585664; at the most 10000000 are possible.");
}

TEST(Yaml, FilesThatAreNoModel) {
  EXPECT_EQ(refusal_of("model.yaml", ""), ": the file is empty.");
  EXPECT_EQ(refusal_of("model.yaml", "# nothing"),
            ": this is no list of keys and values, such as 'layers: 32'.");
  EXPECT_EQ(refusal_of("model.yaml", "just words"),
            ": this is no list of keys and values, such as 'layers: 32'.");
  EXPECT_EQ(refusal_of("model.yaml", "- 1\n- 2"),
            ": this is no list of keys and values, such as 'layers: 32'.");
  EXPECT_THAT(refusal_of("model.yaml", "layers: [1, 2"), StartsWith(": line 1: this is no YAML: "));
  EXPECT_THAT(refusal_of("model.yaml", "a: 1\n\tb: 2"), StartsWith(": line 2: this is no YAML: "));
  EXPECT_EQ(refusal_of("model.yaml", "[1, 2]: 3"), ": a key is no word.");
  EXPECT_THAT(refusal_of("model.yaml", std::string(1 << 19, '[')), StartsWith(": line 1: this is no YAML: "));
  EXPECT_THAT(refusal_of("model.yaml", std::string(10 * kMega, 'a')), StartsWith(": is larger than"));
  EXPECT_THAT(refusal_of("model.yaml", std::string("\0\1\2\3", 4)), StartsWith(": "));
}

}  // namespace
}  // namespace ironlaw
