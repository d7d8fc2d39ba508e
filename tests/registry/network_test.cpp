// ResNet-50 by hand.
#include "steps.hpp"

namespace ironlaw {
namespace {
using testing::expect_ratio;
using testing::get;
using testing::lowered;
using testing::model_flops;
using testing::plan_of;

TEST(Convnet, ForwardFlops) {
  // 4.089e9 multiply-adds an image at 224 x 224: stem 118.0e6, stages 667.9e6 (1), 1,024.3e6 (2), 1,458.3e6
  // (3), 809.2e6 (4), classifier 2.0e6.
  const StepPlan plan = plan_of("resnet-50", Phase::prefill);
  const double flops = model_flops(plan, lowered(plan, 1, 1));
  expect_ratio(flops, 2 * 4.09e9, 0.01);
  expect_ratio(flops, 2 * (118.01e6 + 667.94e6 + 1027.60e6 + 1464.34e6 + 809.24e6 + 2.05e6), 1e-5);
  expect_ratio(model_flops(plan, lowered(plan, 64, 1)), 64 * flops, 1e-12);
}

TEST(Convnet, ConvolutionsAreImplicitProducts) {
  StepPlan plan = plan_of("resnet-50", Phase::prefill);
  plan.weights = plan.activations = Precision::int8;
  const Step<double> step = lowered(plan, 8, 1);
  const auto& stem = get(step, "stem 7x7");
  EXPECT_EQ(stem.kind, OperatorKind::convolution);
  EXPECT_EQ(stem.precision, Precision::int8);
  EXPECT_EQ(stem.m, 8 * 112 * 112);
  EXPECT_EQ(stem.n, 64);
  EXPECT_EQ(stem.k, 147);
  // One byte each: 224 x 224 x 3 in, 112 x 112 x 64 out, 9408 weights.
  EXPECT_DOUBLE_EQ(stem.bytes, 8. * (224 * 224 * 3 + 112 * 112 * 64) + 9408);
  EXPECT_EQ(get(step, "stage 3, 3x3").count, 5);
  // A strided 1x1 reads one pixel in four.
  EXPECT_DOUBLE_EQ(get(step, "stage 2, shortcut").bytes, 8. * (28 * 28 * 256 + 28 * 28 * 512) + 256 * 512);
  EXPECT_EQ(get(step, "stage 2, shortcut").weight_bytes, 256 * 512);
  EXPECT_EQ(get(step, "max pooling").weight_bytes, 0);
  EXPECT_EQ(testing::find(step, "batch norm and relu"), nullptr);  // folded into the convolution
  EXPECT_DOUBLE_EQ(weight_bytes_per_device(plan), 25'557'032);
}

TEST(Convnet, Training) {
  StepPlan plan = plan_of("resnet-50", Phase::train, {.data = 8});
  plan.micro_batch = 256;
  const Step<double> step = lowered(plan, 256, 1);
  const StepPlan forward = plan_of("resnet-50", Phase::prefill);
  // Three times the forward pass, less the stem's input gradient: 2 x 64 x 147 x 112^2 FLOP an image.
  expect_ratio(model_flops(plan, step),
               3 * model_flops(forward, lowered(forward, 256, 1)) - 256 * 2. * 64 * 147 * 12544, 1e-12);
  // 53 norms over 11.1e6 outputs an image, three passes forward.
  const auto& norm = get(step, "batch norm and relu");
  EXPECT_EQ(norm.count, 53);
  expect_ratio(norm.count * norm.bytes, 256 * 3 * 2 * 11.1e6, 0.005);
  expect_ratio(53 * get(step, "batch norm and relu, backward").bytes, 256 * 5 * 2 * 11.1e6, 0.005);
  // Sixteen blocks write 5.52e6 values an image: 3 x 802,816 + 4 x 401,408 + 6 x 200,704 + 3 x 100,352.
  EXPECT_DOUBLE_EQ(16 * get(step, "residual sum").bytes, 256 * 2 * 5'519'360.0);
  // Strided: the input gradient has four times the pixels and a quarter of the inner length.
  const auto& gradient = get(step, "stage 2, first 3x3, input gradient");
  EXPECT_EQ(gradient.m, 256. * 56 * 56);
  EXPECT_EQ(gradient.k, 128 * 9 / 4);
  EXPECT_DOUBLE_EQ(gradient.flops, get(step, "stage 2, first 3x3").flops);
  EXPECT_DOUBLE_EQ(get(step, "gradient reduce-scatter").message_bytes, 2 * 25'557'032.0);
  EXPECT_DOUBLE_EQ(step.state_bytes, 25'557'032.0 * (4 + 8 / 8.));
}

// 25 x 5 outputs of 64 channels everywhere. First: 125 x 64 x 40 = 320,000 multiply-adds; four blocks of
// 125 x 64 x 9 = 72,000 and 125 x 64 x 64 = 512,000; classifier 64 x 12 = 768: together 2,656,768.
TEST(Convnet, DsCnnByHand) {
  StepPlan plan = plan_of("ds-cnn", Phase::prefill);
  plan.weights = plan.activations = Precision::int8;
  const Step<double> step = lowered(plan, 1, 1);
  EXPECT_DOUBLE_EQ(model_flops(plan, step), 2 * 2'656'768.0);
  // 64 x 40 + 4 x (64 x 9 + 64 x 64) + 64 x 12 = 22,016 weights; 9 norms of 64 channels, 12 biases.
  const ModelSpec& model = find_model("ds-cnn");
  EXPECT_DOUBLE_EQ(active_matmul_parameters(model), 22'016);
  EXPECT_DOUBLE_EQ(parameter_count(model), 22'016 + 2 * 9 * 64 + 12);
  EXPECT_EQ(layer_count(model), 10);
  const auto& depthwise = get(step, "depthwise 3x3");
  EXPECT_EQ(depthwise.kind, OperatorKind::convolution);
  EXPECT_EQ(depthwise.count, 4);
  EXPECT_EQ(depthwise.m, 125 * 64);
  EXPECT_EQ(depthwise.n, 1);
  EXPECT_EQ(depthwise.k, 9);
  EXPECT_EQ(depthwise.weight_bytes, 64 * 9);
  EXPECT_DOUBLE_EQ(depthwise.bytes, 2 * 125 * 64 + 64 * 9);
  EXPECT_EQ(testing::find(step, "residual sum"), nullptr);
  EXPECT_EQ(testing::find(step, "max pooling"), nullptr);
  // The widest layer reads and writes 8,000 values.
  EXPECT_DOUBLE_EQ(step.activation_bytes, 16'000);
}

// MLPerf Tiny says 7.49e6 multiply-adds; by layers: 497,664 (first), 798,336 (depthwise), 6,193,152
// (pointwise), 512 (classifier).
TEST(Convnet, MobileNetByHand) {
  const StepPlan plan = plan_of("mobilenet-v1-0.25", Phase::prefill);
  EXPECT_DOUBLE_EQ(model_flops(plan, lowered(plan, 1, 1)), 2 * 7'489'664.0);
  const ModelSpec& model = find_model("mobilenet");
  // 216 + 9 x 1,240 + 196,224 + 512 weights; norms of 8 + 1,240 + 1,488 channels, 2 biases.
  EXPECT_DOUBLE_EQ(active_matmul_parameters(model), 208'112);
  EXPECT_DOUBLE_EQ(parameter_count(model), 208'112 + 2 * 2'736 + 2);
  EXPECT_EQ(layer_count(model), 28);
}

// Three times the forward pass less the first layer's input gradient, for every network.
TEST(Convnet, SmallNetworksTrainToo) {
  for (const char* name : {"ds-cnn", "mobilenet-v1-0.25"}) {
    StepPlan plan = plan_of(name, Phase::train);
    plan.micro_batch = 32;
    const StepPlan forward = plan_of(name, Phase::prefill);
    const Step<double> pass = lowered(forward, 32, 1);
    expect_ratio(model_flops(plan, lowered(plan, 32, 1)),
                 3 * model_flops(forward, pass) - pass.operators.front().flops, 1e-12);
  }
}

}  // namespace
}  // namespace ironlaw
