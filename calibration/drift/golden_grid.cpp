#include "calibration/drift/golden_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <initializer_list>
#include <limits>
#include <set>
#include <string_view>
#include <thread>

#include "framework/base/error.hpp"
#include "framework/predict/split.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

// ---- what the grid asks ----------------------------------------------------------------------------------
// Precision, split and lengths are what `solve` takes when nobody says, so a change of those shows as well.

// One phase at one size. Batches are of all devices together; 0: as many as run at once.
struct Ask {
  Task task;
  int devices;
  double batch;
};

// Every device answers these.
struct EveryDevice {
  const char* model;
  std::initializer_list<Ask> asks;
};
const EveryDevice kEveryDevice[] = {
    {"llama-3.1-8b",
     {{Task::decode, 1, 1},
      {Task::decode, 1, 64},
      {Task::prefill, 1, 4},
      {Task::offline, 1, 0},
      {Task::offline, 8, 0},
      {Task::serve, 8, 0},
      {Task::train, 8, 64}}},
    {"llama-3.1-70b", {{Task::decode, 8, 64}, {Task::offline, 8, 0}}},
    {"resnet-50", {{Task::prefill, 1, 1}, {Task::prefill, 1, 64}, {Task::train, 8, 256}}},
    {"ds-cnn", {{Task::prefill, 1, 1}}},  // the one that a microcontroller holds
};

// Every model is asked these of every device here: one of each kind of chip that models are run on in
// earnest.
constexpr std::string_view kRepresentatives[] = {"A100-SXM-80GB", "H100-SXM-80GB", "B200-SXM-180GB",
                                                 "MI300X",        "TPU-v5p",       "Xeon-8480+"};
constexpr Ask kEveryModel[] = {
    {Task::decode, 1, 1},   {Task::decode, 8, 128}, {Task::prefill, 1, 8}, {Task::offline, 8, 0},
    {Task::offline, 16, 0}, {Task::serve, 8, 0},    {Task::train, 8, 64},  {Task::train, 64, 512},
};

// A device that nobody has joined to others, a phase that the model does not have: no point.
bool exists(const Ask& ask, const ModelSpec& model, const ironlaw_hardware& device) {
  if (ask.task == Task::decode && model.kind != ModelKind::decoder) return false;
  if (ask.devices == 1) return true;
  const double joined = figure(device, "scaleup_size");
  return ask.devices <= (std::isnan(joined) ? 1 : joined) || !std::isnan(figure(device, "network_bandwidth"));
}

// ---- answering -------------------------------------------------------------------------------------------
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

const ironlaw_hardware& target_of(const GoldenPoint& point,
                                  std::span<const ironlaw_hardware* const> hardware) {
  const auto found = std::find_if(hardware.begin(), hardware.end(),
                                  [&](const ironlaw_hardware* h) { return point.device == h->id; });
  if (found == hardware.end()) throw Error(fmt::format("There is no target {}.", point.device));
  return **found;
}

Scenario scenario_of(const GoldenPoint& point, std::span<const ironlaw_hardware* const> hardware) {
  Scenario s;
  s.model = &find_model(point.model);
  s.hardware = &target_of(point, hardware);
  s.task = parse_task(point.phase);
  s.batch = point.batch;
  s.precision = usual_precision(*s.hardware);
  s.split = default_split(s, point.devices);
  return s;
}

// A service gets half of what the machine can serve with the same parameters.
Prediction answer(Scenario s, const ParameterSet& parameters, Depth depth, Predictor& predictor) {
  if (s.task == Task::serve) {
    Scenario loop = s;
    loop.task = Task::offline;
    const Prediction most = predictor.predict(loop, parameters, Depth::numbers);
    constexpr double kHalf = 0.5;
    s.given[q::arrival_rate.name] = {
        kHalf * most.outcome.requests * most.resolved.replicas / most.outcome.time, "drift"};
  }
  return predictor.predict(s, parameters, depth);
}

std::string how(const Scenario& s) {
  return fmt::format("{} tp{} pp{} dp{} ep{}", name_of(s.precision), s.split.tensor, s.split.pipeline,
                     s.split.data, s.split.expert);
}

std::string outcome_of(const Prediction& p) {
  if (p.feasible) return "fits";
  return p.outcome.memory_headroom < 0 ? "memory" : p.violations.front().wall;
}

void add_prior(GoldenRow& row, const Prediction& p) {
  row.at_peak = p.peak_seconds;
  row.prior = p.outcome.time;
  for (const LedgerEntry& entry : p.ledger)
    if (entry.in_time && entry.seconds != 0) row.added[entry.number] += entry.seconds;
}

void add_calibrated(GoldenRow& row, const Prediction& p) {
  row.calibrated = p.outcome.time;
  row.half90 = p.variance->half90();
  if (p.binding) row.binding = fmt::format("{} {}", p.ledger[*p.binding].number, p.ledger[*p.binding].name);
}

GoldenRow golden_row(const GoldenPoint& point, std::span<const ironlaw_hardware* const> hardware,
                     const ParameterSet* fitted, Predictor& predictor) {
  GoldenRow row{point, "", "refused", kNone, kNone, kNone, {}, {}, {}, ""};
  Scenario s;
  try {
    s = scenario_of(point, hardware);
    const Prediction textbook = answer(s, ParameterSet::textbook(), Depth::numbers, predictor);
    row.how = how(s);
    row.outcome = outcome_of(textbook);
    row.textbook = textbook.outcome.time;
  } catch (const Error&) {
    return row;
  }
  add_prior(row, answer(s, ParameterSet::prior(), Depth::full, predictor));
  if (fitted) add_calibrated(row, answer(s, *fitted, Depth::full, predictor));
  return row;
}

}  // namespace

std::vector<GoldenPoint> golden_points(std::span<const ironlaw_hardware* const> hardware) {
  std::vector<GoldenPoint> points;
  std::set<GoldenPoint> seen;
  const auto add = [&](const Ask& ask, const ModelSpec& model, const ironlaw_hardware& device) {
    GoldenPoint point{device.id, model.id, name_of(ask.task), ask.devices, ask.batch};
    if (exists(ask, model, device) && seen.insert(point).second) points.push_back(std::move(point));
  };
  for (const ironlaw_hardware* device : hardware) {
    for (const EveryDevice& block : kEveryDevice)
      for (const Ask& ask : block.asks) add(ask, find_model(block.model), *device);
    if (std::find(std::begin(kRepresentatives), std::end(kRepresentatives), device->id) ==
        std::end(kRepresentatives))
      continue;
    for (const ModelSpec& model : models())
      for (const Ask& ask : kEveryModel) add(ask, model, *device);
  }
  return points;
}

std::vector<GoldenRow> golden_rows(std::span<const GoldenPoint> points,
                                   const std::vector<const ironlaw_wall*>& walls,
                                   std::span<const ironlaw_hardware* const> hardware,
                                   const ParameterSet* fitted) {
  for (const GoldenPoint& point : points) {  // a name that is none is no refusal
    target_of(point, hardware);
    find_model(point.model);
    parse_task(point.phase);
  }
  std::vector<GoldenRow> rows(points.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::exception_ptr> failures(std::max(1U, std::thread::hardware_concurrency()));
  const auto work = [&](std::exception_ptr& failure) {
    try {
      Predictor predictor(walls);
      for (std::size_t i = next++; i < points.size(); i = next++)
        rows[i] = golden_row(points[i], hardware, fitted, predictor);
    } catch (...) {
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(failures.size());
  for (std::exception_ptr& failure : failures) threads.emplace_back(work, std::ref(failure));
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
  return rows;
}

}  // namespace ironlaw
