#include "datasets/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "framework/base/error.hpp"

namespace ironlaw {

namespace {

constexpr int kBusyTimeoutMs = 10000;

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read_only:
      return SQLITE_OPEN_READONLY;
    case OpenMode::read_write:
      return SQLITE_OPEN_READWRITE;
    case OpenMode::create:
      break;
  }
  return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

}  // namespace

void Database::Close::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

Database::Database(const std::string& path, OpenMode mode) : path_(path) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, open_flags(mode) | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(raw);  // SQLite hands out a connection even when it fails, to carry the message
  if (code != SQLITE_OK) fail("open it");
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  // A stranger's file must not be able to run functions through its schema.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
}

void Database::fail(std::string_view doing) const {
  const char* reason = handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory";
  const int code = handle_ ? sqlite3_errcode(handle_.get()) & 0xff : SQLITE_NOMEM;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    throw Error(
        fmt::format("Database '{}' is damaged: {}. Rebuild it with `ironlaw db build`.", path_, reason));
  throw Error(fmt::format("Database '{}': could not {}: {}.", path_, doing, reason));
}

void Database::exec(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(fmt::format("run '{}'", sql.substr(0, 60)));
}

Statement Database::prepare(std::string_view sql) {
  return Statement(*this, sql);
}

std::int64_t Database::integer(std::string_view sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle_.get());
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(Database& db, std::string_view sql) : db_(&db) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(db.handle(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  handle_.reset(raw);
  if (code != SQLITE_OK) db.fail(fmt::format("compile '{}'", sql.substr(0, 60)));
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) db_->fail("pass a value to a statement");
}

void Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(handle(), index, value));
}

void Statement::bind(int index, double value) {
  check(sqlite3_bind_double(handle(), index, value));
}

void Statement::bind(int index, std::string_view text) {
  check(sqlite3_bind_text64(handle(), index, text.data() == nullptr ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_null(int index) {
  check(sqlite3_bind_null(handle(), index));
}

void Statement::bind_blob(int index, std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    check(sqlite3_bind_zeroblob(handle(), index, 0));
  } else {
    check(sqlite3_bind_blob64(handle(), index, bytes.data(), bytes.size(), SQLITE_TRANSIENT));
  }
}

void Statement::bind_or_null(int index, std::string_view text) {
  text.empty() ? bind_null(index) : bind(index, text);
}

void Statement::bind_or_null(int index, const std::optional<std::int64_t>& value) {
  value ? bind(index, *value) : bind_null(index);
}

void Statement::bind_or_null(int index, const std::optional<double>& value) {
  value ? bind(index, *value) : bind_null(index);
}

bool Statement::step() {
  const int code = sqlite3_step(handle());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const char* sql = sqlite3_sql(handle());
  db_->fail(fmt::format("run '{}'", std::string_view(sql == nullptr ? "" : sql).substr(0, 60)));
}

void Statement::run() {
  step();
  reset();
}

void Statement::reset() {
  sqlite3_reset(handle());
  sqlite3_clear_bindings(handle());
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(handle(), column);
}

std::string Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(handle(), column);
  if (data == nullptr) return {};
  const int size = sqlite3_column_bytes(handle(), column);
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::span<const std::byte> Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(handle(), column);
  const int size = sqlite3_column_bytes(handle(), column);
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

Transaction::Transaction(Database& db) : db_(&db) {
  db.exec("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(db_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  db_->exec("COMMIT");
  open_ = false;
}

FileHead read_head(const std::string& path) {
  FileHead head;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    if (error) throw Error(fmt::format("Database '{}' cannot be reached: {}.", path, error.message()));
    return head;
  }
  if (!std::filesystem::is_regular_file(path, error)) throw Error(fmt::format("'{}' is not a file.", path));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("Database '{}' cannot be read: {}.", path, std::strerror(errno)));
  std::array<char, 100> bytes{};  // the size of SQLite's file header, which is a stable format
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (in.gcount() == 0) {
    head.kind = FileHead::Kind::empty;
    return head;
  }
  constexpr std::string_view magic("SQLite format 3\0", 16);
  head.kind = FileHead::Kind::foreign;
  if (std::string_view(bytes.data(), magic.size()) != magic) return head;
  const auto big_endian = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  };
  head.schema = big_endian(60);
  if (big_endian(68) == static_cast<std::uint32_t>(kApplicationId)) head.kind = FileHead::Kind::ours;
  return head;
}

void roll_back_crash(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path + "-journal", error)) return;
  try {
    Database db(path, OpenMode::read_write);
    db.integer("SELECT count(*) FROM sqlite_schema");  // any read rolls back, unless the writer is alive
  } catch (const Error&) {  // not writable or too damaged: what reads it next says so
  }
}

void check_is_ours(const std::string& path) {
  const FileHead head = read_head(path);
  switch (head.kind) {
    case FileHead::Kind::missing:
      throw Error(fmt::format("There is no database '{}'. Build it with `ironlaw db build`.", path));
    case FileHead::Kind::empty:
      throw Error(fmt::format("Database '{}' is empty. Build it with `ironlaw db build`.", path));
    case FileHead::Kind::foreign:
      throw Error(
          fmt::format("'{}' is not a database of ironlaw's. Name another file, or remove it and run "
                      "`ironlaw db build`.",
                      path));
    case FileHead::Kind::ours:
      break;
  }
  if (head.schema > kSchemaVersion)
    throw Error(
        fmt::format("Database '{}' has schema {}; this ironlaw understands {}: update ironlaw or rebuild "
                    "with `ironlaw db build`.",
                    path, head.schema, kSchemaVersion));
  if (head.schema < kSchemaVersion)
    throw Error(
        fmt::format("Database '{}' has the older schema {}; this ironlaw needs {}: rebuild it with "
                    "`ironlaw db build`.",
                    path, head.schema, kSchemaVersion));
  roll_back_crash(path);
}

}  // namespace ironlaw
