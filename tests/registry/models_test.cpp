// Parameter counts by hand, names, precisions.
#include <set>
#include <string>

#include "framework/base/error.hpp"
#include "steps.hpp"

namespace ironlaw {
namespace {
using testing::expect_ratio;

double parameters(const char* name) {
  return parameter_count(find_model(name));
}
double active(const char* name) {
  return active_matmul_parameters(find_model(name));
}

TEST(Models, ParametersOfLlama) {
  // Layer of the 8B: q, o 2 x 4096^2 = 33,554,432; k, v 2 x 4096 x 1024 = 8,388,608; MLP 3 x 4096 x 14336 =
  // 176,160,768; norms 2 x 4096: 218,112,000. x 32 = 6,979,584,000; + tables 2 x 128256 x 4096 + norm 4096.
  EXPECT_DOUBLE_EQ(parameters("llama-3.1-8b"), 8'030'261'248.0);
  // Layer of the 70B: 134,217,728 + 16,777,216 + 704,643,072 + 16,384 = 855,654,400; x 80 = 68,452,352,000;
  // + 2 x 128256 x 8192 + 8192, and with Llama 2's 32000 words + 524,288,000 + 8192.
  EXPECT_DOUBLE_EQ(parameters("llama-3.1-70b"), 70'553'706'496.0);
  EXPECT_DOUBLE_EQ(parameters("llama-2-70b"), 68'976'648'192.0);
  // Layer of the 405B: 536,870,912 + 33,554,432 + 2,617,245,696 + 32,768 = 3,187,703,808; x 126 =
  // 401,650,679,808;
  // + 4,202,692,608 + 16,384.
  EXPECT_DOUBLE_EQ(parameters("llama-3.1-405b"), 405'853'388'800.0);
}

TEST(Models, ParametersOfOthers) {
  // Layer: attention 41,943,040 + router 8 x 4096 + experts 8 x 176,160,768 + norms 8192 = 1,451,270,144; x
  // 32 = 46,440,644,608; + 2 x 32000 x 4096 + 4096.
  EXPECT_DOUBLE_EQ(parameters("mixtral-8x7b"), 46'702'792'704.0);
  // Layer: 4 x 4096^2 + 2 x 4096 x 16384 + MLP biases 20,480 + one norm 8192 = 201,355,264; x 28 =
  // 5,637,947,392;
  // + 2 x 50400 x 4096 + norm 8192 + head bias 50,400: the untied head and its bias are counted.
  EXPECT_DOUBLE_EQ(parameters("gpt-j-6b"), 6'050'882'784.0);
  // Layer: 12 x 12288^2 + 13 x 12288 (biases 9, norms 4) = 1,812,099,072; x 96 = 173,961,510,912; + table
  // 51200 x 12288 = 629,145,600 (tied) + positions 2048 x 12288 = 25,165,824 + norm 24,576.
  EXPECT_DOUBLE_EQ(parameters("gpt-3-175b"), 174'615'846'912.0);
  // Layer: 4 x 5120^2 + 3 x 5120 x 13824 + 2 x 5120 = 317,204,480; x 40 + 2 x 32000 x 5120 + 5120.
  EXPECT_DOUBLE_EQ(parameters("llama-2-13b"), 13'015'864'320.0);
  // Layer: 12 x 14336^2 + 13 x 14336 = 2,466,437,120; x 70 + 250880 x 14336 + 28,672. Hugging Face's count,
  // 176,247,271,424, has the norm behind the embedding too.
  EXPECT_DOUBLE_EQ(parameters("bloom-176b"), 176'247'271'424.0 - 28'672);
  // Layer: 12 x 1024^2 + 13 x 1024 = 12,596,224; x 24 = 302,309,376; + (30522 + 512 + 2) x 1024 = 31,780,864
  // + norm 2048 + pooler 1,049,600: Hugging Face's BertModel.
  EXPECT_DOUBLE_EQ(parameters("bert-large"), 335'141'888.0);
  EXPECT_DOUBLE_EQ(parameters("resnet-50"), 25'557'032.0);  // torchvision's count
}

TEST(Models, ParametersOfDeepSeek) {
  // Attention of a layer: 7168 x (1536 + 576) down + 1536 x 128 x 192 queries + 512 x 128 x 256 expansion +
  // 128 x 128 x 7168 out = 187,105,280, norms of the latents 2048, of the stream 2 x 7168.
  // Dense MLP 3 x 7168 x 18432 = 396,361,728; expert 3 x 7168 x 2048 = 44,040,192, of them 256 and a shared
  // one; router 256 x 7168. 61 x 187,121,664 + 3 x 396,361,728 + 58 x (257 x 44,040,192 + 1,835,008) +
  // 2 x 129280 x 7168 + 7168.
  EXPECT_DOUBLE_EQ(parameters("deepseek-v3"), 61 * 187'121'664. + 3 * 396'361'728. +
                                                  58 * (257 * 44'040'192. + 1'835'008) + 2 * 129'280. * 7168 +
                                                  7168);
  // mlperf_inference/benchmarks.csv: params_total_b and params_active_b of deepseek-r1, the same shape.
  expect_ratio(parameters("deepseek-v3"), 671.025e9, 1e-5);
  expect_ratio(active("deepseek-v3"), 36.6246e9, 1e-4);
}

TEST(Models, ParametersAgreeWithThePublishedCounts) {
  // Hugging Face's counts of the stored tensors.
  EXPECT_DOUBLE_EQ(parameters("mistral-7b"), 7'241'732'096.0);
  EXPECT_DOUBLE_EQ(parameters("qwen3-8b"), 8'190'735'360.0);
  EXPECT_DOUBLE_EQ(parameters("gemma-2-9b"), 9'241'705'984.0);
  EXPECT_DOUBLE_EQ(parameters("phi-3-mini"), 3'821'079'552.0);
  EXPECT_DOUBLE_EQ(parameters("llama-3.2-1b"), 1'235'814'400.0);
  // arXiv:2508.10925 table 1: 116.83 and 20.91 billion, 5.13 and 3.61 active with the head.
  expect_ratio(parameters("gpt-oss-120b"), 116.83e9, 5e-5);
  expect_ratio(parameters("gpt-oss-20b"), 20.91e9, 3e-4);
  expect_ratio(active("gpt-oss-120b"), 5.13e9, 2e-3);
  expect_ratio(active("gpt-oss-20b"), 3.61e9, 2e-3);
}

TEST(Models, ActiveParametersAgreeWithThePublishedTable) {
  // mlperf_inference/benchmarks.csv, params_active_b (six digits).
  expect_ratio(active("llama-3.1-8b"), 7.50466e9, 1e-5);
  expect_ratio(active("llama-2-70b"), 68.7132e9, 1e-5);
  expect_ratio(active("mixtral-8x7b"), 12.7486e9, 1e-5);
  expect_ratio(active("llama-3.1-405b"), 403.748e9, 1e-5);
  expect_ratio(active("gpt-j-6b"), 5.84358e9, 1e-5);
  // mlperf_training/benchmarks.csv: P = 96 x 12 x 12288^2 + 12288 x 51200.
  EXPECT_DOUBLE_EQ(active("gpt-3-175b"), 96. * 12 * 12288 * 12288 + 12288. * 51200);
  // And params_total_b, which leaves the norms out.
  expect_ratio(parameters("llama-3.1-405b"), 405.849e9, 2e-5);
  expect_ratio(parameters("gpt-j-6b"), 6.05002e9, 2e-4);
}

TEST(Models, EveryModelHasSourcesAndLengths) {
  std::set<std::string> ids;
  for (const ModelSpec& model : models()) {
    EXPECT_TRUE(ids.insert(model.id).second) << model.id;
    EXPECT_GT(std::string_view(model.source).size(), 10u) << model.id;
    EXPECT_GT(std::string_view(model.lengths_source).size(), 10u) << model.id;
    EXPECT_GT(model.input_len, 0) << model.id;
    EXPECT_GT(model.train_len, 0) << model.id;
    EXPECT_GE(model.beams, 1) << model.id;
    EXPECT_EQ(model.output_len > 0, model.kind == ModelKind::decoder || model.kind == ModelKind::seq2seq)
        << model.id;
    EXPECT_EQ(&find_model(model.id), &model);
  }
  EXPECT_EQ(ids.size(), 37u);
  EXPECT_STREQ(name_of(ModelKind::encoder), "encoder");
}

TEST(Models, AreFoundLoosely) {
  EXPECT_STREQ(find_model("Llama 3.1 405B").id, "llama-3.1-405b");
  EXPECT_STREQ(find_model("resnet50").id, "resnet-50");
  EXPECT_STREQ(find_model("gptj").id, "gpt-j-6b");
  EXPECT_STREQ(find_model("BERT").id, "bert-large");
  EXPECT_STREQ(find_model("llama2 7").id, "llama-2-70b");
  try {
    find_model("llama-3.1-9b");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean llama-3.1-8b"), std::string::npos) << error.what();
  }
}

TEST(Precisions, NamesAndBytes) {
  EXPECT_EQ(parse_precision("weights", "FP8"), Precision::fp8);
  EXPECT_EQ(parse_precision("weights", "bfloat16"), Precision::bf16);
  EXPECT_EQ(parse_precision("weights", "NVFP4"), Precision::fp4);
  for (int i = 0; i < kPrecisions; ++i) {
    const auto precision = static_cast<Precision>(i);
    EXPECT_EQ(parse_precision("weights", name_of(precision)), precision);
  }
  EXPECT_EQ(bytes_of(Precision::tf32), 4);
  EXPECT_EQ(bytes_of(Precision::int4), 0.5);
  for (const char* text : {"fp12", "", static_cast<const char*>(nullptr)}) {
    try {
      parse_precision("precision.kv", text);
      FAIL();
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("precision.kv"), std::string::npos);
      EXPECT_NE(message.find("Allowed: fp32, tf32, bf16, fp16, fp8, int8, fp4, int4."), std::string::npos)
          << message;
    }
  }
}

}  // namespace
}  // namespace ironlaw
