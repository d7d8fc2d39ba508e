#include "datasets/checkout.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "datasets/checkout_system.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace fs = std::filesystem;

namespace {

bool has_training_logs(const fs::path& root) {
  std::error_code error;
  for (const auto& submitter : fs::directory_iterator(root, error))
    if (fs::is_directory(submitter.path() / "results", error)) return true;
  return false;
}

bool has_inference_logs(const fs::path& root) {
  std::error_code error;
  for (const char* division : {"closed", "open", "network"})
    if (fs::is_directory(root / division, error)) return true;
  return fs::exists(root / "summary_results.json", error);
}

// "v5.1" of ".../inference_results_v5.1".
std::string round_in(const fs::path& path) {
  fs::path last = fs::weakly_canonical(path);
  if (last.filename().empty()) last = last.parent_path();
  const std::string name = last.filename().string();
  const std::size_t at = name.rfind("_v");
  if (at == std::string::npos) return {};
  const std::string round = name.substr(at + 1);
  return round.find_first_not_of("v.0123456789") == std::string::npos ? round : "";
}

}  // namespace

CheckoutJson read_json_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("'{}' cannot be read.", path));
  CheckoutJson json = CheckoutJson::parse(in, nullptr, false);
  if (json.is_discarded()) throw Error(fmt::format("'{}' is no JSON.", path));
  return json;
}

std::string member_text(const CheckoutJson& object, const std::string& key) {
  const auto member = object.find(key);
  if (member == object.end() || member->is_null()) return {};
  if (member->is_string()) return member->get<std::string>();
  if (member->is_number_integer()) return fmt::format("{}", member->get<std::int64_t>());
  if (member->is_number()) return fmt::format("{}", member->get<double>());
  if (member->is_boolean()) return member->get<bool>() ? "1" : "0";
  return {};
}

std::string stated_count(const std::string& file, const CheckoutJson& object, const std::string& key) {
  std::string text = member_text(object, key);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (text.empty() || text == "N/A" || text == "n/a") return {};
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > 10'000'000)
    throw Error(
        fmt::format("{}: '{}': given '{}'; allowed: an integer from 0 to 10000000.", file, key, text));
  return fmt::format("{}", value);
}

CheckoutRow read_system(const std::string& file) {
  const CheckoutJson json = read_json_file(file);
  if (!json.is_object())
    throw Error(fmt::format("'{}' is no description of a system: not a JSON object.", file));
  CheckoutRow row;
  row["availability"] = member_text(json, "status");
  row["division"] = member_text(json, "division");
  row["submitter"] = member_text(json, "submitter");
  row["system_name"] = member_text(json, "system_name");
  row["system_type"] = member_text(json, "system_type");
  row["accelerator_stated"] = member_text(json, "accelerator_model_name");
  row["framework"] = member_text(json, "framework");
  row["accelerators_per_node"] = stated_count(file, json, "accelerators_per_node");
  row["nodes"] = stated_count(file, json, "number_of_nodes");
  if (row["nodes"].empty()) row["nodes"] = std::string(1, '1');  // a system that does not say is one machine
  if (!row["accelerators_per_node"].empty())
    row["accelerators_total"] =
        fmt::format("{}", std::stoll(row["accelerators_per_node"]) * std::stoll(row["nodes"]));
  if (row["accelerator_stated"].empty()) {
    const std::string cpu = member_text(json, "host_processor_model_name");
    row["accelerator_stated"] = fmt::format("CPU:{}", cpu.empty() ? "unknown" : cpu);
  }
  return row;
}

CsvTable make_table(const std::string& shown, const std::vector<std::string>& required,
                    const std::vector<CheckoutRow>& rows) {
  std::set<std::string> columns(required.begin(), required.end());
  columns.insert("from_checkout");
  for (const CheckoutRow& row : rows)
    for (const auto& [column, value] : row) columns.insert(column);
  std::vector<std::string> header(columns.begin(), columns.end());
  std::vector<std::vector<std::string>> records;
  records.reserve(rows.size());
  for (const CheckoutRow& row : rows) {
    std::vector<std::string>& record = records.emplace_back();
    for (const std::string& column : header) {
      const auto found = row.find(column);
      record.push_back(found == row.end() ? "" : found->second);
    }
  }
  return CsvTable::make(shown, std::move(header), std::move(records));
}

CsvTable read_checkout(const std::string& path, const std::string& round) {
  const fs::path root(path);
  const bool is_inference = has_inference_logs(root);
  if (!is_inference && !has_training_logs(root))
    throw Error(
        fmt::format("Folder '{}' is no checkout of MLPerf results: it has neither summary_results.json nor "
                    "closed/, open/ or "
                    "network/ (inference), nor <submitter>/results/ (training).",
                    path));
  const std::string known = round.empty() ? round_in(root) : round;
  if (known.empty())
    throw Error(fmt::format(
        "The round of '{}' is not told by its name (as inference_results_v5.1 would); name it: --round v5.1.",
        path));
  return is_inference ? read_inference_checkout(path, known) : read_training_checkout(path, known);
}

}  // namespace ironlaw
