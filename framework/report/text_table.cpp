#include "framework/report/text_table.hpp"

#include <algorithm>

namespace ironlaw {
namespace {

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string TextTable::text(std::string_view indent, std::size_t width) const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));

  constexpr std::string_view kGap = "  ";
  std::string result;
  for (const auto& row : rows_) {
    std::string line(indent);
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      const std::string padding(widths[i] - width_of(row[i]), ' ');
      if (i > 0) line += kGap;
      if (columns_[i] == Align::right) {
        line += padding + row[i];
      } else if (i + 1 < widths.size()) {
        line += row[i] + padding;
      } else {
        const std::size_t column = width_of(line);
        line += width == kNoLimit ? row[i] : wrap(row[i], width, std::string(column, ' '), column);
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + '\n';
  }
  return result;
}

std::string wrap(std::string_view text, std::size_t width, std::string_view indent, std::size_t column) {
  std::string result;
  bool is_first = true;  // of its line
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const std::size_t length = width_of(word);
    if (!is_first && column + 1 + length > width) {
      result += '\n';
      result += indent;
      column = width_of(indent);
    } else if (!is_first) {
      result += ' ';
      ++column;
    }
    result += word;
    column += length;
    is_first = false;
  }
  return result;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != cells.data()) line += ',';
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + '\n';
}

}  // namespace ironlaw
