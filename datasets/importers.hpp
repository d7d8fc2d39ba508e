// Turns recognised tables into rows of the store. A table is recognised by its header alone, so that a file
// may have any name and any further columns.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "datasets/csv.hpp"
#include "datasets/names.hpp"
#include "datasets/operators.hpp"
#include "datasets/published.hpp"
#include "datasets/records.hpp"
#include "datasets/sqlite.hpp"

namespace ironlaw {

// In the order of loading: what later tables refer to comes first.
enum class TableKind {
  sources,
  rounds,
  aliases,
  mlperf_inference,
  mlperf_training,
  gemm,
  attention_prefill,
  attention_decode,
  mla,
  moe,
  memory,
  collective,
  expert_exchange,
  microbench,
  published_training,
  published_inference,
  vtrain,
  serving,
  calculon,
  aiconfigurator,
  own_measurement,
  own_operator,
  probe
};

// What a table of this kind is called in messages: "MLPerf inference results".
std::string_view title_of(TableKind kind);

// The columns that a table of this kind must have; it may have more.
const std::vector<std::string>& required_columns(TableKind kind);

// The kind whose required columns `table` has. Throws Error that lists what is missing for the nearest kind.
TableKind recognise(const CsvTable& table);

ResultRow read_mlperf_inference(const CsvRow& row);
ResultRow read_mlperf_training(const CsvRow& row);
// Throws Error with file, line and column.
ProbeRecord read_probe(const CsvRow& row);

// Loads tables into an open database, inside the caller's transaction.
class Loader {
 public:
  // Starts from the sources, rounds, aliases, devices and models that `db` already has.
  explicit Loader(Database& db);

  // Adds the rows of `table`. The same row again is counted, not added. Throws Error with file, line and
  // column for a row that is wrong, or contradicts one already there.
  void load(const CsvTable& table, TableKind kind);

  // Adds a microbenchmark; false when it is there already.
  bool add(const ProbeRecord& record);

  // Rows that became none, by file and reason.
  const std::map<std::pair<std::string, std::string>, std::int64_t>& not_loaded() const {
    return not_loaded_;
  }
  // How often a name had no canonical one because nothing knows it: "device 'X9' (inference)".
  const std::map<std::string, std::int64_t>& unknown_names() const { return unknown_names_; }
  // The content hashes of the observations and measurements of operators added, in order.
  const std::vector<std::string>& added() const { return added_; }
  // How many rows of each kind were added. No fit rests on microbenchmarks of probe.
  std::int64_t observations_added() const { return observations_added_; }
  std::int64_t operators_added() const { return operators_added_; }
  std::int64_t probes_added() const { return probes_added_; }

 private:
  void load_source(const CsvRow& row);
  void load_round(const CsvRow& row);
  void load_alias(const CsvRow& row);
  void load_result(const CsvRow& row, ResultRow result);
  // The round of an MLPerf row without its suite ("v4.1"), '' for other suites. Error when it is not known.
  std::string round_of(const CsvRow& row, const Observation& o);
  void load_operator(const CsvRow& row, OperatorRow result);
  void load_peers(const CsvRow& row, std::vector<PeerRecord> records);
  void load_probe(const CsvRow& row);
  // Makes sure that the source of a row is there: Error when it is not, unless the table says what it is.
  void require_source(const CsvRow& row, const std::string& id, const std::string& title);
  // Inserts `values` into `table` unless the same row is there; a row with the same first `keys` values and
  // others that differ is an Error about the column `shown` of the file.
  void insert_fact(const CsvRow& row, std::string_view shown, const std::string& table,
                   const std::vector<std::string>& columns, const std::vector<std::string>& values,
                   std::size_t keys);
  // A device by the words of a submitter, where no table of names has them: as they were understood before.
  std::string device_of(const Observation& o, const std::string& round);
  // Whether a row of a checkout is a result that the database has, from a table or an earlier import.
  bool is_there(const Observation& o);
  std::string resolve(NameKind kind, const std::string& suite, const std::string& round,
                      const std::string& name);
  void skip(const CsvRow& row, const std::string& reason) { ++not_loaded_[{row.file(), reason}]; }

  Database* db_;
  NameTable names_;
  std::map<std::string, std::string> rounds_;  // id and date
  std::set<std::string> sources_;
  std::map<std::string, std::string> understood_;  // stated words and canonical device of observations
  std::optional<Statement> insert_, insert_time_, insert_operator_, insert_peer_, insert_probe_;
  std::map<std::pair<std::string, std::string>, std::int64_t> not_loaded_;
  std::map<std::string, std::int64_t> unknown_names_;
  std::vector<std::string> added_;
  std::int64_t observations_added_ = 0, operators_added_ = 0, probes_added_ = 0;
};

// A hash of what an observation says; where it stood (file, line) does not count.
std::string content_hash(const Observation& o);

}  // namespace ironlaw
