// The golden grid: predictions as they were when somebody last looked at them, and what they were made from.
//
// It is a folder of two tables, which `ironlaw drift --update` writes: grid.csv has a row a point,
// made_from.csv what stands behind them (walls, datasheets, models, facts, the fit) and a hash of grid.csv,
// so that the two are of one update.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace ironlaw {

inline constexpr int kGoldenSchema = 1;
inline constexpr const char* kGridFile = "grid.csv";
inline constexpr const char* kMadeFromFile = "made_from.csv";

// What a point of the grid is asked.
struct GoldenPoint {
  std::string device, model, phase;
  int devices = 1;
  double batch = 0;  // of all replicas together; 0: as many as run
};
inline bool operator<(const GoldenPoint& a, const GoldenPoint& b) {
  return std::tie(a.device, a.model, a.phase, a.devices, a.batch) <
         std::tie(b.device, b.model, b.phase, b.devices, b.batch);
}
// "llama-3.1-8b on H100-SXM-80GB x 8, decode, batch 64"
std::string described(const GoldenPoint& point);

// Seconds. A time that there is none of (refused) is NaN.
struct GoldenRow {
  GoldenPoint point;
  std::string how;      // what was chosen for it: precision and split, "bf16 tp1 pp1 dp8 ep1"
  std::string outcome;  // "fits", "memory" (it does not fit), the wall whose gate is closed, or "refused"
  double textbook = 0;  // every efficiency at its first-principles value
  double at_peak = 0;   // model FLOPs at the peak of all devices: what there is to do
  // Every efficiency at its prior: all equations take part, and no data.
  double prior = 0;
  std::map<int, double> added;       // what each wall adds to that, by number; none where that is nothing
  std::optional<double> calibrated;  // with the fitted efficiencies; none where nobody asked for them
  std::optional<double> half90;      // [log] half the width of its 90% interval
  std::string binding;               // the wall that the calibrated time follows most: "2 memory"
};

// One thing that the grid was made from.
struct Mark {
  std::string text;                      // a version, an option, a family
  std::string hash;                      // of what is too long to stand here
  std::map<std::string, double> values;  // by name: figures of a datasheet, numbers of a wall's outputs
  bool operator==(const Mark&) const = default;
};
// Marks by name: "2 memory", "H100-SXM-80GB", "mlperf_training/results.csv".
using Marks = std::map<std::string, Mark>;

struct MadeFrom {
  Marks walls;    // text: model_version; hash: ports_hash; values: numbers_of, by output
  Marks devices;  // text: vendor and family; values: its figures and numbers of its shape function
  Marks models;   // text: kind; values: parameters, lengths
  Marks files;    // the facts; hash: of their bytes
  Marks fit;      // "data": Store::data_hash; "options": text_of(FitOptions); "rows": what it says of itself
};

struct Golden {
  MadeFrom made_from;
  std::vector<GoldenRow> rows;
};

// Reads the folder. Throws Error that names the file, line and column, and what to do: one of the two is
// missing, empty, of another schema, not of the same update, has a number that is none or a point twice.
Golden read_golden(const std::filesystem::path& folder);

// Writes both files, each in one step; makes the folder. Throws Error.
void write_golden(const std::filesystem::path& folder, const Golden& golden);

}  // namespace ironlaw
