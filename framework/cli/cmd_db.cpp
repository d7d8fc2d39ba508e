// ironlaw db: builds the database of observations, adds to it, queries it.
#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include "datasets/build.hpp"
#include "datasets/own.hpp"
#include "datasets/store.hpp"
#include "framework/base/log.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"
#include "registry/model.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kManyFiles = 10'000;

const Usage kUsage{
    .command = "db",
    .synopsis = "build|import|template|stats|query|devices ... [options]",
    .summary =
        "The database of observations and fits. It is $IRONLAW_DB, else share/ironlaw/ironlaw.sqlite "
        "beside the folder of this program.",
    .options = {},
    .least_names = 1,
    .most_names = kManyFiles,
    .more =
        "  build        make it from the facts, the plugins' datasheets and the models\n"
        "  import PATH  add further tables, checkouts of MLPerf results, one's own measurements\n"
        "  template T   print a table to fill in with one's own measurements\n"
        "  stats        what the database holds\n"
        "  query SQL    run one SELECT\n"
        "  devices      what the accelerators of the observations were taken for\n\n"
        "`ironlaw db build --help` and so on explain each.",
};

const Usage kBuildUsage{
    .command = "db build",
    .synopsis = "[options]",
    .summary =
        "Makes the database from the facts (CSV), the datasheets of the hardware plugins and the models. "
        "Does nothing when it is current. A failure leaves the old database as it was.",
    .options = {{"facts", "DIR", "folder of the facts; $IRONLAW_DATA, else the one that came with ironlaw"},
                {"force", "", "build although the database is current"}},
};

const Usage kImportUsage{
    .command = "db import",
    .synopsis = "PATH... [options]",
    .summary =
        "Adds to the database the rows of tables (*.csv, *.csv.gz) that it knows by their header, and the "
        "results in "
        "folders that are checkouts of MLPerf inference or training results: of all or, when one is wrong, "
        "of none.",
    .options = {{"round", "R", "round of the checkouts, such as v5.1; else from the folder's name"}},
    .least_names = 1,
    .most_names = kManyFiles,
    .more = "Tables: those of datasets/, probe.csv of `ironlaw probe`, and those of `ironlaw db template`.",
};

const Usage kTemplateUsage{
    .command = "db template",
    .synopsis = "measurements|operators",
    .summary =
        "Prints a table with example rows, to be replaced by one's own measurements of systems or of single "
        "operators and added with `ironlaw db import`. Units are SI; columns that are not known stay blank.",
    .options = {},
    .least_names = 1,
    .most_names = 1,
};

const Usage kQueryUsage{
    .command = "db query",
    .synopsis = "\"SQL\" [options]",
    .summary = "Runs one SELECT. Nothing that writes is allowed.",
    .options = {{"format", "F", "text, json or csv; text"}},
    .least_names = 1,
    .most_names = 1,
    .more = "example: ironlaw db query \"SELECT device, count(*) FROM observation GROUP BY device\"",
};

// Says on stderr what is being done when it is still being done after a second.
class Patience {
 public:
  explicit Patience(std::string message)
      : thread_([this, text = std::move(message)] {
          std::unique_lock lock(mutex_);
          if (!done_.wait_for(lock, std::chrono::seconds(1), [this] { return is_done_; }))
            std::fputs(fmt::format("ironlaw: {} ...\n", text).c_str(), stderr);
        }) {}
  ~Patience() {
    {
      const std::lock_guard lock(mutex_);
      is_done_ = true;
    }
    done_.notify_one();
    thread_.join();
  }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  bool is_done_ = false;
  std::thread thread_;  // last: it uses the others from its first moment
};

DeviceRecord record_of(const PluginHost& host, const ironlaw_hardware& hardware) {
  DeviceRecord device{hardware.id,
                      hardware.vendor,
                      hardware.family,
                      hardware.kind,
                      static_cast<int>(hardware.year),
                      plugin_version_of(host, hardware),
                      {}};
  for (std::uint32_t i = 0; i < hardware.n_specs; ++i) {
    const ironlaw_spec& spec = *hardware.specs[i];
    const bool is_sparse = (spec.flags & IRONLAW_SPEC_SPARSE) != 0;
    const bool is_unverified = (spec.flags & IRONLAW_SPEC_UNVERIFIED) != 0;
    const char* flags = is_sparse && is_unverified ? "sparse,unverified"
                        : is_sparse                ? "sparse"
                        : is_unverified            ? "unverified"
                                                   : "";
    device.specs.push_back({spec.quantity, spec.unit, spec.value, flags, spec.source, spec.note});
  }
  return device;
}

BuildInputs inputs_of(const PluginHost& host, const std::string& facts) {
  BuildInputs inputs;
  inputs.facts_dir = facts;
  for (const ironlaw_hardware* hardware : host.hardware())
    inputs.devices.push_back(record_of(host, *hardware));
  for (const ModelSpec& m : models())
    inputs.models.push_back({m.id, name_of(m.kind), parameter_count(m), m.source});
  return inputs;
}

std::string path_of_database() {
  return database_path().string();
}

ExitCode build(CommandWords words) {
  const auto arguments = parse(kBuildUsage, words);
  if (!arguments) return ExitCode::ok;
  const PluginHost host = load_plugins();
  const std::string facts = arguments->text("facts").value_or(facts_dir().string());
  const std::string path = path_of_database();
  std::error_code error;
  if (const fs::path folder = fs::path(path).parent_path(); !folder.empty())
    fs::create_directories(folder, error);
  if (error) throw Error(fmt::format("The folder of {} cannot be made: {}.", path, error.message()));
  BuildReport report;
  {
    const Patience patience(fmt::format("building {} from {}", path, facts));
    report = build_database(path, inputs_of(host, facts), {.force = arguments->has("force")});
  }
  if (!report.built) print(fmt::format("database is current: {}\n", path));
  if (report.built) print(fmt::format("database is built: {}\n{}", path, describe(report)));
  return ExitCode::ok;
}

ExitCode import(CommandWords words) {
  const auto arguments = parse(kImportUsage, words);
  if (!arguments) return ExitCode::ok;
  const std::string path = path_of_database();
  const Patience patience(fmt::format("importing into {}", path));
  print(describe(import_files(path, arguments->names(), arguments->text("round").value_or(""))));
  return ExitCode::ok;
}

ExitCode print_template(CommandWords words) {
  const auto arguments = parse(kTemplateUsage, words);
  if (!arguments) return ExitCode::ok;
  print(own_template(arguments->names()[0]));
  return ExitCode::ok;
}

std::string query_text(const QueryResult& result) {
  std::vector<Align> align(result.columns.size(), Align::right);
  for (const auto& row : result.rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!row[i].is_number && !row[i].is_null) align[i] = Align::left;
  TextTable table(std::move(align));
  table.add(result.columns);
  for (const auto& row : result.rows) {
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (const auto& cell : row) cells.push_back(cell.is_null ? "-" : cell.text);
    table.add(std::move(cells));
  }
  return table.text();
}

std::string query_json(const QueryResult& result) {
  Json json = Json::array();
  for (const auto& row : result.rows) {
    Json entry = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      Json& value = entry[result.columns[i]];
      value = row[i].is_null ? Json(nullptr) : Json(row[i].text);
      // SQLite's digits are JSON's, but for infinities.
      if (row[i].is_number) value = Json::parse(row[i].text, nullptr, false);
      if (value.is_discarded()) value = row[i].text;
    }
    json.push_back(std::move(entry));
  }
  return json_text(json);
}

std::string query_csv(const QueryResult& result) {
  std::string text = csv_line(result.columns);
  for (const auto& row : result.rows) {
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (const auto& cell : row) cells.push_back(cell.text);
    text += csv_line(cells);
  }
  return text;
}

ExitCode run_query(CommandWords words) {
  const auto arguments = parse(kQueryUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, true);
  const QueryResult result = query(path_of_database(), arguments->names()[0]);
  print(format == Format::json  ? query_json(result)
        : format == Format::csv ? query_csv(result)
                                : query_text(result));
  return ExitCode::ok;
}

}  // namespace

ExitCode cmd_db(CommandWords words) {
  const std::vector<std::string> verbs = {"build", "import", "template", "stats", "query", "devices"};
  const std::string verb = words.empty() ? "" : words.front();
  const CommandWords rest = words.empty() ? words : words.subspan(1);
  if (verb == "build") return build(rest);
  if (verb == "import") return import(rest);
  if (verb == "template") return print_template(rest);
  if (verb == "stats") return cmd_db_stats(rest);
  if (verb == "query") return run_query(rest);
  if (verb == "devices") return cmd_db_devices(rest);
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  throw Error(fmt::format("db does not understand '{}'.{} Usage: ironlaw db {}", verb,
                          did_you_mean(verb, verbs), kUsage.synopsis));
}

}  // namespace ironlaw
