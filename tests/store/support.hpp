// What the tests of the store share: a directory that cleans up, small tables, and checks on messages.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "datasets/csv.hpp"
#include "datasets/importers.hpp"
#include "datasets/store.hpp"
#include "framework/base/error.hpp"

namespace ironlaw::test {

namespace fs = std::filesystem;

class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "ironlaw_store_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~Directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

inline void write(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream out(path, std::ios::binary);
  out << text;
}

inline std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The message of the Error that `action` throws; a failure when it throws none.
template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

inline void expect_contains(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n  in: " << text;
}

// A good row of MLPerf inference results; a test changes the fields it is about.
using Fields = std::map<std::string, std::string>;
inline Fields inference_row(const Fields& changes = {}) {
  Fields row;
  for (const std::string& column : required_columns(TableKind::mlperf_inference)) row[column] = "";
  for (const auto& [column, value] : Fields{{"round", "v4.1"},
                                            {"division", "closed"},
                                            {"suite", "datacenter"},
                                            {"availability", "available"},
                                            {"submitter", "Acme"},
                                            {"system", "Acme One"},
                                            {"platform", "acme1"},
                                            {"accelerator", "NVIDIA H100-SXM-80GB"},
                                            {"accelerator_id", "H100-SXM-80GB"},
                                            {"accelerators_total", "8"},
                                            {"accelerators_per_node", "8"},
                                            {"nodes", "1"},
                                            {"model_base", "llama2-70b"},
                                            {"accuracy_class", "99"},
                                            {"scenario", "Offline"},
                                            {"tokens_per_s", "24000.5"},
                                            {"samples_per_s", "81.5"},
                                            {"run_precision", "fp8"},
                                            {"tp", "2"},
                                            {"batch", "1024"},
                                            {"inferred", "0"}})
    row[column] = value;
  for (const auto& [column, value] : changes) row[column] = value;
  return row;
}

inline Fields training_row(const Fields& changes = {}) {
  Fields row;
  for (const std::string& column : required_columns(TableKind::mlperf_training)) row[column] = "";
  for (const auto& [column, value] : Fields{{"round", "v4.0"},
                                            {"division", "closed"},
                                            {"submitter", "Acme"},
                                            {"system", "acme2"},
                                            {"system_name", "Acme Two"},
                                            {"accelerator_model", "NVIDIA H100-SXM5-80GB"},
                                            {"accelerator", "H100-SXM"},
                                            {"accelerators_total", "64"},
                                            {"nodes", "8"},
                                            {"benchmark", "gpt3"},
                                            {"throughput_steady", "12.5"},
                                            {"precision", "fp8(TransformerEngine)"},
                                            {"precision_source", "config"},
                                            {"global_batch_size", "2048"}})
    row[column] = value;
  for (const auto& [column, value] : changes) row[column] = value;
  return row;
}

// Appends `field` as CSV, after a comma unless it is the first of its line.
inline void append_field(std::string& line, const std::string& field, bool first) {
  if (!first) line += ',';
  const bool quote = field.find_first_of(",\"\n") != std::string::npos;
  if (quote) line += '"';
  line += field;
  if (quote) line += '"';
}

inline std::string table(const std::vector<Fields>& rows) {
  std::string text;
  for (const auto& [column, value] : rows.front()) append_field(text, column, text.empty());
  text += '\n';
  for (const Fields& row : rows) {
    for (auto field = row.begin(); field != row.end(); ++field)
      append_field(text, field->second, field == row.begin());
    text += '\n';
  }
  return text;
}

// A small facts directory: two rounds, a handful of names, one inference row and one training row.
inline void write_facts(const Directory& dir) {
  write(dir / "facts/sources.csv",
        "id,title,url,licence,note\nmlperf-inference,I,u,Apache-2.0,\nmlperf-training,T,u,Apache-2.0,\n");
  write(dir / "facts/rounds.csv",
        "suite,round,published,note\ninference,v4.1,2024-08-28,\ntraining,v1.1,2021-12-01,\n"
        "training,v4.0,2024-06-12,\n");
  write(dir / "facts/aliases.csv",
        "kind,name,suite,round,canonical,reason\n"
        "device,H100-SXM-80GB,inference,,H100-SXM-80GB,\n"
        "device,H100-SXM,training,,H100-SXM-80GB,\n"
        "device,A100,training,,,memory size not stated\n"
        "device_stated,NVIDIA H100 CTS,inference,,H100-CTS,another board\n"
        "model,llama2-70b,inference,,llama-2-70b,\n"
        "model,gpt3,training,,gpt-3-175b,\n"
        "model,ssd,training,,retinanet,\n"
        "model,ssd,training,v1.1,ssd-resnet34-300,\n");
  write(dir / "facts/inference.csv", table({inference_row()}));
  write(dir / "facts/training.csv", table({training_row()}));
}

inline BuildInputs inputs(const Directory& dir) {
  BuildInputs in;
  in.facts_dir = dir / "facts";
  in.devices.push_back({"H100-SXM-80GB",
                        "nvidia",
                        "hopper",
                        "gpu",
                        2022,
                        "1.0",
                        {{"mem_bandwidth", "B/s", 3.35e12, "", "datasheet", ""}}});
  in.models.push_back({"llama-2-70b", "transformer", 69e9, "paper"});
  return in;
}

// Every row of every table, in order.
inline std::string dump(const std::string& path) {
  std::string out;
  for (const auto& name :
       query(path, "SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name").rows) {
    out += name[0].text;
    out += '\n';
    for (const auto& row : query(path, "SELECT * FROM \"" + name[0].text + "\"").rows) {
      for (const auto& cell : row) {
        out += cell.is_null ? "NULL" : cell.text;
        out += '|';
      }
      out += '\n';
    }
  }
  return out;
}

}  // namespace ironlaw::test
