// A checkout of MLPerf training results: from the logs of each run, the time that MLPerf ranks by and, apart
// from it, how fast the system trained. The ranked time may be scaled by reference convergence points, and
// always holds start-up and evaluation and the luck of the seed; no rate here is made from it.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>

#include "datasets/checkout.hpp"
#include "datasets/checkout_system.hpp"
#include "datasets/importers.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace fs = std::filesystem;

namespace {

// What one log says.
struct Run {
  std::optional<double> start_s, stop_s;
  bool is_success = false;
  double batch = 0, sequence = 0, train_samples = 0;
  std::vector<double> step_s, logged_rates;
  struct Mark {
    double at_s = 0, samples = 0;
  };
  std::vector<Mark> marks;                        // samples trained until then
  std::vector<std::pair<double, double>> pauses;  // evaluation: from, to
  std::optional<double> pause_begin_s;
  int broken_lines = 0;

  // Seconds spent training until a moment: without evaluation.
  double trained_until(double at_s) const {
    double time = at_s - start_s.value_or(at_s);
    for (const auto& [from, to] : pauses) time -= std::max(0.0, std::min(to, at_s) - std::min(from, at_s));
    return time;
  }
};

std::optional<double> number_in(const CheckoutJson& object, const char* key) {
  const auto member = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || member == object.end() || !member->is_number()) return std::nullopt;
  return member->get<double>();
}

// Samples that an event says were trained: as such, or as epochs of the training set.
std::optional<double> samples_at(const Run& run, const CheckoutJson& metadata, const std::string& benchmark) {
  if (auto samples = number_in(metadata, "samples_count")) {
    if (benchmark == "gpt3") *samples /= run.sequence > 0 ? run.sequence : 2048;  // it counts tokens
    return samples;
  }
  if (const auto epochs = number_in(metadata, "epoch_num"); epochs && run.train_samples > 0)
    return *epochs * run.train_samples;
  if (const auto step = number_in(metadata, "step_num"); step && run.batch > 0) return *step * run.batch;
  return std::nullopt;
}

void read_event(const CheckoutJson& event, const std::string& benchmark, Run& run) {
  const std::string key = member_text(event, "key");
  const auto time_ms = number_in(event, "time_ms");
  if (key.empty() || !time_ms) return;
  const double at_s = *time_ms / 1e3;
  const CheckoutJson metadata = event.value("metadata", CheckoutJson::object());
  const auto value = number_in(event, "value");
  if (key == "run_start" && !run.start_s) run.start_s = at_s;
  if (key == "run_stop" && !run.stop_s) {
    run.stop_s = at_s;
    run.is_success = member_text(metadata, "status") == "success";
  }
  if (key == "global_batch_size" && value) run.batch = *value;
  if (key == "max_sequence_length" && value) run.sequence = *value;
  if (key == "train_samples" && value) run.train_samples = *value;
  if (key == "eval_start" && !run.pause_begin_s) run.pause_begin_s = at_s;
  if (key == "eval_stop" && run.pause_begin_s) {
    run.pauses.emplace_back(*run.pause_begin_s, at_s);
    run.pause_begin_s.reset();
  }
  if (key == "eval_start" || key == "eval_accuracy" || key == "block_stop" || key == "epoch_stop")
    if (const auto samples = samples_at(run, metadata, benchmark); samples && *samples > 0)
      run.marks.push_back({at_s, *samples});
  if (key == "throughput" && value && *value > 0) run.logged_rates.push_back(*value);
  if (key == "tracked_stats" && event.contains("value")) {
    const CheckoutJson& stats = event["value"];
    for (const char* name : {"train_step_time", "train_step_timing"})
      if (const auto step = number_in(stats, name); step && *step > 0) run.step_s.push_back(*step);
    if (const auto rate = number_in(stats, "throughput"); rate && *rate > 0)
      run.logged_rates.push_back(*rate);
  }
}

Run read_run(const fs::path& path, const std::string& benchmark) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("'{}' cannot be read.", path.string()));
  Run run;
  std::string line;
  constexpr std::string_view kMark = ":::MLLOG";
  while (std::getline(in, line)) {
    const std::size_t at = line.find(kMark);  // a launcher may write the rank before it
    if (at == std::string::npos) continue;
    const CheckoutJson event = CheckoutJson::parse(line.substr(at + kMark.size()), nullptr, false);
    if (event.is_object())
      read_event(event, benchmark, run);
    else
      ++run.broken_lines;
  }
  return run;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// Samples per second between the first and the last mark, evaluation left out; from the start where there is
// one.
std::optional<double> marked_rate(const Run& run) {
  if (run.marks.empty() || !run.start_s) return std::nullopt;
  const auto by_samples = [](const Run::Mark& a, const Run::Mark& b) { return a.samples < b.samples; };
  const Run::Mark first = *std::min_element(run.marks.begin(), run.marks.end(), by_samples);
  const Run::Mark last = *std::max_element(run.marks.begin(), run.marks.end(), by_samples);
  const double time = run.trained_until(last.at_s) - run.trained_until(first.at_s);
  if (last.samples > first.samples && time > 0) return (last.samples - first.samples) / time;
  const double whole = run.trained_until(last.at_s);
  return whole > 0 ? std::optional(last.samples / whole) : std::nullopt;
}

// These log a mean that has evaluation in it.
bool logs_with_evaluation(const std::string& benchmark) {
  return benchmark.starts_with("bert") || benchmark.starts_with("dlrm") || benchmark == "gnn" ||
         benchmark == "rgat" || benchmark == "maskrcnn";
}

struct Rate {
  double value;
  const char* how;
};

std::optional<Rate> steady_rate(const Run& run, const std::string& benchmark, double accelerators) {
  if (!run.step_s.empty() && run.batch > 0) return Rate{run.batch / median(run.step_s), "logged step time"};
  const auto marked = marked_rate(run);
  if (!run.logged_rates.empty() && marked && !logs_with_evaluation(benchmark)) {
    // Logs do not state the unit: samples or tokens, of the system or of one accelerator.
    const double logged = median(run.logged_rates);
    const double tokens = run.sequence > 0 ? 1 / run.sequence : 1;
    for (const double unit : {1.0, accelerators, tokens, tokens * accelerators})
      if (unit > 0 && std::abs(std::log(logged * unit / *marked)) < 0.3)
        return Rate{logged * unit, "logged throughput"};
  }
  if (marked) return Rate{*marked, "samples between marks, without evaluation"};
  return std::nullopt;
}

// MLPerf's mean: without the fastest and the slowest; a failed run counts as the slowest
// (training_rules.adoc; 3D U-Net drops 4 and 4 of its 40 runs).
std::optional<double> official_mean(const std::vector<Run>& runs, const std::string& benchmark) {
  std::vector<double> times;
  std::size_t failed = 0;
  for (const Run& run : runs)
    if (run.is_success && run.start_s && run.stop_s && *run.stop_s > *run.start_s)
      times.push_back(*run.stop_s - *run.start_s);
    else
      ++failed;
  const std::size_t drop = benchmark == "unet3d" ? 4 : 1;
  if (failed > drop || times.size() + failed < 2 * drop + 1) return std::nullopt;
  std::sort(times.begin(), times.end());
  const auto first = times.begin() + static_cast<std::ptrdiff_t>(drop);
  const auto last = times.end() - static_cast<std::ptrdiff_t>(drop - failed);
  return std::accumulate(first, last, 0.0) / static_cast<double>(last - first);
}

std::vector<fs::path> sorted(const fs::path& folder, bool want_folders) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool is_log = name.starts_with("result_") && name.ends_with(".txt");
    if (want_folders ? entry.is_directory(error) : is_log && entry.is_regular_file(error))
      paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void summarise(const std::vector<Run>& runs, const std::string& benchmark, CheckoutRow& row) {
  const double accelerators = row["accelerators_total"].empty() ? 0 : std::stod(row["accelerators_total"]);
  std::vector<double> rates;
  int broken = 0;
  const char* how = "";
  for (const Run& run : runs) {
    broken += run.broken_lines;
    if (run.batch > 0) row["global_batch_size"] = fmt::format("{:.0f}", run.batch);
    if (run.sequence > 0) row["seq_or_sample_size"] = fmt::format("{:.0f}", run.sequence);
    if (!run.is_success) continue;
    if (const auto rate = steady_rate(run, benchmark, accelerators)) {
      rates.push_back(rate->value);
      how = rate->how;
    }
  }
  std::string note = fmt::format("{} runs", runs.size());
  if (!rates.empty()) {
    row["throughput_steady"] = fmt::format("{}", median(rates));
    note += fmt::format("; rate from {}", how);
  }
  if (broken > 0) note += fmt::format("; {} lines of the logs are no JSON", broken);
  if (std::none_of(runs.begin(), runs.end(), [](const Run& run) { return !run.pauses.empty(); }))
    note += "; no eval intervals in the log";
  row["quality_note"] = note;
  if (const auto mean = official_mean(runs, benchmark))
    row["ttt_unscaled_minutes"] = fmt::format("{}", *mean / 60);
}

}  // namespace

CsvTable read_training_checkout(const std::string& path, const std::string& round) {
  const fs::path root(path);
  std::vector<CheckoutRow> rows;
  for (const fs::path& submitter : sorted(root, true))
    for (const fs::path& system : sorted(submitter / "results", true))
      for (const fs::path& benchmark : sorted(system, true)) {
        const std::vector<fs::path> logs = sorted(benchmark, false);
        if (logs.empty()) continue;
        const std::string name = system.filename().string();
        CheckoutRow row = read_system((submitter / "systems" / fmt::format("{}.json", name)).string());
        row["round"] = round;
        row["submitter"] = submitter.filename().string();
        for (char& c : row["division"]) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (row["division"].empty()) row["division"] = "closed";
        row["system"] = name;
        row["accelerator_model"] = row["accelerator"] = row["accelerator_stated"];
        row["benchmark"] = benchmark.filename().string();
        row["source_dir"] = fs::relative(benchmark, root).generic_string();
        std::vector<Run> runs;
        for (const fs::path& log : logs) runs.push_back(read_run(log, row["benchmark"]));
        summarise(runs, row["benchmark"], row);
        if (const fs::path scaling = benchmark / "scaling.json"; fs::exists(scaling))
          row["rcp_scaling_factor"] = member_text(read_json_file(scaling.string()), "scaling_factor");
        rows.push_back(std::move(row));
      }
  if (rows.empty()) throw Error(fmt::format("Folder '{}' has no results of MLPerf training.", path));
  return make_table(path, required_columns(TableKind::mlperf_training), rows);
}

}  // namespace ironlaw
