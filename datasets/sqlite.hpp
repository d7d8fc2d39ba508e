// A small RAII layer over SQLite's C interface: connections, statements, transactions. Every failure is an
// ironlaw::Error that names the database. Inside the store only; others include datasets/store.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace ironlaw {

// The version of datasets/schema.sql (PRAGMA user_version) and the mark of our files ("irnl" in ASCII).
constexpr int kSchemaVersion = 3;
constexpr int kApplicationId = 0x69726e6c;
extern const char* const kSchemaText;  // the text of datasets/schema.sql

enum class OpenMode { read_only, read_write, create };

class Statement;

// One connection. Not copyable; movable; used by one thread at a time.
class Database {
 public:
  // Opens `path` with foreign keys on. Throws Error when it cannot be opened; does not look inside.
  Database(const std::string& path, OpenMode mode);

  // Runs one or more statements without results.
  void exec(const std::string& sql);
  // Compiles one statement.
  Statement prepare(std::string_view sql);
  // The integer that a one-value query returns (0 when it returns no row).
  std::int64_t integer(std::string_view sql);
  std::int64_t last_insert_id() const;

  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }

  // Throws an Error made of the database's path, what was being done, and SQLite's message.
  [[noreturn]] void fail(std::string_view doing) const;

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// One compiled statement. Parameters are numbered from 1, columns from 0, as SQLite does.
class Statement {
 public:
  Statement(Database& db, std::string_view sql);

  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view text);
  void bind_null(int index);
  void bind_blob(int index, std::span<const std::byte> bytes);
  // An empty text, or an empty optional, becomes NULL: text that is not known is never ''.
  void bind_or_null(int index, std::string_view text);
  void bind_or_null(int index, const std::optional<std::int64_t>& value);
  void bind_or_null(int index, const std::optional<double>& value);

  // True when there is a row to read.
  bool step();
  // Steps a statement without results and makes it ready for the next parameters.
  void run();
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;  // '' for NULL
  std::span<const std::byte> blob(int column) const;

  sqlite3_stmt* handle() const { return handle_.get(); }

 private:
  void check(int code) const;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Database* db_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// Rolls back unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Database& db);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database* db_;
  bool open_ = true;
};

// What a file's first bytes say, read without SQLite so that no file, however damaged, can confuse it.
struct FileHead {
  enum class Kind { missing, empty, foreign, ours };
  Kind kind = Kind::missing;
  std::int64_t schema = 0;  // user_version; only for `ours`
};
// Throws Error when `path` exists but is not a readable file.
FileHead read_head(const std::string& path);

// Undoes what a process that died while writing `path` left half done, which a reader is not allowed to. Does
// nothing when there is nothing to undo or it cannot be done.
void roll_back_crash(const std::string& path);

// Throws Error unless `path` is a database of ours with the schema this program understands. Says what it is
// instead: missing, empty, another program's or no database, or of a newer or older schema. Then rolls back a
// crash.
void check_is_ours(const std::string& path);

}  // namespace ironlaw
