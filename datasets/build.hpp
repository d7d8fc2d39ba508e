// Making the database from the facts (CSV), the plugins' datasheets and the registry's models.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "datasets/csv.hpp"
#include "datasets/records.hpp"

namespace ironlaw {

struct BuildInputs {
  // Every *.csv below it must be a table that the importers recognise; places and prices are left out.
  std::string facts_dir;
  std::vector<DeviceRecord> devices;     // from the hardware plugins
  std::vector<ModelRecord> models;       // from the registry
  std::vector<std::string> extra_files;  // further recognised tables, loaded after the facts
};

// The hash of each table below the folder that a database is made from, by its path in the folder. Throws
// Error when the folder cannot be read or has no tables.
std::map<std::string, std::string> facts_hashes(const std::string& facts_dir);

struct BuildOptions {
  double lock_timeout_s = 60;  // how long to wait for another process that is writing the database
  bool force = false;          // build although the database is current
};

// What a build or an import did, or, where nothing was to do, what the database holds.
struct BuildReport {
  bool built = false;  // false: the database was current and was left alone
  std::string data_hash;
  std::int64_t observations_added = 0;
  std::int64_t operators_added = 0;
  std::int64_t probes_added = 0;  // microbenchmarks
  struct Count {
    std::string name;
    std::int64_t rows = 0;
  };
  std::vector<Count> tables;  // rows by table
  std::vector<Count> rounds;  // observations by round, by suite and date
  struct NotLoaded {
    std::string file;
    std::string reason;
    std::int64_t rows = 0;
  };
  std::vector<NotLoaded> not_loaded;  // rows of the input that are no observations
  std::vector<Count>
      unknown_names;  // names without a canonical one, and how many rows each; of this run only
  double seconds = 0;
};

// Builds the database `path`, or leaves it alone when it is current. Works in one transaction in a file
// beside it, which then takes its place in one step: whatever goes wrong, the old database stays as it was.
// Processes that build at the same time wait for each other. The same inputs give the same rows. Fits and
// imported rows of the old database are not carried over (they belong to other data); to keep rows, name
// their files in extra_files. What `ironlaw probe` measured is kept: it belongs to the user's machine. Throws
// Error for a wrong table (file, line, column), a device or model given twice or with a figure that is not
// finite, a path that cannot be written, a file there that is not a database of ours, or a lock held too
// long.
BuildReport build_database(const std::string& path, const BuildInputs& inputs,
                           const BuildOptions& options = {});

// Whether `path` is a database of this schema built from exactly these inputs (rows imported later do not
// count).
bool is_current(const std::string& path, const BuildInputs& inputs);

// Adds the rows of recognised tables, and of folders that are checkouts of MLPerf results
// (datasets/checkout.hpp, where `round` is explained), to the database in one transaction: all of them or, on
// Error, none. A row that is there already is counted in not_loaded. Changes data_hash when it adds anything
// but microbenchmarks of probe.
BuildReport import_files(const std::string& path, const std::vector<std::string>& files,
                         const std::string& round = "", double lock_timeout_s = 60);

// The same for tables in memory.
BuildReport import_tables(const std::string& path, std::vector<CsvTable> tables, double lock_timeout_s = 60);

// The report as text, several lines.
std::string describe(const BuildReport& report);

}  // namespace ironlaw
