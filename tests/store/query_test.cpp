// Free queries read, and only read.
#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

struct Query : testing::Test {
  void SetUp() override {
    write_facts(dir);
    build_database(db, inputs(dir));
    before = read(db);
  }
  Directory dir;
  std::string db = dir / "a.db";
  std::string before;
};

TEST_F(Query, ReturnsTextNumbersAndNulls) {
  const auto result = query(
      db,
      "SELECT submitter, value, accelerators, precision_source, x'00ff' AS b FROM observation WHERE id = 1;");
  EXPECT_EQ(result.columns,
            (std::vector<std::string>{"submitter", "value", "accelerators", "precision_source", "b"}));
  ASSERT_EQ(result.rows.size(), 1u);
  const auto& row = result.rows[0];
  EXPECT_EQ(row[0].text, "Acme");
  EXPECT_FALSE(row[0].is_number);
  EXPECT_EQ(row[1].text, "24000.5");
  EXPECT_TRUE(row[1].is_number);
  EXPECT_EQ(row[2].text, "8");
  EXPECT_TRUE(row[3].is_null);
  EXPECT_EQ(row[4].text, "00ff");
}

TEST_F(Query, AllowsWithAndSchemaDescriptions) {
  EXPECT_EQ(query(db, "WITH n AS (SELECT 1 AS x) SELECT x FROM n").rows[0][0].text, "1");
  EXPECT_EQ(query(db, "PRAGMA table_info(fit)").rows.size(), 8u);
  EXPECT_EQ(query(db, "PRAGMA user_version").rows[0][0].text, "3");
  EXPECT_FALSE(query(db, "EXPLAIN QUERY PLAN SELECT * FROM observation").rows.empty());
}

TEST_F(Query, RefusesEveryWrite) {
  const std::string other = dir / "other.db";
  for (const std::string& sql : std::vector<std::string>{"DELETE FROM observation",
                                                         "INSERT INTO meta VALUES ('a', 'b')",
                                                         "UPDATE observation SET value = 1",
                                                         "DROP TABLE fit",
                                                         "CREATE TABLE t (x)",
                                                         "CREATE TEMP TABLE t (x)",
                                                         "ATTACH '" + other + "' AS o",
                                                         "VACUUM INTO '" + other + "'",
                                                         "VACUUM",
                                                         "PRAGMA user_version = 9",
                                                         "PRAGMA journal_mode = WAL",
                                                         "PRAGMA query_only = 0",
                                                         "PRAGMA writable_schema = 1",
                                                         "BEGIN",
                                                         "COMMIT",
                                                         "SAVEPOINT s",
                                                         "REINDEX",
                                                         "ANALYZE",
                                                         "WITH x AS (SELECT 1) DELETE FROM observation",
                                                         "SELECT load_extension('x')",
                                                         "DETACH main",
                                                         "SELECT 1; DELETE FROM observation",
                                                         "",
                                                         "  ; ",
                                                         "-- nothing"}) {
    EXPECT_THROW(query(db, sql), Error) << sql;
    EXPECT_EQ(read(db) == before, true) << sql;
    EXPECT_FALSE(fs::exists(other)) << sql;
  }
  expect_contains(message_of([&] { query(db, "DELETE FROM observation"); }), {"refused", "only reading"});
  expect_contains(message_of([&] { query(db, "SELECT 1; SELECT 2"); }), {"more than one"});
}

TEST_F(Query, AnswersMistakesWithWhatThereIs) {
  expect_contains(message_of([&] { query(db, "SELECT * FROM observatoin"); }),
                  {"observatoin", "Did you mean observation", "device_spec"});
  expect_contains(message_of([&] { query(db, "SELEC 1"); }), {"not understood", "syntax error"});
  expect_contains(message_of([&] { query(db, "SELECT nope FROM fit"); }), {"nope"});
  expect_contains(message_of([&] { query(dir / "none.db", "SELECT 1"); }), {"no database"});
}

TEST_F(Query, StopsAtItsLimits) {
  const std::string endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT ";
  expect_contains(message_of([&] { query(db, endless + "count(*) FROM n", {.seconds = 0.05}); }),
                  {"longer than 0.05"});
  expect_contains(message_of([&] { query(db, endless + "x FROM n", {.rows = 10}); }), {"more than 10 rows"});
  EXPECT_EQ(query(db, endless + "x FROM n LIMIT 10", {.rows = 10}).rows.size(), 10u);
}

}  // namespace
}  // namespace ironlaw::test
