// What the model says of a claim's metric under given conditions.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>

#include "framework/audit/conditions.hpp"
#include "framework/predict/compare.hpp"
#include "registry/places.hpp"

namespace ironlaw {

// The largest number of devices that is tried for a claim that states none.
inline constexpr int kMostDevicesTried = 1024;

// The metric under some conditions.
struct Reading {
  double value = 0;
  std::optional<Interval> interval90;  // none for figures of a datasheet and with textbook parameters
  std::optional<double> limit;         // Reader::limit, where there is an interval
  std::string refused;                 // why there is no value; empty where there is one
  bool is_unknown = false;             // refused for want of a figure, not because it cannot be
  bool has_value() const { return refused.empty(); }
};

// Predictions of a claim's two sides, each made once. What it is given must outlive it.
class Reader {
 public:
  Reader(const Subject& subject, Predictor& predictor, const ParameterSet& parameters,
         std::span<const RentalPrice> prices)
      : subject_(subject), predictor_(predictor), parameters_(parameters), prices_(prices) {}

  // A ratio's interval is that of the ratio: what both sides rest on cancels (log_variance_of_ratio). It is
  // left out where the value is less than `least`.
  Reading read(const Conditions& conditions, double least = 0);

  // What no software can be above: the product with every efficiency at its first-principles value (the
  // textbook parameters), for a ratio against the slow end of the baseline's own interval. For a figure, the
  // figure. Refused where read() is.
  Reading limit(const Conditions& conditions);

  // The conditions with the number of devices, doubling from one, at which both sides can do it, where the
  // claim states none: split into the smallest replicas that fit, or where that finds nothing in the fastest
  // way. Else, and where none up to kMostDevicesTried does, as they were.
  Conditions on_enough_devices(const Conditions& conditions);

  // Both sides against each other with all walls, for a claim that is predicted; without gaps where the claim
  // has no baseline. Throws Error where a side cannot be predicted.
  Comparison raced(const Conditions& conditions);

 private:
  struct Side {
    Prediction prediction;
    std::string refused;
    bool is_unknown = false;
  };
  enum class Which { product, baseline };
  using Key = std::tuple<Which, bool, const ModelSpec*, SideConditions, bool, std::optional<double>,
                         std::optional<double>, std::optional<double>>;

  const ironlaw_hardware& hardware(Which which) const {
    return which == Which::product ? *subject_.product : *subject_.baseline;
  }
  const SideConditions& side_of(Which which, const Conditions& c) const {
    return which == Which::product ? c.product : c.baseline;
  }
  Reading figure_reading(const Conditions& conditions) const;
  Reading predicted_reading(const Conditions& conditions, double least);
  Reading side_figure(Which which, const Conditions& conditions) const;
  const Side& side(Which which, const Conditions& conditions, bool is_textbook = false);
  Side predicted(Which which, const Conditions& conditions, const ParameterSet& parameters);
  Scenario scenario(Which which, const Conditions& conditions, const ParameterSet& parameters);
  Scenario within_latency(const Scenario& scenario, double latency, const ParameterSet& parameters);
  Reading measure(Which which, const Side& side) const;

  const Subject& subject_;
  Predictor& predictor_;
  const ParameterSet& parameters_;
  std::span<const RentalPrice> prices_;
  std::map<Key, Side> sides_;
};

}  // namespace ironlaw
