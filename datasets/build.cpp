#include "datasets/build.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "datasets/checkout.hpp"
#include "datasets/file_lock.hpp"
#include "datasets/hash.hpp"
#include "datasets/importers.hpp"
#include "datasets/sqlite.hpp"
#include "datasets/store.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct InputFile {
  std::string path;
  std::string shown;  // in the database and in messages: the same wherever the facts are installed
};

// Facts that are no measurements: a new price or claim does not make the fits old. registry/places.hpp and
// framework/audit/claims_file.hpp read them.
bool is_read_elsewhere(const fs::path& shown) {
  return shown == "claims.csv" || shown == "places.csv" || shown == "rental_prices.csv";
}

std::vector<InputFile> input_files(const BuildInputs& inputs) {
  std::vector<InputFile> files;
  std::error_code error;
  if (!fs::is_directory(inputs.facts_dir, error))
    throw Error(fmt::format("The facts directory '{}' is not a directory.", inputs.facts_dir));
  fs::recursive_directory_iterator entry(inputs.facts_dir, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    if (CsvTable::is_table_name(path.string()) &&
        !is_read_elsewhere(path.lexically_relative(inputs.facts_dir)))
      files.push_back({path.string(), path.lexically_relative(inputs.facts_dir).generic_string()});
  }
  if (error)
    throw Error(
        fmt::format("The facts directory '{}' cannot be read: {}.", inputs.facts_dir, error.message()));
  if (files.empty())
    throw Error(fmt::format("The facts directory '{}' has no tables (*.csv, *.csv.gz).", inputs.facts_dir));
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.shown < b.shown; });
  for (const std::string& path : inputs.extra_files) files.push_back({path, path});
  return files;
}

template <class Record>
std::vector<Record> sorted_by_id(std::vector<Record> records, std::string_view what) {
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.id < b.id; });
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].id.empty()) throw Error(fmt::format("A {} has no id.", what));
    if (i > 0 && records[i].id == records[i - 1].id)
      throw Error(fmt::format("The {} '{}' is given twice.", what, records[i].id));
  }
  return records;
}

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  return std::move(text).str();  // an unreadable file is reported when it is parsed
}

std::string inputs_hash(const BuildInputs& inputs) {
  Fnv1a hash;
  hash.add_word(kSchemaVersion);
  hash.add(kSchemaText);
  for (const InputFile& file : input_files(inputs)) {
    hash.add(file.shown);
    hash.add(read_bytes(file.path));
  }
  for (const DeviceRecord& device : sorted_by_id(inputs.devices, "device")) {
    for (const auto* text :
         {&device.id, &device.vendor, &device.family, &device.kind, &device.plugin_version})
      hash.add(*text);
    hash.add_word(static_cast<std::uint64_t>(device.year));
    hash.add_word(device.specs.size());
    for (const SpecRecord& spec : device.specs) {
      for (const auto* text : {&spec.quantity, &spec.unit, &spec.flags, &spec.source, &spec.note})
        hash.add(*text);
      hash.add_number(spec.value);
    }
  }
  for (const ModelRecord& model : sorted_by_id(inputs.models, "model")) {
    for (const auto* text : {&model.id, &model.kind, &model.source}) hash.add(*text);
    hash.add_number(model.parameters);
  }
  return hash.text();
}

void require_finite(double value, std::string_view what) {
  if (!std::isfinite(value)) throw Error(fmt::format("{}: given {}; allowed: a finite number.", what, value));
}

void write_catalogue(Database& db, const BuildInputs& inputs) {
  Statement device_row = db.prepare("INSERT INTO device VALUES (?, ?, ?, ?, ?, ?)");
  Statement spec_row = db.prepare("INSERT INTO device_spec VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const DeviceRecord& device : sorted_by_id(inputs.devices, "device")) {
    device_row.bind(1, device.id);
    device_row.bind(2, device.vendor);
    device_row.bind(3, device.family);
    device_row.bind(4, device.kind);
    device_row.bind(5, std::int64_t{device.year});
    device_row.bind(6, device.plugin_version);
    device_row.run();
    std::set<std::string> seen;
    for (const SpecRecord& spec : device.specs) {
      if (!seen.insert(spec.quantity).second)
        throw Error(fmt::format("The device '{}' states '{}' twice.", device.id, spec.quantity));
      require_finite(spec.value, fmt::format("The device '{}', '{}'", device.id, spec.quantity));
      spec_row.bind(1, device.id);
      spec_row.bind(2, spec.quantity);
      spec_row.bind(3, spec.unit);
      spec_row.bind(4, spec.value);
      spec_row.bind(5, spec.flags);
      spec_row.bind(6, spec.source);
      spec_row.bind_or_null(7, spec.note);
      spec_row.run();
    }
  }
  Statement model_row = db.prepare("INSERT INTO model VALUES (?, ?, ?, ?)");
  for (const ModelRecord& model : sorted_by_id(inputs.models, "model")) {
    require_finite(model.parameters, fmt::format("The model '{}', parameters", model.id));
    model_row.bind(1, model.id);
    model_row.bind(2, model.kind);
    model_row.bind(3, model.parameters);
    model_row.bind(4, model.source);
    model_row.run();
  }
}

void set_meta(Database& db, std::string_view key, std::string_view value) {
  Statement row = db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
  row.bind(1, key);
  row.bind(2, value);
  row.run();
}

std::string get_meta(Database& db, std::string_view key) {
  Statement row = db.prepare("SELECT value FROM meta WHERE key = ?");
  row.bind(1, key);
  return row.step() ? row.text(0) : std::string();
}

std::vector<CsvTable> read_tables(const std::vector<InputFile>& files) {
  std::vector<CsvTable> tables;
  tables.reserve(files.size());
  for (const InputFile& file : files) tables.push_back(CsvTable::read(file.path, file.shown));
  return tables;
}

// Loads tables kind by kind, what others refer to first, in the order given within a kind.
void load_tables(Loader& loader, std::vector<CsvTable> given) {
  std::vector<std::pair<TableKind, CsvTable>> tables;
  for (CsvTable& table : given) {
    const TableKind kind = recognise(table);
    tables.emplace_back(kind, std::move(table));
  }
  std::stable_sort(tables.begin(), tables.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [kind, table] : tables) loader.load(table, kind);
}

void write_not_loaded(Database& db, const Loader& loader) {
  Statement row =
      db.prepare("INSERT INTO not_loaded VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET rows = excluded.rows");
  for (const auto& [key, count] : loader.not_loaded()) {
    row.bind(1, key.first);
    row.bind(2, key.second);
    row.bind(3, count);
    row.run();
  }
}

BuildReport report_of(Database& db) {
  BuildReport report;
  report.data_hash = get_meta(db, "data_hash");
  for (const char* table :
       {"source", "device", "device_spec", "model", "alias", "round", "observation", "time_to_train",
        "operator_measurement", "peer_prediction", "probe_measurement", "fit", "parameter", "residual"})
    report.tables.push_back({table, db.integer(fmt::format("SELECT count(*) FROM {}", table))});
  Statement rounds = db.prepare(
      "SELECT o.round, count(*) FROM observation o JOIN round r ON r.id = o.round GROUP BY o.round "
      "ORDER BY r.suite, r.published, r.id");
  while (rounds.step()) report.rounds.push_back({rounds.text(0), rounds.integer(1)});
  Statement skipped = db.prepare("SELECT file, reason, rows FROM not_loaded ORDER BY file, reason");
  while (skipped.step()) report.not_loaded.push_back({skipped.text(0), skipped.text(1), skipped.integer(2)});
  return report;
}

void add_run(BuildReport& report, const Loader& loader, Clock::time_point begin) {
  report.observations_added = loader.observations_added();
  report.operators_added = loader.operators_added();
  report.probes_added = loader.probes_added();
  for (const auto& [name, rows] : loader.unknown_names()) report.unknown_names.push_back({name, rows});
  report.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
}

bool has_inputs_hash(const std::string& path, const std::string& hash) {
  try {
    check_is_ours(path);
    Database db(path, OpenMode::read_only);
    return get_meta(db, "inputs_hash") == hash;
  } catch (const Error&) {
    return false;  // whatever is wrong with it, it is not current
  }
}

// Removes the file it is given unless told that it has been moved away.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) { remove(); }
  ~TemporaryFile() { remove(); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  void remove() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  std::string path_;
};

// Puts the new file in the old one's place. A journal left by a process that died while writing the old file
// would be taken for the new one's, so the old file is first given the chance to roll it back (should the
// rename fail), and then whatever is left of it removed.
void replace(const std::string& from, const std::string& to) {
  std::error_code error;
  roll_back_crash(to);
  fs::remove(to + "-journal", error);
  fs::rename(from, to, error);
  if (error) throw Error(fmt::format("Database '{}' cannot be put in place: {}.", to, error.message()));
  // The rename itself must survive a power cut; where a directory cannot be synced, nothing is lost but that.
  const fs::path parent = fs::path(to).parent_path();
  const int directory = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    fsync(directory);
    close(directory);
  }
}

// The microbenchmarks in what stands at `path`; none where that is no database of this schema, or damaged.
std::vector<ProbeRecord> kept_probes(const std::string& path) {
  try {
    return Store(path).probes();
  } catch (const Error&) {
    return {};
  }
}

void refuse_foreign_file(const std::string& path) {
  if (read_head(path).kind == FileHead::Kind::foreign)
    throw Error(
        fmt::format("'{}' is a file but not a database of ironlaw's, and is left alone. Name another file, "
                    "or remove it first.",
                    path));
}

}  // namespace

std::map<std::string, std::string> facts_hashes(const std::string& facts_dir) {
  std::map<std::string, std::string> hashes;
  for (const InputFile& file :
       input_files({.facts_dir = facts_dir, .devices = {}, .models = {}, .extra_files = {}})) {
    Fnv1a hash;
    hash.add(read_bytes(file.path));
    hashes[file.shown] = hash.text();
  }
  return hashes;
}

bool is_current(const std::string& path, const BuildInputs& inputs) {
  return has_inputs_hash(path, inputs_hash(inputs));
}

BuildReport build_database(const std::string& path, const BuildInputs& inputs, const BuildOptions& options) {
  const auto begin = Clock::now();
  if (const fs::path parent = fs::path(path).parent_path(); !parent.empty()) {
    std::error_code error;
    fs::create_directories(parent, error);
    if (error)
      throw Error(fmt::format("Database '{}' cannot be written: its directory cannot be made: {}.", path,
                              error.message()));
  }
  refuse_foreign_file(path);
  const FileLock lock(path, options.lock_timeout_s);
  const std::string hash = inputs_hash(inputs);
  if (!options.force && has_inputs_hash(path, hash)) {
    Database db(path, OpenMode::read_only);
    BuildReport report = report_of(db);
    report.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return report;
  }

  const TemporaryFile temporary(path + ".tmp");
  BuildReport report;
  {
    Database db(temporary.path(), OpenMode::create);
    // A file that is deleted on failure needs no journal on disk.
    db.exec("PRAGMA journal_mode = MEMORY");
    db.exec("PRAGMA cache_size = -131072");  // KiB: the whole file, so that no page is written twice
    db.exec(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, kSchemaVersion));
    Transaction transaction(db);
    db.exec(kSchemaText);
    write_catalogue(db, inputs);
    Loader loader(db);
    load_tables(loader, read_tables(input_files(inputs)));
    for (const ProbeRecord& record : kept_probes(path)) loader.add(record);
    write_not_loaded(db, loader);
    set_meta(db, "inputs_hash", hash);
    set_meta(db, "data_hash", hash);
    transaction.commit();
    report = report_of(db);
    add_run(report, loader, begin);
  }
  replace(temporary.path(), path);
  report.built = true;
  report.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return report;
}

BuildReport import_files(const std::string& path, const std::vector<std::string>& files,
                         const std::string& round, double lock_timeout_s) {
  std::vector<CsvTable> tables;
  tables.reserve(files.size());
  std::error_code error;
  for (const std::string& file : files)
    tables.push_back(fs::is_directory(file, error) ? read_checkout(file, round) : CsvTable::read(file));
  return import_tables(path, std::move(tables), lock_timeout_s);
}

BuildReport import_tables(const std::string& path, std::vector<CsvTable> tables, double lock_timeout_s) {
  const auto begin = Clock::now();
  check_is_ours(path);
  const FileLock lock(path, lock_timeout_s);
  Database db(path, OpenMode::read_write);
  Transaction transaction(db);
  Loader loader(db);
  load_tables(loader, std::move(tables));
  write_not_loaded(db, loader);
  if (!loader.added().empty()) {
    Fnv1a hash;
    hash.add(get_meta(db, "data_hash"));
    for (const std::string& content : loader.added()) hash.add(content);
    set_meta(db, "data_hash", hash.text());
  }
  BuildReport report = report_of(db);
  transaction.commit();
  report.built = true;
  add_run(report, loader, begin);
  return report;
}

std::string describe(const BuildReport& report) {
  std::string out = fmt::format("{} in {:.2f} s; data {}\n", report.built ? "Written" : "Already current",
                                report.seconds, report.data_hash);
  out += "Rows:";
  for (const auto& table : report.tables) out += fmt::format(" {} {},", table.name, table.rows);
  out.back() = '\n';
  out += "Observations by round:\n";
  for (const auto& round : report.rounds) out += fmt::format("  {:<16} {:>6}\n", round.name, round.rows);
  if (!report.not_loaded.empty()) out += "Rows not loaded:\n";
  for (const auto& skipped : report.not_loaded)
    out += fmt::format("  {:>6}  {}: {}\n", skipped.rows, skipped.file, skipped.reason);
  if (!report.unknown_names.empty())
    out += "Names without a canonical one (add them to a table of aliases):\n";
  for (const auto& name : report.unknown_names) out += fmt::format("  {:>6}  {}\n", name.rows, name.name);
  return out;
}

}  // namespace ironlaw
