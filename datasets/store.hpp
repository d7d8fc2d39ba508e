// Reading the database: observations, rounds, fits, and free queries. Building it is datasets/build.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/build.hpp"
#include "datasets/records.hpp"

namespace ironlaw {

class Database;

// Which observations. An empty list allows all.
struct Selection {
  std::vector<std::string> suites = {};
  std::vector<std::string> sources = {};
  std::vector<std::string> rounds = {};  // ids, "inference-v4.1"
  std::vector<std::string> divisions = {};
  std::vector<std::string> scenarios = {};
  std::vector<std::string> quantities = {};
  std::vector<std::string> devices = {};  // canonical
  std::vector<std::string> models = {};   // canonical
  std::string published_from = {};        // ISO dates, both inclusive; empty: no limit
  std::string published_to = {};
  bool with_duplicates = true;     // rows that repeat another row's run
  bool with_inferred = true;       // rows copied from another scenario
  bool with_power_limited = true;  // rows run at a lowered power limit
  bool with_unknown = true;        // rows without a canonical device or model
};

// Which measurements of operators. An empty list allows all.
struct OperatorSelection {
  std::vector<std::string> ops = {};
  std::vector<std::string> devices = {};  // canonical
  std::vector<std::string> precisions = {};
  std::vector<std::string> sources = {};
  bool with_held = true;      // sites of the recommended hold-out
  bool with_suspect = false;  // rows that are known to be wrong
  bool with_unknown = false;  // rows without a canonical device
};

// One fitted number: its value and standard error on the link scale, where the prior stands too.
struct FitParameter {
  std::string name;
  std::string scope;  // "global", "vendor", ...
  std::string level;  // which one: "nvidia"; empty for global
  double value_link = 0;
  double se_link = 0;
  double value = 0;  // after the link
  double prior_mean = 0;
  double prior_sd = 0;
  bool determined = false;  // false: the data left it where the prior put it
};

struct FitResidual {
  std::int64_t observation = 0;  // Observation::id
  double predicted = 0;
  double observed = 0;
  double log_error = 0;  // log(predicted / observed)
  bool held_out = false;
};

// Observations of one device that are alike, and how many of them a fit uses.
struct ObservationCount {
  std::string suite, round, model,
      scenario;  // round: the suite where it has none; model: '' when it cannot be told
  std::int64_t rows = 0, used = 0;
};

struct FitRecord {
  std::int64_t id = 0;    // given by the store
  std::string split;      // what was fitted and what held out; one fit is kept for each
  std::string data_hash;  // data_hash() of the database it was fitted to
  std::string options;    // JSON
  std::string summary;    // JSON
  std::vector<FitParameter> parameters;
  std::vector<double> covariance;  // p x p by rows, on the link scale, in the order of `parameters`
  std::vector<FitResidual> residuals;
  std::int64_t rows = 0;   // fitted observations
  std::int64_t cells = 0;  // and the cells they are in
};

// An open database of ours. Opening throws Error that says what is wrong with a file: missing, empty, not a
// database of ironlaw's, of a newer or older schema. Every function throws Error where the file turns out to
// be damaged. Used by one thread at a time.
class Store {
 public:
  enum class Access { read, write };
  explicit Store(const std::string& path, Access access = Access::read);
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  // The observations that `selection` allows, in the order of loading.
  std::vector<Observation> observations(const Selection& selection = {}) const;
  // The measured times of operators that `selection` allows, in the order of loading.
  std::vector<OperatorRecord> operators(const OperatorSelection& selection = {}) const;
  // What other programs predicted, in the order of loading.
  std::vector<PeerRecord> peer_predictions() const;
  // What `ironlaw probe` measured, in the order of loading.
  std::vector<ProbeRecord> probes() const;
  // All rounds by date of publication.
  std::vector<Round> rounds() const;
  // What was observed on a device (canonical id), by date of publication, and how many of the rows the fit of
  // that split rests on.
  std::vector<ObservationCount> counts(std::string_view device, std::string_view split) const;
  // A hash of everything the observations come from; differs when any input did.
  std::string data_hash() const;

  // Stores a fit in place of the one with the same split, all or nothing, and returns its id. Throws Error
  // when the store was opened for reading or has been rebuilt since, when the covariance is not p x p or a
  // number not finite, or for a parameter or residual that is there twice or belongs to no observation.
  std::int64_t save_fit(const FitRecord& fit);
  // The fit of that split, without residuals unless asked for; nothing when there is none.
  std::optional<FitRecord> load_fit(std::string_view split, bool with_residuals = false) const;
  // The splits that have a fit, in text order.
  std::vector<std::string> splits() const;

 private:
  std::string path_;
  Access access_;
  std::unique_ptr<Database> db_;
  std::uint64_t inode_ = 0;  // to notice that the file was replaced by a rebuild
};

// The data hash of the database at `path`.
std::string data_hash(const std::string& path);

struct QueryResult {
  struct Cell {
    std::string text;  // '' for NULL; a blob as hexadecimal digits
    bool is_null = false;
    bool is_number = false;
  };
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

struct QueryLimits {
  double seconds = 30;
  std::size_t rows = 1'000'000;
};

// Runs one SELECT (or WITH ... SELECT, EXPLAIN, or a PRAGMA that describes the schema) and returns what it
// gives. Throws Error for anything that writes, attaches a file or changes a setting, for more than one
// statement, for what SQLite does not understand (an unknown table is answered with those there are), and
// past a limit.
QueryResult query(const std::string& path, const std::string& sql, const QueryLimits& limits = {});

}  // namespace ironlaw
