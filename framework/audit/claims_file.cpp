#include "framework/audit/claims_file.hpp"

#include <fmt/format.h>

#include <set>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

std::optional<double> positive(const CsvRow& row, std::string_view column) {
  const std::optional<double> value = row.optional_number(column);
  if (value && !(*value > 0)) row.fail(column, "a number above 0, or blank");
  return value;
}

// Of the product or the baseline: the columns that begin with `who`.
ClaimSide read_side(const CsvRow& row, const std::string& who) {
  ClaimSide side;
  side.name = row.required(who);
  side.target = row.text(who + "_target");
  if (const auto devices = row.optional_integer(who + "_count", 1, kMostDevicesStated))
    side.devices = static_cast<int>(*devices);
  if (!row.text(who + "_precision").empty()) {
    std::vector<std::string> names;
    for (int p = 0; p < kPrecisions; ++p) names.emplace_back(name_of(static_cast<Precision>(p)));
    side.precision =
        parse_precision((who + "_precision").c_str(), row.one_of(who + "_precision", names).c_str());
  }
  side.batch = positive(row, who + "_batch");
  if (!row.text(who + "_sparse").empty())
    side.is_sparse = row.one_of(who + "_sparse", {"yes", "no"}) == "yes";
  return side;
}

std::optional<Task> read_task(const CsvRow& row) {
  if (row.text("phase").empty()) return std::nullopt;
  return parse_task(row.one_of("phase", {"train", "prefill", "decode", "offline"}));
}

Claim read_claim(const CsvRow& row) {
  Claim c;
  c.id = row.required("id");
  c.vendor = row.required("vendor");
  c.text = row.required("claim");
  c.metric = parse_metric("metric", row.one_of("metric", metric_names()));
  c.product = read_side(row, "product");
  const bool is_ratio = facts_of(c.metric).is_ratio;
  if (is_ratio && row.text("baseline").empty()) row.fail("baseline", "a name, as the metric is a ratio");
  if (!is_ratio && !row.text("baseline").empty()) row.fail("baseline", "blank, as the metric is no ratio");
  if (is_ratio) c.baseline = read_side(row, "baseline");
  c.low = row.number("value_low");
  if (!(c.low > 0)) row.fail("value_low", "a number above 0");
  c.high = positive(row, "value_high").value_or(c.low);
  if (c.high < c.low) row.fail("value_high", "no less than value_low, or blank");
  c.model = row.text("model");
  c.task = read_task(row);
  c.input_len = positive(row, "input_len");
  c.output_len = positive(row, "output_len");
  c.latency = positive(row, "latency_s");
  c.conditions = row.text("conditions");
  c.where = row.required("where_stated");
  c.source = row.required("source");
  c.year = static_cast<int>(row.integer("year", 1990, 2100));
  c.status = row.one_of("status", {"read", "second-hand", "recalled"});
  c.note = row.text("note");
  return c;
}

}  // namespace

std::vector<Claim> read_claims(const CsvTable& table) {
  std::vector<Claim> claims;
  claims.reserve(table.size());
  std::set<std::string> ids;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const CsvRow row = table.row(i);
    claims.push_back(read_claim(row));
    if (!ids.insert(claims.back().id).second) row.fail("id", "an id that is not given above");
  }
  return claims;
}

const Claim& find_claim(const std::vector<Claim>& claims, const std::string& id) {
  std::vector<std::string> ids;
  ids.reserve(claims.size());
  for (const Claim& c : claims) ids.push_back(c.id);
  return claims[match_name("claim", id, ids)];
}

}  // namespace ironlaw
