// The CSV reader: what RFC 4180 allows, and that everything else is refused with the place where it stands.
#include "datasets/csv.hpp"

#include <zlib.h>

#include "tests/store/support.hpp"

namespace ironlaw::test {
namespace {

std::string refusal(const std::string& text) {
  return message_of([&] { CsvTable::parse(text, "t.csv"); });
}

TEST(Csv, ReadsQuotesCommasLineBreaksAndBothLineEnds) {
  const auto table = CsvTable::parse(
      "\xef\xbb\xbf"
      "a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n,last",
      "t.csv");
  ASSERT_EQ(table.size(), 2u);
  EXPECT_EQ(table.header(), (std::vector<std::string>{"a", "b"}));  // the byte-order mark is gone
  EXPECT_EQ(table.row(0).text("a"), "x, \"y\"");
  EXPECT_EQ(table.row(0).text("b"), "two\nlines");
  EXPECT_EQ(table.row(0).line(), 2);
  EXPECT_EQ(table.row(1).line(), 4);  // the line break inside quotes counts
  EXPECT_EQ(table.row(1).text("a"), "");
  EXPECT_EQ(table.row(1).text("b"), "last");
}

TEST(Csv, AHeaderAloneIsATableWithoutRows) {
  EXPECT_EQ(CsvTable::parse("a,b\n", "t.csv").size(), 0u);
}

TEST(Csv, RefusesWhatIsNotATable) {
  expect_contains(refusal(""), {"t.csv", "empty"});
  expect_contains(refusal("\xef\xbb\xbf"), {"t.csv", "empty"});
  expect_contains(refusal("a,b\n1,2\n1\n"), {"t.csv:3", "1 fields", "header 2"});
  expect_contains(refusal("a,b\n1,2,3\n"), {"t.csv:2", "3 fields"});
  expect_contains(refusal("a,b\n1,2\n\n"), {"t.csv:3", "1 fields"});
  expect_contains(refusal("a,b\n1,\"open\n2,3\n"), {"t.csv:2", "never closed"});
  expect_contains(refusal("a,b\n1,x\"y\n"), {"t.csv:2", "quote inside"});
  expect_contains(refusal("a,b\n1,\"x\"y\n"), {"t.csv:2", "after a closing quote"});
  expect_contains(refusal("a,b,a\n"), {"t.csv:1", "'a'", "twice"});
  expect_contains(refusal("a,,b\n"), {"t.csv:1", "column 2", "no name"});
  expect_contains(refusal("a\rb\n"), {"t.csv:1", "carriage return"});
  expect_contains(refusal("a\nx\xff\n"), {"t.csv:2", "UTF-8"});
  expect_contains(refusal("a\n\xc0\xaf\n"), {"t.csv:2", "UTF-8"});      // an overlong '/'
  expect_contains(refusal("a\n\xed\xa0\x80\n"), {"t.csv:2", "UTF-8"});  // half a surrogate pair
  expect_contains(refusal(std::string("a\nx\0y\n", 6)), {"t.csv:2", "NUL"});
}

TEST(Csv, RefusesFilesThatCannotBeRead) {
  const Directory dir;
  expect_contains(message_of([&] { CsvTable::read(dir / "none.csv"); }), {"none.csv", "No such file"});
  expect_contains(message_of([&] { CsvTable::read(dir.path()); }), {dir.path(), "directory"});
}

TEST(Csv, NumbersAreFiniteAndAlone) {
  const auto table = CsvTable::parse("x\n12.5\n1e9\n-3\nnan\ninf\n1x\n 1\n\"\"\n0x10\n1e999\n", "t.csv");
  EXPECT_EQ(table.row(0).number("x"), 12.5);
  EXPECT_EQ(table.row(1).number("x"), 1e9);
  EXPECT_EQ(table.row(2).number("x"), -3);
  for (std::size_t i = 3; i < table.size(); ++i)
    expect_contains(message_of([&] { table.row(i).number("x"); }),
                    {"t.csv:" + std::to_string(i + 2), "column 'x'", "given '" + table.row(i).text("x") + "'",
                     "finite number"});
  EXPECT_EQ(table.row(7).optional_number("x"), std::nullopt);
  EXPECT_THROW(table.row(3).optional_number("x"), Error);
}

TEST(Csv, IntegersKeepTheirLimits) {
  const auto table = CsvTable::parse("x\n8\n0\n9\n8.0\n99999999999999999999\n\"\"\n", "t.csv");
  EXPECT_EQ(table.row(0).integer("x", 1, 8), 8);
  expect_contains(message_of([&] { table.row(1).integer("x", 1, 8); }), {"t.csv:3", "'0'", "from 1 to 8"});
  expect_contains(message_of([&] { table.row(2).integer("x", 1, 8); }), {"t.csv:4", "'9'"});
  expect_contains(message_of([&] { table.row(3).integer("x", 1); }), {"'8.0'", "at least 1"});
  EXPECT_THROW(table.row(4).integer("x", 1), Error);
  EXPECT_THROW(table.row(5).integer("x", 1), Error);
  EXPECT_EQ(table.row(5).optional_integer("x", 1), std::nullopt);
}

TEST(Csv, TextGettersSayWhatIsAllowed) {
  const auto table = CsvTable::parse("division,x\nclsed,\"\"\n", "t.csv");
  expect_contains(message_of([&] {
                    table.row(0).one_of("division", {"", "closed", "open"});
                  }),
                  {"t.csv:2", "'division'", "'clsed'", "blank, closed, open"});
  expect_contains(message_of([&] { table.row(0).required("x"); }), {"t.csv:2", "'x'", "not blank"});
  expect_contains(message_of([&] { table.row(0).text("divison"); }), {"no column 'divison'", "Did you mean"});
}

void write_gzip(const std::string& path, const std::string& text) {
  const gzFile out = gzopen(path.c_str(), "wb");
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(gzwrite(out, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  EXPECT_EQ(gzclose(out), Z_OK);
}

TEST(Csv, ReadsACompressedTableAsTheSame) {
  const Directory dir;
  write_gzip(dir / "t.csv.gz", "a,b\n1,2\n3,x\n");
  const CsvTable table = CsvTable::read(dir / "t.csv.gz", "t.csv.gz");
  ASSERT_EQ(table.size(), 2u);
  EXPECT_EQ(table.row(1).text("b"), "x");
  expect_contains(message_of([&] { table.row(1).number("b"); }), {"t.csv.gz:3", "column 'b'"});
}

TEST(Csv, RefusesADamagedCompressedTable) {
  const Directory dir;
  std::string text = "a,b\n";
  for (int i = 0; i < 2000; ++i) text += std::to_string(i * 7919) + ",2\n";
  write_gzip(dir / "whole.csv.gz", text);
  const std::string bytes = read(dir / "whole.csv.gz");
  write(dir / "cut.csv.gz", bytes.substr(0, bytes.size() / 2));
  std::string flipped = bytes;
  flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 0x55);
  write(dir / "flipped.csv.gz", flipped);
  write(dir / "plain.csv.gz", "a,b\n1,2\n");
  for (const char* name : {"cut.csv.gz", "flipped.csv.gz", "plain.csv.gz"})
    expect_contains(message_of([&] { CsvTable::read(dir / name); }), {name, "no whole gzip file"});
  expect_contains(message_of([&] { CsvTable::read(dir / "none.csv.gz"); }),
                  {"none.csv.gz", "cannot be read"});
}

}  // namespace
}  // namespace ironlaw::test
