// Runs that papers, repositories and serving logs publish, as rows of a fit.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// Completes `row`, whose observation is of a published source: model, scenario, and the observed value as a
// rate:
//   training   samples a second of all devices, from the time of a step, tokens a second or FLOP/s a device.
//              Models that are not registered come from their stated shape: a plain GPT (Megatron's).
//   serving    tokens a second of one request (1 / TPOT) at a number of requests in flight, prefill and
//   decode
//              on the same devices
// `model`: the registered one, or null. Returns why it cannot be predicted, or "".
std::string describe_published(Row& row, const ironlaw_hardware& hardware, const ModelSpec* model);

// Device, count, model, split and batch, as the source states them. What another table repeats of a source
// that is held out is not fitted either: papers print their tables more than once.
std::string setup_of(const Observation& observation);

// Where a source states one run in several quantities, the rows that are not the best of them (the time of a
// step, then a rate of tokens or samples, then FLOP/s), by id.
std::set<std::int64_t> repeated_quantities(const std::vector<Observation>& observations);

// What tells one configuration of a published source from another: the row's cell.
std::string configuration_of(const Row& row);

}  // namespace ironlaw
