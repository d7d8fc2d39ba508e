#include "calibration/drift/golden.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <string_view>

#include "datasets/csv.hpp"
#include "datasets/hash.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRemake = "`make golden` writes the grid anew.";
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr CsvRow::Integer kMostDevices = 1'000'000;

// What a row of made_from.csv is about, in the order of the file.
struct Kind {
  const char* name;
  Marks MadeFrom::*marks;
};
constexpr Kind kKinds[] = {{"wall", &MadeFrom::walls},
                           {"device", &MadeFrom::devices},
                           {"model", &MadeFrom::models},
                           {"file", &MadeFrom::files},
                           {"fit", &MadeFrom::fit}};
constexpr const char* kSchemaKind = "schema";

std::string hash_of(std::string_view text) {
  Fnv1a hash;
  hash.add(text);
  return hash.text();
}

// ---- writing ---------------------------------------------------------------------------------------------
// Of textbook and prior times ten digits: they are held to six.
std::string exact(double value) {
  return std::isnan(value) ? "" : fmt::format("{:.10g}", value);
}
std::string rough(const std::optional<double>& value) {
  return value ? fmt::format("{:.7g}", *value) : "";
}

// Blanks part values and an equals sign a name from its value; neither is in a name.
template <class Key>
std::string joined(const std::map<Key, double>& values, int digits) {
  std::string text;
  for (const auto& [name, value] : values)
    text += fmt::format("{}{}={:.{}g}", text.empty() ? "" : " ", name, value, digits);
  return text;
}

std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string grid_text(const std::vector<GoldenRow>& rows) {
  constexpr int kDigits = 8;
  std::string text =
      "device,model,phase,devices,batch,how,outcome,textbook_s,at_peak_s,prior_s,prior_walls,calibrated_s,"
      "half90,binding\n";
  for (const GoldenRow& r : rows)
    text += fmt::format("{},{},{},{},{:.10g},{},{},{},{},{},{},{},{},{}\n", cell(r.point.device),
                        cell(r.point.model), r.point.phase, r.point.devices, r.point.batch, cell(r.how),
                        cell(r.outcome), exact(r.textbook), exact(r.at_peak), exact(r.prior),
                        joined(r.added, kDigits), rough(r.calibrated), rough(r.half90), cell(r.binding));
  return text;
}

std::string made_from_text(const MadeFrom& made_from, const std::string& grid) {
  constexpr int kDigits = 12;
  std::string text = "kind,name,text,hash,values\n";
  text += fmt::format("{},{},{},{},\n", kSchemaKind, kGridFile, kGoldenSchema, hash_of(grid));
  for (const Kind& kind : kKinds)
    for (const auto& [name, mark] : made_from.*kind.marks)
      text += fmt::format("{},{},{},{},{}\n", kind.name, cell(name), cell(mark.text), mark.hash,
                          joined(mark.values, kDigits));
  return text;
}

void write_file(const fs::path& path, const std::string& text) {
  const fs::path part = path.string() + ".part";
  {
    std::ofstream out(part, std::ios::binary);
    out << text;
    out.flush();
    if (!out) throw Error(fmt::format("{} cannot be written.", part.string()));
  }
  std::error_code error;
  fs::rename(part, path, error);
  if (error) throw Error(fmt::format("{} cannot be written: {}.", path.string(), error.message()));
}

// ---- reading ---------------------------------------------------------------------------------------------
CsvTable table_at(const fs::path& path) {
  if (!fs::exists(path)) throw Error(fmt::format("There is no {}. {}", path.string(), kRemake));
  return CsvTable::read(path.string());
}

double number_or_unknown(const CsvRow& row, const char* column) {
  return row.optional_number(column).value_or(kUnknown);
}

// "a=1 b=2.5"
template <class Key>
std::map<Key, double> values_of(const CsvRow& row, const char* column, const auto& to_key) {
  std::map<Key, double> values;
  std::istringstream words(row.text(column));
  for (std::string word; words >> word;) {
    const std::size_t equals = word.rfind('=');
    double value = 0;
    const char* const end = word.data() + word.size();
    const bool is_pair = equals != std::string::npos && equals > 0 && equals + 1 < word.size();
    if (is_pair) {
      const auto [stop, error] = std::from_chars(word.data() + equals + 1, end, value);
      if (error == std::errc() && stop == end && values.emplace(to_key(word.substr(0, equals)), value).second)
        continue;
    }
    row.fail(column, "NAME=NUMBER, each name once, with blanks between");
  }
  return values;
}

MadeFrom made_from_of(const fs::path& folder, const std::string& grid) {
  const fs::path path = folder / kMadeFromFile;
  const CsvTable table = table_at(path);
  MadeFrom made_from;
  bool has_schema = false;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const CsvRow row = table.row(i);
    const std::string& kind = row.required("kind");
    if (kind == kSchemaKind) {
      has_schema = true;
      if (row.text("text") != std::to_string(kGoldenSchema))
        throw Error(fmt::format("{} is of schema '{}'; this version reads schema {}. {}", path.string(),
                                row.text("text"), kGoldenSchema, kRemake));
      if (row.text("hash") != hash_of(grid))
        throw Error(
            fmt::format("{} and {} are not of one update: one of them was edited, or merged, without the "
                        "other. {}",
                        (folder / kGridFile).string(), kMadeFromFile, kRemake));
      continue;
    }
    const auto known =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return kind == k.name; });
    if (known == std::end(kKinds)) row.fail("kind", "schema, wall, device, model, file or fit");
    Mark mark{row.text("text"), row.text("hash"),
              values_of<std::string>(row, "values", [](std::string name) { return name; })};
    if (!(made_from.*known->marks).emplace(row.required("name"), std::move(mark)).second)
      row.fail("name", "each name once a kind");
  }
  if (!has_schema) throw Error(fmt::format("{} does not say its schema. {}", path.string(), kRemake));
  return made_from;
}

GoldenRow golden_row(const CsvRow& row) {
  GoldenRow r;
  r.point = {row.required("device"), row.required("model"), row.required("phase"),
             static_cast<int>(row.integer("devices", 1, kMostDevices)), row.number("batch")};
  r.how = row.text("how");
  r.outcome = row.required("outcome");
  r.textbook = number_or_unknown(row, "textbook_s");
  r.at_peak = number_or_unknown(row, "at_peak_s");
  r.prior = number_or_unknown(row, "prior_s");
  r.added = values_of<int>(row, "prior_walls", [&](const std::string& name) {
    int number = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, number);
    if (error != std::errc() || stop != end) row.fail("prior_walls", "numbers of walls: 2=0.0013");
    return number;
  });
  r.calibrated = row.optional_number("calibrated_s");
  r.half90 = row.optional_number("half90");
  r.binding = row.text("binding");
  return r;
}

std::string bytes_of_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  return std::move(text).str();
}

}  // namespace

std::string described(const GoldenPoint& p) {
  std::string text = fmt::format("{} on {}{}, {}", p.model, p.device,
                                 p.devices > 1 ? fmt::format(" x {}", p.devices) : "", p.phase);
  if (p.batch > 0) text += fmt::format(", batch {}", p.batch);
  return text;
}

Golden read_golden(const fs::path& folder) {
  const fs::path path = folder / kGridFile;
  const CsvTable table = table_at(path);
  Golden golden{made_from_of(folder, bytes_of_file(path)), {}};
  std::set<GoldenPoint> points;
  golden.rows.reserve(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    golden.rows.push_back(golden_row(table.row(i)));
    if (!points.insert(golden.rows.back().point).second)
      throw Error(fmt::format("{}:{}: {} is there twice. {}", path.string(), table.row(i).line(),
                              described(golden.rows.back().point), kRemake));
  }
  if (golden.rows.empty()) throw Error(fmt::format("{} has no rows. {}", path.string(), kRemake));
  return golden;
}

void write_golden(const fs::path& folder, const Golden& golden) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(fmt::format("{} cannot be made: {}.", folder.string(), error.message()));
  const std::string grid = grid_text(golden.rows);
  write_file(folder / kGridFile, grid);
  write_file(folder / kMadeFromFile, made_from_text(golden.made_from, grid));
}

}  // namespace ironlaw
