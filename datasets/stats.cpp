#include "datasets/stats.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "datasets/csv.hpp"
#include "datasets/sqlite.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace fs = std::filesystem;

namespace {

struct Question {
  const char *table, *by, *expression;
};

constexpr std::array kQuestions{
    Question{"observation", "suite", "suite"},
    Question{"observation", "source", "source"},
    Question{"observation", "year", "substr(published, 1, 4)"},
    Question{"observation", "quantity", "quantity"},
    Question{"observation", "device", "device"},
    Question{"observation", "model", "model"},
    Question{"operator_measurement", "source", "source"},
    Question{"operator_measurement", "operation", "op"},
    Question{"operator_measurement", "precision", "precision"},
    Question{"operator_measurement", "device", "device"},
    Question{"operator_measurement", "use",
             "CASE WHEN suspect THEN 'suspect' WHEN held THEN 'held out' ELSE 'fitted' END"},
    Question{"peer_prediction", "peer",
             "peer || CASE WHEN predicted IS NULL THEN ', no answer' ELSE '' END"}};

}  // namespace

StoreStats store_stats(const std::string& path) {
  check_is_ours(path);
  Database db(path, OpenMode::read_only);
  StoreStats stats;
  stats.file_bytes = static_cast<std::int64_t>(fs::file_size(path));
  Statement tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid");
  while (tables.step()) {
    const std::string name = tables.text(0);
    stats.tables.push_back({name, db.integer(fmt::format("SELECT count(*) FROM \"{}\"", name))});
  }
  for (const Question& q : kQuestions) {
    StoreStats::Group group{q.table, q.by, {}};
    Statement counts =
        db.prepare(fmt::format("SELECT {} AS name, count(*) AS n FROM {} GROUP BY name ORDER BY n DESC, name",
                               q.expression, q.table));
    while (counts.step()) group.counts.push_back({counts.text(0), counts.integer(1)});
    stats.groups.push_back(std::move(group));
  }
  Statement skipped =
      db.prepare("SELECT file, reason, rows FROM not_loaded ORDER BY file, rows DESC, reason");
  while (skipped.step()) stats.not_loaded.push_back({skipped.text(0), skipped.text(1), skipped.integer(2)});
  return stats;
}

std::int64_t facts_bytes(const std::string& facts_dir) {
  std::error_code error;
  std::int64_t bytes = 0;
  fs::recursive_directory_iterator entry(facts_dir, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
    if (CsvTable::is_table_name(entry->path().string()))
      bytes += static_cast<std::int64_t>(entry->file_size());
  if (error)
    throw Error(fmt::format("The facts directory '{}' cannot be read: {}.", facts_dir, error.message()));
  return bytes;
}

}  // namespace ironlaw
