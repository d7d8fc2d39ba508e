// What physics and bookkeeping say of every answer: of every model on every device in every phase.
#include <array>
#include <cmath>

#include "tests/predict/every_case.hpp"

namespace ironlaw {
namespace {

using testing::for_every_case;
using testing::given;
using testing::scenario;
using testing::textbook;
using testing::time_per_request;
using testing::value;

TEST(EveryCase, IsTheProductOfTheFiveTerms) {
  for_every_case([](const Prediction& p) {
    const IronLaw& law = p.iron_law;
    ASSERT_TRUE(law.mfu && law.eta_scaling && law.goodput);
    EXPECT_NEAR(law.flops / (law.n * law.peak * *law.mfu * *law.eta_scaling * *law.goodput) / p.outcome.time,
                1, 1e-9);
    for (const double term : {*law.mfu, *law.eta_scaling, *law.goodput}) {
      EXPECT_GT(term, 0);
      EXPECT_LE(term, 1 + 1e-9);
    }
    // The columns that other walls read say the same.
    EXPECT_NEAR(value(p, "mfu") / *law.mfu, 1, 1e-12);
    EXPECT_NEAR(value(p, "eta_scaling") / *law.eta_scaling, 1, 1e-12);
    EXPECT_NEAR(value(p, "useful_time_share") / *law.goodput, 1, 1e-12);
  });
}

TEST(EveryCase, HasALedgerAndSharesThatAddUp) {
  for_every_case([](const Prediction& p) {
    double seconds = p.peak_seconds, share = 0;
    for (const LedgerEntry& entry : p.ledger) {
      seconds += entry.seconds;
      share += entry.elasticity;
      EXPECT_GE(entry.seconds, -1e-9 * p.outcome.time) << entry.name;
      EXPECT_GE(entry.elasticity, -1e-12) << entry.name;
    }
    EXPECT_NEAR(seconds / p.outcome.time, 1, 1e-9);
    EXPECT_NEAR(share, 1, 1e-9);
    EXPECT_TRUE(p.binding.has_value());
  });
}

TEST(EveryCase, HasFiniteTimesInOrder) {
  for_every_case([](const Prediction& p) {
    const Outcome& out = p.outcome;
    for (const double x : {out.time, out.replica_time, out.step_time, out.requests, out.useful_flops,
                           out.peak_time, out.memory_headroom, p.throughput}) {
      EXPECT_TRUE(std::isfinite(x));
    }
    EXPECT_GT(out.peak_time, 0);
    EXPECT_LE(out.peak_time, out.replica_time * (1 + 1e-12));
    EXPECT_LE(out.replica_time, out.step_time * (1 + 1e-12));
    EXPECT_LE(out.step_time, out.time * (1 + 1e-12));
  });
}

TEST(EveryCase, TakesAtLeastItsWorkAtFullSpeed) {
  for_every_case([](const Prediction& p) {
    double peak = 0;  // operators differ in precision: none is faster than the fastest
    for (const double x : p.resolved.peaks) peak = std::fmax(peak, x);
    EXPECT_GE(p.outcome.replica_time, value(p, "cycle_flops") / peak * (1 - 1e-12));
    EXPECT_GE(p.outcome.replica_time,
              value(p, "cycle_bytes") / testing::input(p, "memory_bandwidth") * (1 - 1e-12));
    // Executed FLOPs are useful ones and more: HFU >= MFU.
    EXPECT_GE(value(p, "cycle_flops"), p.outcome.useful_flops / p.iron_law.n * (1 - 1e-9));
  });
}

TEST(EveryCase, DoesNotMakeMoreTokensThanThePeakCan) {
  for_every_case([](const Prediction& p) {
    const Scenario& s = p.resolved.scenario;
    if (s.model->kind != ModelKind::decoder) return;
    double active = active_matmul_parameters(*s.model);
    if (s.task == Task::prefill)  // only the last position passes the vocabulary head
      active -= static_cast<double>(s.model->shape.vocab) * s.model->shape.hidden;
    const double flops = s.task == Task::train ? 6 : 2;
    EXPECT_LE(p.throughput * flops * active, p.iron_law.peak * p.iron_law.n);
  });
}

TEST(EveryCase, OnOneDeviceWaitsForNoOther) {
  int alone = 0;
  for_every_case([&](const Prediction& p) {
    if (p.iron_law.n > 1) return;
    ++alone;
    EXPECT_EQ(*p.iron_law.eta_scaling, 1);
    for (const char* name : {"exposed_communication", "bubble_time", "straggler_time"})
      EXPECT_EQ(testing::most_of_steps(p, name), 0) << name;
  });
  EXPECT_GT(alone, 100);
}

// What some cases do not have: the data path of nodes nobody described, the optimum of a run that trains on
// nothing, the latency of the other phase, a wait for tokens that nobody generates, the gain over slots that
// hold no request.
bool may_not_exist(const Account& a) {
  for (const char* wall : {"ingestion", "complexity"})
    if (a.wall == wall) return true;
  for (const char* name : {"ttft", "itl", "itl_worst", "request_time", "time_to_answer", "ttft_p99",
                           "ttft_quantile", "paged_speedup", "energy_per_token", "cost_per_million_tokens"})
    if (a.name == name) return true;
  return false;
}

TEST(EveryCase, KnowsAnAccountOrNamesWhatIsMissing) {
  int known = 0, unknown = 0;
  for_every_case([&](const Prediction& p) {
    for (const Account& a : p.accounts) {
      EXPECT_FALSE(std::isinf(a.value)) << a.name;
      if (!std::isnan(a.value)) {
        EXPECT_TRUE(a.unknown.empty()) << a.name;
        ++known;
        continue;
      }
      ++unknown;
      EXPECT_TRUE(!a.unknown.empty() || may_not_exist(a)) << a.name << " of wall " << a.wall;
      for (const std::string& name : a.unknown) {
        const int input = p.resolved.pipeline->input(name);
        ASSERT_GE(input, 0) << name;  // something that can be given
        EXPECT_TRUE(std::isnan(p.resolved.inputs[static_cast<std::size_t>(input)])) << name;
      }
    }
  });
  EXPECT_GT(known, 10 * 500);
  EXPECT_GT(unknown, 500);
}

TEST(EveryCase, IsTheSameEveryTime) {
  Predictor another(testing::walls());
  for_every_case([&](const Prediction& p) {
    const Prediction again = another.predict(p.resolved.scenario, ParameterSet::textbook());
    EXPECT_EQ(p.outcome.time, again.outcome.time);
    EXPECT_EQ(p.throughput, again.throughput);
    ASSERT_EQ(p.accounts.size(), again.accounts.size());
    for (std::size_t a = 0; a < p.accounts.size(); ++a) {
      const double x = p.accounts[a].value, y = again.accounts[a].value;
      EXPECT_TRUE(x == y || (std::isnan(x) && std::isnan(y))) << p.accounts[a].name;
    }
  });
}

// ---- what changes which way ------------------------------------------------------------------------------
TEST(EveryCase, IsNeverSlowedByAFasterPart) {
  constexpr const char* kRates[] = {"memory_bandwidth", "peak_flops", "scaleup_bandwidth",
                                    "network_bandwidth"};
  std::array<int, std::size(kRates)> helped{};
  for_every_case([&](const Prediction& p) {
    const Scenario& s = p.resolved.scenario;
    if (s.task == Task::serve) return;  // a faster machine has fewer requests to run at once
    // Wall 14 hides messages behind arithmetic and memory only: where a stream binds, faster ones hide less.
    if (testing::streams(s) && s.split.devices() > 1) return;
    const double before = time_per_request(p);
    for (std::size_t i = 0; i < std::size(kRates); ++i) {
      const double rate = testing::input(p, kRates[i]);
      if (std::isnan(rate)) continue;
      const double after = time_per_request(textbook(given(s, kRates[i], 2 * rate)));
      EXPECT_LE(after, before * (1 + 1e-12)) << kRates[i];
      EXPECT_GE(after, before / 2 * (1 - 1e-12)) << kRates[i];
      helped[i] += after < 0.999 * before;
    }
  });
  for (std::size_t i = 0; i < std::size(kRates); ++i) EXPECT_GT(helped[i], 20) << kRates[i];
}

TEST(Recomputation, IsHardwareWorkAndNoUsefulWork) {
  for (const char* model : {"llama-3.1-8b", "gpt-3-175b", "mixtral-8x7b", "bert-large"}) {
    Scenario s = scenario(model, "h100", Task::train, 16, Precision::bf16, {.tensor = 8});
    const Prediction none = textbook(s);
    const double executed = value(none, "cycle_flops");
    s.recompute = Recompute::full;
    const Prediction full = textbook(s);
    EXPECT_NEAR(full.outcome.useful_flops / none.outcome.useful_flops, 1, 1e-12) << model;
    EXPECT_GT(full.outcome.replica_time, 1.15 * none.outcome.replica_time) << model;
    EXPECT_LT(*full.iron_law.mfu, *none.iron_law.mfu) << model;
    // A fourth forward pass beside three: HFU is at most 4/3 of MFU (head and embedding are not run again).
    const double ratio = value(full, "cycle_flops") / executed;
    EXPECT_GT(ratio, 1.25) << model;
    EXPECT_LE(ratio, 4.0 / 3 + 1e-9) << model;
  }
}

// Causal attention of a prompt grows with its square, so that twice the tokens need more than twice the time
// where compute binds. The chip without its tiles, which a longer prompt fills better.
TEST(TimeToFirstToken, GrowsFasterThanThePrompt) {
  for (const char* device : {"h100", "a100", "b200", "mi300x"})
    for (const char* model : {"llama-3.1-8b", "llama-3.1-405b", "gpt-3-175b", "qwen3-8b"}) {
      ironlaw_hardware smooth = testing::hardware(device);
      smooth.shape = nullptr;
      Predictor predictor(testing::walls());
      Scenario s = scenario(model, device, Task::prefill, 1, Precision::bf16);
      s.hardware = &smooth;
      double before = 0;
      for (const double tokens : {8192, 16384, 32768, 65536}) {
        s.input_len = tokens;
        const Prediction p = predictor.predict(s, ParameterSet::textbook());
        EXPECT_EQ(p.ledger[*p.binding].name, "compute") << model << " on " << device;
        if (before > 0) {
          EXPECT_GT(p.outcome.time, 2 * before) << model << " on " << device << ", " << tokens;
          EXPECT_LT(p.outcome.time, 4 * before) << model << " on " << device << ", " << tokens;
        }
        before = p.outcome.time;
      }
    }
}

}  // namespace
}  // namespace ironlaw
