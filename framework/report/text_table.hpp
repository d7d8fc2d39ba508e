// Tables for people, CSV for spreadsheets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ironlaw {

// Of a page.
inline constexpr std::size_t kPageWidth = 100;

enum class Align { left, right };

// Columns as wide as their longest cell. Widths count characters of UTF-8, not bytes.
class TextTable {
 public:
  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}

  // A row may have fewer cells than there are columns.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // All rows, each behind `indent` and ended by a line feed, without blanks at their ends. Cells of the last
  // column, where it is aligned left, are wrapped so that no line is longer than `width`.
  std::string text(std::string_view indent = "", std::size_t width = kNoLimit) const;

  static constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Breaks text between words so that no line is longer than `width`; every line but the first starts with
// `indent`. The first is taken to begin at `column`. No line feed at the end.
std::string wrap(std::string_view text, std::size_t width, std::string_view indent, std::size_t column = 0);

// One line of CSV (RFC 4180), with its line feed.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace ironlaw
