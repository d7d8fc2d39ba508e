// Wall 14 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::expect_finite_slopes;
using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

// No collective yet; NVLink at 450 GB/s, fat tree at 50 GB/s, textbook efficiencies.
const Values kNothing = {{"is_all_reduce", 0},
                         {"is_gather", 0},
                         {"is_all_to_all", 0},
                         {"is_point_to_point", 0},
                         {"message_bytes", 14e9},
                         {"ranks_inside", 1},
                         {"ranks_across", 1},
                         {"scaleup_bandwidth", 450e9},
                         {"network_path_bandwidth", 50e9},
                         {"network_bisection_bandwidth", 50e9},
                         {"network_hops", 4},
                         {"network_neighbour_hops", 4},
                         {"memory_bandwidth", 3.35e12}};

// The network as if wall 10 gave every kind of traffic `bandwidth`.
Values network(double bandwidth) {
  return {{"network_path_bandwidth", bandwidth}, {"network_bisection_bandwidth", bandwidth}};
}

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

TEST(AllReduce, InsideADomainLatencyAndTransferArePipelined) {
  // 14 hops of 1 us and 2 x 7/8 x 4 MB / 450 GB/s = 15.5556 us: one after the other 29.5556 us, in the chunks
  // that fit best (sqrt(14) + sqrt(15.5556))^2 = 29.5556 + 2 sqrt(14 x 15.5556) = 59.07 us.
  const Values small = {{"message_bytes", 4e6}, {"scaleup_latency", 1e-6}};
  EXPECT_NEAR(collective("is_all_reduce", 8, 1, small), 29.5556e-6, 1e-10);
  EXPECT_NEAR(collective("is_all_reduce", 8, 1, with(small, {{"collective_ramp", 1}})), 59.070e-6, 1e-9);
  // What is all latency, or all transfer, has nothing to overlap.
  const Values ramp = {{"collective_ramp", 1}};
  EXPECT_NEAR(collective("is_all_reduce", 8, 1, ramp), 2 * 7.0 / 8 * 14 / 450, 1e-12);
  EXPECT_NEAR(
      collective("is_all_reduce", 8, 1, with(ramp, {{"message_bytes", 0}, {"scaleup_latency", 1e-6}})), 14e-6,
      1e-15);
}

TEST(AllReduce, ItsBufferPassesTheMemory) {
  // Two passes of 14 GB at 3.35 TB/s: 8.3582 ms more.
  const double more = collective("is_all_reduce", 8, 1, {{"collective_memory_passes", 2}}) -
                      collective("is_all_reduce", 8, 1);
  EXPECT_NEAR(more, 2 * 14e9 / 3.35e12, 1e-12);
}

TEST(AllReduce, ACrowdedBusIsSharedByItsRanks) {
  const auto slowdown = [](double ranks) {
    return collective("is_gather", ranks, 1, {{"scaleup_contention", 1.5}}) /
           collective("is_gather", ranks, 1);
  };
  EXPECT_NEAR(slowdown(2), 1, 1e-12);
  EXPECT_NEAR(slowdown(8), 8, 1e-12);  // (8/2)^1.5
}

TEST(AllReduce, BeyondANodeTheDomainsLatencyGrowsWithTheLogarithm) {
  const auto hops = [](double ranks) {
    return collective("is_all_reduce", ranks, 1, {{"message_bytes", 0}, {"scaleup_latency", 1e-6}}) / 1e-6;
  };
  EXPECT_NEAR(hops(4), 6, 1e-9);
  EXPECT_NEAR(hops(8), 14, 1e-9);
  EXPECT_NEAR(hops(64), 20, 1e-9);  // chains in nodes of 8, and 2 log2(8) more
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
  // Inside a domain all messages start at once.
  EXPECT_NEAR(collective("is_all_to_all", 8, 1, {{"message_bytes", 0}, {"scaleup_latency", 1e-6}}), 1e-6,
              1e-15);
}

TEST(PointToPoint, TakesTheLinkOnItsWay) {
  EXPECT_NEAR(collective("is_point_to_point", 2, 1, {{"scaleup_latency", 1e-6}}), 14.0 / 450 + 1e-6, 1e-12);
  EXPECT_NEAR(collective("is_point_to_point", 1, 2, {{"network_latency", 5e-6}}), 14.0 / 50 + 5e-6, 1e-12);
}

TEST(Collective, OneRankNeedsNoLink) {
  const double unknown = std::nan("");
  for (const char* kind : {"is_all_reduce", "is_gather", "is_all_to_all"}) {
    const Values inside = {{"scaleup_bandwidth", unknown}, {"memory_bandwidth", unknown}};
    EXPECT_EQ(collective(kind, 1, 1, with(network(unknown), inside)), 0) << kind;
    EXPECT_GT(collective(kind, 8, 1, network(unknown)), 0) << kind;
    EXPECT_GT(collective(kind, 1, 8, inside), 0) << kind;
    EXPECT_TRUE(std::isnan(collective(kind, 1, 8, network(unknown)))) << kind;
  }
  EXPECT_GT(collective("is_point_to_point", 2, 1, network(unknown)), 0);
}

// An unknown link that is not used must not reach a derivative either.
TEST(Collective, UnusedUnknownLinksHaveNoDerivative) {
  for (const char* kind : {"is_all_reduce", "is_gather", "is_all_to_all", "is_point_to_point"}) {
    SCOPED_TRACE(kind);
    expect_finite_slopes(function("14", "collectives"),
                         with(with(kNothing, {{kind, 1}, {"ranks_inside", 8}}), network(std::nan(""))));
  }
}

// ---- the network's shape ---------------------------------------------------------------------------------
TEST(Network, RingsAndExchangesHaveTheirOwnBandwidth) {
  const Values torus = {{"network_bisection_bandwidth", 20e9}};
  EXPECT_NEAR(collective("is_all_to_all", 1, 4, torus), 3.0 / 4 * 14 / 20, 1e-12);
  for (const char* kind : {"is_all_reduce", "is_gather", "is_point_to_point"})
    EXPECT_EQ(collective(kind, 1, 4, torus), collective(kind, 1, 4)) << kind;
}

TEST(Network, EverySwitchAddsItsLatency) {
  // Neighbours on a torus are one link apart, three fewer than on a fat tree: 5 - 3 x 0.6 = 3.2 us.
  const Values near = {{"network_latency", 5e-6}, {"network_neighbour_hops", 1}, {"network_hops", 12}};
  EXPECT_NEAR(collective("is_point_to_point", 1, 2, near), 0.28 + 3.2e-6, 1e-12);
  EXPECT_NEAR(collective("is_gather", 1, 64, near), 63.0 / 64 * 14 / 50 + 63 * 3.2e-6, 1e-12);
  // Two that are 12 links apart need 5 + 8 x 0.6 = 9.8 us.
  EXPECT_NEAR(collective("is_all_to_all", 1, 64, near), 63.0 / 64 * 14 / 50 + 63 * 9.8e-6, 1e-12);
  // A tree's partners are far apart too: 12 x (0.16 us + 9.8 us).
  EXPECT_NEAR(collective("is_all_reduce", 1, 64, with(near, {{"message_bytes", 8e3}})), 12 * 9.96e-6, 1e-12);
  // Never less than nothing.
  EXPECT_NEAR(collective("is_point_to_point", 1, 2, {{"network_neighbour_hops", 1}}), 0.28, 1e-15);
}

TEST(Network, CongestionSlowsTheNetworkOnly) {
  EXPECT_NEAR(collective("is_all_reduce", 1, 64, {{"congestion", 1.5}, {"network_latency", 5e-6}}),
              1.5 * (0.55125 + 0.63e-3), 1e-12);
  EXPECT_EQ(collective("is_all_reduce", 8, 1, {{"congestion", 1.5}}), collective("is_all_reduce", 8, 1));
}

// The reference's numbers (mlsysim, expected_values.csv) where the equations are the same.
TEST(Reference, CaseR3) {
  // Llama-3.1-70B, TP8 DP64, 16 sequences of 4,096 tokens a replica: 4 all-reduces of 16 x 4096 x 8192 x 2 B
  // in each of 80 layers on NVLink at 450 GB/s and 0.5 us.
  const double tensor =
      320 * collective("is_all_reduce", 8, 1,
                       {{"message_bytes", 16.0 * 4096 * 8192 * 2}, {"scaleup_latency", 0.5e-6}});
  EXPECT_NEAR(tensor, 1.3384520476444445, 1e-9);
  // Gradients of 70.6e9 / 8 parameters at 2 B over 64 nodes, HDR at 25 GB/s and 7 us.
  const Values hdr = with(network(25e9), {{"message_bytes", 70.6e9 / 8 * 2}, {"network_latency", 7e-6}});
  EXPECT_NEAR(tensor + collective("is_all_reduce", 1, 64, hdr), 2.7292715476444446, 1e-9);
}
TEST(Reference, ARingOfEightMovesAGigabyteIn35Milliseconds) {
  EXPECT_NEAR(collective("is_all_reduce", 1, 8, {{"message_bytes", 1e9}}), 35e-3, 1e-12);
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
  // Anchor A3 of mlsysim: 15 of 16 slots of 5.99425656 s, 48.4% of both; it leaves the tensor traffic out.
  const Values compute = {{"node_time", 5.619615525693342 * 16 / 15}, {"tensor_time", 0}, {"expert_time", 0}};
  const double a3 = bubble(with(with(kStep, compute), {{"idle_slots", 15}, {"micro_batches", 16}}));
  EXPECT_NEAR(a3, 5.619615525693342, 1e-12);
  EXPECT_NEAR(a3 / (a3 + compute.at("node_time")), 0.4838709677419355, 1e-12);
}

constexpr double kZeroBubble = 1;  // the second choice

TEST(Exposure, ZeroBubbleFillsItWithWeightGradients) {
  const auto bubble = [](const Values& in) {
    return outputs(function("14", "exposure"), in).at("bubble_time");
  };
  // Forward, backward and weight gradients of 0.3 s each, and no traffic: (F + B - W) / (F + B + W) = 1/3.
  const Values eight =
      with(kStep, {{"idle_slots", 7}, {"micro_batches", 32}, {"tensor_time", 0}, {"expert_time", 0}});
  const Values zero = with(eight, {{"pipeline_schedule", kZeroBubble}});
  EXPECT_NEAR(bubble(zero), bubble(eight) / 3, 1e-15);
  EXPECT_NEAR(bubble(zero), 7.0 / 32 * 0.3, 1e-15);
  // Recomputing the forward pass in the backward one: F 1, R + B 2, W 1 of 4: (1 + 2 - 1) / 4.
  EXPECT_NEAR(bubble(with(zero, {{"backward_share", 0.75}})), bubble(eight) / 2, 1e-15);
  // Frozen weights have no gradients to fill it with, and inference has none at all.
  EXPECT_NEAR(bubble(with(zero, {{"backward_share", 0.5}})), bubble(eight), 1e-15);
  EXPECT_NEAR(bubble(with(zero, {{"backward_share", 0}})), bubble(eight), 1e-15);
}

TEST(Exposure, OverlapIsLimitedByTheComputeThereIs) {
  const auto exposed = [](const Values& in) {
    return outputs(function("14", "exposure"), in).at("exposed_communication");
  };
  // No overlap of gradients: 0.06 + 0.01 + 0.04 + 0.5.
  EXPECT_NEAR(exposed(with(kStep, {{"gradient_overlap", 1}})), 0.61, 1e-15);
  // Half of the tensor traffic beside compute: 0.03 s less.
  EXPECT_NEAR(exposed(with(kStep, {{"tensor_overlap", 0.5}})), 0.08, 1e-15);
  // 0.5 s of the 0.9 s of compute hide gradients; of 2 s of tensor traffic they leave 0.4 s to hide.
  const Values busy = with(kStep, {{"tensor_time", 2}});
  EXPECT_NEAR(exposed(busy) - exposed(with(busy, {{"tensor_overlap", 0.9}})), 0.4, 1e-15);
  // Nothing hides more than there is.
  EXPECT_NEAR(exposed(with(kStep, {{"tensor_overlap", 1}})), 0.05, 1e-15);
}

TEST(Stragglers, TheSlowestOfManyIsLate) {
  const auto straggler = [](double devices, double sd) {
    return outputs(function("14", "stragglers"),
                   {{"node_time", 1}, {"devices", devices}, {"straggler_sd", sd}})
        .at("straggler_time");
  };
  EXPECT_EQ(straggler(1, 0.1), 0);
  EXPECT_EQ(straggler(1024, 0), 0);
  // The expected maximum of n standard normals: 1/sqrt(pi) for two, 3/(2 sqrt(pi)) for three; tables of order
  // statistics (Harter 1961) for the others.
  const std::pair<double, double> expected[] = {{2, 0.56419},   {3, 0.84628},   {10, 1.53875},
                                                {100, 2.50759}, {400, 2.96818}, {1000, 3.24144},
                                                {1e5, 4.38432}, {1e6, 4.86290}};
  for (const auto& [n, maximum] : expected) EXPECT_NEAR(straggler(n, 1) / maximum, 1, 2.5e-3) << n;
}

}  // namespace
}  // namespace ironlaw
