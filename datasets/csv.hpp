// A strict reader of comma-separated tables (RFC 4180) that knows where each record stood, so that a bad
// value is reported as file, line, column, what was given and what is allowed.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw {

class CsvRow;

// A whole table in memory. The first record names the columns; every later one has as many fields.
class CsvTable {
 public:
  // Reads the file at `path`; messages and file() call it `shown` (`path` itself when empty). A byte-order
  // mark is skipped; line ends are LF or CR LF. Throws Error for: a file that cannot be read or is empty, a
  // record with more or fewer fields than the header, a quote that is not closed or stands inside a bare
  // field, text after a closing quote, a carriage return on its own, a NUL byte or text that is not UTF-8, a
  // blank or repeated column name. A path that ends in .gz is unpacked first: Error when it is no whole gzip
  // file or unpacks to more than 512 MiB.
  static CsvTable read(const std::string& path, const std::string& shown = "");
  // Whether a file of that name is taken for a table: *.csv or *.csv.gz.
  static bool is_table_name(std::string_view path);
  // The same for text in memory.
  static CsvTable parse(std::string_view text, const std::string& shown);

  // The same from records that are read already, each as long as the header; the first counts as line 1.
  static CsvTable make(const std::string& shown, std::vector<std::string> header,
                       std::vector<std::vector<std::string>> records);

  const std::string& file() const { return file_; }
  const std::vector<std::string>& header() const { return header_; }
  bool has(std::string_view column) const { return index_.contains(column); }
  std::size_t size() const { return records_.size(); }
  // Valid as long as the table is.
  CsvRow row(std::size_t i) const;

 private:
  friend class CsvRow;
  struct Record {
    std::int64_t line;  // of its first character, from 1
    std::vector<std::string> fields;
  };
  std::string file_;
  std::vector<std::string> header_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<Record> records_;
};

// One record. Every getter throws Error for a column the table does not have.
class CsvRow {
 public:
  using Integer = std::int64_t;
  static constexpr Integer kNoLimit = std::numeric_limits<Integer>::max();

  const std::string& file() const { return table_->file_; }
  std::int64_t line() const { return record_->line; }

  // Whether the table has that column.
  bool has(std::string_view column) const { return table_->has(column); }
  // The field as it stands; may be blank.
  const std::string& text(std::string_view column) const;
  // The field; Error when it is blank.
  const std::string& required(std::string_view column) const;
  // The field, which must be one of `allowed`; Error otherwise.
  const std::string& one_of(std::string_view column, const std::vector<std::string>& allowed) const;
  // A finite decimal number with nothing before or after it; Error otherwise, and when blank.
  double number(std::string_view column) const;
  std::optional<double> optional_number(std::string_view column) const;  // blank: nothing
  // An integer between the limits.
  Integer integer(std::string_view column, Integer least, Integer most = kNoLimit) const;
  std::optional<Integer> optional_integer(std::string_view column, Integer least,
                                          Integer most = kNoLimit) const;

  // Throws "file:line: column 'x': given 'y'; allowed: ...".
  [[noreturn]] void fail(std::string_view column, std::string_view allowed) const;

 private:
  friend class CsvTable;
  CsvRow(const CsvTable* table, const CsvTable::Record* record) : table_(table), record_(record) {}
  const CsvTable* table_;
  const CsvTable::Record* record_;
};

}  // namespace ironlaw
