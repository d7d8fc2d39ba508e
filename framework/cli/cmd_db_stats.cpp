// ironlaw db stats: what the database holds.
#include <fmt/format.h>

#include <algorithm>

#include "datasets/stats.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kShown = 12;

const Usage kUsage{
    .command = "db stats",
    .synopsis = "[options]",
    .summary =
        "Says what the database holds: rows of each table, by source, suite, device, model, operation and "
        "year, and "
        "the rows of the facts that were not loaded, with the reason.",
    .options = {{"all", "", "every name of a group, not only those with the most rows"},
                {"format", "F", "text or json; text"}},
};

Json counts_json(const std::vector<BuildReport::Count>& counts) {
  Json json = Json::object();
  for (const auto& count : counts) json[count.name.empty() ? "unknown" : count.name] = count.rows;
  return json;
}

std::string as_json(const StoreStats& stats, std::int64_t facts) {
  Json json;
  json["database_bytes"] = stats.file_bytes;
  json["facts_bytes"] = facts;
  json["tables"] = counts_json(stats.tables);
  for (const auto& group : stats.groups) json["rows"][group.table][group.by] = counts_json(group.counts);
  json["not_loaded"] = Json::array();
  for (const auto& skipped : stats.not_loaded) {
    Json entry;
    entry["file"] = skipped.file;
    entry["reason"] = skipped.reason;
    entry["rows"] = skipped.rows;
    json["not_loaded"].push_back(std::move(entry));
  }
  return json_text(json);
}

std::string as_text(const StoreStats& stats, std::int64_t facts, bool all) {
  std::string text =
      fmt::format("Database {:.1f} MB, made from {:.1f} MB of facts.\n\n",
                  static_cast<double>(stats.file_bytes) / 1e6, static_cast<double>(facts) / 1e6);
  TextTable tables({Align::left, Align::right});
  tables.add({"table", "rows"});
  for (const auto& table : stats.tables) tables.add({table.name, std::to_string(table.rows)});
  text += tables.text();
  for (const auto& group : stats.groups) {
    text += fmt::format("\n{} by {}\n", group.table, group.by);
    TextTable counts({Align::right, Align::left});
    const std::size_t shown = all ? group.counts.size() : std::min(kShown, group.counts.size());
    std::int64_t others = 0;
    for (std::size_t i = 0; i < group.counts.size(); ++i) {
      const auto& count = group.counts[i];
      if (i < shown) counts.add({std::to_string(count.rows), count.name.empty() ? "unknown" : count.name});
      if (i >= shown) others += count.rows;
    }
    if (shown < group.counts.size())
      counts.add(
          {std::to_string(others), fmt::format("{} others (--all names them)", group.counts.size() - shown)});
    text += counts.text();
  }
  text += "\nRows of the facts that were not loaded\n";
  TextTable skipped({Align::right, Align::left});
  for (const auto& entry : stats.not_loaded)
    skipped.add({std::to_string(entry.rows), fmt::format("{}: {}", entry.file, entry.reason)});
  return text + skipped.text();
}

}  // namespace

ExitCode cmd_db_stats(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const StoreStats stats = store_stats(database_path().string());
  const std::int64_t facts = facts_bytes(facts_dir().string());
  print(format == Format::json ? as_json(stats, facts) : as_text(stats, facts, arguments->has("all")));
  return ExitCode::ok;
}

}  // namespace ironlaw
