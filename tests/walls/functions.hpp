// The walls of the build tree, called by the names of their ports.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/plugins.hpp"

namespace ironlaw::testing {

inline const ironlaw_function& function(const char* wall, std::string_view name) {
  const ironlaw_wall& w = host().find_wall(wall);
  for (std::uint32_t f = 0; f < w.n_functions; ++f)
    if (name == w.functions[f]->name) return *w.functions[f];
  ADD_FAILURE() << "wall " << wall << " has no function " << name;
  std::abort();
}

using Values = std::map<std::string, double>;

// One row. Parameters that `given` does not name are at their textbook value, settings at their usual one; a
// test that forgets an input, or names one that is not there, fails.
inline std::vector<double> inputs(const ironlaw_function& f, const Values& given) {
  std::vector<double> in;
  std::size_t used = 0;
  for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
    const ironlaw_port& port = *f.inputs[i];
    const auto found = given.find(port.name);
    if (found != given.end()) {
      ++used;
      in.push_back(found->second);
      continue;
    }
    EXPECT_TRUE(port.flags & (IRONLAW_PORT_PARAMETER | IRONLAW_PORT_SETTING))
        << f.name << ": the test gives no " << port.name;
    in.push_back(port.neutral);
  }
  EXPECT_EQ(used, given.size()) << f.name << " has no input of one of these names";
  return in;
}

// The outputs of one row by name.
inline Values outputs(const ironlaw_function& f, const Values& given) {
  const std::vector<double> in = inputs(f, given);
  std::vector<double> out(f.n_outputs);
  std::vector<const double*> ins;
  std::vector<double*> outs;
  for (const double& x : in) ins.push_back(&x);
  for (double& x : out) outs.push_back(&x);
  ironlaw_error error{};
  EXPECT_EQ(f.eval(ins.data(), outs.data(), 1, &error), IRONLAW_OK) << error.message;
  Values result;
  for (std::uint32_t o = 0; o < f.n_outputs; ++o) result[f.outputs[o]->name] = out[o];
  return result;
}

// Fails where a derivative of the outputs is not finite, as one of an unknown input that is not used would
// be.
inline void expect_finite_slopes(const ironlaw_function& f, const Values& given) {
  const std::vector<double> in = inputs(f, given);
  std::vector<double> out(f.n_outputs), jacobian(std::size_t{f.n_inputs} * f.n_outputs);
  std::vector<const double*> ins;
  std::vector<double*> outs, slopes;
  for (const double& x : in) ins.push_back(&x);
  for (double& x : out) outs.push_back(&x);
  for (double& x : jacobian) slopes.push_back(&x);
  ironlaw_error error{};
  ASSERT_EQ(f.eval_grad(ins.data(), outs.data(), slopes.data(), 1, &error), IRONLAW_OK) << error.message;
  for (std::size_t i = 0; i < jacobian.size(); ++i)
    EXPECT_TRUE(std::isfinite(jacobian[i]))
        << f.outputs[i / f.n_inputs]->name << " by " << f.inputs[i % f.n_inputs]->name;
}

// `base` with some values replaced.
inline Values with(Values base, const Values& changes) {
  for (const auto& [name, value] : changes) base[name] = value;
  return base;
}

}  // namespace ironlaw::testing
