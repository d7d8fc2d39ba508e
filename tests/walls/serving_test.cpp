// Wall 4 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

TEST(Serving, TheMeanContextIsThePromptAndHalfTheAnswer) {
  const auto context = [](double input, double generated) {
    const Values in = {{"input_len", input}, {"generated_len", generated}};
    return outputs(function("4", "lengths"), in).at("mean_context");
  };
  EXPECT_DOUBLE_EQ(context(1000, 300), 1150);
  EXPECT_DOUBLE_EQ(context(1000, 0), 1000);
}

const Values kClosed = {{"closed_loop", 1},        {"has_prefill", 1},       {"has_decode", 1},
                        {"running_requests", 256}, {"prefill_tokens", 8192}, {"prompt_tokens", 1024},
                        {"prompt_chunks", 1},      {"generated_len", 128}};

TEST(Serving, AClosedLoopRunsPromptsInStepsAndThenEveryToken) {
  const Values out = outputs(function("4", "schedule"), kClosed);
  EXPECT_DOUBLE_EQ(out.at("prefill_requests"), 8);  // 8192 / 1024
  EXPECT_DOUBLE_EQ(out.at("prefill_steps"), 32);    // 256 / 8
  EXPECT_DOUBLE_EQ(out.at("decode_steps"), 128);
}

TEST(Serving, APromptLongerThanTheStepRunsAlone) {
  const Values out = outputs(function("4", "schedule"), with(kClosed, {{"prompt_tokens", 20000}}));
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
      outputs(function("4", "schedule"), with(kClosed, {{"has_decode", 0}, {"generated_len", 0}}));
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

// ---- prompts ---------------------------------------------------------------------------------------------
Values prompt(const Values& changes) {
  return outputs(function("4", "prompt"), with({{"input_len", 8192}}, changes));
}

TEST(Prompt, IsWholeAndNewUnlessToldOtherwise) {
  EXPECT_EQ(prompt({}), (Values{{"prompt_tokens", 8192}, {"prompt_context", 0}, {"prompt_chunks", 1}}));
}

TEST(Prompt, ChunksSeeWhatCameBeforeThem) {
  // 8 chunks of 1024 behind 0, 1024, ... 7168 tokens: 3584 on average.
  const Values out = prompt({{"prefill_chunk", 1024}});
  EXPECT_DOUBLE_EQ(out.at("prompt_chunks"), 8);
  EXPECT_DOUBLE_EQ(out.at("prompt_tokens"), 1024);
  EXPECT_DOUBLE_EQ(out.at("prompt_context"), 3584);
  // 8192 in chunks of at most 3000: 3 of 2730.67.
  EXPECT_NEAR(prompt({{"prefill_chunk", 3000}}).at("prompt_tokens"), 8192.0 / 3, 1e-9);
}

TEST(Prompt, TheProductOfNewTokensAndWhatTheySeeDoesNotDependOnTheChunks) {
  // Causal attention of all chunks: sum of n (before + n/2) is n^2/2 of the whole prompt.
  for (const double chunk : {0.0, 512.0, 1000.0, 8192.0, 1e6}) {
    const Values out = prompt({{"prefill_chunk", chunk}});
    const double pairs = out.at("prompt_chunks") * out.at("prompt_tokens") *
                         (out.at("prompt_context") + out.at("prompt_tokens") / 2);
    EXPECT_NEAR(pairs, 8192.0 * 8192 / 2, 1e-6) << chunk;
  }
}

TEST(Prompt, ACachedPrefixIsReadButNotRun) {
  const Values out = prompt({{"cached_prefix", 6144}});
  EXPECT_DOUBLE_EQ(out.at("prompt_tokens"), 2048);
  EXPECT_DOUBLE_EQ(out.at("prompt_context"), 6144);
  // Also of a prompt that is cached as a whole one token is run.
  for (const double cached : {8192.0, 1e6})
    EXPECT_EQ(prompt({{"cached_prefix", cached}}),
              (Values{{"prompt_tokens", 1}, {"prompt_context", 8191}, {"prompt_chunks", 1}}));
}

TEST(Serving, ChunksMultiplyThePrefillSteps) {
  const Values chunked = with(kClosed, {{"prompt_chunks", 4}});
  EXPECT_DOUBLE_EQ(outputs(function("4", "schedule"), chunked).at("prefill_steps"), 128);  // 4 x 256/8
  const Values alone = with(chunked, {{"closed_loop", 0}, {"has_decode", 0}});
  EXPECT_DOUBLE_EQ(outputs(function("4", "schedule"), alone).at("prefill_steps"), 4);
}

// ---- speculative decoding --------------------------------------------------------------------------------
Values drafted(double tokens, double acceptance) {
  return outputs(function("4", "schedule"),
                 with(kClosed, {{"draft_tokens", tokens}, {"draft_acceptance", acceptance}}));
}

TEST(Speculation, WithoutADraftAStepYieldsOneToken) {
  const Values out = outputs(function("4", "schedule"), kClosed);
  EXPECT_EQ(out.at("decode_tokens"), 1);
  EXPECT_EQ(out.at("draft_steps"), 0);
  EXPECT_EQ(out.at("accepted_tokens"), 1);
}

TEST(Speculation, AcceptedTokensAreAGeometricSum) {
  // 0.75 and 4 tokens: 1 + 0.75 (1 - 0.75^4)/0.25 = 1 + 3 x 0.68359 = 3.0508.
  const Values out = drafted(4, 0.75);
  EXPECT_NEAR(out.at("accepted_tokens"), 3.05078125, 1e-12);
  EXPECT_NEAR(out.at("decode_steps"), 128 / 3.05078125, 1e-10);
  EXPECT_EQ(out.at("decode_tokens"), 5);
  EXPECT_EQ(out.at("draft_steps"), 4);
  EXPECT_EQ(drafted(4, 1).at("accepted_tokens"), 5);
  EXPECT_EQ(drafted(4, 0).at("accepted_tokens"), 1);
  // Smooth where the closed form is 0/0.
  EXPECT_NEAR(drafted(4, 1 - 1e-9).at("accepted_tokens"), 5 - 1e-8, 1e-12);
}

// ---- what a request sees
// -----------------------------------------------------------------------------------
const Values kLoop = {{"closed_loop", 1},
                      {"has_prefill", 1},
                      {"has_decode", 1},
                      {"prompt_chunks", 2},
                      {"input_len", 1024},
                      {"generated_len", 128},
                      {"draft_steps", 0},
                      {"accepted_tokens", 1},
                      {"prefill_step_time", 0.15},
                      {"decode_step_time", 0.02},
                      {"draft_step_time", 0},
                      {"steps_time", 9.9},
                      {"kv_bytes_per_token", 131072},
                      {"network_path_bandwidth", std::nan("")}};

Values latency(const Values& changes) {
  return outputs(function("4", "latency"), with(kLoop, changes));
}

TEST(Latency, InASharedLoopTokensWaitForTheOthersPrompts) {
  const Values out = latency({});
  EXPECT_DOUBLE_EQ(out.at("ttft"), 0.3);                    // 2 x 0.15
  EXPECT_NEAR(out.at("itl"), 0.075, 1e-15);                 // (9.9 - 0.3)/128
  EXPECT_NEAR(out.at("request_time"), 0.3 + 9.525, 1e-12);  // + 127 x 0.075
  EXPECT_NEAR(out.at("itl_worst"), 0.17, 1e-15);            // 0.02 + 0.15
}

// Little's law: requests in flight = their rate x their time, so a request takes a cycle (of which the last
// decode step makes no token that is waited for).
TEST(Latency, ARequestOfAClosedLoopTakesOneCycle) {
  const Values out = latency({});
  EXPECT_NEAR(out.at("request_time") + out.at("itl"), 9.9, 1e-12);
}

// One request alone: its own prompt is no gap between its tokens.
TEST(Latency, ALoopOfOneRequestWaitsForNobody) {
  const Values out = latency({{"prompt_chunks", 1}, {"steps_time", 0.15 + 128 * 0.02}});
  EXPECT_NEAR(out.at("itl"), 0.02, 1e-15);
}

TEST(Latency, DisaggregationFreesTheTokensAndMovesTheCache) {
  // 131072 B x 1024 = 134.2 MB at 50 GB/s: 2.684 ms after the prompt.
  const Values out = latency({{"serving", 1}, {"network_path_bandwidth", 50e9}});
  EXPECT_NEAR(out.at("ttft"), 0.3 + 131072.0 * 1024 / 50e9, 1e-15);
  EXPECT_DOUBLE_EQ(out.at("itl"), 0.02);
  EXPECT_DOUBLE_EQ(out.at("itl_worst"), 0.02);
  // Over an unknown network the first token comes at an unknown time.
  const Values unknown = latency({{"serving", 1}});
  EXPECT_TRUE(std::isnan(unknown.at("ttft")));
  EXPECT_DOUBLE_EQ(unknown.at("itl"), 0.02);
}

TEST(Latency, APhaseHasOnlyItsOwnTimes) {
  const Values prefill = latency({{"closed_loop", 0}, {"has_decode", 0}, {"generated_len", 0}});
  EXPECT_DOUBLE_EQ(prefill.at("ttft"), 0.3);
  for (const char* name : {"itl", "request_time", "itl_worst"})
    EXPECT_TRUE(std::isnan(prefill.at(name))) << name;
  const Values decode = latency({{"closed_loop", 0}, {"has_prefill", 0}});
  EXPECT_DOUBLE_EQ(decode.at("itl"), 0.02);
  EXPECT_DOUBLE_EQ(decode.at("itl_worst"), 0.02);
  for (const char* name : {"ttft", "request_time"}) EXPECT_TRUE(std::isnan(decode.at(name))) << name;
}

// mlsysim SE-spec: Llama 3.1 70B on a B200, 18.533886 ms a step; the 8B draft reads 16.06 GB and 131072 x
// 2048 B of cache at 8 TB/s, 2.041054 ms; 4 tokens accepted at 0.75: (18.533886 + 4 x 2.041054)/3.050781.
TEST(Latency, ReproducesTheSpeculationOfTheReference) {
  const double draft = (16.06e9 + 131072.0 * 2048) / 8e12;
  const Values out = latency({{"closed_loop", 0},
                              {"has_prefill", 0},
                              {"decode_step_time", 18.533886080000002e-3},
                              {"draft_step_time", draft},
                              {"draft_steps", 4},
                              {"accepted_tokens", drafted(4, 0.75).at("accepted_tokens")}});
  EXPECT_NEAR(out.at("itl"), 8.751235051021768e-3, 1e-12);
  // The tokens of a draft arrive together: the gap is the whole step.
  EXPECT_NEAR(out.at("itl_worst"), 18.533886080000002e-3 + 4 * draft, 1e-15);
}

}  // namespace
}  // namespace ironlaw
