// Tables of operator times: what each column becomes, what is noted as doubtful, and what is held out.
#include "datasets/operators.hpp"

#include <zlib.h>

#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

OperatorRecord only_row(OperatorRow (*read_row)(const CsvRow&), const std::string& text) {
  const CsvTable table = CsvTable::parse(text, "t.csv");
  EXPECT_EQ(table.size(), 1u);
  const OperatorRow result = read_row(table.row(0));
  EXPECT_EQ(result.reason, "");
  return result.record;
}

constexpr const char* kGemmHeader =
    "hardware,framework,framework_version,op,dtype,m,n,k,latency_us,kernel_source,source_path\n";

TEST(Operators, ReadsAProduct) {
  const OperatorRecord r = only_row(
      read_gemm, std::string(kGemmHeader) + "h100_sxm,trtllm,1.0,gemm,nvfp4,256,32,768,6.5,torch_flow,p\n");
  EXPECT_EQ(r.op, "gemm");
  EXPECT_EQ(r.precision, "fp4");
  EXPECT_EQ(r.variant, "nvfp4");
  EXPECT_EQ(r.launch, "graph");
  EXPECT_EQ(r.m, 256);
  EXPECT_EQ(r.n, 32);
  EXPECT_EQ(r.k, 768);
  EXPECT_DOUBLE_EQ(r.time_s, 6.5e-6);
  EXPECT_NE(r.quality_note.find("quantising the activations"), std::string::npos);
  EXPECT_EQ(r.held, crc32(0, reinterpret_cast<const Bytef*>("32x768"), 6) % 5 == 0);
}

TEST(Operators, WeightsMayHaveAPrecisionOfTheirOwn) {
  const OperatorRecord r =
      only_row(read_gemm, std::string(kGemmHeader) + "h100_sxm,trtllm,1.0,gemm,int4_wo,1,2,3,4,x,p\n");
  EXPECT_EQ(r.precision, "bf16");
  EXPECT_EQ(r.weight_precision, "int4");
  const OperatorRecord eager =
      only_row(read_gemm, std::string(kGemmHeader) + "h100_sxm,vllm,0.24.0,gemm,fp8_block,1,2,3,60,x,p\n");
  EXPECT_EQ(eager.launch, "eager");
}

TEST(Operators, RefusesATypeThatIsNotKnown) {
  const CsvTable table =
      CsvTable::parse(std::string(kGemmHeader) + "h100_sxm,trtllm,1.0,gemm,fp5,1,2,3,4,x,p\n", "t.csv");
  expect_contains(message_of([&] { read_gemm(table.row(0)); }),
                  {"t.csv:2", "column 'dtype'", "given 'fp5'", "bfloat16", "nvfp4"});
}

// One new token after 511: the cache holds 512.
TEST(Operators, DecodeCountsTheNewTokenInTheCache) {
  const OperatorRecord r =
      only_row(read_attention_decode,
               "hardware,framework,framework_version,op,attn_dtype,kv_dtype,batch,kv_len,num_heads,num_kv_"
               "heads,head_dim,window,"
               "latency_us,kernel_source,source_path\n"
               "l40s,vllm,0.24.0,attention_generation,bfloat16,fp8,4,512,32,8,128,-1,10.5,fa,p\n");
  EXPECT_EQ(r.seq_len, 1);
  EXPECT_EQ(r.past_len, 511);
  EXPECT_EQ(r.window, std::nullopt);
  EXPECT_EQ(r.kv_precision, "fp8");
  // 2 x 1 B x 4 x 512 x 8 x 128 = 4.2 MB, less than the 96 MB of the cache
  EXPECT_NE(r.quality_note.find("stays in the L2"), std::string::npos);
  EXPECT_FALSE(r.suspect);
}

TEST(Operators, WhatIsKnownToBeWrongIsSuspect) {
  const std::string header =
      "hardware,framework,framework_version,op,attn_dtype,kv_dtype,batch,kv_len,num_heads,num_kv_heads,head_"
      "dim,window,"
      "latency_us,kernel_source,source_path\n";
  EXPECT_TRUE(
      only_row(
          read_attention_decode,
          header + "a100_sxm,trtllm,1.0.0,attention_generation,bfloat16,bfloat16,4,512,32,8,128,0,9,x,p\n")
          .suspect);
  EXPECT_FALSE(
      only_row(
          read_attention_decode,
          header + "a100_sxm,vllm,0.14.0,attention_generation,bfloat16,bfloat16,4,512,32,8,128,0,9,x,p\n")
          .suspect);
}

TEST(Operators, ReadsExchangesBetweenExperts) {
  const std::string header =
      "hardware,framework,framework_version,op,num_nodes,hidden,tokens,topk,experts,sms,latency_us,source_"
      "path\n";
  const OperatorRecord nvlink = only_row(
      read_expert_exchange,
      header +
          "gb200,trtllm_NVLinkTwoSided,1.3,alltoall_combine_low_precision_ep32_nvfp4,,7168,48,8,256,,16,p\n");
  EXPECT_EQ(nvlink.op, "all_to_all");
  EXPECT_EQ(nvlink.variant, "combine_low_precision");
  EXPECT_EQ(nvlink.ranks, 32);
  EXPECT_EQ(nvlink.precision, "fp4");
  EXPECT_EQ(nvlink.nodes, std::nullopt);
  const OperatorRecord deepep =
      only_row(read_expert_exchange,
               header + "h100_sxm,sglang_deepep,0.5,deepep_normal_dispatch,1,7168,512,8,384,20,99.6,p\n");
  EXPECT_EQ(deepep.variant, "deepep_normal_dispatch sms=20");
  EXPECT_EQ(deepep.nodes, 1);
  const CsvTable bad =
      CsvTable::parse(header + "gb200,t,1,alltoall_dispatch_epX_fp8,,7168,48,8,256,,16,p\n", "t.csv");
  expect_contains(message_of([&] { read_expert_exchange(bad.row(0)); }), {"t.csv:2", "column 'op'"});
}

// Quantising reads 2 bytes an element and writes 1: 3 x 128 x 4096 = 1,572,864.
TEST(Operators, DerivesTheBytesOfQuantising) {
  const OperatorRecord r =
      only_row(read_memory,
               "hardware,framework,framework_version,op,dtype,m,k,latency_us,kernel_source,source_path\n"
               "h100_sxm,vllm,0.24.0,quantize_bf16_to_fp8(scale_matrix),fp8,128,4096,3.5,x,p\n");
  EXPECT_EQ(r.variant, "quantize_bf16_to_fp8");
  EXPECT_EQ(r.bytes, 1572864);
}

constexpr const char* kMicrobenchHeader =
    "source_id,source,hardware,gpus,operation,m,n,k,dtype,size_bytes,tp,model,quantity,value,unit,note\n";

TEST(Operators, TurnsPublishedRatesIntoTimes) {
  // 2 x 1000^3 FLOP at 100 TFLOP/s: 20 us
  const OperatorRecord product =
      only_row(read_microbench,
               std::string(kMicrobenchHeader) +
                   "azure-guide,s,A100 80GB SXM4,1,gemm,1000,1000,1000,fp16,,,,tflops,100,TFLOP/s,\n");
  EXPECT_DOUBLE_EQ(product.time_s, 20e-6);
  // 1 GB over 8 GPUs at a bus bandwidth of 175 GB/s: 1e9 x 2 x 7/8 / 175e9 = 10 ms
  const OperatorRecord reduce = only_row(
      read_microbench, std::string(kMicrobenchHeader) +
                           "azure-guide,s,A100 80GB SXM4,8,all_reduce,,,,,1000000000,,,busbw,175,GB/s,n\n");
  EXPECT_DOUBLE_EQ(reduce.time_s, 0.01);
  // 4 x 2 x 8 x 64 x 1024^2 / 2 (causal) x 3.5 (backward) = 7.516 GFLOP at 100 TFLOP/s: 75.16 us
  const OperatorRecord attention =
      only_row(read_microbench, std::string(kMicrobenchHeader) +
                                    "flashattention-charts,s,A100 80GB SXM4,1,attention FlashAttention-2 "
                                    "fwd+bwd causal head_dim=64 seq=1024 "
                                    "batch=2 heads=8,,,,fp16,,,,tflops,100,TFLOP/s,\n");
  EXPECT_EQ(attention.op, "attention_training");
  EXPECT_EQ(attention.kernel, "FlashAttention-2");
  EXPECT_NEAR(attention.time_s, 75.16e-6, 0.01e-6);
  EXPECT_EQ(attention.variant, "");
}

// Llama-2-70B on 8 GPUs: (64 + 2 x 8) heads of 128 / 8 = 1280 columns; gate and up: 2 x 28672 / 8 = 7168.
TEST(Operators, ReadsTheProductsOfALayer) {
  const std::string model = "\"Llama-2-70b-hf (n_embd=8192, ffn=28672, heads=64, kv=8)\"";
  const auto product = [&](const std::string& part) {
    return only_row(read_microbench, std::string(kMicrobenchHeader) + "vidur-compute,s,A100-80GB SXM,1," +
                                         part + ",16,,,fp16,,8," + model + ",latency_median,0.05,ms,\n");
  };
  EXPECT_EQ(product("attn_pre_proj").n, 1280);
  EXPECT_EQ(product("attn_pre_proj").k, 8192);
  EXPECT_EQ(product("attn_post_proj").k, 1024);
  EXPECT_EQ(product("mlp_up_proj").n, 7168);
  EXPECT_EQ(product("mlp_down_proj").k, 3584);
  EXPECT_DOUBLE_EQ(product("mlp_down_proj").time_s, 50e-6);
}

TEST(Operators, WhatCannotBeToldIsCountedWithItsReason) {
  const CsvTable table =
      CsvTable::parse(std::string(kMicrobenchHeader) +
                          "azure-guide,s,A100,1,babelstream_copy,,,,,,,,memory_bandwidth,1.6,TB/s,\n",
                      "t.csv");
  EXPECT_EQ(read_microbench(table.row(0)).reason, "sizes or unit not stated: babelstream_copy");
}

// A fifth of the sites, by their names alone.
TEST(Operators, HoldOutIsAFifthOfTheSitesAndAThirdOfTheSizes) {
  int held = 0;
  for (int n = 1; n <= 50; ++n)
    for (int k = 1; k <= 50; ++k)
      held += is_held_site(std::to_string(256 * n) + "x" + std::to_string(256 * k)) ? 1 : 0;
  EXPECT_NEAR(held / 2500.0, 0.2, 0.03);
  EXPECT_TRUE(is_held_size(8));    // 2^3
  EXPECT_FALSE(is_held_size(16));  // 2^4
  EXPECT_FALSE(is_held_size(32));  // 2^5
  EXPECT_TRUE(is_held_size(100));  // 2^6.6
}

}  // namespace
}  // namespace ironlaw::test
