#include "datasets/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {

namespace {

// The length of the UTF-8 sequence at the start of `text`, or 0 when there is none (overlong forms,
// surrogates and values past U+10FFFF are none).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const unsigned second = byte(1);
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
      (lead == 0xf4 && second > 0x8f))
    return 0;
  return length;
}

// Cuts text into records and fields.
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : text_(text), file_(file) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  bool at_end() const { return at_ == text_.size(); }
  std::int64_t line() const { return line_; }

  std::vector<std::string> record() {
    std::vector<std::string> fields;
    for (;;) {
      fields.push_back(peek() == '"' ? quoted() : bare());
      if (at_end()) return fields;
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      end_line();
      return fields;
    }
  }

  [[noreturn]] void fail(std::int64_t line, std::string_view what) const {
    throw Error(fmt::format("{}:{}: {}.", file_, line, what));
  }

 private:
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  // Takes one character (a whole UTF-8 sequence) into `out`.
  void take(std::string& out) {
    if (text_[at_] == '\0') fail(line_, "a NUL byte, which no text has");
    const std::size_t length = utf8_length(text_.substr(at_));
    if (length == 0) fail(line_, "bytes that are not UTF-8");
    out.append(text_.substr(at_, length));
    at_ += length;
  }

  void end_line() {
    if (text_[at_] == '\r') ++at_;
    if (peek() != '\n') fail(line_, "a carriage return without a line feed");
    ++at_;
    ++line_;
  }

  std::string bare() {
    std::string out;
    while (!at_end() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
      if (text_[at_] == '"') fail(line_, "a quote inside a field that does not begin with one");
      take(out);
    }
    return out;
  }

  std::string quoted() {
    const std::int64_t begin = line_;
    std::string out;
    for (++at_;;) {
      if (at_end()) fail(begin, "a quote that is never closed");
      if (text_[at_] == '"') {
        ++at_;
        if (peek() != '"') break;
        out += '"';
        ++at_;
        continue;
      }
      if (text_[at_] == '\n') ++line_;
      take(out);
    }
    if (!at_end() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r')
      fail(line_, "text after a closing quote");
    return out;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

// No table of ours comes near; a small file that unpacks to more was made to.
constexpr std::size_t kMostUnpacked = std::size_t{1} << 29;

// The text of a gzip file.
std::string unpacked(const std::string& path, const std::string& name) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(path.c_str(), "rb"), gzclose);
  if (!in) throw Error(fmt::format("Table '{}' cannot be read: {}.", name, std::strerror(errno)));
  std::string text;
  std::vector<char> block(1 << 18);
  int got = 0;
  while ((got = gzread(in.get(), block.data(), static_cast<unsigned>(block.size()))) > 0) {
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostUnpacked)
      throw Error(fmt::format("Table '{}' unpacks to more than {} MiB; allowed: at most that.", name,
                              kMostUnpacked >> 20));
  }
  int code = Z_OK;
  const char* const reason = gzerror(in.get(), &code);  // a truncated file ends with an error, not with -1
  if (got < 0 || (code != Z_OK && code != Z_STREAM_END) || gzdirect(in.get()) != 0)
    throw Error(fmt::format("Table '{}' is no whole gzip file{}{}.", name, code == Z_OK ? "" : ": ",
                            code == Z_OK ? "" : reason));
  return text;
}

}  // namespace

bool CsvTable::is_table_name(std::string_view path) {
  return path.ends_with(".csv") || path.ends_with(".csv.gz");
}

CsvTable CsvTable::read(const std::string& path, const std::string& shown) {
  const std::string& name = shown.empty() ? path : shown;
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    throw Error(fmt::format("Table '{}' is a directory.", name));
  if (path.ends_with(".gz")) return parse(unpacked(path, name), name);
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("Table '{}' cannot be read: {}.", name, std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  return parse(text.view(), name);
}

CsvTable CsvTable::parse(std::string_view text, const std::string& shown) {
  CsvTable table;
  table.file_ = shown;
  Scanner scanner(text, shown);
  if (scanner.at_end()) throw Error(fmt::format("Table '{}' is empty: it needs at least a header.", shown));
  table.header_ = scanner.record();
  for (std::size_t i = 0; i < table.header_.size(); ++i) {
    if (table.header_[i].empty()) scanner.fail(1, fmt::format("column {} has no name", i + 1));
    if (!table.index_.emplace(table.header_[i], i).second)
      scanner.fail(1, fmt::format("column '{}' is named twice", table.header_[i]));
  }
  while (!scanner.at_end()) {
    const std::int64_t line = scanner.line();
    Record record{line, scanner.record()};
    if (record.fields.size() != table.header_.size())
      scanner.fail(line, fmt::format("the record has {} fields, the header {}", record.fields.size(),
                                     table.header_.size()));
    table.records_.push_back(std::move(record));
  }
  return table;
}

CsvTable CsvTable::make(const std::string& shown, std::vector<std::string> header,
                        std::vector<std::vector<std::string>> records) {
  CsvTable table;
  table.file_ = shown;
  table.header_ = std::move(header);
  for (std::size_t i = 0; i < table.header_.size(); ++i) table.index_.emplace(table.header_[i], i);
  for (auto& fields : records)
    table.records_.push_back({static_cast<std::int64_t>(table.records_.size()) + 1, std::move(fields)});
  return table;
}

CsvRow CsvTable::row(std::size_t i) const {
  return {this, &records_.at(i)};
}

const std::string& CsvRow::text(std::string_view column) const {
  const auto found = table_->index_.find(column);
  if (found == table_->index_.end())
    throw Error(
        fmt::format("{}: there is no column '{}'.{}", file(), column, did_you_mean(column, table_->header_)));
  return record_->fields[found->second];
}

const std::string& CsvRow::required(std::string_view column) const {
  const std::string& value = text(column);
  if (value.empty()) fail(column, "any text that is not blank");
  return value;
}

const std::string& CsvRow::one_of(std::string_view column, const std::vector<std::string>& allowed) const {
  const std::string& value = text(column);
  for (const std::string& candidate : allowed)
    if (value == candidate) return value;
  std::vector<std::string> names(allowed);
  for (std::string& name : names)
    if (name.empty()) name = "blank";
  fail(column, fmt::format("{}", fmt::join(names, ", ")));
}

double CsvRow::number(std::string_view column) const {
  const std::string& value = text(column);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || !std::isfinite(number))
    fail(column, "a finite number such as 12.5 or 1e9");
  return number;
}

std::optional<double> CsvRow::optional_number(std::string_view column) const {
  if (text(column).empty()) return std::nullopt;
  return number(column);
}

CsvRow::Integer CsvRow::integer(std::string_view column, Integer least, Integer most) const {
  const std::string& value = text(column);
  Integer number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least || number > most)
    fail(column, most == kNoLimit ? fmt::format("an integer of at least {}", least)
                                  : fmt::format("an integer from {} to {}", least, most));
  return number;
}

std::optional<CsvRow::Integer> CsvRow::optional_integer(std::string_view column, Integer least,
                                                        Integer most) const {
  if (text(column).empty()) return std::nullopt;
  return integer(column, least, most);
}

void CsvRow::fail(std::string_view column, std::string_view allowed) const {
  throw Error(fmt::format("{}:{}: column '{}': given '{}'; allowed: {}.", file(), line(), column,
                          text(column), allowed));
}

}  // namespace ironlaw
