// Latent diffusion (Rombach et al. 2021 arXiv:2112.10752): a U-Net that denoises latents of 1/8 of the
// picture's size, with text encoders before it and a decoder behind.
#include "registry/layer_list.hpp"

namespace ironlaw {
namespace {

constexpr Layer kConvolution{.after = After::nothing, .per_channel = 1};

// Two convolutions with a group norm before each, and a shortcut where the width changes. `embedded` > 0: the
// width of the time's embedding.
template <std::size_t N>
constexpr void add_residual_block(LayerList<N>& list, int in, int out, int pixels, int embedded) {
  list.group_norm(in, pixels);
  list.convolution(IRONLAW_LAYER("3x3"), in, out, 3, 1, pixels, kConvolution);
  if (embedded > 0) list.linear(IRONLAW_LAYER("time embedding"), embedded, out, 1);
  list.group_norm(out, pixels);
  list.convolution(IRONLAW_LAYER("3x3"), out, out, 3, 1, pixels, kConvolution);
  if (in != out) list.convolution(IRONLAW_LAYER("shortcut 1x1"), in, out, 1, 1, pixels, kConvolution);
}

// `depth` blocks of attention over pixels, attention over the text and a gated MLP of four times the width.
template <std::size_t N>
constexpr void add_attention_block(LayerList<N>& list, int width, int pixels, int depth, int text_width) {
  constexpr int kText = 77;  // tokens
  list.group_norm(width, pixels);
  list.linear(IRONLAW_LAYER("attention in and out"), width, width, pixels, 2);
  list.residual_norm(width, pixels, 3 * depth);
  list.linear(IRONLAW_LAYER("attention q, k, v"), width, width, pixels, 3 * depth, 0);
  list.attention(IRONLAW_LAYER("attention"), width, pixels, pixels, depth);
  list.linear(IRONLAW_LAYER("attention output"), width, width, pixels, 2 * depth);
  list.linear(IRONLAW_LAYER("attention q to text"), width, width, pixels, depth, 0);
  list.linear(IRONLAW_LAYER("attention k, v of text"), text_width, width, kText, 2 * depth, 0);
  list.attention(IRONLAW_LAYER("attention to text"), width, pixels, kText, depth);
  list.linear(IRONLAW_LAYER("mlp up"), width, 8 * width, pixels, depth);
  list.elementwise(IRONLAW_LAYER("mlp activation"), 8 * width, 4 * width, pixels, depth);
  list.linear(IRONLAW_LAYER("mlp down"), 4 * width, width, pixels, depth);
}

struct UnetLevel {
  int width;
  int depth;  // of attention; 0: none
};

// Two residual blocks a level down and three up, whose inputs are joined with what came down.
constexpr auto unet_layers(std::span<const UnetLevel> levels, int middle_depth, int size, int text_width,
                           int label_width) {
  LayerList<160> list;
  constexpr int kLatents = 4;
  const int first = levels.front().width;
  const int embedded = 4 * first;
  list.linear(IRONLAW_LAYER("time"), first, embedded, 1);
  list.linear(IRONLAW_LAYER("time"), embedded, embedded, 1);
  if (label_width > 0) {  // size and crop of the picture, and the pooled text
    list.linear(IRONLAW_LAYER("time"), label_width, embedded, 1);
    list.linear(IRONLAW_LAYER("time"), embedded, embedded, 1);
  }
  Layer input = kConvolution;
  input.is_leaf = true;
  list.convolution(IRONLAW_LAYER("first 3x3"), kLatents, first, 3, 1, size * size, input);
  std::array<int, 16> skipped{};
  std::size_t skips = 0;
  skipped[skips++] = first;
  int in = first;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const UnetLevel& level = levels[i];
    for (int block = 0; block < 2; ++block) {
      add_residual_block(list, in, level.width, size * size, embedded);
      if (level.depth > 0) add_attention_block(list, level.width, size * size, level.depth, text_width);
      in = level.width;
      skipped[skips++] = in;
    }
    if (i + 1 == levels.size()) break;
    size /= 2;
    list.convolution(IRONLAW_LAYER("down 3x3"), in, in, 3, 2, size * size, kConvolution);
    skipped[skips++] = in;
  }
  add_residual_block(list, in, in, size * size, embedded);
  add_attention_block(list, in, size * size, middle_depth, text_width);
  add_residual_block(list, in, in, size * size, embedded);
  for (std::size_t i = levels.size(); i-- > 0;) {
    const UnetLevel& level = levels[i];
    for (int block = 0; block < 3; ++block) {
      add_residual_block(list, in + skipped[--skips], level.width, size * size, embedded);
      if (level.depth > 0) add_attention_block(list, level.width, size * size, level.depth, text_width);
      in = level.width;
    }
    if (i == 0) break;
    size *= 2;
    list.convolution(IRONLAW_LAYER("up 3x3"), in, in, 3, 1, size * size, kConvolution);
  }
  list.group_norm(first, size * size);
  list.convolution(IRONLAW_LAYER("last 3x3"), first, kLatents, 3, 1, size * size, kConvolution);
  return list;
}

// Radford et al. 2021 arXiv:2103.00020: the text half of CLIP, over 77 tokens, each of which sees those
// before.
constexpr auto text_layers(int width, int layers, int projection) {
  LayerList<16> list;
  constexpr int kTokens = 77, kWords = 49408;
  list.add(IRONLAW_LAYER("word embedding"), {.in = kTokens,
                                             .out = width,
                                             .positions = kTokens,
                                             .type = LayerType::gather,
                                             .per_channel = kWords + kTokens});
  list.residual_norm(width, kTokens, 2. * layers + 1);
  list.linear(IRONLAW_LAYER("text q, k, v, output"), width, width, kTokens, 4. * layers);
  list.attention(IRONLAW_LAYER("text attention"), width, kTokens, (kTokens + 1) / 2., layers);
  list.linear(IRONLAW_LAYER("text mlp up"), width, 4 * width, kTokens, layers);
  list.elementwise(IRONLAW_LAYER("text mlp activation"), 4 * width, 4 * width, kTokens, layers);
  list.linear(IRONLAW_LAYER("text mlp down"), 4 * width, width, kTokens, layers);
  if (projection > 0) list.linear(IRONLAW_LAYER("text projection"), width, projection, 1, 1, 0);
  return list;
}

// Latents of size x size to pixels: 512, 512, 256, 128 channels, three residual blocks each.
constexpr auto decoder_layers(int size) {
  LayerList<64> list;
  constexpr int kWidths[] = {512, 512, 256, 128};
  int in = kWidths[0];
  list.convolution(IRONLAW_LAYER("latents 1x1"), 4, 4, 1, 1, size * size, kConvolution);
  list.convolution(IRONLAW_LAYER("first 3x3"), 4, in, 3, 1, size * size, kConvolution);
  add_residual_block(list, in, in, size * size, 0);
  list.group_norm(in, size * size);
  list.linear(IRONLAW_LAYER("attention q, k, v, output"), in, in, size * size, 4);
  list.attention(IRONLAW_LAYER("attention"), in, size * size, size * size, 1, in);  // one head
  add_residual_block(list, in, in, size * size, 0);
  for (int level = 0; level < 4; ++level) {
    for (int block = 0; block < 3; ++block) {
      add_residual_block(list, in, kWidths[level], size * size, 0);
      in = kWidths[level];
    }
    if (level == 3) break;
    size *= 2;
    list.convolution(IRONLAW_LAYER("up 3x3"), in, in, 3, 1, size * size, kConvolution);
  }
  list.group_norm(in, size * size);
  list.convolution(IRONLAW_LAYER("pixels 3x3"), in, 3, 3, 1, size * size, kConvolution);
  return list;
}

// Podell et al. 2023 arXiv:2307.01952: attention at two of three levels only, up to ten blocks deep.
constexpr UnetLevel kSdxlLevels[] = {{320, 0}, {640, 2}, {1280, 10}};
constexpr auto kSdxlUnet = unet_layers(kSdxlLevels, 10, 128, 2048, 2816);
constexpr auto kClipL = text_layers(768, 12, 0);
constexpr auto kOpenClipBigG = text_layers(1280, 32, 1280);
constexpr auto kDecoder1024 = decoder_layers(128);
// Guidance denoises with the prompt and without it, and so do the text encoders read both.
constexpr double kGuidance = 2, kDenoisingSteps = 20;
constexpr std::array<NetworkStage, 4> kSdxlStages{
    {{.layers = kClipL.span(), .rows = kGuidance, .is_frozen = true, .is_wide = true},
     {.layers = kOpenClipBigG.span(), .rows = kGuidance, .is_frozen = true, .is_wide = true},
     {.layers = kSdxlUnet.span(), .rows = kGuidance, .steps = kDenoisingSteps},
     {.layers = kDecoder1024.span(), .is_frozen = true, .is_wide = true}}};
// One step of one noise level, from latents and text.
constexpr std::array<NetworkStage, 3> kSdxlTrainingStages{
    {{.layers = kClipL.span(), .is_frozen = true},
     {.layers = kOpenClipBigG.span(), .is_frozen = true},
     {.layers = kSdxlUnet.span()}}};

constexpr UnetLevel kSd2Levels[] = {{320, 1}, {640, 1}, {1280, 1}, {1280, 0}};
constexpr auto kSd2Unet = unet_layers(kSd2Levels, 1, 64, 1024, 0);
constexpr auto kOpenClipH = text_layers(1024, 23, 0);  // the last of its 24 layers is not used
constexpr auto kDecoder512 = decoder_layers(64);
constexpr std::array<NetworkStage, 3> kSd2Stages{
    {{.layers = kOpenClipH.span(), .rows = kGuidance, .is_frozen = true, .is_wide = true},
     {.layers = kSd2Unet.span(), .rows = kGuidance, .steps = kDenoisingSteps},
     {.layers = kDecoder512.span(), .is_frozen = true, .is_wide = true}}};
constexpr std::array<NetworkStage, 2> kSd2TrainingStages{
    {{.layers = kOpenClipH.span(), .is_frozen = true}, {.layers = kSd2Unet.span()}}};

// FLUX.1 (Black Forest Labs 2024; black-forest-labs/FLUX.1-schnell transformer/config.json): a transformer
// over 256 tokens of text and one for every 16 x 16 pixels; 19 layers with weights of their own for text and
// picture, 38 with common ones, in which attention and MLP are parallel. All are modulated by the time.
constexpr auto flux_layers(int picture) {
  LayerList<32> list;
  constexpr int kWidth = 3072, kText = 256, kDouble = 19, kSingle = 38;
  const int all = kText + picture;
  list.linear(IRONLAW_LAYER("picture in"), 64, kWidth, picture);
  list.items[0].is_leaf = true;
  list.linear(IRONLAW_LAYER("text in"), 4096, kWidth, kText);
  list.items[1].is_leaf = true;
  list.linear(IRONLAW_LAYER("time in"), 256, kWidth, 1);
  list.linear(IRONLAW_LAYER("pooled text in"), 768, kWidth, 1);
  list.linear(IRONLAW_LAYER("time and pooled text"), kWidth, kWidth, 1, 2);
  for (const int tokens : {kText, picture}) {
    list.linear(IRONLAW_LAYER("modulation"), kWidth, 6 * kWidth, 1, kDouble);
    list.elementwise(IRONLAW_LAYER("residual and norm"), 2 * kWidth, 2 * kWidth, tokens, 2 * kDouble);
    list.linear(IRONLAW_LAYER("attention q, k, v"), kWidth, 3 * kWidth, tokens, kDouble);
    list.linear(IRONLAW_LAYER("attention output"), kWidth, kWidth, tokens, kDouble);
    list.linear(IRONLAW_LAYER("mlp up"), kWidth, 4 * kWidth, tokens, kDouble);
    list.elementwise(IRONLAW_LAYER("mlp activation"), 4 * kWidth, 4 * kWidth, tokens, kDouble);
    list.linear(IRONLAW_LAYER("mlp down"), 4 * kWidth, kWidth, tokens, kDouble);
  }
  list.linear(IRONLAW_LAYER("modulation of one stream"), kWidth, 3 * kWidth, 1, kSingle);
  list.elementwise(IRONLAW_LAYER("residual and norm"), 2 * kWidth, 2 * kWidth, all, kSingle);
  list.linear(IRONLAW_LAYER("q, k, v and mlp up"), kWidth, 7 * kWidth, all, kSingle);
  list.elementwise(IRONLAW_LAYER("mlp activation"), 4 * kWidth, 4 * kWidth, all, kSingle);
  list.linear(IRONLAW_LAYER("attention output and mlp down"), 5 * kWidth, kWidth, all, kSingle);
  // Norms and positions of queries and keys.
  list.elementwise(IRONLAW_LAYER("q, k norm"), 2 * kWidth, 2 * kWidth, all, kDouble + kSingle);
  list.attention(IRONLAW_LAYER("attention"), kWidth, all, all, kDouble + kSingle, kWidth / 24);
  list.linear(IRONLAW_LAYER("last modulation"), kWidth, 2 * kWidth, 1);
  list.linear(IRONLAW_LAYER("picture out"), kWidth, 64, picture);
  return list;
}
constexpr auto kFlux256 = flux_layers(16 * 16);   // 256 x 256 pixels
constexpr auto kFlux1024 = flux_layers(64 * 64);  // 1024 x 1024
// Schnell is distilled to four steps without guidance. Its text encoder (T5) is left out; its decoder is that
// of Stable Diffusion with more channels at the latents.
constexpr std::array<NetworkStage, 2> kFluxStages{
    {{.layers = kFlux1024.span(), .steps = 4},
     {.layers = kDecoder1024.span(), .is_frozen = true, .is_wide = true}}};
// Encoded texts and latents are read.
constexpr std::array<NetworkStage, 1> kFluxTrainingStages{{{.layers = kFlux256.span()}}};

}  // namespace

constexpr Network kFlux{.stages = kFluxStages, .is_adam = true};
constexpr Network kFluxTraining{.stages = kFluxTrainingStages, .is_adam = true};
constexpr Network kSdxl{.stages = kSdxlStages, .is_adam = true};
constexpr Network kSdxlTraining{.stages = kSdxlTrainingStages, .is_adam = true};
constexpr Network kSd2{.stages = kSd2Stages, .is_adam = true};
constexpr Network kSd2Training{.stages = kSd2TrainingStages, .is_adam = true};

}  // namespace ironlaw
