// The benchmarks' networks against published counts of parameters and operations, and by hand.
#include "registry/network.hpp"
#include "steps.hpp"

namespace ironlaw {
namespace {
using testing::expect_ratio;
using testing::find;
using testing::get;
using testing::lowered;
using testing::model_flops;
using testing::plan_of;

double sample_flops(const char* model, Phase phase = Phase::prefill) {
  const StepPlan plan = plan_of(model, phase);
  return model_flops(plan, lowered(plan, 1, 1));
}
double parameters(const char* model) {
  return parameter_count(find_model(model));
}
double stage_parameters(const Network& net, std::size_t stage) {
  double sum = 0;
  for (const Layer& l : net.stages[stage].layers) sum += l.count * l.parameters();
  return sum;
}

TEST(Workloads, ParametersAgreeWithThePublishedCounts) {
  expect_ratio(parameters("retinanet"), 37.1e6, 2e-3);      // mlperf_inference/benchmarks.csv
  expect_ratio(parameters("3d-unet"), 30.8e6, 0.02);        // the same
  expect_ratio(parameters("mask-rcnn"), 44'401'393, 1e-4);  // torchvision maskrcnn_resnet50_fpn
  expect_ratio(parameters("ssd-mobilenet"), 6.91e6, 0.02);  // MLPerf Inference paper, table 1
  // U-Net and decoder as diffusers counts them; CLIP ViT-L/14's text half; OpenCLIP bigG's with its
  // projection.
  expect_ratio(stage_parameters(kSdxl, 2), 2'567'463'684, 1e-4);
  expect_ratio(stage_parameters(kSdxl, 3), 49'490'199, 1e-4);
  expect_ratio(stage_parameters(kSdxl, 0), 123'060'480, 1e-4);
  expect_ratio(stage_parameters(kSdxl, 1), 694'659'840, 1e-4);
  expect_ratio(stage_parameters(kSd2, 1), 865'910'724, 1e-4);
  expect_ratio(stage_parameters(kFluxTraining, 0), 11.9e9, 0.002);
  expect_ratio(parameters("dlrm-v1"), 24e9, 0.005);
  expect_ratio(parameters("dlrm-v2"), 97.31 * 0x1p30 / 4, 0.002);  // the checkpoint's 97.31 GiB of fp32
  expect_ratio(parameters("rnnt"), 45.3e6, 0.002);
  expect_ratio(network_parameters(kRnntTraining), 49.8e6, 0.02);
  expect_ratio(parameters("gnmt"), 160e6, 0.01);
  expect_ratio(parameters("whisper-large-v3"), 1543.5e6, 0.001);
}

TEST(Workloads, FlopsAgreeWithThePublishedTables) {
  // mlperf_inference/benchmarks.csv, gflop_per_sample; 2 FLOP a multiply-add.
  expect_ratio(sample_flops("retinanet"), 402.457e9, 2e-4);
  expect_ratio(sample_flops("3d-unet"), 57'275.8e9, 1e-5);
  expect_ratio(sample_flops("ssd-resnet34"), 433e9, 0.002);
  expect_ratio(sample_flops("ssd-mobilenet"), 2.47e9, 0.002);
  expect_ratio(sample_flops("stable-diffusion-xl"), 280'918e9, 0.002);  // which leaves text encoders out
  expect_ratio(sample_flops("dlrm-v1"), 1.32759e9, 1e-5);
  expect_ratio(sample_flops("dlrm-v2"), 8.65645e9, 1e-5);
  expect_ratio(sample_flops("whisper-large-v3"), 2713.28e9, 0.004);
  // mlperf_training/benchmarks.csv, train_flops_per_sample: three forward passes, of what is trained. Nothing
  // asks for the gradient of the input, or below a frozen part: that is what is left of the difference.
  expect_ratio(sample_flops("retinanet", Phase::train), 1.1731e12, 0.012);
  expect_ratio(sample_flops("3d-unet", Phase::train), 2.8638e12, 0.002);
  expect_ratio(sample_flops("stable-diffusion-v2", Phase::train), 2.4579e12, 0.001);
  expect_ratio(sample_flops("flux.1-schnell", Phase::train), 2.03e13, 0.01);
  expect_ratio(sample_flops("dlrm-v2", Phase::train), 9.6183e7, 1e-3);
  expect_ratio(sample_flops("dlrm-v1", Phase::train), 1.4461e7, 0.025);  // counts half of the interaction
}

// 27 x 1 x 32 x 128^3 + 27 x 32 x 32 x 128^3 at the top going down; 64 to 32 and 32 to 32 going up.
TEST(Workloads, VolumesByHand) {
  StepPlan plan = plan_of("3d-unet", Phase::train);
  const Step<double> step = lowered(plan, 1, 1);
  const double voxels = 128. * 128 * 128;
  const auto& first = get(step, "down 3x3x3");
  EXPECT_EQ(first.m, voxels);
  EXPECT_EQ(first.k, 27);
  EXPECT_EQ(first.n, 32);
  // The stride applies in three directions: 64^3 outputs, of which the input gradient has eight times as
  // many, each from an eighth of the 27 x 64 terms.
  const auto& strided = get(step, "down 3x3x3 stride 2, input gradient");
  EXPECT_EQ(strided.m, voxels);
  EXPECT_EQ(strided.k, 64 * 27 / 8.);
  // A norm of each instance cannot be folded: it runs in inference too, for every window.
  const Step<double> windows = lowered(plan_of("3d-unet", Phase::prefill), 1, 1);
  const auto& norm = get(windows, "instance norm and relu");
  EXPECT_EQ(norm.count, 22);
  // Values: 128^3 x 32 four times; 64^3 x 64, 32^3 x 128, 16^3 x 256, 8^3 x 320 four times; 4^3 x 320 twice.
  const double values =
      4 * (voxels * 32 + voxels / 8 * 64 + voxels / 64 * 128 + voxels / 512 * 256 + 512 * 320.) +
      2 * 64 * 320.;
  expect_ratio(norm.count * norm.bytes, 60 * 3 * 2 * values, 1e-12);
}

TEST(Workloads, GroupsAndFrozenPartsOfRetinaNet) {
  StepPlan plan = plan_of("retinanet", Phase::train);
  plan.micro_batch = 2;
  const Step<double> step = lowered(plan, 2, 1);
  // First 3x3: 128 channels in 32 groups of 4 at 200 x 200.
  const auto& grouped = get(step, "3x3");
  EXPECT_EQ(grouped.m, 2 * 200. * 200 * 32);
  EXPECT_EQ(grouped.n, 4);
  EXPECT_EQ(grouped.k, 36);
  EXPECT_EQ(grouped.flops, 2 * 2 * 200. * 200 * 128 * 36);
  // The stem is frozen; classes: 13,343 positions x 9 x 264.
  EXPECT_EQ(find(step, "stem 7x7, weight gradient"), nullptr);
  EXPECT_EQ(get(step, "classes 3x3").m * get(step, "classes 3x3").n, 2 * 13'343. * 2376);
  for (const auto& op : step.operators)
    if (std::string_view(op.name) == "reduce 1x1, input gradient") {
      EXPECT_NE(op.n, 64);  // none of the first stage
    }
  // Adam moves 30 bytes of what is trained: all but the stem and the first stage.
  const double frozen = 64 * 149. + 128 * 66. + 2 * 128 * 258. + 3 * 128 * 38. + 3 * 256 * 130. + 256 * 66.;
  expect_ratio(get(step, "optimizer").bytes, 30 * (parameters("retinanet") - frozen), 1e-12);
}

TEST(Workloads, DiffusionRunsTwentyStepsOfBothHalves) {
  StepPlan plan = plan_of("stable-diffusion-xl", Phase::prefill);
  plan.weights = plan.activations = Precision::fp8;
  const Step<double> step = lowered(plan, 4, 1);
  // 4 images, with and without their prompt, at 128 x 128 latents; the last convolution has 320 x 9 terms.
  const auto& last = get(step, "last 3x3");
  EXPECT_EQ(last.count, 20);
  EXPECT_EQ(last.m, 4 * 2 * 128. * 128);
  EXPECT_EQ(last.k, 2880);
  EXPECT_EQ(last.precision, Precision::fp8);
  // The decoder runs once, and stays at 16 bits: 1024 x 1024 pixels.
  const auto& pixels = get(step, "pixels 3x3");
  EXPECT_EQ(pixels.count, 1);
  EXPECT_EQ(pixels.m, 4 * 1024. * 1024);
  EXPECT_EQ(pixels.precision, Precision::bf16);
  // 2.567e9 parameters at one byte and 0.867e9 at two.
  expect_ratio(weight_bytes_per_device(plan), 2567.5e6 + 2 * 867.2e6, 1e-4);
}

TEST(Workloads, RecommenderReadsRowsAndSharesItsTables) {
  StepPlan plan = plan_of("dlrm-v2", Phase::prefill);
  plan.weights = plan.activations = Precision::int8;
  const Step<double> query = lowered(plan, 1, 1);
  // 270 pairs x (214 rows read + 26 sums written) x 128 bytes.
  EXPECT_EQ(get(query, "embedding rows").bytes, 270. * 240 * 128);
  EXPECT_EQ(find(query, "embedding all-to-all"), nullptr);

  StepPlan training = plan_of("dlrm-v2", Phase::train, {.data = 8});
  training.micro_batch = 6912;
  const Step<double> step = lowered(training, 6912, 1);
  // 26 x 128 values of two bytes of each of 6,912 pairs.
  EXPECT_EQ(get(step, "embedding all-to-all").message_bytes, 6912. * 26 * 128 * 2);
  // Rows and Adagrad's states of 4 bytes each are read and written: 16 bytes a number.
  EXPECT_EQ(get(step, "embedding rows, input gradient").bytes, 6912. * (26 * 128 * 2 + 214. * 128 * 16));
  // An eighth of the tables at fp32 and all dense weights at two bytes.
  const double tables = 204'184'588. * 128;
  expect_ratio(weight_bytes_per_device(training), tables * 4 / 8 + 2 * 16.045e6, 1e-4);
  // Only the dense part is summed over devices.
  expect_ratio(get(step, "gradient reduce-scatter").message_bytes, 2 * 16.045e6, 1e-3);
}

TEST(Workloads, CellsStepThroughASequence) {
  const StepPlan plan = plan_of("rnnt", Phase::prefill);
  const Step<double> step = lowered(plan, 2048, 1);
  // Two layers of 206 positions; all weights of the step are read in each.
  const auto& cell = get(step, "cell step");
  EXPECT_EQ(cell.count, 2 * 206);
  EXPECT_EQ(cell.m, 2048);
  EXPECT_EQ(cell.n, 4096);
  EXPECT_EQ(cell.weight_bytes, 4096 * 1024 * 2.);
  // In training the weight gradient of all steps is one product.
  const Step<double> training = lowered(plan_of("rnnt", Phase::train), 1, 1);
  EXPECT_EQ(get(training, "cell step, weight gradient").k, 410);
  EXPECT_EQ(get(training, "cell step, weight gradient").count, 2);
  EXPECT_EQ(get(training, "cell step, input gradient").count, 2 * 410);
}

// Weights a piece of source: 2 x 8 x 1024^2 (both ways), 12 (layer 2), 2 x 8 (layers 3 and 4), 1 (keys); of
// target: 8 and 3 x 12, 1 (queries), 1024 x 32,320: (45 + 45) x 1,048,576 + 33,095,680 = 127.5e6.
TEST(Workloads, GnmtByHand) {
  expect_ratio(sample_flops("gnmt"), 2 * 29 * (90 * 1'048'576. + 33'095'680), 1e-12);
  EXPECT_EQ(get(lowered(plan_of("gnmt", Phase::prefill), 64, 1), "cell step").count, 9 * 29);
}

TEST(Workloads, WhisperReadsSoundOnceAndWordsOneByOne) {
  const StepPlan plan = plan_of("whisper-large-v3", Phase::prefill);
  const Step<double> step = lowered(plan, 1, 1);
  // Encoder: 2 x 1500 x 12 x 1280^2 x 32 + 4 x 1500^2 x 1280 x 32 + convolutions = 2,274 GFLOP with the
  // decoder's keys and values of the sound (2 x 1500 x 2 x 1280^2 x 32 = 315 GFLOP) counted apart.
  const auto& sound = get(step, "attention to sound");
  EXPECT_DOUBLE_EQ(sound.count, 32 * 63.4595);
  EXPECT_EQ(sound.flops, 4. * 1500 * 1280);
  EXPECT_EQ(sound.bytes, 2. * 2 * (1280 + 1500 * 1280));  // its cache is read for every token
  EXPECT_EQ(get(step, "k, v of the sound").flops, 2. * 1500 * 1280 * 1280);
  EXPECT_DOUBLE_EQ(get(step, "vocabulary head").count, 63.4595);
}

}  // namespace
}  // namespace ironlaw
