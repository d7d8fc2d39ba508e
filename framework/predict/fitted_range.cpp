#include "framework/predict/fitted_range.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kQuantities = 3;

struct Quantity {
  const char* name;
  double value;  // NaN: unknown, or there is none
};

double batch_of(const Case& c) {
  if (c.scenario.task == Task::train) return c.samples;
  const int input = c.pipeline->input(q::configured_requests.name);
  const double batch = input < 0 ? 0 : c.inputs[static_cast<std::size_t>(input)];
  return batch > 0 ? batch : kUnknown;
}

std::array<Quantity, kQuantities> quantities_of(const Case& c, const Slot& slot) {
  double context = kUnknown;
  if (is_transformer(c.scenario.model->kind))
    context = slot.plan.phase == Phase::decode ? c.input_len + c.output_len / 2 : c.input_len;
  return {Quantity{"batch", batch_of(c)},
          {"devices", static_cast<double>(c.scenario.split.devices())},
          {"context", context}};
}

// Of the model itself.
std::span<const Slot> slots_of(const Case& c) {
  const auto first = c.slots.begin();
  const auto last = std::find_if(first, first + c.n_slots, [](const Slot& slot) { return slot.is_draft; });
  return {first, last};
}

// The farthest outside of each quantity.
std::vector<Regime> regimes_of(const Case& c, const FittedRanges& ranges) {
  std::vector<Regime> result;
  for (const Slot& slot : slots_of(c)) {
    const auto range = ranges.find(slot.key.workload);
    if (range == ranges.end()) continue;
    for (const auto& [name, value] : quantities_of(c, slot)) {
      const auto span = range->second.spans.find(name);
      if (std::isnan(value) || span == range->second.spans.end()) continue;
      Regime regime{slot.key.workload, name, value, span->second.low, span->second.high};
      const auto known = std::find_if(result.begin(), result.end(),
                                      [&](const Regime& r) { return r.quantity == regime.quantity; });
      if (known == result.end())
        result.push_back(std::move(regime));
      else if (regime.distance() > known->distance())
        *known = std::move(regime);
    }
  }
  return result;
}

double sum_of(const std::vector<Regime>& regimes) {
  double sum = 0;
  for (const Regime& r : regimes) sum += r.distance();
  return sum;
}

template <class Holds>
bool any_range(const FittedRanges& ranges, const Holds& holds) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const auto& r) { return holds(r.second); });
}

Support device_support(const ScopeKey& key, const FittedRange* own, const FittedRanges& all) {
  if (own && own->devices.contains(key.device)) return Support::here;
  if (any_range(all, [&](const FittedRange& r) { return r.devices.contains(key.device); }))
    return Support::other_work;
  if (any_range(all, [&](const FittedRange& r) { return r.families.contains(key.family); }))
    return Support::family;
  if (any_range(all, [&](const FittedRange& r) { return r.vendors.contains(key.vendor); }))
    return Support::vendor;
  return Support::never;
}

// A model of a class without rows stands on nothing, even where it was measured at other work: training says
// little of decoding.
Support model_support(const ScopeKey& key, const FittedRange* own, const FittedRanges& all) {
  if (!own) return Support::never;
  if (own->models.contains(key.model)) return Support::here;
  if (any_range(all, [&](const FittedRange& r) { return r.models.contains(key.model); }))
    return Support::other_work;
  return Support::workload;
}

std::string number(double x) {
  return fmt::format("{:.4g}", x);
}

}  // namespace

void add_to_ranges(const Case& c, FittedRanges& ranges) {
  for (const Slot& slot : slots_of(c)) {
    const ScopeKey& key = slot.key;
    FittedRange& range = ranges[key.workload];
    ++range.rows;
    range.vendors.insert(key.vendor);
    range.families.insert(key.family);
    range.devices.insert(key.device);
    range.precisions.insert(key.precision);
    if (!key.model.empty() && key.model != kUnknownModel) range.models.insert(key.model);
    for (const auto& [name, value] : quantities_of(c, slot)) {
      if (std::isnan(value)) continue;
      const auto [span, is_new] = range.spans.try_emplace(name, FittedRange::Span{value, value});
      span->second.low = std::min(span->second.low, value);
      span->second.high = std::max(span->second.high, value);
    }
  }
}

const char* name_of(Support support) {
  switch (support) {
    case Support::here:
      return "fitted";
    case Support::other_work:
      return "other work";
    case Support::family:
      return "family";
    case Support::vendor:
      return "vendor";
    case Support::workload:
      return "class";
    case Support::never:
      return "never";
  }
  return "";
}

double Regime::distance() const {
  return std::max({0.0, std::log(low / given), std::log(given / high)});
}

double Standing::distance() const {
  return sum_of(regimes);
}

double distance_outside(const Case& c, const FittedRanges& ranges) {
  return ranges.empty() ? 0 : sum_of(regimes_of(c, ranges));
}

Standing standing_of(const Case& c, const FittedRanges& ranges) {
  Standing result;
  result.is_fitted = !ranges.empty();
  if (!result.is_fitted) return result;
  result.device = result.model = Support::here;
  result.precision_fitted = true;
  for (const Slot& slot : slots_of(c)) {
    const auto found = ranges.find(slot.key.workload);
    const FittedRange* const own = found == ranges.end() ? nullptr : &found->second;
    result.workloads.push_back(slot.key.workload);
    result.device = std::max(result.device, device_support(slot.key, own, ranges));
    result.model = std::max(result.model, model_support(slot.key, own, ranges));
    result.precision_fitted = result.precision_fitted && own && own->precisions.contains(slot.key.precision);
  }
  result.regimes = regimes_of(c, ranges);
  return result;
}

std::string nothing_supports(const Case& c, const Standing& s) {
  if (!s.is_fitted || s.device != Support::never || s.model != Support::never) return {};
  const ironlaw_hardware& h = *c.scenario.hardware;
  return fmt::format(
      "nothing that was measured supports this answer: no fitted row is of {}, its family {} or its vendor "
      "{}, and none is of the work {} on any device. Import measurements of either (docs/your-data.md) and "
      "run `ironlaw calibrate`, or use --params textbook, which says what first principles allow.",
      h.id, h.family, h.vendor, fmt::join(s.workloads, " and "));
}

std::vector<std::string> warnings_of(const Case& c, const Standing& s) {
  std::vector<std::string> result;
  if (!s.is_fitted) return result;
  const Scenario& scenario = c.scenario;
  const ironlaw_hardware& h = *scenario.hardware;
  const std::string work = fmt::format("{}", fmt::join(s.workloads, " and "));
  if (s.device == Support::vendor)
    result.push_back(
        fmt::format("No fitted row is of {} or its family {}: it takes after other devices of {}.", h.id,
                    h.family, h.vendor));
  if (s.device == Support::never)
    result.push_back(fmt::format(
        "No fitted row is of {}, its family {} or its vendor {}: what holds for all devices is used.", h.id,
        h.family, h.vendor));
  if (s.model == Support::never)
    result.push_back(
        fmt::format("No fitted row is of the work {}: what holds for other work is used.", work));
  if (s.model != Support::never && !s.precision_fitted)
    result.push_back(fmt::format("No fitted row is of {} at {}.", work, name_of(scenario.precision)));
  for (const Regime& r : s.regimes)
    if (r.distance() > 0)
      result.push_back(
          fmt::format("{} {} lies outside what was fitted of {} ({} to {}): the interval is wider for it.",
                      r.quantity, number(r.given), r.workload, number(r.low), number(r.high)));
  return result;
}

}  // namespace ironlaw
