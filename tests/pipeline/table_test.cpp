// Running the functions of a level: what is refused, who is named, and derivatives by chaining.
#include "framework/pipeline/table.hpp"

#include <cmath>

#include "framework/plugin/plugin_host.hpp"
#include "ironlaw/wall.hpp"
#include "tests/pipeline/toys.hpp"

namespace ironlaw {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using ::testing::Not;

constexpr q::Count kA{"a", ""}, kB{"b", ""}, kY{"y", ""}, kZ{"z", ""}, kW{"w", ""}, kC{"c", ""}, kP{"p", ""},
    kConstant{"constant", ""};
constexpr q::Time kTwice{"twice", ""};

struct First {  // y = a^2 b
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "first";
  template <class T>
  struct In {
    T a, b;
    static constexpr auto ports() { return std::tuple{input(kA, &In::a, 0.5, 10), input(kB, &In::b, -9, 9)}; }
  };
  template <class T>
  struct Out {
    T y;
    static constexpr auto ports() { return std::tuple{supply(kY, &Out::y)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.a * in.a * in.b};
  }
};

struct Second {  // z = y / (1 + p)
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "second";
  template <class T>
  struct In {
    T y, p;
    static constexpr auto ports() {
      return std::tuple{input(kY, &In::y, -kAny), parameter(kP, &In::p, {IRONLAW_LINK_LOG, 0, 0.5, 0.3})};
    }
  };
  template <class T>
  struct Out {
    T z;
    static constexpr auto ports() { return std::tuple{supply(kZ, &Out::z)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.y / (in.p + 1.0)};
  }
};

struct Third {  // w = exp(z / 10) + y c, and twice that
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "third";
  template <class T>
  struct In {
    T z, y, c;
    static constexpr auto ports() {
      return std::tuple{input(kZ, &In::z, -kAny), input(kY, &In::y, -kAny), input(kC, &In::c)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> twice;
    T w;
    static constexpr auto ports() { return std::tuple{bound(kTwice, &Out::twice), supply(kW, &Out::w)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T w = exp(in.z / 10.0) + in.y * in.c;
    return {Seconds<T>(w * 2.0), w};
  }
};

struct Apart {  // constant = 3 c
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "apart";
  template <class T>
  struct In {
    T c;
    static constexpr auto ports() { return std::tuple{input(kC, &In::c)}; }
  };
  template <class T>
  struct Out {
    T constant;
    static constexpr auto ports() { return std::tuple{supply(kConstant, &Out::constant)}; }
  };
  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.c * 3.0};
  }
};

constexpr WallInfo kInfo{.number = 101,
                         .id = "chain",
                         .title = "Chain",
                         .domain = "node",
                         .term = "mfu",
                         .statement = "",
                         .equation = "",
                         .sources = ""};
// Written backwards: the pipeline finds the order.
constexpr const ironlaw_wall* kWalls[] = {&detail::WallPlugin<kInfo, Apart, Third, Second, First>::kWall};
constexpr SourceColumn kHost[] = {{"a", "1", IRONLAW_LEVEL_OPERATOR},
                                  {"b", "1", IRONLAW_LEVEL_OPERATOR},
                                  {"c", "1", IRONLAW_LEVEL_OPERATOR}};
constexpr auto kOp = IRONLAW_LEVEL_OPERATOR;

class Chain : public ::testing::Test {
 protected:
  // Rows (a, b, c, p); with seeds, seed 0 is a, 1 is b and 2 is p.
  void run(const std::vector<std::array<double, 4>>& rows, std::size_t seeds = 0, const Rows& about = {}) {
    table_.reset(pipeline_.stage(kOp).columns.size(), rows.size(), seeds);
    const char* names[] = {"a", "b", "c", "p"};
    const int seed_of[] = {0, 1, -1, 2};
    for (int i = 0; i < 4; ++i) {
      const int column = at(names[i]);
      if (seeds > 0 && seed_of[i] >= 0) table_.activate(column);
      for (std::size_t row = 0; row < rows.size(); ++row) {
        table_.column(column)[row] = rows[row][static_cast<std::size_t>(i)];
        if (seeds > 0 && seed_of[i] >= 0) table_.partials(column, row)[seed_of[i]] = 1;
      }
    }
    run_stage(pipeline_, kOp, table_, about, scratch_);
  }
  int at(const char* name) const { return pipeline_.column(kOp, name); }
  double value(const char* name, std::size_t row) { return table_.column(at(name))[row]; }

  const Pipeline pipeline_{kWalls, nullptr, kHost};
  Table table_;
  std::vector<double> scratch_;
};

TEST_F(Chain, ComputesEveryRow) {
  run({{2, 3, 0.5, 1}, {1, 4, 2, 3}});
  EXPECT_DOUBLE_EQ(value("y", 0), 12);                           // 2^2 x 3
  EXPECT_DOUBLE_EQ(value("z", 0), 6);                            // 12 / 2
  EXPECT_DOUBLE_EQ(value("twice", 0), 2 * (std::exp(0.6) + 6));  // 12 x 0.5 = 6
  EXPECT_DOUBLE_EQ(value("w", 1), std::exp(0.1) + 8);            // y = 4, z = 1
  EXPECT_DOUBLE_EQ(value("constant", 1), 6);
}

TEST_F(Chain, DerivativesEqualCentralDifferences) {
  const std::vector<std::array<double, 4>> rows = {{2, 3, 0.5, 1}, {1, -0.2, 2, 3}, {7, 0.1, 0, 0.2}};
  run(rows, 3);
  std::vector<double> chained;
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (const char* name : {"y", "z", "w", "twice"})
      for (int s = 0; s < 3; ++s) chained.push_back(table_.partials(at(name), row)[s]);
  std::size_t k = 0;
  for (const auto& point : rows)
    for (const char* name : {"y", "z", "w", "twice"})
      for (const std::size_t moved : {0u, 1u, 3u}) {
        auto above = point, below = point;
        above[moved] += 1e-6;
        below[moved] -= 1e-6;
        run({above});
        const double high = value(name, 0);
        run({below});
        EXPECT_NEAR(chained[k], (high - value(name, 0)) / 2e-6, 1e-7 * (1 + std::abs(chained[k]))) << name;
        ++k;
      }
}

TEST_F(Chain, ValuesAreTheSameWithDerivatives) {
  run({{2, 3, 0.5, 1}});
  const double plain = value("w", 0);
  run({{2, 3, 0.5, 1}}, 3);
  EXPECT_EQ(value("w", 0), plain);
}

TEST_F(Chain, ColumnsThatNoSeedReachesStayInactive) {
  run({{2, 3, 0.5, 1}}, 3);
  EXPECT_TRUE(table_.active(at("w")));
  EXPECT_TRUE(table_.active(at("z")));
  EXPECT_FALSE(table_.active(at("c")));
  EXPECT_FALSE(table_.active(at("constant")));
}

TEST_F(Chain, PartialsOfAnEarlierRunAreForgotten) {
  run({{9, 9, 9, 9}, {9, 9, 9, 9}}, 3);
  run({{2, 3, 0.5, 1}}, 3);
  EXPECT_DOUBLE_EQ(table_.partials(at("y"), 0)[0], 12);  // 2 a b
  EXPECT_DOUBLE_EQ(table_.partials(at("y"), 0)[1], 4);   // a^2
  EXPECT_DOUBLE_EQ(table_.partials(at("y"), 0)[2], 0);
}

TEST_F(Chain, AValueOutsideItsRangeIsRefusedByName) {
  EXPECT_EQ(message_of([&] {
              run({{1, 1, 1, 1}, {11, 1, 1, 1}});
            }),
            "wall 101 chain (first): a is 11 1; allowed is 0.5 to 10.");
  EXPECT_THAT(message_of([&] { run({{0.4, 1, 1, 1}}); }), HasSubstr("a is 0.4 1; allowed is 0.5 to 10."));
  run({{0.5, 9, 0, 0}, {10, -9, 0, 0}});  // both ends belong to it
}

TEST_F(Chain, AnUnknownInputIsNamedAndNotTheWallBlamed) {
  const double unknown = std::nan("");
  EXPECT_EQ(message_of([&] {
              run({{1, 1, 1, 1}, {1, 1, unknown, 1}});
            }),
            "wall 101 chain (third) cannot compute twice: c is unknown.");
}

TEST_F(Chain, ASupplyOfSomethingUnknownIsUnknownUntilATimeNeedsIt) {
  const double unknown = std::nan("");
  EXPECT_EQ(message_of([&] {
              run({{1, unknown, 1, 1}});
            }),
            "wall 101 chain (third) cannot compute twice: z, y are unknown.");
  EXPECT_TRUE(std::isnan(table_.column(at("y"))[0]));
}

TEST_F(Chain, AForcedColumnIsWhatTheUserSaysAndDependsOnNothing) {
  const Forced forced{at("y"), 1, 2, 7.0};
  run({{2, 3, 1, 1}, {2, 3, 1, 1}}, 3, {{}, {}, {&forced, 1}});
  EXPECT_EQ(table_.column(at("y"))[0], 12);
  EXPECT_EQ(table_.column(at("y"))[1], 7);
  EXPECT_EQ(table_.partials(at("y"), 0)[1], 4);  // d a^2 b / d b
  EXPECT_EQ(table_.partials(at("y"), 1)[1], 0);
  EXPECT_NEAR(table_.column(at("z"))[1], 3.5, 1e-12);  // 7 / (1 + 1)
}

TEST_F(Chain, OverflowIsTheWallsFault) {
  const std::string message = message_of([&] { run({{1, 1, 1, 1}, {10, 9, 1e306, 1}}); });
  EXPECT_THAT(message, HasSubstr("wall 101 chain (third) returned inf for twice"));
  EXPECT_THAT(message, HasSubstr("a fault of that plugin"));
}

// ---- plugins that load and then fail ---------------------------------------------------------------------
constexpr SourceColumn kBytes[] = {{"operator_bytes", "B", IRONLAW_LEVEL_OPERATOR}};

std::string failure_of(const char* wall, double bytes, std::size_t seeds) {
  static const PluginHost host(SearchPath{{{HOSTILE_DIR}}, false});
  const ironlaw_wall* const walls[] = {&host.find_wall(wall)};
  const Pipeline pipeline(walls, nullptr, kBytes);
  Table table;
  std::vector<double> scratch;
  table.reset(pipeline.stage(kOp).columns.size(), 3, seeds);
  std::fill_n(table.column(pipeline.column(kOp, "operator_bytes")), 3, bytes);
  return message_of([&] { run_stage(pipeline, kOp, table, {}, scratch); });
}

TEST(HostilePlugin, NanIsItsFaultUnlessAnInputIsUnknown) {
  for (const std::size_t seeds : {0u, 2u}) {
    EXPECT_EQ(failure_of("nan", 1, seeds),
              "wall 121 nan () returned nan for nan_time: a fault of that plugin.");
    EXPECT_EQ(failure_of("nan", std::nan(""), seeds),
              "wall 121 nan () cannot compute nan_time: operator_bytes is unknown.");
  }
}

TEST(HostilePlugin, WhatItThrowsIsReportedInItsName) {
  for (const std::size_t seeds : {0u, 2u})
    EXPECT_EQ(failure_of("throws", 1, seeds), "wall 120 throws () failed: traffic is negative");
}

}  // namespace
}  // namespace ironlaw
