// Free queries: SELECT and nothing else, whatever the text says. Three fences: the file is opened for
// reading, the authorizer allows only reading actions, and the statement must be one that SQLite itself calls
// read-only.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <string_view>

#include "datasets/sqlite.hpp"
#include "datasets/store.hpp"
#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {

namespace {

using Clock = std::chrono::steady_clock;

int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return second != nullptr && std::string_view(second) == "load_extension" ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA: {
      constexpr std::array<std::string_view, 6> describing{"table_info", "table_xinfo",      "table_list",
                                                           "index_list", "foreign_key_list", "index_info"};
      for (const auto name : describing)
        if (first != nullptr && name == first) return SQLITE_OK;
      // These two take a value to set; without one they only tell.
      if (first != nullptr && second == nullptr &&
          (std::string_view(first) == "user_version" || std::string_view(first) == "application_id"))
        return SQLITE_OK;
      return SQLITE_DENY;
    }
    default:
      return SQLITE_DENY;
  }
}

int past_deadline(void* deadline) {
  return Clock::now() > *static_cast<const Clock::time_point*>(deadline) ? 1 : 0;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

// The message of a query that SQLite refused; unknown tables are answered with those there are.
[[noreturn]] void refuse(Database& db, const std::string& path) {
  const std::string reason = sqlite3_errmsg(db.handle());
  if ((sqlite3_errcode(db.handle()) & 0xff) == SQLITE_AUTH)
    throw Error(
        fmt::format("The query is refused ({}): only reading is allowed. Write through `ironlaw db build`, "
                    "`ironlaw db import` or a fit.",
                    reason));
  constexpr std::string_view no_table = "no such table: ";
  std::string hint;
  if (reason.starts_with(no_table)) {
    Database plain(path, OpenMode::read_only);  // without the authorizer's fences
    Statement names = plain.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    std::vector<std::string> tables;
    while (names.step()) tables.push_back(names.text(0));
    hint = fmt::format("{} Tables: {}.", did_you_mean(reason.substr(no_table.size()), tables),
                       fmt::join(tables, ", "));
  }
  throw Error(fmt::format("The query is not understood: {}.{}", reason, hint));
}

QueryResult::Cell cell_of(sqlite3_stmt* statement, int column) {
  const int type = sqlite3_column_type(statement, column);
  QueryResult::Cell cell;
  cell.is_null = type == SQLITE_NULL;
  cell.is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
  if (type == SQLITE_FLOAT) {
    cell.text =
        fmt::format("{}", sqlite3_column_double(statement, column));  // the shortest that reads back the same
  } else if (type == SQLITE_BLOB) {
    const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(statement, column));
    const int size = sqlite3_column_bytes(statement, column);
    for (int i = 0; i < size; ++i) cell.text += fmt::format("{:02x}", bytes[i]);
  } else if (type != SQLITE_NULL) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    cell.text.assign(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  }
  return cell;
}

}  // namespace

QueryResult query(const std::string& path, const std::string& sql, const QueryLimits& limits) {
  check_is_ours(path);
  if (is_blank(sql)) throw Error("The query is blank; allowed: one SELECT.");
  Database db(path, OpenMode::read_only);
  sqlite3* handle = db.handle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_set_authorizer(handle, authorize, nullptr);

  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v2(handle, sql.c_str(), static_cast<int>(sql.size()) + 1, &raw, &tail);
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
  if (code != SQLITE_OK) refuse(db, path);
  if (raw == nullptr) throw Error("The query is blank; allowed: one SELECT.");
  if (!is_blank(tail)) throw Error("The query has more than one statement; allowed: one SELECT.");
  if (sqlite3_stmt_readonly(raw) == 0) throw Error("The query is refused: only reading is allowed.");

  auto deadline = Clock::now() +
                  std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limits.seconds));
  constexpr int steps_between_checks = 10000;
  sqlite3_progress_handler(handle, steps_between_checks, past_deadline, &deadline);

  QueryResult result;
  const int columns = sqlite3_column_count(raw);
  for (int i = 0; i < columns; ++i) result.columns.emplace_back(sqlite3_column_name(raw, i));
  for (;;) {
    const int step = sqlite3_step(raw);
    if (step == SQLITE_DONE) return result;
    if ((step & 0xff) == SQLITE_INTERRUPT)
      throw Error(fmt::format("The query took longer than {} s and was stopped.", limits.seconds));
    if (step != SQLITE_ROW) db.fail("run the query");
    if (result.rows.size() == limits.rows)
      throw Error(fmt::format("The query gives more than {} rows; add a LIMIT.", limits.rows));
    std::vector<QueryResult::Cell>& row = result.rows.emplace_back();
    row.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) row.push_back(cell_of(raw, i));
  }
}

}  // namespace ironlaw
