// A checkout of MLPerf inference results.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

#include "datasets/checkout.hpp"
#include "datasets/checkout_system.hpp"
#include "datasets/importers.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace fs = std::filesystem;

namespace {

constexpr std::array kScenarios{"Offline", "Server", "Interactive", "SingleStream", "MultiStream"};
// What the results tool counts for one answer of GPT-J, whose logs state no tokens.
constexpr double kGptjTokens = 69;

struct Benchmark {
  std::string model, accuracy_class;
  bool is_interactive = false;
};

// "llama2-70b-interactive-99.9": model, interactive or not, class of accuracy.
Benchmark benchmark_of(std::string name) {
  Benchmark b;
  for (const char* accuracy : {"99.9", "99"})
    if (name.ends_with(fmt::format("-{}", accuracy))) {
      b.accuracy_class = accuracy;
      name.resize(name.size() - b.accuracy_class.size() - 1);
      break;
    }
  constexpr std::string_view kInteractive = "-interactive";
  if (name.ends_with(kInteractive)) {
    b.is_interactive = true;
    name.resize(name.size() - kInteractive.size());
  }
  b.model = name == "3d-unet-kits19" ? "3d-unet" : name == "dlrm-v2-clickthrough" ? "dlrm-v2" : name;
  return b;
}

// The scenario as the tables write it; '' when `text` is none.
std::string scenario_of(const std::string& text) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  for (const std::string_view name : kScenarios)
    if (std::equal(text.begin(), text.end(), name.begin(), name.end(), same)) return std::string(name);
  return {};
}

std::string category_of(const std::string& type) {
  const bool is_edge = type.find("edge") != std::string::npos;
  const bool is_datacenter = type.find("datacenter") != std::string::npos;
  return is_edge && is_datacenter ? "datacenter,edge" : is_edge ? "edge" : "datacenter";
}

// The interactive variant of a model is a scenario of the model; its offline run repeats that of the plain
// one.
void set_benchmark(const Benchmark& b, const std::string& scenario, CheckoutRow& row) {
  row["model_base"] = b.model;
  row["accuracy_class"] = b.accuracy_class;
  row["scenario"] = b.is_interactive && scenario == "Server" ? "Interactive" : scenario;
  if (b.is_interactive && scenario == "Offline")
    row["skip_reason"] = "the offline twin of an interactive benchmark";
}

std::optional<double> number_of(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !(value > 0)) return std::nullopt;
  return value;
}

// What LoadGen's summary says, by the words before the colon.
std::map<std::string, std::string> read_summary_log(const fs::path& path) {
  std::map<std::string, std::string> said;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("'{}' cannot be read.", path.string()));
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string key = line.substr(0, colon);
    std::string value = line.substr(colon + 1);
    while (!key.empty() && key.back() == ' ') key.pop_back();
    while (!value.empty() && (value.back() == ' ' || value.back() == '\r')) value.pop_back();
    value.erase(0, value.find_first_not_of(' '));
    said.emplace(key, value);
  }
  return said;
}

void set_rate(const std::map<std::string, std::string>& said, std::initializer_list<const char*> keys,
              const char* column, CheckoutRow& row) {
  for (const char* key : keys)
    if (const auto found = said.find(key); found != said.end())
      if (const auto value = number_of(found->second)) {
        row[column] = fmt::format("{}", *value);
        return;
      }
}

void read_log(const fs::path& path, CheckoutRow& row, const Benchmark& b) {
  const auto said = read_summary_log(path);
  const auto text = [&](const char* key) {
    const auto found = said.find(key);
    return found == said.end() ? std::string() : found->second;
  };
  const std::string scenario = scenario_of(text("Scenario"));
  if (scenario.empty())
    throw Error(fmt::format("{}: 'Scenario': given '{}'; allowed: {}.", path.string(), text("Scenario"),
                            fmt::join(kScenarios, ", ")));
  set_benchmark(b, scenario, row);
  set_rate(said, {"Samples per second", "Completed samples per second", "Scheduled samples per second"},
           "samples_per_s", row);
  set_rate(said, {"Tokens per second", "Completed tokens per second"}, "tokens_per_s", row);
  if (b.model == "gptj" && row["tokens_per_s"].empty() && !row["samples_per_s"].empty())
    row["tokens_per_s"] = fmt::format("{}", kGptjTokens * *number_of(row["samples_per_s"]));
  if (text("Result is") != "VALID") row["skip_reason"] = "the run is not valid";
}

std::vector<fs::path> folders_of(const fs::path& path) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error))
    if (entry.is_directory(error)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::vector<CheckoutRow> read_logs(const fs::path& root, const std::string& round) {
  std::vector<CheckoutRow> rows;
  for (const char* division : {"closed", "network", "open"})
    for (const fs::path& submitter : folders_of(root / division))
      for (const fs::path& platform : folders_of(submitter / "results")) {
        std::optional<CheckoutRow> system;  // read once there is a result of it
        for (const fs::path& benchmark : folders_of(platform))
          for (const fs::path& scenario : folders_of(benchmark)) {
            const fs::path log = scenario / "performance" / "run_1" / "mlperf_log_summary.txt";
            if (!fs::exists(log)) continue;
            if (!system)
              system = read_system(
                  (submitter / "systems" / fmt::format("{}.json", platform.filename().string())).string());
            CheckoutRow row = *system;
            row["round"] = round;
            row["division"] = division;
            row["suite"] = category_of(row["system_type"]);
            row["submitter"] = submitter.filename().string();
            row["system"] = row["system_name"];
            row["platform"] = platform.filename().string();
            row["accelerator"] = row["accelerator_id"] = row["accelerator_stated"];
            row["software"] = row["framework"];
            row["inferred"] = std::string(1, '0');
            row["source_path"] = fs::relative(scenario, root).generic_string();
            read_log(log, row, benchmark_of(benchmark.filename().string()));
            rows.push_back(std::move(row));
          }
      }
  return rows;
}

// The first of the members that is there; the files of the rounds name them differently.
std::string first_of(const CheckoutJson& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (std::string text = member_text(object, key); !text.empty()) return text;
  return {};
}

// Whether the rate of a row counts tokens. The labels are wrong in places (datasets/README.md, "Traps").
bool counts_tokens(const std::string& round, const std::string& model, const std::string& scenario,
                   const std::string& units) {
  if (units.find("oken") != std::string::npos) return true;
  const bool is_language = model.starts_with("llama") || model.starts_with("mixtral") ||
                           model.starts_with("gptj") || model.starts_with("deepseek");
  const bool is_before_v41 = round.starts_with("v0") || round.starts_with("v1") || round.starts_with("v2") ||
                             round.starts_with("v3") || round == "v4.0";
  if (model == "whisper") return true;
  if (round == "v4.0" && model == "llama2-70b" && scenario == "Offline") return true;
  return is_language && !is_before_v41;
}

std::vector<CheckoutRow> read_summary(const fs::path& file, const std::string& round) {
  const CheckoutJson json = read_json_file(file.string());
  if (!json.is_array()) throw Error(fmt::format("'{}' is no list of results.", file.string()));
  std::vector<CheckoutRow> rows;
  for (const CheckoutJson& entry : json) {
    const std::string where = fmt::format("{}, entry {}", file.string(), rows.size() + 1);
    if (!entry.is_object()) throw Error(fmt::format("{}: not an object.", where));
    CheckoutRow row;
    row["round"] = round;
    row["division"] = first_of(entry, {"Category", "Division", "division"});
    row["suite"] = category_of(first_of(entry, {"Suite", "SystemType"}));
    row["availability"] = first_of(entry, {"Availability"});
    row["submitter"] = first_of(entry, {"Submitter", "Organization"});
    row["system"] = first_of(entry, {"System", "SystemName"});
    row["platform"] = first_of(entry, {"Platform"});
    row["accelerator"] = first_of(entry, {"Accelerator", "accelerator_model_name"});
    if (row["accelerator"].empty())
      row["accelerator"] = fmt::format("CPU:{}", first_of(entry, {"Processor", "host_processor_model_name"}));
    row["accelerator_id"] = row["accelerator"];
    row["software"] = first_of(entry, {"Software", "framework"});
    for (const char* key : {"a#", "accelerators_per_node"})
      if (row["accelerators_per_node"].empty())
        row["accelerators_per_node"] = stated_count(where, entry, key);
    for (const char* key : {"Nodes", "number_of_nodes"})
      if (row["nodes"].empty()) row["nodes"] = stated_count(where, entry, key);
    if (row["nodes"].empty()) row["nodes"] = std::string(1, '1');
    if (!row["accelerators_per_node"].empty())
      row["accelerators_total"] =
          fmt::format("{}", std::stoll(row["accelerators_per_node"]) * std::stoll(row["nodes"]));
    const std::string scenario = scenario_of(first_of(entry, {"Scenario"}));
    if (scenario.empty())
      throw Error(fmt::format("{}: 'Scenario': given '{}'; allowed: {}.", where,
                              first_of(entry, {"Scenario"}), fmt::join(kScenarios, ", ")));
    const Benchmark b = benchmark_of(first_of(entry, {"Model", "UsedModel", "MlperfModel"}));
    if (b.model.empty()) throw Error(fmt::format("{}: 'Model' is missing.", where));
    set_benchmark(b, scenario, row);
    const std::string inferred = first_of(entry, {"inferred"});
    row["inferred"] = inferred.empty() || inferred == "0" || inferred == "false" ? std::string(1, '0')
                                                                                 : std::string(1, '1');
    const std::string units = first_of(entry, {"Performance_Units", "Units"});
    const std::string result = first_of(entry, {"Performance_Result", "Result"});
    const auto value = number_of(result);
    if (!value)
      throw Error(
          fmt::format("{}: 'Performance_Result': given '{}'; allowed: a number above 0.", where, result));
    if (units.find("atency") == std::string::npos && scenario != "SingleStream" && scenario != "MultiStream")
      row[counts_tokens(round, b.model, scenario, units) ? "tokens_per_s" : "samples_per_s"] =
          fmt::format("{}", *value);
    row["source_path"] = first_of(entry, {"Location"});
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

CsvTable read_inference_checkout(const std::string& path, const std::string& round) {
  const fs::path root(path);
  const fs::path summary = root / "summary_results.json";
  const std::vector<CheckoutRow> rows =
      fs::exists(summary) ? read_summary(summary, round) : read_logs(root, round);
  if (rows.empty()) throw Error(fmt::format("Folder '{}' has no results of MLPerf inference.", path));
  return make_table(path, required_columns(TableKind::mlperf_inference), rows);
}

}  // namespace ironlaw
