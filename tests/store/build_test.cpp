// Building the database: the same from the same inputs, current or not, and never half done.
#include "datasets/build.hpp"

#include <sqlite3.h>

#include <limits>

#include "datasets/file_lock.hpp"
#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

TEST(Build, TheSameInputsGiveTheSameRows) {
  const Directory dir;
  write_facts(dir);
  auto in = inputs(dir);
  in.devices.push_back({"A-device", "v", "f", "gpu", 2020, "1", {}});
  build_database(dir / "a.db", in);
  std::swap(in.devices[0], in.devices[1]);  // plugins load in any order
  build_database(dir / "deep/er/b.db", in);
  EXPECT_EQ(dump(dir / "a.db"), dump(dir / "deep/er/b.db"));
  EXPECT_EQ(read(dir / "a.db"), read(dir / "deep/er/b.db"));
  const std::string before = dump(dir / "a.db");
  EXPECT_TRUE(build_database(dir / "a.db", in, {.force = true}).built);
  EXPECT_EQ(dump(dir / "a.db"), before);
}

TEST(Build, ACurrentDatabaseIsLeftAlone) {
  const Directory dir;
  write_facts(dir);
  const auto in = inputs(dir);
  EXPECT_FALSE(is_current(dir / "a.db", in));
  EXPECT_TRUE(build_database(dir / "a.db", in).built);
  EXPECT_TRUE(is_current(dir / "a.db", in));
  const auto time = fs::last_write_time(dir / "a.db");
  const BuildReport again = build_database(dir / "a.db", in);
  EXPECT_FALSE(again.built);
  EXPECT_EQ(again.tables.size(), 14u);
  EXPECT_EQ(fs::last_write_time(dir / "a.db"), time);
}

TEST(Build, AnyChangedInputMakesItStale) {
  const Directory dir;
  write_facts(dir);
  const auto in = inputs(dir);
  build_database(dir / "a.db", in);
  auto changed = in;
  changed.devices[0].specs[0].value = 3.36e12;
  EXPECT_FALSE(is_current(dir / "a.db", changed));
  changed = in;
  changed.models[0].parameters = 70e9;
  EXPECT_FALSE(is_current(dir / "a.db", changed));
  changed = in;
  changed.devices[0].plugin_version = "1.1";
  EXPECT_FALSE(is_current(dir / "a.db", changed));
  EXPECT_TRUE(is_current(dir / "a.db", in));
  write(dir / "facts/inference.csv", table({inference_row({{"tokens_per_s", "24000.6"}})}));
  EXPECT_FALSE(is_current(dir / "a.db", in));
}

TEST(Build, AFailureLeavesTheOldDatabaseByteForByte) {
  const Directory dir;
  write_facts(dir);
  auto in = inputs(dir);
  build_database(dir / "a.db", in);
  const std::string before = read(dir / "a.db");
  write(dir / "good.csv", table({inference_row({{"submitter", "Beta"}})}));
  write(dir / "bad.csv", table({inference_row({{"nodes", "x"}})}));
  in.extra_files = {dir / "good.csv", dir / "bad.csv"};
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"bad.csv:2"});
  EXPECT_EQ(read(dir / "a.db"), before);
  in.extra_files = {dir / "none.csv"};
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"none.csv", "cannot be read"});
  EXPECT_EQ(read(dir / "a.db"), before);
  for (const auto& entry : fs::directory_iterator(dir.path()))  // no litter
    EXPECT_EQ(entry.path().string().find(".tmp"), std::string::npos) << entry.path();
}

TEST(Build, DevicesAndModelsAreChecked) {
  const Directory dir;
  write_facts(dir);
  auto in = inputs(dir);
  in.devices.push_back(in.devices[0]);
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"H100-SXM-80GB", "twice"});
  in = inputs(dir);
  in.devices[0].specs[0].value = std::numeric_limits<double>::quiet_NaN();
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"mem_bandwidth", "finite"});
  in = inputs(dir);
  in.devices[0].specs.push_back(in.devices[0].specs[0]);
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"mem_bandwidth", "twice"});
  in = inputs(dir);
  in.models[0].id.clear();
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"model", "no id"});
  EXPECT_FALSE(fs::exists(dir / "a.db"));
}

TEST(Build, SaysWhatIsWrongWithTheFactsDirectory) {
  const Directory dir;
  auto in = inputs(dir);
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"facts", "not a directory"});
  fs::create_directories(dir / "facts");
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"facts", "no tables"});
  write(dir / "facts/fruit.csv", "fruit\npear\n");
  expect_contains(message_of([&] { build_database(dir / "a.db", in); }), {"fruit.csv:1"});
}

TEST(Build, SaysWhyAPathCannotBeWritten) {  // root ignores permissions: these fail for root too
  const Directory dir;
  write_facts(dir);
  write(dir / "file", "x");
  expect_contains(message_of([&] { build_database(dir / "file/a.db", inputs(dir)); }),
                  {"file/a.db", "directory"});
  expect_contains(message_of([&] { build_database("/proc/a.db", inputs(dir)); }), {"/proc/a.db", "writable"});
  expect_contains(message_of([&] { build_database(dir / "facts", inputs(dir)); }), {"facts", "not a file"});
}

TEST(Build, LeavesFilesAloneThatAreNotOurs) {
  const Directory dir;
  write_facts(dir);
  write(dir / "thesis.txt", "years of work, more than sixteen bytes");
  expect_contains(message_of([&] { build_database(dir / "thesis.txt", inputs(dir)); }),
                  {"thesis.txt", "left alone"});
  EXPECT_EQ(read(dir / "thesis.txt"), "years of work, more than sixteen bytes");
  write(dir / "empty.db", "");
  EXPECT_TRUE(build_database(dir / "empty.db", inputs(dir)).built);
}

TEST(Build, RebuildsADamagedOrOlderDatabase) {
  const Directory dir;
  write_facts(dir);
  build_database(dir / "a.db", inputs(dir));
  const std::string good = dump(dir / "a.db");
  std::string bytes = read(dir / "a.db");
  for (std::size_t i = 100; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7919 % 251);
  write(dir / "a.db", bytes);
  expect_contains(message_of([&] { Store(dir / "a.db").observations(); }), {"a.db", "damaged", "db build"});
  EXPECT_TRUE(build_database(dir / "a.db", inputs(dir)).built);
  EXPECT_EQ(dump(dir / "a.db"), good);
}

// What a writer that dies between its journal and its commit leaves behind, as `to` and `to`-journal.
void copy_crashed(const std::string& db, const std::string& to) {
  sqlite3* writer = nullptr;
  ASSERT_EQ(sqlite3_open(db.c_str(), &writer), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(writer,
                         "BEGIN IMMEDIATE; DELETE FROM alias; UPDATE observation SET submitter = 'half done'",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  ASSERT_EQ(sqlite3_db_cacheflush(writer), SQLITE_OK);
  ASSERT_TRUE(fs::exists(db + "-journal"));
  fs::copy_file(db, to);
  fs::copy_file(db + "-journal", to + "-journal");
  sqlite3_close(writer);
}

TEST(Build, AReaderSeesTheStateBeforeACrash) {
  const Directory dir;
  write_facts(dir);
  build_database(dir / "a.db", inputs(dir));
  copy_crashed(dir / "a.db", dir / "b.db");
  EXPECT_NE(read(dir / "b.db").find("half done"), std::string::npos);
  EXPECT_EQ(Store(dir / "b.db").observations()[0].submitter, "Acme");
  copy_crashed(dir / "a.db", dir / "c.db");
  EXPECT_TRUE(is_current(dir / "c.db", inputs(dir)));
  copy_crashed(dir / "a.db", dir / "d.db");
  EXPECT_EQ(dump(dir / "d.db"), dump(dir / "a.db"));
}

TEST(Build, AJournalOfACrashIsNotAppliedToTheNewFile) {
  const Directory dir;
  write_facts(dir);
  build_database(dir / "a.db", inputs(dir));
  copy_crashed(dir / "a.db", dir / "b.db");
  fs::remove(dir / "b.db");  // by a user who overlooked the journal
  auto in = inputs(dir);
  in.models[0].parameters = 70e9;
  ASSERT_TRUE(build_database(dir / "b.db", in).built);
  ASSERT_TRUE(build_database(dir / "c.db", in).built);
  EXPECT_FALSE(fs::exists(dir / "b.db-journal"));
  EXPECT_EQ(dump(dir / "b.db"), dump(dir / "c.db"));
}

TEST(Build, DescribesWhatItDid) {
  const Directory dir;
  write_facts(dir);
  const std::string text = describe(build_database(dir / "a.db", inputs(dir)));
  expect_contains(text, {"Written", "observation 2", "inference-v4.1", "training-v4.0"});
}

}  // namespace
}  // namespace ironlaw::test
