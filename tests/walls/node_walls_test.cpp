// Walls 1 to 5 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::host;
using testing::outputs;
using testing::Values;
using testing::with;

double output(const char* wall, const char* name, const char* port, const Values& in) {
  const Values out = outputs(function(wall, name), in);
  const auto found = out.find(port);
  EXPECT_NE(found, out.end()) << port;
  return found == out.end() ? 0 : found->second;
}

TEST(Walls, AllLoad) {
  for (const PluginFailure& f : host().failures())
    ADD_FAILURE() << f.path << ": " << f.stage << ": " << f.reason;
  for (const int number : {1, 2, 3, 4, 5, 11, 13, 14, 16, 20})
    EXPECT_EQ(host().find_wall(std::to_string(number)).number, static_cast<std::uint32_t>(number));
}

// ---- 1, compute ------------------------------------------------------------------------------------------
TEST(Compute, FlopsOverPeak) {
  const auto time = [](const Values& changes) {
    const Values product = {{"operator_flops", 2e12},
                            {"operator_peak", 989.4e12},
                            {"operator_weight_bytes", 33e6},
                            {"weight_flop_factor", 1}};
    return output("1", "arithmetic", "compute_time", with(product, changes));
  };
  // 2e12 FLOP at 989.4e12 FLOP/s: 2.0214 ms.
  EXPECT_NEAR(time({}), 2.0214e-3, 1e-7);
  EXPECT_EQ(time({{"operator_flops", 0}}), 0);
  // Half of the weights pruned: half of it; attention multiplies by none and stays.
  EXPECT_NEAR(time({{"weight_flop_factor", 0.5}}), 1.0107e-3, 1e-7);
  EXPECT_NEAR(time({{"weight_flop_factor", 0.5}, {"operator_weight_bytes", 0}}), 2.0214e-3, 1e-7);
}

// ---- 2, memory -------------------------------------------------------------------------------------------
double traffic(double bytes, double bandwidth, const Values& weights = {}) {
  const Values in = {{"operator_bytes", bytes},
                     {"memory_bandwidth", bandwidth},
                     {"operator_weight_bytes", bytes},
                     {"weight_byte_factor", 1}};
  return output("2", "traffic", "memory_time", with(in, weights));
}

TEST(Memory, OnlyTheWeightsOfAnOperatorShrink) {
  // 36 GB, 35 of them weights: half of those and 1 GB are 18.5 GB, at 2 TB/s 9.25 ms.
  EXPECT_DOUBLE_EQ(traffic(36e9, 2e12, {{"operator_weight_bytes", 35e9}, {"weight_byte_factor", 0.5}}),
                   9.25e-3);
  EXPECT_DOUBLE_EQ(traffic(36e9, 2e12, {{"operator_weight_bytes", 0}, {"weight_byte_factor", 0.5}}), 18e-3);
}

TEST(Memory, SeventyBillionParametersInFiftyMilliseconds) {
  // 70e9 parameters at FP16 are 140 GB; to read them in 50 ms takes 140 GB / 0.05 s = 2.8 TB/s.
  const double weights = 70e9 * 2;
  EXPECT_EQ(weights, 140e9);
  EXPECT_DOUBLE_EQ(traffic(weights, 2.8e12), 0.05);
  // An H100's 3.35 TB/s: 41.8 ms, 23.9 tokens/s for one request.
  EXPECT_NEAR(traffic(weights, 3.35e12), 41.79e-3, 5e-6);
}

TEST(Memory, TheReserveIsKeptBack) {
  EXPECT_DOUBLE_EQ(output("2", "reserve", "usable_memory", {{"memory_capacity", 80e9}}), 80e9);  // textbook
  EXPECT_DOUBLE_EQ(
      output("2", "reserve", "usable_memory", {{"memory_capacity", 80e9}, {"memory_reserve", 0.1}}), 72e9);
}

TEST(Memory, HeadroomIsWhatNothingFills) {
  const Values in = {{"usable_memory", 72e9},
                     {"resident_weight_bytes", 16e9},
                     {"kv_bytes", 40e9},
                     {"activation_bytes", 2e9},
                     {"state_bytes", 0}};
  // 72 - 16 - 40 - 2 = 14 GB are left.
  EXPECT_DOUBLE_EQ(output("2", "footprint", "memory_headroom", in), 14e9);
  // Adam's states of 8e9 parameters at 12 bytes: 96 GB, and 82 are missing.
  EXPECT_DOUBLE_EQ(output("2", "footprint", "memory_headroom", with(in, {{"state_bytes", 96e9}})), -82e9);
}

// ---- 3, software -----------------------------------------------------------------------------------------
const Values kMatmul = {{"is_matmul", 1},
                        {"is_attention", 0},
                        {"is_convolution", 0},
                        {"is_vector", 0},
                        {"launches", 1},
                        {"matmul_efficiency", 0.7},
                        {"attention_efficiency", 0.5},
                        {"convolution_efficiency", 0.4},
                        {"stream_efficiency", 0.8},
                        {"overlap_deficit", 0.3},
                        {"launch_latency", 3e-6}};

TEST(Software, TheClassOfTheOperatorSelectsItsShareOfThePeak) {
  const auto share = [](const Values& in) { return output("3", "kernels", "compute_efficiency", in); };
  EXPECT_DOUBLE_EQ(share(kMatmul), 0.7);
  EXPECT_DOUBLE_EQ(share(with(kMatmul, {{"is_matmul", 0}, {"is_attention", 1}})), 0.5);
  EXPECT_DOUBLE_EQ(share(with(kMatmul, {{"is_matmul", 0}, {"is_convolution", 1}})), 0.4);
  EXPECT_DOUBLE_EQ(share(with(kMatmul, {{"is_matmul", 0}, {"is_vector", 1}})), 1);
  EXPECT_DOUBLE_EQ(share(with(kMatmul, {{"is_matmul", 0}})), 1);  // a collective
}

TEST(Software, AllShareTheBandwidthAndPayEveryLaunch) {
  for (const char* kind : {"is_matmul", "is_attention", "is_convolution", "is_vector"}) {
    const Values in = with(kMatmul, {{"is_matmul", 0}, {kind, 1}, {"launches", 4}});
    EXPECT_DOUBLE_EQ(output("3", "kernels", "bandwidth_efficiency", in), 0.8) << kind;
    EXPECT_DOUBLE_EQ(output("3", "kernels", "launch_time", in), 12e-6) << kind;  // 4 x 3 us
    EXPECT_DOUBLE_EQ(output("3", "kernels", "overlap_loss", in), 0.3) << kind;
  }
  EXPECT_EQ(output("3", "kernels", "launch_time", with(kMatmul, {{"launches", 0}})), 0);
  EXPECT_DOUBLE_EQ(output("3", "host", "host_time", {{"step_overhead", 2e-3}}), 2e-3);
}

TEST(Software, TheTextbookIsNeutral) {
  const Values in = {
      {"is_matmul", 1}, {"is_attention", 0}, {"is_convolution", 0}, {"is_vector", 0}, {"launches", 7}};
  const Values out = outputs(function("3", "kernels"), in);
  const ironlaw_function& f = function("3", "kernels");
  for (std::uint32_t o = 0; o < f.n_outputs; ++o)
    EXPECT_EQ(out.at(f.outputs[o]->name), f.outputs[o]->neutral);
  EXPECT_EQ(output("3", "host", "host_time", {}), 0);
}

// ---- 4, serving ------------------------------------------------------------------------------------------
TEST(Serving, TheMeanContextIsThePromptAndHalfTheAnswer) {
  EXPECT_DOUBLE_EQ(output("4", "lengths", "mean_context", {{"input_len", 1000}, {"output_len", 300}}), 1150);
  EXPECT_DOUBLE_EQ(output("4", "lengths", "mean_context", {{"input_len", 1000}, {"output_len", 0}}), 1000);
}

const Values kClosed = {{"closed_loop", 1},        {"has_prefill", 1},       {"has_decode", 1},
                        {"running_requests", 256}, {"prefill_tokens", 8192}, {"input_len", 1024},
                        {"output_len", 128}};

TEST(Serving, AClosedLoopRunsPromptsInStepsAndThenEveryToken) {
  const Values out = outputs(function("4", "schedule"), kClosed);
  EXPECT_DOUBLE_EQ(out.at("prefill_requests"), 8);  // 8192 / 1024
  EXPECT_DOUBLE_EQ(out.at("prefill_steps"), 32);    // 256 / 8
  EXPECT_DOUBLE_EQ(out.at("decode_steps"), 128);
}

TEST(Serving, APromptLongerThanTheStepRunsAlone) {
  const Values out = outputs(function("4", "schedule"), with(kClosed, {{"input_len", 20000}}));
  EXPECT_DOUBLE_EQ(out.at("prefill_requests"), 1);
  EXPECT_DOUBLE_EQ(out.at("prefill_steps"), 256);
}

TEST(Serving, FewRequestsShareOneStep) {
  const Values out = outputs(function("4", "schedule"), with(kClosed, {{"running_requests", 3}}));
  EXPECT_DOUBLE_EQ(out.at("prefill_requests"), 3);
  EXPECT_DOUBLE_EQ(out.at("prefill_steps"), 1);
}

TEST(Serving, AnEncoderHasNoDecodeSteps) {
  const Values out =
      outputs(function("4", "schedule"), with(kClosed, {{"has_decode", 0}, {"output_len", 0}}));
  EXPECT_EQ(out.at("decode_steps"), 0);
}

TEST(Serving, OutsideTheLoopAScenarioIsOneStep) {
  const Values decode =
      outputs(function("4", "schedule"), with(kClosed, {{"closed_loop", 0}, {"has_prefill", 0}}));
  EXPECT_DOUBLE_EQ(decode.at("prefill_requests"), 256);
  EXPECT_EQ(decode.at("prefill_steps"), 0);
  EXPECT_EQ(decode.at("decode_steps"), 1);
  const Values prefill =
      outputs(function("4", "schedule"), with(kClosed, {{"closed_loop", 0}, {"has_decode", 0}}));
  EXPECT_EQ(prefill.at("prefill_steps"), 1);
  EXPECT_EQ(prefill.at("decode_steps"), 0);
}

// ---- 5, batching -----------------------------------------------------------------------------------------
const Values kMemory = {{"closed_loop", 1},     {"configured_requests", 0},    {"request_limit", 2048},
                        {"mean_context", 1000}, {"usable_memory", 72e9},       {"weight_bytes", 15e9},
                        {"working_bytes", 1e9}, {"kv_bytes_per_token", 131072}};
double running(const Values& in) {
  return output("5", "admission", "running_requests", in);
}

TEST(Batching, MemoryHoldsWhatTheWeightsLeave) {
  // Llama 3.1 8B at FP16: 2 x 32 layers x 8 heads x 128 x 2 B = 131072 B a token; (72 - 15 - 1) GB over
  // 131.072 MB a request are 427.25 requests.
  EXPECT_NEAR(running(kMemory), 427.246, 1e-3);
}

TEST(Batching, SoftwareLimitsComeFirst) {
  EXPECT_EQ(running(with(kMemory, {{"request_limit", 64}})), 64);
  EXPECT_EQ(running(with(kMemory, {{"configured_requests", 100}})), 100);
  EXPECT_NEAR(running(with(kMemory, {{"configured_requests", 1000}})), 427.246, 1e-3);
  // What is configured replaces the default limit.
  EXPECT_EQ(running(with(kMemory, {{"configured_requests", 100}, {"request_limit", 64}})), 100);
}

TEST(Batching, OneRequestIsKeptWhereNoneFits) {
  EXPECT_EQ(running(with(kMemory, {{"weight_bytes", 80e9}})), 1);
  EXPECT_EQ(running(with(kMemory, {{"mean_context", 1e6}})), 1);
}

TEST(Batching, WithoutACacheMemoryDoesNotLimit) {
  EXPECT_EQ(running(with(kMemory, {{"kv_bytes_per_token", 0}})), 2048);
  EXPECT_EQ(running(with(kMemory, {{"kv_bytes_per_token", 0}, {"configured_requests", 32}})), 32);
}

TEST(Batching, OutsideTheLoopTheScenarioSaysHowMany) {
  // Also more than fit: the memory gate tells.
  EXPECT_EQ(running(with(kMemory, {{"closed_loop", 0}, {"configured_requests", 5000}})), 5000);
}

}  // namespace
}  // namespace ironlaw
