// Wall 7 and its queues by hand, by closed forms and by simulation.
#include <algorithm>
#include <cmath>
#include <queue>
#include <random>

#include "tests/walls/functions.hpp"
#include "walls/node/sojourn.hpp"

namespace ironlaw {
namespace {

using testing::function;
using testing::outputs;
using testing::Values;
using testing::with;

// ---- Erlang C
// ---------------------------------------------------------------------------------------------- The
// textbook's sum, in long numbers.
long double erlang_sum(int servers, long double rho) {
  const long double load = servers * rho;
  long double term = 1, sum = 0;
  for (int k = 0; k < servers; ++k) {
    sum += term;
    term *= load / (k + 1);
  }
  const long double waiting = term / (1 - rho);
  return waiting / (sum + waiting);
}

TEST(ErlangC, ByHand) {
  EXPECT_DOUBLE_EQ(erlang_c(1, 0.8), 0.8);
  // Two servers: 2 rho^2/(1 + rho) = 2 x 0.25/1.5.
  EXPECT_NEAR(erlang_c(2, 0.5), 1.0 / 3, 1e-15);
  // Three at rho 2/3, load 2: (8/6 x 3)/(1 + 2 + 2 + 4) = 4/9.
  EXPECT_NEAR(erlang_c(3, 2.0 / 3), 4.0 / 9, 1e-15);
  EXPECT_EQ(erlang_c(7, 0.0), 0);
  EXPECT_EQ(erlang_c(7, 1.0), 1);
  EXPECT_EQ(erlang_c(2.9, 0.5), erlang_c(2, 0.5));  // a fraction of a server serves nobody
  EXPECT_TRUE(std::isnan(erlang_c(7, std::nan(""))));
}

TEST(ErlangC, EqualsTheTextbookSum) {
  for (const int servers : {2, 5, 10, 100, 1000})
    for (const double rho : {0.1, 0.5, 0.8, 0.95, 0.999}) {
      const auto exact = static_cast<double>(erlang_sum(servers, rho));
      if (exact < 1e-25) continue;  // below what the sum keeps
      EXPECT_NEAR(erlang_c(servers, rho), exact, 1e-12 * exact) << servers << ' ' << rho;
    }
}

TEST(ErlangC, ManyServersAreJoinedSmoothly) {
  for (const double rho : {0.95, 0.97, 0.99, 0.999, 0.99999}) {
    const double exact = queueing::exact_erlang_c(1e4, rho), limit = queueing::many_server_erlang_c(1e4, rho);
    EXPECT_NEAR(limit / exact, 1, 2e-6) << rho;
    const double more = queueing::exact_erlang_c(1e5, rho);
    EXPECT_NEAR(erlang_c(1e5, rho), more, 1e-6 * more) << rho;
  }
  EXPECT_NEAR(erlang_c(1e6, 1 - 1e-12), 1, 1e-8);
}

TEST(ErlangC, ItsSlopeIsThatOfDifferences) {
  for (const double servers : {1.0, 3.0, 50.0, 2000.0, 3e4})
    for (const double rho : {0.6, 0.95, 0.9999}) {
      const double h = 1e-7, slope = erlang_c(servers, Dual<1>::variable(rho, 0)).v[0];
      const double difference = (erlang_c(servers, rho + h) - erlang_c(servers, rho - h)) / (2 * h);
      EXPECT_NEAR(slope, difference, 1e-5 * std::abs(difference) + 1e-8) << servers << ' ' << rho;
    }
}

TEST(MeanWait, ByHand) {
  // M/M/1, 1 s, 0.8: 0.8/0.2 = 4 s; M/D/1 half of it; bursts (cv 2) between arrivals: (4 + 1)/2 times.
  EXPECT_NEAR(mean_wait(1.0, 1, 0.8, 1.0, 1.0), 4, 1e-14);
  EXPECT_NEAR(mean_wait(1.0, 1, 0.8, 1.0, 0.0), 2, 1e-14);
  EXPECT_NEAR(mean_wait(1.0, 1, 0.8, 2.0, 1.0), 10, 1e-13);
  // M/M/2 at 0.5: 1/3 x 1 s/(2 x 0.5).
  EXPECT_NEAR(mean_wait(1.0, 2, 0.5, 1.0, 1.0), 1.0 / 3, 1e-15);
  EXPECT_TRUE(std::isnan(mean_wait(1.0, 2, 1.0, 1.0, 1.0)));
}

// ---- quantiles
// --------------------------------------------------------------------------------------------- A service of
// unit capacity per slot: each request takes 1 s, busy or not.
Values service(double slots, double rho, const Values& changes = {}) {
  return outputs(function("7", "tail"), with({{"arrival_rate", slots * rho},
                                              {"request_capacity", slots},
                                              {"replicas", 1},
                                              {"replica_request_limit", slots},
                                              {"has_decode", 1},
                                              {"request_time", 1},
                                              {"prefill_step_time", 0},
                                              {"ttft", 0.1}},
                                             changes));
}

TEST(TailLatency, OneServerIsMM1) {
  for (const double rho : {0.001, 0.3, 0.8, 0.99}) {
    const Values out = service(1, rho);
    // The time in the system is exponential: ln(100)/(mu (1 - rho)), 4.605 service times when idle.
    EXPECT_NEAR(out.at("request_time_p99") * (1 - rho), std::log(100.0), 1e-10);
    EXPECT_NEAR(out.at("request_time_p50") * (1 - rho), std::log(2.0), 1e-10);
    EXPECT_NEAR(out.at("request_wait"), rho / (1 - rho), 1e-12);
    EXPECT_NEAR(out.at("queue_headroom"), 1 - rho, 1e-15);
    EXPECT_EQ(out.at("service_utilisation"), rho);
    EXPECT_EQ(out.at("waiting_share"), rho);
    EXPECT_EQ(out.at("request_time_quantile"), out.at("request_time_p99"));
  }
}

// An encoder or a convnet generates nothing: its one step is the answer.
TEST(TailLatency, ARequestThatGeneratesNothingTakesOneStep) {
  const Values one_step = {
      {"has_decode", 0}, {"request_time", std::nan("")}, {"ttft", std::nan("")}, {"prefill_step_time", 1}};
  const Values image = service(4, 0.8, one_step), tokens = service(4, 0.8);
  for (const char* name : {"request_wait", "request_time_p50", "request_time_p99", "waiting_share"})
    EXPECT_EQ(image.at(name), tokens.at(name)) << name;
  EXPECT_TRUE(std::isnan(image.at("ttft_p99")));  // it has no tokens
}

TEST(TailLatency, TwoServersWhoseWaitIsAsFastAsTheirService) {
  // c = 2, rho = 0.5: the wait has the rate 2 x 0.5 = 1, as the service: P(T > t) = (1 + t/3) e^-t.
  const double t = service(2, 0.5).at("request_time_p99");
  EXPECT_NEAR((1 + t / 3) * std::exp(-t), 0.01, 1e-14);
  EXPECT_NEAR(t, 5.6660, 1e-4);  // t = ln(100 (1 + t/3))
  // Beside it the two-exponential form holds, and joins it.
  for (const double off : {-1e-3, -1e-7, 1e-7, 1e-3}) {
    const double rho = 0.5 + off, waits = 2 * rho * rho / (1 + rho), rate = 2 * (1 - rho);
    const double p99 = service(2, rho).at("request_time_p99");
    EXPECT_NEAR(p99, t, 10 * std::abs(off));
    if (std::abs(off) < 1e-4) continue;  // where the form cancels
    EXPECT_NEAR(std::exp(-p99) + waits * (std::exp(-p99) - std::exp(-rate * p99)) / (rate - 1), 0.01, 1e-12);
  }
}

// PAP-1 of expected_values.csv, as recomputed there: the reference adds the quantile of the wait to a
// constant service, which is right for first tokens.
TEST(TailLatency, ReproducesTheReferenceForAConstantService) {
  EXPECT_NEAR(service(10, 0.8, {{"ttft", 1}}).at("ttft_p99"), 2.86, 0.005);
  EXPECT_NEAR(service(10, 0.95, {{"ttft", 1}}).at("ttft_p99"), 9.83, 0.005);
  // Too few wait for the quantile to see it.
  EXPECT_EQ(service(10, 0.2, {{"ttft", 1}}).at("ttft_p99"), 1);
}

TEST(TailLatency, TheWaitGrowsFasterAndFaster) {
  for (const double slots : {1.0, 8.0, 300.0}) {
    double before = 0, step_before = 0;
    for (int percent = 2; percent < 99; percent += 2) {
      const double rho = percent / 100.0;
      const double wait = service(slots, rho).at("request_wait");
      EXPECT_GE(wait - before, step_before) << slots << ' ' << rho;
      step_before = wait - before;
      before = wait;
    }
    EXPECT_GT(before, 0);
  }
}

TEST(TailLatency, QuantilesAreOrdered) {
  for (const double slots : {1.0, 8.0, 3000.0, 3e4})
    for (const double rho : {0.0, 0.4, 0.9, 0.999})
      for (const double cv : {0.0, 0.5, 1.0, 1.001, 3.0}) {
        const Values out = service(slots, rho, {{"service_cv", cv}, {"latency_quantile", 0.999}});
        EXPECT_GT(out.at("request_time_p50"), 0);
        EXPECT_GE(out.at("request_time_p99"), out.at("request_time_p50"));
        EXPECT_GE(out.at("request_time_quantile"), out.at("request_time_p99"));
        EXPECT_GE(out.at("ttft_p99"), 0.1);
        EXPECT_GE(out.at("ttft_quantile"), out.at("ttft_p99"));
      }
}

TEST(TailLatency, AFanOutWaitsForTheSlowest) {
  double before = 0;
  for (const double n : {1.0, 2.0, 10.0, 100.0, 2000.0}) {
    const Values out = service(4, 0.7, {{"fan_out", n}});
    EXPECT_GT(out.at("request_time_p99"), before);
    before = out.at("request_time_p99");
  }
  // M/M/1: 1 - 0.99^(1/100) = 1.00498e-4 are beyond, ln(9950.4) = 9.2054.
  EXPECT_NEAR(service(1, 0.5, {{"fan_out", 100}}).at("request_time_p99"), 9.2054 / 0.5, 1e-3);
  // Dean and Barroso: of 100 leaves that are slow once in a hundred, 63% of the requests see one.
  const double leaf = service(1, 0.5).at("request_time_p99");
  const double seen = 1 - std::pow(0.99, 100);
  EXPECT_NEAR(seen, 0.634, 1e-3);
  EXPECT_GT(service(1, 0.5, {{"fan_out", 100}}).at("request_time_p50"), leaf);  // more than half
}

TEST(TailLatency, PastItsCapacityNothingIsKnownButTheGate) {
  for (const double rho : {1.0, 1.5}) {
    const Values out = service(8, rho);
    EXPECT_DOUBLE_EQ(out.at("queue_headroom"), 1 - rho);
    EXPECT_DOUBLE_EQ(out.at("service_utilisation"), rho);
    for (const char* name :
         {"request_wait", "waiting_share", "request_time_p50", "request_time_p99", "ttft_p99"})
      EXPECT_TRUE(std::isnan(out.at(name))) << name;
  }
}

TEST(TailLatency, ReplicasShareOneQueue) {
  // Two replicas of 4 slots are 8 servers, and half a slot serves nobody.
  const Values eight = service(8, 0.9);
  EXPECT_EQ(service(8, 0.9, {{"replicas", 2}, {"replica_request_limit", 4}}), eight);
  EXPECT_EQ(service(8, 0.9, {{"replicas", 2}, {"replica_request_limit", 4.2}}), eight);
}

TEST(TailLatency, ASteadyServiceIsAConstant) {
  // M/D/c at no load: everybody takes the service time.
  const Values out = service(8, 0, {{"service_cv", 0}});
  EXPECT_NEAR(out.at("request_time_p50"), 1, 1e-3);
  EXPECT_NEAR(out.at("request_time_p99"), 1, 5e-3);
  // cv 0.5, alone: half a second always, the rest exponential with half a second: 0.5 + 0.5 ln 100.
  EXPECT_NEAR(service(8, 0, {{"service_cv", 0.5}}).at("request_time_p99"), 0.5 + 0.5 * std::log(100.0),
              1e-10);
}

TEST(TailLatency, FitsBothMomentsOfTheService) {
  for (const double cv : {0.2, 0.7, 1.0, 1.3, 4.0}) {
    const auto s = queueing::service_of(3.0, cv);
    double mean = 0, square = 0;
    for (const std::size_t kind : {0u, 1u}) {
      const double share = kind == 0 ? s.share : 1 - s.share, part = 1 / s.rate[kind];
      mean += share * (s.fixed + part);
      square += share * (s.fixed * s.fixed + 2 * s.fixed * part + 2 * part * part);
    }
    EXPECT_NEAR(mean, 3, 1e-12) << cv;
    EXPECT_NEAR(std::sqrt(square - mean * mean) / mean, cv, 1e-12) << cv;
  }
}

// ---- simulation
// --------------------------------------------------------------------------------------------
struct Simulated {
  double wait = 0, p50 = 0, p99 = 0;
};
// First come, first served, by `servers`; service times of mean 1 from draw(engine).
template <class Draw>
Simulated simulate(int servers, double rho, const Draw& draw) {
  std::mt19937_64 engine(7);  // NOLINT(bugprone-random-generator-seed): the same test every day
  std::exponential_distribution<double> gap(servers * rho);
  std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
  for (int i = 0; i < servers; ++i) free_at.push(0);
  constexpr int kWarm = 20000, kCount = 400000;
  std::vector<double> times;
  times.reserve(kCount);
  Simulated result;
  double now = 0;
  for (int i = 0; i < kWarm + kCount; ++i) {
    now += gap(engine);
    const double start = std::max(now, free_at.top()), end = start + draw(engine);
    free_at.pop();
    free_at.push(end);
    if (i < kWarm) continue;
    result.wait += (start - now) / kCount;
    times.push_back(end - now);
  }
  std::sort(times.begin(), times.end());
  result.p50 = times[kCount / 2];
  result.p99 = times[std::size_t{kCount} / 100 * 99];
  return result;
}

// Four servers at 80%. The simulation's own error is about 2% at the 99th percentile.
TEST(TailLatency, AgreesWithASimulationOfMMc) {
  std::exponential_distribution<double> one(1);
  const Simulated s = simulate(4, 0.8, [&](auto& engine) { return one(engine); });
  const Values out = service(4, 0.8);
  EXPECT_NEAR(out.at("request_wait") / s.wait, 1, 0.03);
  EXPECT_NEAR(out.at("request_time_p50") / s.p50, 1, 0.02);
  EXPECT_NEAR(out.at("request_time_p99") / s.p99, 1, 0.03);
}

// Services that are not of the wall's own family: Erlang-4 (cv 0.5) and lognormal (cv 2). The wall knows two
// moments: within 7% of the wait and the median of the steady one, 10% of its tail, and 15% of the other.
TEST(TailLatency, AgreesWithSimulationsOfMGc) {
  std::exponential_distribution<double> stage(4);
  const Simulated steady = simulate(
      4, 0.8, [&](auto& engine) { return stage(engine) + stage(engine) + stage(engine) + stage(engine); });
  const Values even = service(4, 0.8, {{"service_cv", 0.5}});
  EXPECT_NEAR(even.at("request_wait") / steady.wait, 1, 0.07);
  EXPECT_NEAR(even.at("request_time_p50") / steady.p50, 1, 0.07);
  EXPECT_NEAR(even.at("request_time_p99") / steady.p99, 1, 0.1);

  const double sigma = std::sqrt(std::log(5.0));
  std::lognormal_distribution<double> heavy(-sigma * sigma / 2, sigma);
  const Simulated bursty = simulate(4, 0.8, [&](auto& engine) { return heavy(engine); });
  const Values uneven = service(4, 0.8, {{"service_cv", 2}});
  EXPECT_NEAR(uneven.at("request_wait") / bursty.wait, 1, 0.15);
  EXPECT_NEAR(uneven.at("request_time_p50") / bursty.p50, 1, 0.15);
  EXPECT_NEAR(uneven.at("request_time_p99") / bursty.p99, 1, 0.15);
}

}  // namespace
}  // namespace ironlaw
