// The targets of this repository: that they load, and their shape functions. Their figures:
// catalogue_test.cpp.
#include "ironlaw/hardware.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "framework/plugin/plugin_host.hpp"

namespace ironlaw {
namespace {

const PluginHost& host() {
  static const PluginHost host(SearchPath{{{PLUGIN_DIR}}, false});
  return host;
}

std::optional<double> value(const ironlaw_hardware& h, const std::string& quantity) {
  for (std::uint32_t i = 0; i < h.n_specs; ++i)
    if (h.specs[i]->quantity == quantity) return h.specs[i]->value;
  return std::nullopt;
}

TEST(Hardware, AllLoad) {
  for (const PluginFailure& f : host().failures())
    ADD_FAILURE() << f.path << ": " << f.stage << ": " << f.reason;
  EXPECT_TRUE(host().shadowed().empty());
}

TEST(Hardware, ShapeFunctionsAreSharesWithDerivatives) {
  std::vector<std::vector<double>> in(5);  // is_matmul, is_convolution, m, n, k
  for (const double matmul : {0.0, 1.0})
    for (const double convolution : {0.0, 1.0})
      for (const double m : {0.0, 1.0, 37.5, 512.0, 65536.0})
        for (const double n : {0.0, 64.0, 4096.0})
          for (const double k : {0.0, 1.0, 8192.0}) {
            const double row[] = {matmul, convolution, m, n, k};
            for (std::size_t i = 0; i < in.size(); ++i) in[i].push_back(row[i]);
          }
  const std::size_t rows = in[0].size();
  for (const ironlaw_hardware* h : host().hardware()) {
    SCOPED_TRACE(h->id);
    if (!h->shape) continue;
    const ironlaw_function& f = *h->shape;
    ASSERT_EQ(f.n_inputs, in.size());
    const char* names[] = {"is_matmul", "is_convolution", "matmul_m", "matmul_n", "matmul_k"};
    std::vector<const double*> ins;
    for (std::size_t i = 0; i < in.size(); ++i) {
      EXPECT_STREQ(f.inputs[i]->name, names[i]);
      EXPECT_TRUE(f.inputs[i]->flags & IRONLAW_PORT_DISCRETE);
      ins.push_back(in[i].data());
    }
    std::vector<double> plain(rows), again(rows), jacobian(rows * in.size(), NAN);
    std::vector<double*> jac;
    for (std::size_t i = 0; i < in.size(); ++i) jac.push_back(jacobian.data() + i * rows);
    double* out = plain.data();
    double* out_again = again.data();
    ironlaw_error error{};
    ASSERT_EQ(f.eval(ins.data(), &out, rows, &error), IRONLAW_OK);
    ASSERT_EQ(f.eval_grad(ins.data(), &out_again, jac.data(), rows, &error), IRONLAW_OK);
    EXPECT_EQ(plain, again);
    for (std::size_t r = 0; r < rows; ++r) {
      EXPECT_GT(plain[r], 0) << r;
      EXPECT_LE(plain[r], 1) << r;
      const bool is_product = (in[0][r] + in[1][r]) * in[2][r] * in[3][r] * in[4][r] > 0;
      if (!is_product) {
        EXPECT_EQ(plain[r], 1) << r;
      }
    }
    for (const double d : jacobian) EXPECT_EQ(d, 0);
  }
}

TEST(Hardware, EveryGpuKnowsItsTiles) {
  for (const ironlaw_hardware* h : host().hardware())
    if (std::string(h->kind) == "gpu") {
      EXPECT_NE(h->shape, nullptr) << h->id;
    }
}

// A shape function that counts other cores than the table shows would be hard to find.
TEST(Hardware, ShapeFunctionsUseTheCoresOfTheTable) {
  for (const ironlaw_hardware* h : host().hardware()) {
    if (!h->shape || std::string(h->shape->name) != "gpu_tiles") continue;
    const double row[] = {1, 0, 64, 64, 64};  // one tile, nothing to split: one core works
    const double* ins[] = {&row[0], &row[1], &row[2], &row[3], &row[4]};
    double share = 0;
    double* out = &share;
    ironlaw_error error{};
    ASSERT_EQ(h->shape->eval(ins, &out, 1, &error), IRONLAW_OK);
    EXPECT_DOUBLE_EQ(1 / share, value(*h, "cores").value()) << h->id;
  }
}

TEST(Hardware, LoadsInNoTime) {
  const auto begin = std::chrono::steady_clock::now();
  const PluginHost again(SearchPath{{{PLUGIN_DIR}}, false});
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
  std::printf("%zu plugins loaded once more in %.2f ms\n", again.plugins().size(), spent.count());
  EXPECT_LT(spent.count(), 2000);
}

}  // namespace
}  // namespace ironlaw
