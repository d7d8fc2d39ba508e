// Wall 10 by hand, and against every link of small networks.
#include <cmath>
#include <vector>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

enum Topology { fat_tree, rail, dragonfly, ring, torus2d, torus3d };  // as the choice lists them
constexpr double kPort = 50e9;                                        // NDR, 400 Gb/s

// `domains` of one device each, unless told otherwise.
Values network(int topology, double domains, const Values& more = {}) {
  const Values in = {
      {"network_bandwidth", kPort}, {"devices", domains}, {"scaleup_size", 1}, {"topology", topology}};
  return outputs(function("10", "network"), with(in, more));
}
double path(int topology, double domains, const Values& more = {}) {
  return network(topology, domains, more).at("network_path_bandwidth") / kPort;
}
double all_to_all(int topology, double domains, const Values& more = {}) {
  return network(topology, domains, more).at("network_bisection_bandwidth") / kPort;
}

TEST(Locality, TheDefaultIsAFatTreeThatTakesNothing) {
  for (const double devices : {1.0, 2.0, 8.0, 9.0, 64.0, 1000.0, 16384.0}) {
    const Values out = outputs(function("10", "network"),
                               {{"network_bandwidth", kPort}, {"devices", devices}, {"scaleup_size", 8}});
    EXPECT_EQ(out.at("network_path_bandwidth"), kPort);
    EXPECT_EQ(out.at("network_bisection_bandwidth"), kPort);
    if (devices > 8) {
      EXPECT_EQ(out.at("network_hops"), 4);
      EXPECT_EQ(out.at("network_neighbour_hops"), 4);
      EXPECT_NEAR(out.at("bisection_bandwidth"), devices / 2 * kPort, 1);
    } else {
      EXPECT_EQ(out.at("bisection_bandwidth"), 0);  // one domain: there is nothing to cut
    }
  }
}

TEST(Locality, AnUnknownPortStaysUnknown) {
  for (int topology = fat_tree; topology <= torus3d; ++topology) {
    const Values out = network(topology, 64, {{"network_bandwidth", std::nan("")}});
    for (const char* name : {"network_path_bandwidth", "network_bisection_bandwidth", "bisection_bandwidth"})
      EXPECT_TRUE(std::isnan(out.at(name))) << name;
    EXPECT_GT(out.at("network_hops"), 0);
    testing::expect_finite_slopes(
        function("10", "network"),
        {{"network_bandwidth", std::nan("")}, {"devices", 8}, {"scaleup_size", 8}, {"topology", topology}});
  }
}

TEST(Locality, OversubscriptionTakesFromWhatLeavesAGroup) {
  // Every domain alone under its leaf: all traffic passes the uplinks.
  EXPECT_NEAR(path(fat_tree, 64, {{"oversubscription", 2}}), 1.0 / 2, 1e-15);
  EXPECT_NEAR(all_to_all(fat_tree, 64, {{"oversubscription", 2}}), 1.0 / 2, 1e-15);
  // 16 domains under a leaf, 3:1: a ring leaves it once and has uplinks of 16/3 ports. Of an all-to-all 48 of
  // 63 partners are elsewhere, and the uplinks carry a third of the ports: 63 / 48 / 3.
  const Values leaf = {{"oversubscription", 3}, {"group_devices", 16}};
  EXPECT_EQ(path(fat_tree, 64, leaf), 1);
  EXPECT_NEAR(all_to_all(fat_tree, 64, leaf), 63.0 / 48 / 3, 1e-15);
  EXPECT_NEAR(network(fat_tree, 64, leaf).at("bisection_bandwidth"), 32 * kPort / 3, 1);
  // A job inside one leaf never sees them.
  EXPECT_EQ(all_to_all(fat_tree, 16, leaf), 1);
  EXPECT_EQ(network(fat_tree, 16, leaf).at("network_hops"), 2);
}

TEST(Locality, HopsOfASwitchedNetwork) {
  const Values leaf = network(fat_tree, 64, {{"group_devices", 16}});
  // 15 of 63 partners are two links away, 48 four; one neighbour in 16 is below another leaf.
  EXPECT_NEAR(leaf.at("network_hops"), (15 * 2 + 48 * 4) / 63.0, 1e-12);
  EXPECT_NEAR(leaf.at("network_neighbour_hops"), (15 * 2 + 4) / 16.0, 1e-12);
}

TEST(Locality, ARailReachesTheSameRankOfEveryDomain) {
  const Values nodes = {{"scaleup_size", 8}};
  EXPECT_EQ(network(rail, 512, nodes).at("network_hops"), 2);
  EXPECT_EQ(all_to_all(rail, 512, with(nodes, {{"oversubscription", 4}})), 1);
  // In units of 256 devices, 32 domains: 32 of 63 partners are in the other one; 7:1 uplinks: 63 / 32 / 7.
  const Values units = with(nodes, {{"group_devices", 256}, {"oversubscription", 7}});
  EXPECT_NEAR(all_to_all(rail, 512, units), 63.0 / 32 / 7, 1e-15);
  EXPECT_EQ(path(rail, 512, units), 1);
}

TEST(Locality, ADragonflyServesUniformTrafficAndDetoursTheRest) {
  // 16 groups of 512 devices. Uniform traffic takes its direct links: nothing is lost.
  EXPECT_EQ(all_to_all(dragonfly, 8192), 1);
  EXPECT_EQ(path(dragonfly, 8192), 1);
  // Half of the global links: 512 of 8191 partners are near, 7680 far.
  EXPECT_NEAR(all_to_all(dragonfly, 8192, {{"oversubscription", 2}}), 8191.0 / 7680 / 2, 1e-12);
  // Two devices a group: a ring leaves it with one device's traffic, which takes two global links.
  EXPECT_NEAR(path(dragonfly, 64, {{"group_devices", 2}, {"oversubscription", 2}}), 0.5, 1e-15);
  // Of the links between 16 groups 8 x 8 of 16 x 15 / 2 are cut: 64 x 512 / 15 ports.
  EXPECT_NEAR(network(dragonfly, 8192).at("bisection_bandwidth"), 64.0 * 512 / 15 * kPort, 1e3);
  EXPECT_NEAR(network(dragonfly, 8192).at("network_hops"), (511 * 3 + 7680 * 5) / 8191.0, 1e-12);
}

// Uniform traffic on a torus of side^dimensions, sent the shortest way, both ways alike where they tie: mean
// hops, and what the busiest link lets a device send when its links together have bandwidth 1.
struct Counted {
  double hops, share;
};
Counted count_links(int side, int dimensions) {
  double hops_along = 0;  // to all coordinates of one axis
  for (int x = 1; x < side; ++x) hops_along += std::min(x, side - x);
  const double nodes = std::pow(side, dimensions);
  const double hops = hops_along * dimensions * std::pow(side, dimensions - 1) / (nodes - 1);
  // Symmetric: each of the 2 d links of a node carries as much, together the node's rate times its hops.
  return {hops, 1 / hops};
}

TEST(Locality, TorusAgreesWithCountingItsLinks) {
  for (const int side : {2, 4, 8, 16})
    for (const int dimensions : {1, 2, 3}) {
      const double domains = std::pow(side, dimensions);
      const Counted counted = count_links(side, dimensions);
      const int topology = ring + dimensions - 1;
      EXPECT_NEAR(network(topology, domains).at("network_hops"), counted.hops, 1e-9) << side << dimensions;
      EXPECT_NEAR(all_to_all(topology, domains), counted.share, 1e-9) << side << dimensions;
      // A cut severs 2 side^(d-1) links, each a 2d-th of a device's bandwidth.
      EXPECT_NEAR(network(topology, domains).at("bisection_bandwidth"),
                  2 * std::pow(side, dimensions - 1) / (2 * dimensions) * kPort, 1e3);
    }
}

TEST(Locality, NeighboursOnARingOrTorusHaveAllTheirLinks) {
  for (const int topology : {ring, torus2d, torus3d})
    for (const double domains : {1.0, 2.0, 3.0, 27.0, 1000.0}) {
      EXPECT_EQ(path(topology, domains), 1);
      EXPECT_EQ(network(topology, domains).at("network_neighbour_hops"), 1);
    }
}

TEST(Locality, NoNetworkGivesMoreThanThePort) {
  for (int topology = fat_tree; topology <= torus3d; ++topology)
    for (const double domains : {1.0, 2.0, 3.0, 5.0, 7.0, 12.0, 100.0, 4096.0}) {
      EXPECT_LE(all_to_all(topology, domains), 1) << topology << ' ' << domains;
      EXPECT_GT(all_to_all(topology, domains), 0) << topology << ' ' << domains;
      EXPECT_GE(network(topology, domains).at("network_hops"), 1) << topology << ' ' << domains;
    }
}

TEST(Locality, DomainsAreWholeAndCountTheirDevices) {
  // 100 devices in domains of 8 are 13 domains, 512 in 64.
  EXPECT_EQ(all_to_all(ring, 100, {{"scaleup_size", 8}}), all_to_all(ring, 13));
  EXPECT_NEAR(network(torus3d, 512, {{"scaleup_size", 8}}).at("bisection_bandwidth"),
              8 * network(torus3d, 64).at("bisection_bandwidth"), 1e3);
}

TEST(Reference, Beta) {
  const auto beta = [](int topology, double domains) {
    return network(topology, domains).at("topology_beta");
  };
  EXPECT_NEAR(beta(torus3d, 27), 0.6666666666666667, 1e-12);
  EXPECT_NEAR(beta(torus3d, 27) * 400, 266.7, 0.05);
  EXPECT_NEAR(beta(torus3d, 64), 0.5, 1e-12);
  EXPECT_NEAR(beta(ring, 64), 2.0 / 64, 1e-12);
  EXPECT_NEAR(beta(torus2d, 64), 2.0 / 8, 1e-12);
  EXPECT_EQ(beta(fat_tree, 64), 1.0);
  EXPECT_EQ(beta(dragonfly, 64), 0.85);
  EXPECT_EQ(beta(torus3d, 4), 1.0);  // 1.26 without the limit
}

}  // namespace
}  // namespace ironlaw
