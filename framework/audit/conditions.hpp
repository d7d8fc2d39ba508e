// What a claim is read under: the conditions that it states, and plain ones for those that it leaves open.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "framework/audit/claim.hpp"
#include "framework/plugin/plugin_host.hpp"

namespace ironlaw {

// A claim with its names looked up.
struct Subject {
  Claim claim;
  const ironlaw_hardware* product = nullptr;
  const ironlaw_hardware* baseline = nullptr;  // null where the claim is no ratio
  const ModelSpec* model = nullptr;            // null for a figure
  bool is_model_open = false;                  // the claim names none: a usual one stands for it
  std::vector<std::string> missing;            // sentences: why it cannot be decided at all
};

// Looks the names up; what is not known is a sentence in `missing` and not an error.
Subject resolve(const Claim& claim, const PluginHost& host);

// Of one side, all settled.
struct SideConditions {
  int devices = 1;
  Precision precision = Precision::fp16;
  bool is_sparse = false;  // zeros of structured sparsity are counted as work done
  double batch = 0;        // 0: as many requests as run at once
  std::string generation;  // of software; empty: the newest that was fitted

  auto operator<=>(const SideConditions&) const = default;
};

struct Conditions {
  const ModelSpec* model = nullptr;
  Task task = Task::offline;
  SideConditions product, baseline;
  std::optional<double> input_len, output_len;
  std::optional<double> latency;  // [s] between two tokens of a request, at most
  bool is_fastest_split = false;  // of both; else the smallest replica that fits
};

// One thing that is done to conditions.
struct Change {
  std::string dimension;  // two changes of one dimension exclude each other
  std::string text;       // "sparsity is counted on A100-SXM-80GB"
  double size = 1;        // how much is changed: the search tries less first
  std::function<void(Conditions&)> apply;
};

// As the claim states them. What it leaves open is as for like: both sides dense, at the same precision or
// the nearest that they have, the same number of devices (one, unless one side's is stated), the requests
// that run at once as many as fit, one where a single request's speed is claimed; the model's usual lengths.
Conditions stated_conditions(const Subject& subject);

// What the stated conditions have that tells the sides apart, in the order precision, sparsity, devices,
// batch. `plain` gets the conditions without it: all changes applied to it give `stated` again.
std::vector<Change> differences(const Subject& subject, const Conditions& stated, Conditions& plain);

// The grid of what the claim leaves open, each a change of `stated`: sparsity, precision of either side,
// devices (a whole scale-up domain of each), requests at once, a limit on the time between tokens, lengths,
// another model of the kind, the fastest split, and the baseline on older software where generations were
// fitted.
std::vector<Change> open_changes(const Subject& subject, const Conditions& stated,
                                 const ParameterSet& parameters);

// What the claim does not say, in words: "sparsity", "batch of the baseline".
std::vector<std::string> open_conditions(const Subject& subject);

// "8 x H100-SXM-80GB in fp8 (dense)", one side of them.
std::string described(const ironlaw_hardware& hardware, const SideConditions& side, const Conditions& all,
                      bool is_figure);
// "llama-2-70b, offline, 128 tokens in, 128 out": what both are asked; empty for a figure.
std::string described_work(const Subject& subject, const Conditions& conditions);

}  // namespace ironlaw
