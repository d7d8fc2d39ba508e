// Wall 8 by hand.
#include <cmath>

#include "tests/walls/functions.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

// One step of 2,048 images of 150 kB on a node of 8 devices: 307.2 MB.
const Values kStep = {
    {"step_requests", 2048}, {"step_tokens", 2048}, {"devices", 8}, {"replicas", 1}, {"sample_bytes", 150e3}};

double ingest(const Values& more) {
  return outputs(function("8", "ingest"), with(kStep, more)).at("ingest_time");
}

TEST(Ingest, PathsThatNobodyDescribesTakeNoTime) {
  EXPECT_EQ(ingest({}), 0);
}

TEST(Ingest, TheSlowestPathIsTheBound) {
  EXPECT_NEAR(ingest({{"storage_bandwidth", 7e9}}), 0.3072 / 7, 1e-12);
  EXPECT_NEAR(ingest({{"storage_bandwidth", 7e9}, {"storage_network_bandwidth", 5e9}}), 0.3072 / 5, 1e-12);
  EXPECT_NEAR(ingest({{"storage_bandwidth", 7e9}, {"storage_network_bandwidth", 50e9}}), 0.3072 / 7, 1e-12);
  // Each device has a link of its own: 8 x 32 GB/s.
  EXPECT_NEAR(ingest({{"host_link_bandwidth", 32e9}}), 0.3072 / 256, 1e-12);
}

TEST(Ingest, CachesSpareTheStorageAndNotTheHostLink) {
  const Values paths = {{"storage_bandwidth", 7e9}, {"host_link_bandwidth", 32e9}};
  EXPECT_NEAR(ingest(with(paths, {{"cache_hit_share", 0.75}})), 0.0768 / 7, 1e-12);
  EXPECT_NEAR(ingest(with(paths, {{"cache_hit_share", 1}})), 0.3072 / 256, 1e-12);
  // Reading twice what is used takes the storage twice as long.
  EXPECT_NEAR(ingest(with(paths, {{"read_amplification", 2}})), 0.6144 / 7, 1e-12);
  EXPECT_NEAR(ingest(with(paths, {{"read_amplification", 2}, {"cache_hit_share", 1}})), 0.3072 / 256, 1e-12);
}

TEST(Ingest, AReplicaHasItsPartOfTheHosts) {
  const Values node = {{"storage_bandwidth", 7e9}};
  // 64 devices are 8 hosts; 4 replicas have 2 each.
  EXPECT_NEAR(ingest(with(node, {{"devices", 64}, {"replicas", 4}})), 0.3072 / 14, 1e-12);
  // 8 replicas of one device share one host.
  EXPECT_NEAR(ingest(with(node, {{"replicas", 8}})), 0.3072 / (7.0 / 8), 1e-12);
  // A device that is alone has its host for itself.
  EXPECT_NEAR(ingest(with(node, {{"devices", 1}})), 0.3072 / 7, 1e-12);
  EXPECT_NEAR(ingest(with(node, {{"devices", 64}, {"devices_per_node", 4}})), 0.3072 / (7 * 16), 1e-12);
}

TEST(Ingest, TokensAreFourBytes) {
  // 16 sequences of 4,096 tokens: 262 kB.
  const Values text = {
      {"sample_bytes", 0}, {"step_requests", 16}, {"step_tokens", 65536}, {"storage_bandwidth", 7e9}};
  EXPECT_NEAR(ingest(text), 262144 / 7e9, 1e-15);
  EXPECT_NEAR(ingest(with(text, {{"token_bytes", 2}})), 131072 / 7e9, 1e-15);
}

const Values kRun = {{"request_rate", 40e3}, {"devices", 1}, {"input_len", 1}, {"sample_bytes", 150e3}};

Values supply(const Values& more) {
  return outputs(function("8", "supply"), with(kRun, more));
}

// Scenario C: 40,000 images a second of 150 kB on an A100, of which only PCIe is described: not stalled.
TEST(Supply, ScenarioC) {
  const Values a100 = supply({{"host_link_bandwidth", 32e9}});
  EXPECT_NEAR(a100.at("ingest_demand"), 6e9, 1);
  EXPECT_NEAR(a100.at("ingest_supply"), 32e9, 1);
  EXPECT_NEAR(a100.at("ingest_utilisation"), 0.1875, 1e-12);
  EXPECT_TRUE(std::isnan(a100.at("storage_utilisation")));
  // A disk of 5 GB/s stalls it.
  const Values disk = supply({{"host_link_bandwidth", 32e9}, {"storage_bandwidth", 5e9}});
  EXPECT_NEAR(disk.at("ingest_supply"), 5e9, 1);
  EXPECT_NEAR(disk.at("ingest_utilisation"), 1.2, 1e-12);
  EXPECT_NEAR(disk.at("storage_utilisation"), 1.2, 1e-12);
  EXPECT_NEAR(disk.at("host_link_utilisation"), 0.1875, 1e-12);
}

TEST(Supply, IsUnknownWhereNothingIsDescribed) {
  const Values none = supply({});
  EXPECT_NEAR(none.at("ingest_demand"), 6e9, 1);
  for (const char* name : {"ingest_supply", "ingest_utilisation", "storage_utilisation",
                           "storage_network_utilisation", "host_link_utilisation"})
    EXPECT_TRUE(std::isnan(none.at(name))) << name;
}

// At the rate at which storage alone would let the steps follow each other, it is used fully.
TEST(Supply, AgreesWithTheBoundOfAStep) {
  const Values fleet = {{"devices", 64}, {"storage_bandwidth", 7e9}, {"cache_hit_share", 0.5}};
  const double step = ingest(with(fleet, {{"replicas", 4}}));
  const Values run = supply(with(fleet, {{"request_rate", 4 * 2048 / step}}));
  EXPECT_NEAR(run.at("ingest_utilisation"), 1, 1e-12);
  EXPECT_NEAR(run.at("ingest_demand"), run.at("ingest_supply"), 1e-3);
}

}  // namespace
}  // namespace ironlaw
