// How times become a time: by hand, by properties over random inputs, and against differences.
#include "framework/pipeline/compose.hpp"

#include <cmath>
#include <random>

#include "tests/pipeline/toys.hpp"

namespace ironlaw {
namespace {

// One row of columns by number; with seeds, seed s is column s itself.
class Row {
 public:
  explicit Row(const std::vector<double>& values, bool with_seeds = true) : n_(values.size()) {
    table_.reset(n_, 1, with_seeds ? n_ : 0);
    for (std::size_t c = 0; c < n_; ++c) {
      const int column = static_cast<int>(c);
      table_.column(column)[0] = values[c];
      if (!with_seeds) continue;
      table_.activate(column);
      table_.partials(column, 0)[c] = 1;
    }
  }
  const Table& table() const { return table_; }

 private:
  std::size_t n_;
  Table table_;
};

constexpr std::size_t kWalls = 6;

// A rule, a way to compose and a mask, so that values can be tried on it.
struct Result {
  double time = 0;
  std::vector<double> partials, shares;
};
template <class Compose>
Result compose(const std::vector<double>& values, const Compose& run, double weight = 1) {
  const Row row(values);
  Result r;
  r.partials.assign(values.size(), 0);
  r.shares.assign(kWalls, 0);
  r.time = run(row.table(), TimeSink{weight, r.partials, r.shares});
  return r;
}

template <class Compose>
void expect_partials_are_differences(const std::vector<double>& values, const Compose& run) {
  const Result at = compose(values, run);
  for (std::size_t c = 0; c < values.size(); ++c) {
    const double h = 1e-6 * std::max(1e-3, std::abs(values[c]));
    std::vector<double> above = values, below = values;
    above[c] += h;
    below[c] -= h;
    const double difference = (compose(above, run).time - compose(below, run).time) / (2 * h);
    const double rounding = 1e-15 * at.time / h;
    EXPECT_NEAR(at.partials[c], difference, 1e-6 * (1 + std::abs(difference)) + rounding) << "column " << c;
  }
}

double sum(const std::vector<double>& x) {
  double total = 0;
  for (const double value : x) total += value;
  return total;
}

// Columns of the operator rule below.
enum : int { kFlopTime, kByteTime, kFlopShare, kShapeShare, kByteShare, kOverlap, kLaunch, kLink };
// Walls: 0 compute, 1 memory, 2 software, 3 communication; the shape function is nobody's (-1).
Rule operator_rule() {
  Rule rule;
  rule.bounds = {{kFlopTime, 0, {{kFlopShare, 2}, {kShapeShare, -1}}}, {kByteTime, 1, {{kByteShare, 2}}}};
  rule.replica_addends = {{kLaunch, 2}};
  rule.scaling_addends = {{kLink, 3}};
  rule.overlap_loss = kOverlap;
  rule.overlap_wall = 2;
  return rule;
}
auto operator_time(WallMask mask = kAllWalls, const Rule& rule = operator_rule()) {
  return [mask, rule](const Table& table, const TimeSink& sink) {
    return compose_operator(rule, table, 0, mask, sink);
  };
}
// 3 s at a share of 0.75 x 0.8 are 5 s of compute; 6 s at 0.5 are 12 s of memory.
std::vector<double> example(double overlap) {
  return {3, 6, 0.75, 0.8, 0.5, overlap, 0.25, 0.5};
}

TEST(OperatorTime, OverlapGoesFromTheMaximumOverEuclidToTheSum) {
  EXPECT_DOUBLE_EQ(compose(example(0), operator_time()).time, 12.75);    // max(5, 12) + 0.25 + 0.5
  EXPECT_DOUBLE_EQ(compose(example(0.5), operator_time()).time, 13.75);  // sqrt(25 + 144) = 13
  EXPECT_DOUBLE_EQ(compose(example(1), operator_time()).time, 17.75);    // 5 + 12
  // Next to perfect overlap the norm is still the maximum.
  EXPECT_NEAR(compose(example(1e-3), operator_time()).time, 12.75, 1e-9);
}

TEST(OperatorTime, SharesByHand) {
  // Euclid: a bound's share is x^2 / norm.
  const Result r = compose(example(0.5), operator_time());
  EXPECT_NEAR(r.shares[0], 25.0 / 13, 1e-12);
  EXPECT_NEAR(r.shares[1], 144.0 / 13, 1e-12);
  EXPECT_DOUBLE_EQ(r.shares[2], 0.25);
  EXPECT_DOUBLE_EQ(r.shares[3], 0.5);
  // Perfect overlap: the shorter one costs nothing.
  const Result perfect = compose(example(0), operator_time());
  EXPECT_EQ(perfect.shares[0], 0);
  EXPECT_DOUBLE_EQ(perfect.shares[1], 12);
}

TEST(OperatorTime, AWallThatIsOffIsNeutral) {
  const auto time = [](WallMask mask) { return compose(example(0.5), operator_time(mask)).time; };
  EXPECT_EQ(time(0), 0);
  EXPECT_DOUBLE_EQ(time(0b0001), 3.75);  // compute alone: 3 / 0.8, since the shape belongs to no wall
  EXPECT_DOUBLE_EQ(time(0b0010), 6);     // memory alone, without the software's share
  EXPECT_DOUBLE_EQ(time(0b0011), 6);     // max(3.75, 6): overlap is the software's too
  EXPECT_DOUBLE_EQ(time(0b0111), 13.25);
  EXPECT_DOUBLE_EQ(time(0b0100), 0.25);  // its launch, with nothing to overlap
  EXPECT_DOUBLE_EQ(time(0b1000), 0.5);
  // What is off has no partials either.
  const Result off = compose(example(0.5), operator_time(0b0011));
  for (const int column : {kFlopShare, kByteShare, kOverlap, kLaunch, kLink})
    EXPECT_EQ(off.partials[static_cast<std::size_t>(column)], 0) << column;
  EXPECT_EQ(off.partials[kByteTime], 1);
}

TEST(OperatorTime, WithoutBoundsOnlyAddendsAreLeft) {
  Rule rule = operator_rule();
  rule.bounds.clear();
  EXPECT_DOUBLE_EQ(compose(example(0.5), operator_time(kAllWalls, rule)).time, 0.75);
  std::vector<double> nothing = example(0.5);
  nothing[kFlopTime] = nothing[kByteTime] = 0;
  const Result r = compose(nothing, operator_time());
  EXPECT_DOUBLE_EQ(r.time, 0.75);
  for (const double p : r.partials) EXPECT_TRUE(std::isfinite(p));
}

TEST(OperatorTime, OneBoundIsItselfWhateverTheOverlap) {
  std::vector<double> values = example(0.7);
  values[kFlopTime] = 0;
  EXPECT_NEAR(compose(values, operator_time()).time, 12.75, 1e-12);
}

TEST(OperatorTime, WeightScalesWhatTheSinkGetsAndNotTheTime) {
  const Result one = compose(example(0.5), operator_time());
  const Result many = compose(example(0.5), operator_time(), 32);
  EXPECT_EQ(many.time, one.time);
  for (std::size_t i = 0; i < one.partials.size(); ++i)
    EXPECT_NEAR(many.partials[i], 32 * one.partials[i], 1e-9) << i;
  for (std::size_t i = 0; i < one.shares.size(); ++i) EXPECT_NEAR(many.shares[i], 32 * one.shares[i], 1e-9);
}

TEST(OperatorTime, SinksAreAddedTo) {
  const Row row(example(0.5));
  std::vector<double> partials(8, 100), shares(kWalls, 100);
  compose_operator(operator_rule(), row.table(), 0, kAllWalls, {1, partials, shares});
  EXPECT_DOUBLE_EQ(partials[kLaunch], 101);
  EXPECT_DOUBLE_EQ(shares[3], 100.5);
}

class Random {
 public:
  double positive() { return std::exp(std::uniform_real_distribution<>(-7, 3)(engine_)); }
  double share() { return std::uniform_real_distribution<>(0.05, 1)(engine_); }
  std::vector<double> values() {
    return {positive(), positive(), share(), share(), share(), share(), positive(), positive()};
  }

 private:
  std::mt19937_64 engine_{20251123};  // NOLINT(bugprone-random-generator-seed): the same test every day
};

TEST(OperatorTime, PropertiesOverRandomInputs) {
  Random random;
  for (int i = 0; i < 300; ++i) {
    const std::vector<double> v = random.values();
    SCOPED_TRACE(i);
    const Result r = compose(v, operator_time());
    EXPECT_NEAR(sum(r.shares), r.time, 1e-12 * r.time);  // Euler
    expect_partials_are_differences(v, operator_time());

    const double compute = v[kFlopTime] / (v[kFlopShare] * v[kShapeShare]);
    const double memory = v[kByteTime] / v[kByteShare];
    EXPECT_GE(r.time * (1 + 1e-14), compute);
    EXPECT_GE(r.time * (1 + 1e-14), memory);
    EXPECT_LE(r.time, (compute + memory + v[kLaunch] + v[kLink]) * (1 + 1e-14));

    std::vector<double> faster = v;
    for (const int time : {kFlopTime, kByteTime, kLaunch, kLink}) faster[static_cast<std::size_t>(time)] /= 2;
    EXPECT_NEAR(compose(faster, operator_time()).time, r.time / 2, 1e-12 * r.time);

    // A third bound never makes it faster.
    Rule more = operator_rule();
    more.bounds.push_back({kLaunch, 4, {}});
    EXPECT_GE(compose(v, operator_time(kAllWalls, more)).time, r.time * (1 - 1e-14));
    std::vector<double> slower = v;
    slower[kOverlap] = std::min(1.0, v[kOverlap] * 1.1);
    EXPECT_GE(compose(slower, operator_time()).time, r.time * (1 - 1e-14));
    // Walls that are switched on one after the other never make it faster.
    double before = 0;
    for (WallMask mask = 0; mask < 16; mask = mask * 2 + 1) {
      const double time = compose(v, operator_time(mask)).time;
      EXPECT_GE(time, before * (1 - 1e-14)) << mask;
      before = time;
    }
  }
}

TEST(OperatorTime, ExtremesStayFinite) {
  for (const double q : {1e-9, 1e-6, 2e-6, 1e-4, 1.0})
    for (const double ratio : {1e-300, 1e-30, 1.0, 1e30, 1e300}) {
      std::vector<double> v = example(q);
      v[kFlopTime] = 1e-6 * ratio;
      v[kByteTime] = 1e-6;
      if (!std::isfinite(v[kFlopTime])) continue;
      const Result r = compose(v, operator_time());
      EXPECT_TRUE(std::isfinite(r.time)) << q << ' ' << ratio;
      for (const double p : r.partials) EXPECT_TRUE(std::isfinite(p)) << q << ' ' << ratio;
      EXPECT_NEAR(sum(r.shares) / r.time, 1, 1e-9) << q << ' ' << ratio;
    }
}

// ---- step: columns ---------------------------------------------------------------------------------------
enum : int { kNode, kIngest, kIngestShare, kHost, kExposed, kBubble };
// Walls: 0 and 1 make up the node time, 2 ingestion, 3 host, 4 communication.
Rule step_rule() {
  Rule rule;
  rule.bounds = {{kIngest, 2, {{kIngestShare, 2}}}};
  rule.replica_addends = {{kHost, 3}};
  rule.scaling_addends = {{kExposed, 4}, {kBubble, 4}};
  return rule;
}
auto step_time(WallMask mask = kAllWalls) {
  return [mask](const Table& table, const TimeSink& sink) {
    const double node = table.column(kNode)[0];
    const double node_shares[kWalls] = {0.25 * node, 0.75 * node};
    return compose_step(step_rule(), table, 0, mask, kNode, node_shares, {}, sink).step;
  };
}

TEST(StepTime, TheLongestBoundPlusAddends) {
  const std::vector<double> v = {4, 3, 0.5, 0.125, 0.5, 0.25};  // ingest: 3 / 0.5 = 6 > 4
  const Row row(v, false);
  const StepTimes times = compose_step(step_rule(), row.table(), 0, kAllWalls, kNode, {}, {}, {});
  EXPECT_DOUBLE_EQ(times.replica, 6.125);
  EXPECT_DOUBLE_EQ(times.step, 6.875);
  const Result r = compose(v, step_time());
  EXPECT_EQ(r.shares, (std::vector<double>{0, 0, 6, 0.125, 0.75, 0}));

  const std::vector<double> busy = {8, 3, 0.5, 0.125, 0.5, 0.25};
  const Result node = compose(busy, step_time());
  EXPECT_DOUBLE_EQ(node.time, 8.875);
  EXPECT_EQ(node.shares, (std::vector<double>{2, 6, 0, 0.125, 0.75, 0}));
}

TEST(StepTime, AWallThatIsOffIsNeutral) {
  const std::vector<double> v = {4, 3, 0.5, 0.125, 0.5, 0.25};
  EXPECT_DOUBLE_EQ(compose(v, step_time(0b11011)).time, 4.875);  // no ingestion
  EXPECT_DOUBLE_EQ(compose(v, step_time(0b10111)).time, 6.75);   // no host
  EXPECT_DOUBLE_EQ(compose(v, step_time(0b01111)).time, 6.125);  // no communication
}

TEST(StepTime, BothSinksGetTheirOwnTime) {
  const std::vector<double> v = {4, 3, 0.5, 0.125, 0.5, 0.25};
  const Row row(v);
  std::vector<double> replica(6), step(6);
  compose_step(step_rule(), row.table(), 0, kAllWalls, kNode, {}, {2, replica, {}}, {3, step, {}});
  EXPECT_EQ(replica, (std::vector<double>{0, 4, -24, 2, 0, 0}));  // d(3/0.5): 2, -12
  EXPECT_EQ(step, (std::vector<double>{0, 6, -36, 3, 3, 3}));
}

TEST(StepTime, PropertiesOverRandomInputs) {
  Random random;
  for (int i = 0; i < 100; ++i) {
    const std::vector<double> v = {random.positive(), random.positive(), random.share(),
                                   random.positive(), random.positive(), random.positive()};
    const Result r = compose(v, step_time());
    EXPECT_NEAR(sum(r.shares), r.time, 1e-12 * r.time);
    expect_partials_are_differences(v, step_time());
    EXPECT_GE(r.time, v[kNode]);
    EXPECT_GE(r.time, v[kIngest] / v[kIngestShare]);
  }
}

// ---- run: columns ----------------------------------------------------------------------------------------
enum : int { kSteps, kGoodput, kTenants, kWait };
// Walls: 0 and 1 share the steps, 2 fragility, 3 tenants, 4 waiting.
Rule run_rule() {
  Rule rule;
  rule.run_factors = {{kGoodput, 2}, {kTenants, 3}};
  rule.run_addends = {{kWait, 4}};
  return rule;
}
auto run_time(WallMask mask = kAllWalls) {
  return [mask](const Table& table, const TimeSink& sink) {
    const double steps = table.column(kSteps)[0];
    const double step_shares[] = {0.25 * steps, 0.75 * steps, 0, 0, 0, 0};
    const std::vector<double> step_partials = {1, 0, 0, 0};
    return compose_run(run_rule(), table, 0, mask, steps, step_partials, step_shares, sink);
  };
}

TEST(RunTime, FactorsDivideAndAddendsAdd) {
  const Result r = compose({10, 0.5, 0.8, 2}, run_time());
  EXPECT_DOUBLE_EQ(r.time, 27);  // 10 / (0.5 x 0.8) + 2
  EXPECT_DOUBLE_EQ(r.partials[kSteps], 2.5);
  EXPECT_DOUBLE_EQ(r.partials[kGoodput], -50);  // -25 / 0.5
  EXPECT_DOUBLE_EQ(r.partials[kTenants], -31.25);
  EXPECT_DOUBLE_EQ(r.partials[kWait], 1);
}

// A second of a step costs 1 / 0.4 of a run: its wall answers for all of it.
TEST(RunTime, SharesOfTheStepsGrowWithTheTimeThatIsLost) {
  const Result r = compose({10, 0.5, 0.8, 2}, run_time());
  EXPECT_EQ(r.shares, (std::vector<double>{6.25, 18.75, 0, 0, 2, 0}));
}

TEST(RunTime, AWallThatIsOffIsNeutral) {
  EXPECT_DOUBLE_EQ(compose({10, 0.5, 0.8, 2}, run_time(0b11011)).time, 14.5);
  EXPECT_DOUBLE_EQ(compose({10, 0.5, 0.8, 2}, run_time(0b10111)).time, 22);
  EXPECT_DOUBLE_EQ(compose({10, 0.5, 0.8, 2}, run_time(0b00011)).time, 10);
}

TEST(RunTime, PropertiesOverRandomInputs) {
  Random random;
  for (int i = 0; i < 100; ++i) {
    const std::vector<double> v = {random.positive(), random.share(), random.share(), random.positive()};
    const Result r = compose(v, run_time());
    EXPECT_NEAR(sum(r.shares), r.time, 1e-12 * r.time);
    expect_partials_are_differences(v, run_time());
  }
}

}  // namespace
}  // namespace ironlaw
