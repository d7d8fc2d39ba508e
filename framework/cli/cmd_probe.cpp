// ironlaw probe: measures this machine, and holds the model against it.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "datasets/build.hpp"
#include "framework/base/error.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/cli/request.hpp"
#include "framework/cli/workbench.hpp"
#include "framework/kit/project.hpp"
#include "framework/probe/cpu_products.hpp"
#include "framework/probe/device_probe.hpp"
#include "framework/probe/figures.hpp"
#include "framework/probe/predicted.hpp"
#include "framework/probe/probe.hpp"
#include "framework/report/probe_report.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCsvName = "probe.csv";
const std::vector<std::string> kDevices = {"cpu", "cuda"};

const Usage kUsage{
    .command = "probe",
    .synopsis = "[options]",
    .summary =
        "Measures this machine (matrix products, streams through memory, caches, launches), stores what was "
        "measured, and shows what the model predicts of the same operators. With --out it writes a hardware "
        "plugin of the machine, and the rows as probe.csv.",
    .options = {{"quick", "", "in less than 5 seconds instead of about 30"},
                {"out", "DIR", "write the project of a hardware plugin into this new folder"},
                {"name", "ID", "of the target; made of the CPU's name"},
                {"device", "D", "cpu or cuda (the first GPU, where ironlaw was built with its toolkit); cpu"},
                {"threads", "N", "use so many at the most; those that this process may use"},
                {"params", "SET",
                 "of the prediction: textbook or calibrated; textbook, for these peaks are what "
                 "software reached"},
                {"no-store", "", "leave the database alone"},
                {"format", "F", "text or json; text"}},
    .more = "example: ironlaw probe --quick --out my-machine",
};

// Refuses before a minute of measuring what would fail after it.
void check_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    throw Error(
        fmt::format("--out is '{}'; it must be a folder that does not exist or is empty.", folder.string()));
}

void check_name(const std::string& id) {
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (!id.empty() && is_letter(id.front()) && std::all_of(id.begin(), id.end(), [&](char c) {
        return is_letter(c) || c == '_' || c == '.' || c == '-';
      }))
    return;
  throw Error(fmt::format(
      "--name is '{}'; it is made of letters, digits, '_', '.' and '-', a letter or digit first.", id));
}

ParameterSet parameters_of(const Arguments& arguments, const PluginHost& host) {
  Ask ask;
  ask.said["params"] = {arguments.text("params").value_or("textbook"), "--params"};
  return parameters_of(ask, host);
}

std::string store(const ProbeResult& result) {
  const fs::path path = database_path();
  std::error_code error;
  if (!fs::exists(path, error))
    return fmt::format(
        "not stored: there is no database {}; run `ironlaw db build`, then `ironlaw db import {}`",
        path.string(), kCsvName);
  try {
    const BuildReport report = import_tables(path.string(), {CsvTable::parse(probe_csv(result), kCsvName)});
    return fmt::format("{} rows are stored in {}", report.probes_added, path.string());
  } catch (const Error& e) {
    return fmt::format("not stored: {}", e.what());
  }
}

void write_project(const fs::path& folder, ProbeReport& report) {
  for (const fs::path& file : write_hardware_project(templates_dir(), folder, report.target))
    report.files.push_back(file.string());
  std::ofstream csv(folder / kCsvName);
  csv << probe_csv(report.result);
  csv.close();
  if (!csv) throw Error(fmt::format("{} cannot be written.", (folder / kCsvName).string()));
  report.files.emplace_back(kCsvName);
  report.folder = folder.string();
}

ProbeResult measure(const Arguments& arguments, const std::string& device, const Machine& machine) {
  const bool is_quick = arguments.has("quick");
  const auto progress = slow_progress("probe");
  if (device != "cpu")
    return run_device_probe(is_quick, machine, load_probe_device(kernels_dir(), device), steady_clock(),
                            progress);
  const int threads = arguments.integer("threads", 1, machine.threads).value_or(machine.usable_threads);
  std::vector<std::string> notes;
  const auto kernels = load_cpu_products(kernels_dir(), notes);
  if (kernels.empty())
    throw Error(
        fmt::format("There are no kernels to measure with: {} is missing or damaged. Build or install "
                    "ironlaw again.",
                    kernels_dir().string()));
  ProbeResult result =
      run_probe(plan_of(is_quick, threads, machine), machine, kernels, steady_clock(), progress);
  result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
  return result;
}

}  // namespace

ExitCode cmd_probe(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const Machine machine = this_machine();
  const auto folder = arguments->text("out");
  const std::string device = one_of("--device", arguments->text("device").value_or("cpu"), kDevices);
  if (device != "cpu" && arguments->has("threads"))
    throw Error(fmt::format("--threads is for --device cpu; it does not go with --device {}.", device));
  const auto name = arguments->text("name");
  if (folder) check_folder(*folder);
  if (name) check_name(*name);
  const PluginHost host = load_plugins();
  const ParameterSet parameters = parameters_of(*arguments, host);

  ProbeReport report;
  report.result = measure(*arguments, device, machine);
  report.target = project_of(report.result, name.value_or(""));
  const ProjectTarget target(report.target);
  Predictor predictor({host.walls().begin(), host.walls().end()});
  report.predicted = predict_probe(report.result, target.hardware(), predictor, parameters);
  report.parameters = parameters.origin;
  report.stored = arguments->has("no-store") ? "not stored" : store(report.result);
  if (folder) write_project(*folder, report);

  if (format == Format::json)
    print(json_text(probe_json(report)));
  else
    print(probe_text(report, bold));
  return ExitCode::ok;
}

}  // namespace ironlaw
