// Wall 14 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

// No collective yet; NVLink at 450 GB/s, network at 50 GB/s, textbook efficiencies.
const Values kNothing = {
    {"is_all_reduce", 0},       {"is_gather", 0},    {"is_all_to_all", 0}, {"is_point_to_point", 0},
    {"message_bytes", 14e9},    {"ranks_inside", 1}, {"ranks_across", 1},  {"scaleup_bandwidth", 450e9},
    {"network_bandwidth", 50e9}};

double collective(const char* kind, double inside, double across, const Values& more = {}) {
  const Values in =
      with(with(kNothing, {{kind, 1}, {"ranks_inside", inside}, {"ranks_across", across}}), more);
  return outputs(function("14", "collectives"), in).at("collective_time");
}

TEST(AllReduce, ARingOf64RanksMoves14GigabytesInHalfASecond) {
  // Gradients of 7e9 parameters at 2 B: 2 x 63/64 x 14 GB / 50 GB/s = 0.55125 s.
  EXPECT_NEAR(collective("is_all_reduce", 1, 64), 0.55125, 1e-12);
  // Each of the 2 x 63 = 126 hops adds its latency: 126 x 5 us = 0.63 ms.
  EXPECT_NEAR(collective("is_all_reduce", 1, 64, {{"network_latency", 5e-6}}), 0.55125 + 0.63e-3, 1e-12);
  // At 80% of the network it takes 1 / 0.8 as long.
  EXPECT_NEAR(collective("is_all_reduce", 1, 64, {{"network_efficiency", 0.8}}), 0.55125 / 0.8, 1e-12);
}

TEST(AllReduce, InsideADomainItUsesTheScaleUpLink) {
  // 2 x 7/8 x 14 GB / 450 GB/s = 54.4 ms; 14 hops of 1 us.
  EXPECT_NEAR(collective("is_all_reduce", 8, 1, {{"scaleup_latency", 1e-6}}), 2 * 7.0 / 8 * 14 / 450 + 14e-6,
              1e-12);
  EXPECT_NEAR(collective("is_all_reduce", 8, 1, {{"scaleup_efficiency", 0.75}}),
              2 * 7.0 / 8 * 14 / 450 / 0.75, 1e-12);
}

TEST(AllReduce, ATreeIsBetterForSmallMessages) {
  const Values small = {{"message_bytes", 8e3}, {"network_latency", 5e-6}};
  // Tree: 2 log2(64) = 12 hops of 5 us and 8 kB at 50 GB/s (0.16 us): 61.92 us. Ring: 126 x 5 us = 630 us.
  EXPECT_NEAR(collective("is_all_reduce", 1, 64, small), 12 * (5e-6 + 0.16e-6), 1e-12);
  // Two ranks: both take two hops; the ring moves 2 x 1/2, the tree 2 of the buffer.
  EXPECT_NEAR(collective("is_all_reduce", 1, 2, small), 0.16e-6 + 2 * 5e-6, 1e-15);
}

TEST(AllReduce, AHierarchyWorksOnAnEighthAcrossDomains) {
  // 8 x 8: inside 2 x 7/8 x 14 GB / 450 GB/s = 54.44 ms; then 1/8 of it across: 2 x 7/8 x 1.75 GB /
  // 50 GB/s = 61.25 ms.
  EXPECT_NEAR(collective("is_all_reduce", 8, 8), 0.0544444 + 0.06125, 1e-7);
  // Five times faster than a flat ring over the network.
  EXPECT_LT(collective("is_all_reduce", 8, 8), collective("is_all_reduce", 1, 64) / 4);
}

TEST(Gather, MovesHalfOfAnAllReduce) {
  // 7/8 x 14 GB / 450 GB/s and 7 hops.
  EXPECT_NEAR(collective("is_gather", 8, 1, {{"scaleup_latency", 1e-6}}), 7.0 / 8 * 14 / 450 + 7e-6, 1e-12);
  EXPECT_NEAR(collective("is_gather", 8, 8), 7.0 / 8 * 14 / 450 + 7.0 / 8 * 1.75 / 50, 1e-12);
  EXPECT_NEAR(collective("is_gather", 1, 64), collective("is_all_reduce", 1, 64) / 2, 1e-12);
}

TEST(AllToAll, SendsTheWholeMessageAcross) {
  // Every rank has something for every other: nothing is summed on the way.
  EXPECT_NEAR(collective("is_all_to_all", 8, 8), 7.0 / 8 * 14 / 450 + 7.0 / 8 * 14 / 50, 1e-12);
  EXPECT_NEAR(collective("is_all_to_all", 1, 4), 3.0 / 4 * 14 / 50, 1e-12);
}

TEST(PointToPoint, TakesTheLinkOnItsWay) {
  EXPECT_NEAR(collective("is_point_to_point", 2, 1, {{"scaleup_latency", 1e-6}}), 14.0 / 450 + 1e-6, 1e-12);
  EXPECT_NEAR(collective("is_point_to_point", 1, 2, {{"network_latency", 5e-6}}), 14.0 / 50 + 5e-6, 1e-12);
}

TEST(Collective, OneRankNeedsNoLink) {
  const double unknown = std::nan("");
  for (const char* kind : {"is_all_reduce", "is_gather", "is_all_to_all"}) {
    EXPECT_EQ(collective(kind, 1, 1, {{"scaleup_bandwidth", unknown}, {"network_bandwidth", unknown}}), 0)
        << kind;
    EXPECT_GT(collective(kind, 8, 1, {{"network_bandwidth", unknown}}), 0) << kind;
    EXPECT_GT(collective(kind, 1, 8, {{"scaleup_bandwidth", unknown}}), 0) << kind;
    EXPECT_TRUE(std::isnan(collective(kind, 1, 8, {{"network_bandwidth", unknown}}))) << kind;
  }
  EXPECT_GT(collective("is_point_to_point", 2, 1, {{"network_bandwidth", unknown}}), 0);
}

// An unknown link that is not used must not reach a derivative either.
TEST(Collective, UnusedUnknownLinksHaveNoDerivative) {
  const ironlaw_function& f = function("14", "collectives");
  for (const char* kind : {"is_all_reduce", "is_gather", "is_all_to_all", "is_point_to_point"}) {
    const Values in = with(kNothing, {{kind, 1}, {"ranks_inside", 8}, {"network_bandwidth", std::nan("")}});
    std::vector<double> row, jacobian(f.n_inputs);
    for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
      const auto found = in.find(f.inputs[i]->name);
      row.push_back(found == in.end() ? f.inputs[i]->neutral : found->second);
    }
    std::vector<const double*> ins;
    std::vector<double*> jac;
    for (const double& x : row) ins.push_back(&x);
    for (double& x : jacobian) jac.push_back(&x);
    double time = 0;
    double* out = &time;
    ironlaw_error error{};
    ASSERT_EQ(f.eval_grad(ins.data(), &out, jac.data(), 1, &error), IRONLAW_OK);
    for (std::uint32_t i = 0; i < f.n_inputs; ++i)
      EXPECT_TRUE(std::isfinite(jacobian[i])) << kind << ' ' << f.inputs[i]->name;
  }
}

TEST(Collective, ComputeOperatorsTakeNoTime) {
  EXPECT_EQ(outputs(function("14", "collectives"), kNothing).at("collective_time"), 0);
}

// ---- exposure --------------------------------------------------------------------------------------------
const Values kStep = {{"node_time", 0.9},   {"tensor_time", 0.06}, {"pipeline_time", 0.01},
                      {"data_time", 0.5},   {"expert_time", 0.04}, {"idle_slots", 0},
                      {"micro_batches", 1}, {"interleave", 1},     {"backward_share", 2.0 / 3}};

TEST(Exposure, TheBackwardPassHidesGradients) {
  const auto exposed = [](const Values& in) {
    return outputs(function("14", "exposure"), in).at("exposed_communication");
  };
  // Textbook: all 0.6 s of backward hide the 0.5 s of gradients; tensor, pipeline and expert traffic stay.
  EXPECT_NEAR(exposed(kStep), 0.11, 1e-15);
  // Half of it hides 0.3 s, so 0.2 s show.
  EXPECT_NEAR(exposed(with(kStep, {{"overlap_share", 0.5}})), 0.31, 1e-15);
  EXPECT_NEAR(exposed(with(kStep, {{"overlap_share", 0}})), 0.61, 1e-15);
  // Inference has no backward pass.
  EXPECT_NEAR(exposed(with(kStep, {{"backward_share", 0}})), 0.61, 1e-15);
}

TEST(Exposure, AFlushWaitsForTheOtherStages) {
  const auto bubble = [](const Values& in) {
    return outputs(function("14", "exposure"), in).at("bubble_time");
  };
  EXPECT_EQ(bubble(kStep), 0);
  // PP = 8 and 32 micro-batches: 7/32 of the stage's 0.9 + 0.06 + 0.04 = 1 s.
  const Values eight = with(kStep, {{"idle_slots", 7}, {"micro_batches", 32}});
  EXPECT_NEAR(bubble(eight), 7.0 / 32, 1e-15);
  // Two chunks a stage halve it.
  EXPECT_NEAR(bubble(with(eight, {{"interleave", 2}})), 7.0 / 64, 1e-15);
}

}  // namespace
}  // namespace ironlaw
