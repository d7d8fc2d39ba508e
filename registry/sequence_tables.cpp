// One sequence to another: RNN-T and GNMT, whose cells step through it, and Whisper, a transformer with two
// halves.
#include "registry/layer_list.hpp"

namespace ironlaw {
namespace {

constexpr int kGates = 4;  // of an LSTM cell, each with two biases

// What every cell of a layer takes from the layer below: known for all positions before the steps begin.
template <std::size_t N>
constexpr void add_cell_inputs(LayerList<N>& list, int in, int width, int positions, double count = 1) {
  list.linear(IRONLAW_LAYER("cell inputs"), in, kGates * width, positions, count, 2);
}
// One step of `layers` layers: a product with the weights, then the gates over it and the cell's state.
template <std::size_t N>
constexpr void add_cell_step(LayerList<N>& list, int width, double layers) {
  list.linear(IRONLAW_LAYER("cell step"), width, kGates * width, 1, layers, 0);
  list.elementwise(IRONLAW_LAYER("cell gates"), (2 * kGates + 1) * width, 2 * width, 1, layers);
}

// RNN-T (Graves 2012 arXiv:1211.3711; He et al. 2018 arXiv:1811.06621) as MLPerf has it: frames of 10 ms,
// three of which make one input of 240 numbers; two LSTM layers of 1024, then every two positions joined, and
// three more layers. mlcommons/inference speech_recognition/rnnt/pytorch/configs/rnnt.toml.
constexpr int kEncoder = 1024, kInputs = 240, kBefore = 2, kAfter = 3;

constexpr auto encoder_inputs(int positions) {
  LayerList<8> list;
  add_cell_inputs(list, kInputs, kEncoder, positions);
  list.items[0].is_leaf = true;
  add_cell_inputs(list, kEncoder, kEncoder, positions);
  add_cell_inputs(list, 2 * kEncoder, kEncoder, positions / 2);
  add_cell_inputs(list, kEncoder, kEncoder, positions / 2, kAfter - 1);
  return list;
}
constexpr auto encoder_step(double layers) {
  LayerList<4> list;
  add_cell_step(list, kEncoder, layers);
  return list;
}
constexpr auto kStepBefore = encoder_step(kBefore);
constexpr auto kStepAfter = encoder_step(kAfter);

// An utterance of LibriSpeech dev-clean has 7.18 s on average (5.39 h in 2703); without those above 15 s,
// which MLPerf leaves out (2513 stay), about 6.2 s: 206 positions before and 103 after the join, and about 91
// letters at 14.7 a second (the set has 54,402 words of 5.3 letters with their blank).
constexpr int kPositions = 206, kLetters = 91;
constexpr auto kRnntInputs = encoder_inputs(kPositions);
// Greedy: a step for each position and for each letter; letters step through the predictor too.
constexpr auto kRnntPredictor = [] {
  LayerList<8> list;
  constexpr int kWidth = 320, kAlphabet = 28;
  list.add(IRONLAW_LAYER("letter embedding"),
           {.in = 1, .out = kWidth, .type = LayerType::gather, .per_channel = kAlphabet});
  add_cell_inputs(list, kWidth, kWidth, 1, 2);
  add_cell_step(list, kWidth, 2);
  return list;
}();
constexpr auto kRnntJoint = [] {
  LayerList<4> list;
  constexpr int kWidth = 512, kLettersAndBlank = 29;
  list.linear(IRONLAW_LAYER("joint 1"), kEncoder + 320, kWidth, 1);
  list.linear(IRONLAW_LAYER("joint 2"), kWidth, kLettersAndBlank, 1);
  return list;
}();
constexpr int kStacked = kPositions / 2;  // positions after the stacking of two
constexpr std::array<NetworkStage, 5> kRnntStages{
    {{.layers = kRnntInputs.span()},
     {.layers = kStepBefore.span(), .steps = kPositions},
     {.layers = kStepAfter.span(), .steps = kStacked},
     {.layers = kRnntPredictor.span(), .steps = kLetters},
     {.layers = kRnntJoint.span(), .steps = kStacked + kLetters}}};

// MLPerf Training: LibriSpeech's 960 hours, 281,241 utterances of 12.3 s and 33.4 words (9.4 million words);
// word pieces of a vocabulary of 1023 and a blank, about 1.3 a word; the predictor is 512 wide.
// mlcommons/training retired_benchmarks/rnn_speech_recognition/pytorch/configs/baseline_v3-1023sp.yaml.
constexpr int kTrainPositions = 410, kTrainPieces = 43;
constexpr int kPredictor = 512, kJoint = 512, kVocabulary = 1024;
constexpr auto kTrainInputs = [] {
  LayerList<16> list;
  const auto inputs = encoder_inputs(kTrainPositions);
  for (const Layer& l : inputs.span()) list.add({l.name, l.input_gradient, l.weight_gradient}, l);
  list.add(IRONLAW_LAYER("word embedding"), {.in = kTrainPieces,
                                             .out = kPredictor,
                                             .positions = kTrainPieces,
                                             .type = LayerType::gather,
                                             .per_channel = kVocabulary - 1});
  add_cell_inputs(list, kPredictor, kPredictor, kTrainPieces, 2);
  list.linear(IRONLAW_LAYER("joint of sound"), kEncoder, kJoint, kTrainPositions / 2);
  list.linear(IRONLAW_LAYER("joint of words"), kPredictor, kJoint, kTrainPieces + 1);
  // Every position of the sound with every number of pieces.
  constexpr int kPairs = kTrainPositions / 2 * (kTrainPieces + 1);
  list.elementwise(IRONLAW_LAYER("joint sum and relu"), kJoint, kJoint, kPairs);
  list.linear(IRONLAW_LAYER("joint 2"), kJoint, kVocabulary, kPairs);
  return list;
}();
constexpr auto kPredictorStep = [] {
  LayerList<4> list;
  add_cell_step(list, kPredictor, 2);
  return list;
}();
constexpr int kTrainStacked = kTrainPositions / 2;
constexpr std::array<NetworkStage, 4> kRnntTrainingStages{
    {{.layers = kTrainInputs.span()},
     {.layers = kStepBefore.span(), .steps = kTrainPositions},
     {.layers = kStepAfter.span(), .steps = kTrainStacked},
     {.layers = kPredictorStep.span(), .steps = kTrainPieces}}};

// GNMT (Wu et al. 2016 arXiv:1609.08144) as MLPerf Training v0.7 has it: 1024 wide; an encoder of four
// layers, the first of which reads both ways, and a decoder of four, three of which read the attention's
// result too. Sentences of WMT16 English to German: 25 words on average, about 29 of its 32,320 word pieces
// on either side.
constexpr int kGnmtWidth = 1024, kGnmtPieces = 29, kGnmtWords = 32320;
constexpr auto kGnmtInputs = [] {
  LayerList<24> list;
  constexpr int kWidth = kGnmtWidth, kPieces = kGnmtPieces;
  list.add(IRONLAW_LAYER("word embedding"), {.in = 2 * kPieces,
                                             .out = kWidth,
                                             .positions = 2 * kPieces,
                                             .type = LayerType::gather,
                                             .per_channel = kGnmtWords});
  add_cell_inputs(list, kWidth, kWidth, kPieces, 2);  // both ways
  add_cell_inputs(list, 2 * kWidth, kWidth, kPieces);
  add_cell_inputs(list, kWidth, kWidth, kPieces, 2);
  add_cell_inputs(list, kWidth, kWidth, kPieces);  // the decoder's
  add_cell_inputs(list, 2 * kWidth, kWidth, kPieces, 3);
  list.linear(IRONLAW_LAYER("attention q, k"), kWidth, kWidth, kPieces, 2, 0);
  // Scores are sums over the width of tanh(q + k), for every pair of positions; then a weighted sum.
  list.elementwise(IRONLAW_LAYER("attention scores"), kWidth, kWidth, kPieces * kPieces);
  list.linear(IRONLAW_LAYER("vocabulary head"), kWidth, kGnmtWords, kPieces);
  return list;
}();
// Two directions, three more layers and the decoder's four, each a step for every position.
constexpr auto kGnmtStep = encoder_step(2 + 3 + 4);
constexpr std::array<NetworkStage, 2> kGnmtStages{
    {{.layers = kGnmtInputs.span()}, {.layers = kGnmtStep.span(), .steps = kGnmtPieces}}};

// Whisper large v3 (Radford et al. 2022 arXiv:2212.04356; openai/whisper-large-v3 config.json): 30 s of sound
// as 3000 frames of 128 bands, halved to 1500 positions; every utterance is padded to that.
constexpr int kWhisperWidth = 1280, kWhisperLayers = 32, kFrames = 3000, kSounds = 1500;
constexpr int kWhisperWords = 51866, kWhisperMost = 448;
constexpr double kWhisperTokens = 63.4595;  // mean of closed results (mlperf_inference/benchmarks.csv)

template <std::size_t N>
constexpr void add_transformer_mlp(LayerList<N>& list, int positions) {
  list.linear(IRONLAW_LAYER("mlp up"), kWhisperWidth, 4 * kWhisperWidth, positions, kWhisperLayers);
  list.elementwise(IRONLAW_LAYER("mlp activation"), 4 * kWhisperWidth, 4 * kWhisperWidth, positions,
                   kWhisperLayers);
  list.linear(IRONLAW_LAYER("mlp down"), 4 * kWhisperWidth, kWhisperWidth, positions, kWhisperLayers);
}
constexpr auto kWhisperEncoder = [] {
  LayerList<16> list;
  const Layer convolution{.taps = 3, .after = After::activation, .per_channel = 1, .dimensions = 1};
  Layer first = convolution;
  first.in = 128;
  first.out = kWhisperWidth;
  first.positions = kFrames;
  first.is_leaf = true;
  list.add(IRONLAW_LAYER("first convolution of 3"), first);
  Layer second = convolution;
  second.in = second.out = kWhisperWidth;
  second.positions = kSounds;
  second.stride = 2;
  second.per_channel = 1 + kSounds;  // and the positions
  list.add(IRONLAW_LAYER("second convolution of 3"), second);
  list.residual_norm(kWhisperWidth, kSounds, 2 * kWhisperLayers + 1);
  list.linear(IRONLAW_LAYER("attention q, k, v, output"), kWhisperWidth, kWhisperWidth, kSounds,
              4 * kWhisperLayers, 0.75);  // keys have no bias
  list.attention(IRONLAW_LAYER("attention"), kWhisperWidth, kSounds, kSounds, kWhisperLayers);
  add_transformer_mlp(list, kSounds);
  // Once for all of the decoder's steps.
  list.linear(IRONLAW_LAYER("k, v of the sound"), kWhisperWidth, kWhisperWidth, kSounds, 2 * kWhisperLayers,
              0.5);
  return list;
}();
constexpr auto kWhisperStep = [] {
  LayerList<16> list;
  // The table is the head's; positions are its own.
  list.add(IRONLAW_LAYER("word embedding"),
           {.in = 1, .out = kWhisperWidth, .type = LayerType::gather, .per_channel = kWhisperMost});
  list.residual_norm(kWhisperWidth, 1, 3 * kWhisperLayers + 1);
  list.linear(IRONLAW_LAYER("attention q, k, v, output"), kWhisperWidth, kWhisperWidth, 1, 4 * kWhisperLayers,
              0.75);
  constexpr double kPrompt = 4;  // tokens: start, language, task, no time stamps
  list.attention(IRONLAW_LAYER("attention"), kWhisperWidth, 1, kPrompt + kWhisperTokens / 2, kWhisperLayers);
  list.linear(IRONLAW_LAYER("attention to sound q, output"), kWhisperWidth, kWhisperWidth, 1,
              2 * kWhisperLayers);
  list.attention(IRONLAW_LAYER("attention to sound"), kWhisperWidth, 1, kSounds, kWhisperLayers);
  add_transformer_mlp(list, 1);
  list.linear(IRONLAW_LAYER("vocabulary head"), kWhisperWidth, kWhisperWords, 1, 1, 0);
  return list;
}();
constexpr std::array<NetworkStage, 2> kWhisperStages{
    {{.layers = kWhisperEncoder.span()}, {.layers = kWhisperStep.span(), .steps = kWhisperTokens}}};

}  // namespace

constexpr Network kRnnt{.stages = kRnntStages, .is_adam = true};
constexpr Network kRnntTraining{.stages = kRnntTrainingStages,
                                .is_adam = true,
                                .loss_values = 1. * kTrainStacked * (kTrainPieces + 1) * kVocabulary};
constexpr Network kGnmt{.stages = kGnmtStages, .is_adam = true, .loss_values = 1. * kGnmtPieces * kGnmtWords};
constexpr Network kWhisper{
    .stages = kWhisperStages, .is_adam = true, .loss_values = kWhisperTokens * kWhisperWords};

}  // namespace ironlaw
