// A vendor's claim: who says that what does how well against what, under which conditions, and where it
// stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/predict/scenario.hpp"

namespace ironlaw {

// What a claim is about. More is better in all of them. A figure is of the datasheets, the others are
// predicted; a ratio has a baseline.
enum class Metric {
  peak,                 // [FLOP/s] of all devices together
  bandwidth,            // [B/s] of the memories together
  capacity,             // [B] of the memories together
  peak_ratio,           // product's over baseline's
  bandwidth_ratio,      // product's over baseline's
  capacity_ratio,       // product's over baseline's
  throughput_ratio,     // product's work a second over the baseline's, all devices of each
  training_time_ratio,  // the baseline's time to train over the product's, the same steps for both
  latency_ratio,        // the baseline's time over the product's
  cost_ratio,           // the product's work a dollar over the baseline's
  energy_ratio,         // the product's work a joule over the baseline's
  token_rate,           // [1/s] tokens of all requests
  user_token_rate,      // [1/s] tokens of one request
  mfu                   // useful FLOPs over the peak of all devices and the time
};
struct MetricFacts {
  Metric metric;
  const char* name;  // "throughput_ratio"
  const char* unit;  // of the value, "1" for a ratio
  bool is_ratio, is_figure;
};
const MetricFacts& facts_of(Metric metric);
std::vector<std::string> metric_names();
// Throws Error with what is allowed.
Metric parse_metric(std::string_view field, std::string_view text);

// Claims are rounded to two digits: the least that is still called so, 1.25 for 1.3 and 19.5 for 20.
double least_called(double claimed);

// The largest number of devices that a claim may state.
inline constexpr int kMostDevicesStated = 1'000'000;

// The product, or what it is held against. What is empty is left open by the claim.
struct ClaimSide {
  std::string name;    // as the claim says: "DGX H100"
  std::string target;  // of the catalogue; empty: none is named
  std::optional<int> devices;
  std::optional<Precision> precision;
  std::optional<double> batch;  // requests at once, of all devices; samples of an optimizer step
  std::optional<bool> is_sparse;
};

struct Claim {
  std::string id, vendor, text;
  ClaimSide product;
  std::optional<ClaimSide> baseline;  // of a ratio
  Metric metric = Metric::peak;
  double low = 0, high = 0;  // the value; a range has two ends
  std::string model;         // empty: left open
  std::optional<Task> task;
  std::optional<double> input_len, output_len;
  std::optional<double> latency;  // [s] the longest time between two tokens of a request that is allowed
  std::string conditions;         // stated too, and not part of the model: "vLLM on both"
  std::string where, source;
  int year = 0;
  std::string status;  // "read", "second-hand", "recalled"; "yours" of a free claim
  std::string note;
};

}  // namespace ironlaw
