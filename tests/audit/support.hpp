// What the tests of audits share: the plugins of the build tree, and claims.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "framework/audit/verdict.hpp"
#include "framework/base/error.hpp"
#include "tests/plugins.hpp"

namespace ironlaw::testing {

inline Predictor& predictor() {
  static Predictor predictor({host().walls().begin(), host().walls().end()});
  return predictor;
}

// A figure or a ratio of figures: one device on each side.
inline Claim claim_of(Metric metric, double value, const std::string& product,
                      const std::string& baseline = "") {
  Claim c;
  c.id = "T1";
  c.metric = metric;
  c.low = c.high = value;
  c.product.name = c.product.target = product;
  c.product.devices = 1;
  if (!baseline.empty()) {
    c.baseline.emplace();
    c.baseline->name = c.baseline->target = baseline;
    c.baseline->devices = 1;
  }
  return c;
}

inline Audit audited(const Claim& claim, const ParameterSet& parameters = ParameterSet::textbook()) {
  return audit(claim, {host(), predictor(), parameters, {}});
}

inline double product_of(const std::vector<Factor>& factors) {
  double product = 1;
  for (const Factor& f : factors) product *= f.factor;
  return product;
}

template <class F>
std::string message_of(const F& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace ironlaw::testing
