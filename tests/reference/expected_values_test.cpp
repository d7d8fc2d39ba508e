// The reference's expected values beside ours: expected_values.csv says for each row what became of it, and
// this program computes our number, so that the table stays true. IRONLAW_WRITE_EXPECTED=FILE writes the
// table anew with the numbers of today; the verdicts and reasons are written by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "datasets/csv.hpp"
#include "tests/reference/values.hpp"

namespace ironlaw::reference {
namespace {

constexpr double kDigits = 1e-3;    // what counts as the same number
constexpr double kRecorded = 5e-3;  // how far our number may drift before the table must be written anew

const CsvTable& table() {
  static const CsvTable csv = CsvTable::read(REFERENCE_DIR "/expected_values.csv");
  return csv;
}
const std::map<std::string, Parts (*)()>& computed() {
  static const auto all = [] {
    std::map<std::string, Parts (*)()> result;
    for (const auto values :
         {registry_values(), node_values(), training_values(), operations_values(), claim_values()})
      for (const Computed& c : values) EXPECT_TRUE(result.emplace(c.id, c.ours).second) << c.id << " twice";
    return result;
  }();
  return all;
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ';')
      parts.emplace_back();
    else if (c != ' ' || !parts.back().empty())
      parts.back() += c;
  }
  for (std::string& part : parts)
    while (!part.empty() && part.back() == ' ') part.pop_back();
  return parts;
}

// ---- what a text claims ----------------------------------------------------------------------------------
// A number or a range of them: "2824.0", "about 128 (160 infeasible)", "3.0-10.0", "132.781 MWh".
struct Claim {
  double low = NAN, high = NAN;
  double half_digit = 0;  // half a unit of the last digit that is not zero
};
double half_digit_of(std::string digits) {
  const auto exponent_at = digits.find_first_of("eE");
  double scale = 1;
  if (exponent_at != std::string::npos) {
    scale = std::pow(10, std::stoi(digits.substr(exponent_at + 1)));
    digits.resize(exponent_at);
  }
  const auto point = digits.find('.');
  const auto last = digits.find_last_of("123456789");
  if (last == std::string::npos) return 0;
  const double places = point == std::string::npos ? static_cast<double>(digits.size() - 1 - last)
                        : last > point             ? -static_cast<double>(last - point)
                                                   : static_cast<double>(point - 1 - last);
  return scale * std::pow(10, places) / 2;
}
Claim claim_of(std::string text) {
  if (text.starts_with("about ")) text = text.substr(6);
  if (text.starts_with('"')) text = text.substr(1);
  char* end = nullptr;
  Claim claim;
  claim.low = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) return {};
  claim.half_digit = half_digit_of(text.substr(0, static_cast<std::size_t>(end - text.c_str())));
  claim.high = claim.low;
  if (*end == '-') {
    char* after = nullptr;
    const double high = std::strtod(end + 1, &after);
    if (after != end + 1) claim.high = high;
  }
  return claim;
}

bool same_word(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

enum class Agreement { same, rounded, different };

struct Comparison {
  Agreement agreement = Agreement::same;
  double difference = 0;  // relative, of the part that differs most; infinite between words
};
Comparison compare(const Parts& ours, const std::string& theirs) {
  const std::vector<std::string> claims = parts_of(theirs);
  Comparison result;
  EXPECT_EQ(ours.size(), claims.size()) << theirs;
  if (ours.size() != claims.size()) return {Agreement::different, INFINITY};
  const auto worst = [&](Agreement a, double difference) {
    result.agreement = std::max(result.agreement, a);
    if (std::abs(difference) > std::abs(result.difference)) result.difference = difference;
  };
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (ours[i].is_none()) continue;
    if (!ours[i].is_number()) {
      if (!same_word(ours[i].word(), claims[i])) worst(Agreement::different, INFINITY);
      continue;
    }
    const Claim claim = claim_of(claims[i]);
    EXPECT_FALSE(std::isnan(claim.low)) << "'" << claims[i] << "' is no number, but ours is";
    const double x = ours[i].number();
    const double nearest = std::clamp(x, claim.low, claim.high);
    const double difference = nearest == 0 ? (x == 0 ? 0 : INFINITY) : (x - nearest) / std::abs(nearest);
    if (std::abs(difference) <= kDigits)
      worst(Agreement::same, difference);
    else
      worst(std::abs(x - nearest) <= claim.half_digit ? Agreement::rounded : Agreement::different,
            difference);
  }
  return result;
}

std::string text_of(const Parts& parts) {
  std::string text;
  for (const Part& part : parts) {
    if (!text.empty()) text += " ; ";
    char number[32];
    std::snprintf(number, sizeof number, "%.7g", part.is_number() ? part.number() : 0);
    text += part.is_number() ? number : part.is_none() ? "-" : part.word();
  }
  return text;
}
std::string text_of(const Comparison& c) {
  if (std::isinf(c.difference)) return "other";
  char number[32];
  std::snprintf(number, sizeof number, "%+.2g", c.difference);
  return std::abs(c.difference) < 1e-9 ? "0" : number;
}

// ---- the verdicts ----------------------------------------------------------------------------------------
const std::vector<std::string> kVerdicts = {
    "matched",         // the same number from the same inputs, to 0.1%
    "rounded",         // the same at the digits that the reference prints
    "differs",         // another number, for the reason given
    "infeasible",      // the reference prices what does not fit; we say that it does not
    "fact",            // a datasheet, a place, a measurement: nothing to compute
    "superseded",      // the reference itself has another number for it since
    "not catalogued",  // we know neither such a device nor such a model
    "no value",        // a count of the reference's own parts, or a statement without a basis
};
bool is_reproduced(const CsvRow& row) {
  return row.text("recheck").starts_with("reproduced");
}

TEST(ExpectedValues, HasAVerdictForEveryRow) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < table().size(); ++i) {
    const CsvRow row = table().row(i);
    EXPECT_TRUE(ids.insert(row.required("id")).second) << row.required("id") << " twice";
    row.one_of("verdict", kVerdicts);
    const std::string& verdict = row.text("verdict");
    if (verdict != "matched" && verdict != "rounded") {
      EXPECT_FALSE(row.text("why").empty()) << row.text("id");
    }
    const bool is_computed = computed().contains(row.text("id"));
    if (verdict == "matched" || verdict == "rounded" || verdict == "differs" || verdict == "infeasible") {
      EXPECT_TRUE(is_computed) << row.text("id") << " is " << verdict << ", but nothing computes it";
    }
    EXPECT_EQ(is_computed, !row.text("ours").empty()) << row.text("id");
  }
  for (const auto& [id, ours] : computed()) EXPECT_TRUE(ids.contains(id)) << id << " has no row";
  EXPECT_EQ(table().size(), 225u);  // as many as the reference has
}

TEST(ExpectedValues, EveryVerdictIsTrue) {
  for (std::size_t i = 0; i < table().size(); ++i) {
    const CsvRow row = table().row(i);
    const auto found = computed().find(row.text("id"));
    if (found == computed().end()) continue;
    SCOPED_TRACE(row.text("id"));
    const Parts ours = found->second();
    const Comparison theirs = compare(ours, row.text("theirs"));
    const std::string& verdict = row.text("verdict");
    if (verdict == "matched") {
      EXPECT_EQ(theirs.agreement, Agreement::same) << text_of(ours);
    }
    if (verdict == "rounded") {
      EXPECT_EQ(theirs.agreement, Agreement::rounded) << text_of(ours);
    }
    if (verdict == "differs") {
      EXPECT_EQ(theirs.agreement, Agreement::different) << text_of(ours);
    }
    if (verdict == "infeasible") {
      EXPECT_EQ(ours[0].word(), "infeasible");
    }
    // The table says what we compute.
    const std::vector<std::string> recorded = parts_of(row.text("ours"));
    ASSERT_EQ(recorded.size(), ours.size());
    for (std::size_t part = 0; part < ours.size(); ++part) {
      if (!ours[part].is_number()) {
        EXPECT_EQ(recorded[part], ours[part].is_none() ? "-" : ours[part].word());
        continue;
      }
      const double before = std::strtod(recorded[part].c_str(), nullptr), now = ours[part].number();
      EXPECT_TRUE(before == now || std::abs(now - before) <= kRecorded * std::abs(before))
          << "was " << recorded[part] << ", is " << now;
    }
  }
}

// Where the study of the reference could reproduce a number from its equations, ours is the same, or it is
// said which equation or input is another.
TEST(ExpectedValues, WhatIsReproducedMatchesWhereTheEquationIsShared) {
  int matched = 0;
  for (std::size_t i = 0; i < table().size(); ++i) {
    const CsvRow row = table().row(i);
    if (!is_reproduced(row)) continue;
    SCOPED_TRACE(row.text("id"));
    const std::string& verdict = row.text("verdict");
    EXPECT_TRUE(verdict == "matched" || verdict == "differs") << verdict;
    matched += verdict == "matched";
    if (verdict == "differs") {
      const std::string& why = row.text("why");
      EXPECT_TRUE(why.starts_with("equation: ") || why.starts_with("input: ")) << why;
    }
  }
  EXPECT_GE(matched, 22);
}

TEST(ExpectedValues, Summary) {
  std::map<std::string, std::pair<int, int>> counts;  // all, reproduced
  for (std::size_t i = 0; i < table().size(); ++i) {
    auto& [all, reproduced] = counts[table().row(i).text("verdict")];
    ++all;
    reproduced += is_reproduced(table().row(i));
  }
  int total = 0;
  std::printf("%-16s %5s %11s\n", "verdict", "rows", "reproduced");
  for (const std::string& verdict : kVerdicts) {
    std::printf("%-16s %5d %11d\n", verdict.c_str(), counts[verdict].first, counts[verdict].second);
    total += counts[verdict].first;
  }
  EXPECT_EQ(static_cast<std::size_t>(total), table().size());
}

// ---- writing the table -----------------------------------------------------------------------------------
std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\n") == std::string::npos) return field;
  std::string result(1, '"');
  for (const char c : field) {
    if (c == '"') result += '"';
    result += c;
  }
  result += '"';
  return result;
}

std::string written_anew() {
  std::string text;
  const auto line = [&](const auto& field_of) {
    std::string fields;
    for (const std::string& column : table().header())
      fields.append(fields.empty() ? "" : ",").append(quoted(field_of(column)));
    text.append(fields).append("\n");
  };
  line([](const std::string& column) { return column; });
  for (std::size_t i = 0; i < table().size(); ++i) {
    const CsvRow row = table().row(i);
    const auto found = computed().find(row.text("id"));
    const Parts ours = found == computed().end() ? Parts{} : found->second();
    line([&](const std::string& column) {
      if (column == "ours") return text_of(ours);
      if (column == "difference") return ours.empty() ? "" : text_of(compare(ours, row.text("theirs")));
      return row.text(column);
    });
  }
  return text;
}

// Only `ours` and `difference` are written anew, all else comes back as it stands.
TEST(ExpectedValues, CanBeWrittenAnew) {
  const std::string text = written_anew();
  const CsvTable again = CsvTable::parse(text, "written");
  ASSERT_EQ(again.header(), table().header());
  ASSERT_EQ(again.size(), table().size());
  for (std::size_t i = 0; i < table().size(); ++i)
    for (const std::string& column : table().header()) {
      if (column == "ours" || column == "difference") continue;
      EXPECT_EQ(again.row(i).text(column), table().row(i).text(column));
    }
  if (const char* const path = std::getenv("IRONLAW_WRITE_EXPECTED")) {
    std::ofstream out(path);
    out << text;
    out.close();
    ASSERT_TRUE(out) << path;
  }
}

}  // namespace
}  // namespace ironlaw::reference
