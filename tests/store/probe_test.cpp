// What `ironlaw probe` measured, in the store: read strictly, loaded once, kept when the database is rebuilt.
#include "datasets/importers.hpp"

#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

constexpr const char* kHeader =
    "machine,device,cores,memory_bytes,kernel,compiler,date,what,precision,m,n,k,bytes,threads,value,median,"
    "unit,"
    "spread,samples,how\n";
constexpr const char* kTriad =
    "00ff,CPU,2,1e9,Linux 6,GCC 12,2026-03-04,triad,,,,,3e8,2,2e10,1.9e10,B/s,0.05,9,arrays of 128 MiB\n";
constexpr const char* kProduct =
    "00ff,CPU,,,,,2026-03-04,matmul,fp32,64,64,64,,1,1e11,9e10,FLOP/s,0,3,Eigen\n";

std::int64_t count(const std::string& path) {
  return std::stoll(query(path, "SELECT count(*) FROM probe_measurement").rows[0][0].text);
}

TEST(ProbeRows, AreImportedOnceAndLeaveTheFitsAlone) {
  const Directory dir;
  write_facts(dir);
  build_database(dir / "a.db", inputs(dir));
  const std::string before = data_hash(dir / "a.db");
  write(dir / "probe.csv", std::string(kHeader) + kTriad + kProduct);
  const BuildReport report = import_files(dir / "a.db", {dir / "probe.csv"});
  EXPECT_EQ(report.probes_added, 2);
  EXPECT_EQ(report.observations_added, 0);
  EXPECT_EQ(count(dir / "a.db"), 2);
  EXPECT_EQ(data_hash(dir / "a.db"), before);  // no fit rests on them
  EXPECT_EQ(import_files(dir / "a.db", {dir / "probe.csv"}).probes_added, 0);
  EXPECT_EQ(count(dir / "a.db"), 2);
  const auto row =
      query(dir / "a.db",
            "SELECT what, m, bytes, value, cores, how FROM probe_measurement WHERE what = 'matmul'")
          .rows[0];
  EXPECT_EQ(row[1].text, "64");
  EXPECT_TRUE(row[2].is_null);
  EXPECT_TRUE(row[4].is_null);
  EXPECT_EQ(row[5].text, "Eigen");
}

TEST(ProbeRows, SurviveARebuild) {
  const Directory dir;
  write_facts(dir);
  build_database(dir / "a.db", inputs(dir));
  import_tables(dir / "a.db", {CsvTable::parse(std::string(kHeader) + kTriad + kProduct, "probe.csv")});
  EXPECT_TRUE(build_database(dir / "a.db", inputs(dir), {.force = true}).built);
  EXPECT_EQ(count(dir / "a.db"), 2);
  EXPECT_EQ(
      import_tables(dir / "a.db", {CsvTable::parse(std::string(kHeader) + kTriad, "probe.csv")}).probes_added,
      0);
}

TEST(ProbeRows, AreRefusedByFileLineAndColumn) {
  const Directory dir;
  write_facts(dir);
  build_database(dir / "a.db", inputs(dir));
  const std::vector<std::pair<std::string, std::string>> bad = {{"triad,", ","}, {"2026-03-04", "4.3.2026"},
                                                                {"2e10", "0"},   {"2e10", "nan"},
                                                                {"B/s", "GB/s"}, {",0.05,", ",-0.05,"},
                                                                {",9,", ",0,"},  {",2,1e9", ",-2,1e9"},
                                                                {"00ff", ""},    {"3e8", "-3e8"}};
  for (const auto& [from, to] : bad) {
    std::string row = kTriad;
    row.replace(row.find(from), from.size(), to);
    const std::string message = message_of([&] {
      import_tables(dir / "a.db", {CsvTable::parse(std::string(kHeader) + kProduct + row, "probe.csv")});
    });
    EXPECT_NE(message.find("probe.csv:3"), std::string::npos) << from << " -> " << to << ": " << message;
  }
  EXPECT_EQ(count(dir / "a.db"), 0);  // all or none
}

}  // namespace
}  // namespace ironlaw::test
