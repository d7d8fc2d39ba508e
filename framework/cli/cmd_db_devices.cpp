// ironlaw db devices: what the accelerators of the observations were taken for.
#include <fmt/format.h>

#include "datasets/coverage.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "db devices",
    .synopsis = "[options]",
    .summary =
        "Lists every accelerator as the published results write it, the hardware target it is taken for or "
        "why there is none, and how many rows it has.",
    .options = {{"unmapped", "", "only those without a target"}, {"format", "F", "text or json; text"}},
};

struct Totals {
  std::int64_t closed = 0, closed_without = 0, other = 0, other_without = 0;
  double share_without() const {
    return closed > 0 ? static_cast<double>(closed_without) / static_cast<double>(closed) : 0;
  }
};

Totals totals_of(const std::vector<DeviceUse>& uses) {
  Totals t;
  for (const DeviceUse& use : uses) {
    t.closed += use.closed_rows;
    t.other += use.other_rows;
    if (use.has_target) continue;
    t.closed_without += use.closed_rows;
    t.other_without += use.other_rows;
  }
  return t;
}

std::string reason_of(const DeviceUse& use) {
  if (!use.reason.empty() || use.has_target) return use.reason;
  return "neither a target nor a reason is known";
}

std::string as_json(const std::vector<DeviceUse>& uses, const Totals& totals) {
  Json json;
  json["devices"] = Json::array();
  for (const DeviceUse& use : uses) {
    Json entry;
    entry["suite"] = use.suite;
    entry["name"] = use.written;
    entry["target"] = use.has_target ? Json(use.device) : Json(nullptr);
    entry["closed_rows"] = use.closed_rows;
    entry["other_rows"] = use.other_rows;
    entry["reason"] = reason_of(use);
    json["devices"].push_back(std::move(entry));
  }
  json["closed_rows"] = totals.closed;
  json["closed_rows_without_target"] = totals.closed_without;
  json["closed_share_without_target"] = json_number(totals.share_without());
  json["other_rows"] = totals.other;
  json["other_rows_without_target"] = totals.other_without;
  return json_text(json);
}

std::string as_text(const std::vector<DeviceUse>& uses, const Totals& totals) {
  TextTable table({Align::left, Align::left, Align::left, Align::right, Align::right, Align::left});
  table.add({"name", "suite", "target", "closed", "other", "remark"});
  for (const DeviceUse& use : uses)
    table.add({use.written, use.suite, use.has_target ? use.device : "-", std::to_string(use.closed_rows),
               std::to_string(use.other_rows), reason_of(use)});
  return fmt::format(
      "{}\n{} of {} closed rows have no target ({:.1f}%), and {} of {} others. Rows are published "
      "throughputs.\n",
      table.text(), totals.closed_without, totals.closed, 100 * totals.share_without(), totals.other_without,
      totals.other);
}

}  // namespace

ExitCode cmd_db_devices(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  std::vector<DeviceUse> uses = device_uses(database_path().string());
  const Totals totals = totals_of(uses);
  if (arguments->has("unmapped")) std::erase_if(uses, [](const DeviceUse& use) { return use.has_target; });
  print(format == Format::json ? as_json(uses, totals) : as_text(uses, totals));
  return ExitCode::ok;
}

}  // namespace ironlaw
