// ironlaw solve: one prediction.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "calibration/stored_fit.hpp"
#include "framework/base/log.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/predict/split.hpp"
#include "framework/report/prediction_report.hpp"

namespace ironlaw {
namespace {

constexpr int kMostDevices = 1'000'000;

const Usage kUsage{
    .command = "solve",
    .synopsis = "MODEL HARDWARE [options]",
    .summary =
        "Predicts how long MODEL takes on HARDWARE, which wall binds, and whether it fits. "
        "Names match loosely: `h100` is H100-SXM-80GB.",
    .options =
        {{"phase", "PHASE", "train, prefill, decode or offline; decode where the model has it, else prefill"},
         {"batch", "N", "requests or samples of all replicas together; 1 (offline: as many as run)"},
         {"input-len", "N", "tokens of a prompt or training sample; the model's usual benchmark"},
         {"output-len", "N", "tokens generated for a request; the model's usual benchmark"},
         {"precision", "P", "fp32, tf32, bf16, fp16, fp8, int8, fp4 or int4; bf16 where the device has it"},
         {"kv-precision", "P", "of the KV cache; fp8 where the precision is 8 bits or fewer, else fp16"},
         {"gpus", "N", "devices; 1, or what the split says"},
         {"tp", "N", "tensor parallel degree"},
         {"pp", "N", "pipeline stages"},
         {"dp", "N", "replicas"},
         {"cp", "N", "training: ranks that share a sequence; 1"},
         {"ep", "N", "expert parallel degree"},
         {"micro-batch", "N", "training: samples of a micro-batch; 1"},
         {"recompute", "HOW", "training: none, selective or full activation recomputation; none"},
         {"zero", "N", "training: ZeRO stage, 0 to 3; 1"},
         {"generation", "YYYY-MM", "of the software; the newest that was fitted"},
         {"params", "SET",
          "calibrated (fitted, with an error bar) or textbook (every efficiency "
          "at its first-principles value); calibrated"},
         {"format", "F", "text, json or csv; text"}},
    .least_names = 2,
    .most_names = 2,
    .more = "example: ironlaw solve llama-3.1-70b h100 --tp 4 --phase decode --batch 32 --precision fp8",
};

// bf16, else fp16, else the widest that the device has.
Precision usual_precision(const ironlaw_hardware& hardware) {
  const std::vector<Precision> known = precisions_of(hardware);
  if (known.empty())
    throw Error(fmt::format("{} has no dense peak at any precision, so nothing can be predicted for it.",
                            hardware.id));
  for (const Precision wanted : {Precision::bf16, Precision::fp16})
    if (std::find(known.begin(), known.end(), wanted) != known.end()) return wanted;
  return *std::max_element(known.begin(), known.end(),
                           [](Precision a, Precision b) { return bytes_of(a) < bytes_of(b); });
}

Recompute parse_recompute(const std::string& given) {
  const std::vector<std::string> names = {"none", "selective", "full"};
  const std::string name = one_of("recompute", given, names);
  return name == "full" ? Recompute::full : name == "selective" ? Recompute::selective : Recompute::none;
}

// "2025-09": the month when software came out; compared as text.
std::string parse_generation(const std::string& given) {
  const auto digits = [&](std::size_t from, std::size_t to) {
    return std::all_of(given.begin() + static_cast<std::ptrdiff_t>(from),
                       given.begin() + static_cast<std::ptrdiff_t>(to),
                       [](char c) { return c >= '0' && c <= '9'; });
  };
  constexpr std::size_t kLength = 7, kDash = 4;
  const bool is_month = given.size() == kLength && given[kDash] == '-' && digits(0, kDash) &&
                        digits(kDash + 1, kLength) && given.substr(kDash + 1) >= "01" &&
                        given.substr(kDash + 1) <= "12";
  if (!is_month) throw Error(fmt::format("--generation is '{}'; it must be a month, as 2025-09.", given));
  return given;
}

// The split as far as it is given; what is not is 0.
Parallelism parse_split(const Arguments& arguments, int& devices) {
  const auto degree = [&](const char* option) {
    return arguments.integer(option, 1, kMostDevices).value_or(0);
  };
  Parallelism wanted;
  wanted.tensor = degree("tp");
  wanted.pipeline = degree("pp");
  wanted.data = degree("dp");
  wanted.context = std::max(degree("cp"), 1);
  if (wanted.context > 1) wanted.tensor = std::max(wanted.tensor, 1);  // the split is then given in part
  wanted.expert = degree("ep");
  devices = degree("gpus");
  double product = 1;
  for (const int d : {wanted.tensor, wanted.pipeline, wanted.context, wanted.data}) product *= std::max(d, 1);
  if (product > kMostDevices)
    throw Error(fmt::format("--tp x --pp x --cp x --dp = {} x {} x {} x {} is more than {} devices.",
                            std::max(wanted.tensor, 1), std::max(wanted.pipeline, 1), wanted.context,
                            std::max(wanted.data, 1), kMostDevices));
  if (devices == 0 && wanted.tensor == 0 && wanted.pipeline == 0 && wanted.data == 0) devices = 1;
  return wanted;
}

Scenario parse_scenario(const Arguments& arguments, const PluginHost& host, std::vector<std::string>& notes) {
  Scenario s;
  s.model = &find_model(arguments.names()[0]);
  s.hardware = &host.find_hardware(arguments.names()[1]);
  s.task = s.model->kind == ModelKind::decoder ? Task::decode : Task::prefill;
  if (const auto given = arguments.text("phase")) s.task = parse_task(*given);

  // Offline, 0 leaves the batch to the walls that know how many requests run at once.
  s.batch = arguments.count("batch").value_or(s.task == Task::offline ? 0 : 1);
  s.input_len = arguments.positive("input-len");
  s.output_len = arguments.positive("output-len");
  if (const auto given = arguments.text("precision")) {
    s.precision = parse_precision("--precision", given->c_str());
  } else {
    s.precision = usual_precision(*s.hardware);
    notes.push_back(fmt::format("No --precision was given: {} is assumed.", name_of(s.precision)));
  }
  if (const auto given = arguments.text("kv-precision"))
    s.kv_precision = parse_precision("--kv-precision", given->c_str());
  constexpr int kMostMicroBatch = 1'000'000, kHighestZero = 3;
  s.micro_batch = arguments.integer("micro-batch", 1, kMostMicroBatch).value_or(s.micro_batch);
  if (const auto given = arguments.text("recompute")) s.recompute = parse_recompute(*given);
  s.zero_stage = arguments.integer("zero", 0, kHighestZero).value_or(s.zero_stage);
  if (const auto given = arguments.text("generation")) s.generation = parse_generation(*given);

  int devices = 0;
  const Parallelism wanted = parse_split(arguments, devices);
  s.split = complete_split(s, devices, wanted);
  return s;
}

ParameterSet parse_parameters(const Arguments& arguments, const PluginHost& host) {
  const std::vector<std::string> sets = {"calibrated", "textbook"};
  const std::string given = one_of("params", arguments.text("params").value_or(sets.front()), sets);
  if (given == "textbook") return ParameterSet::textbook();
  return load_calibrated(database_path(), host.walls(), host.hardware());
}

}  // namespace

ExitCode cmd_solve(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, true);
  const PluginHost host = load_plugins();
  Answer answer;
  const Scenario scenario = parse_scenario(*arguments, host, answer.notes);
  const ParameterSet parameters = parse_parameters(*arguments, host);
  answer.parameters = parameters.origin;
  Predictor predictor({host.walls().begin(), host.walls().end()});
  answer.prediction = predictor.predict(scenario, parameters);

  switch (format) {
    case Format::text:
      print(prediction_text(answer, bold));
      break;
    case Format::json:
      print(json_text(prediction_json(answer)));
      break;
    case Format::csv:
      print(prediction_csv(answer));
      break;
  }
  if (answer.prediction.feasible) return ExitCode::ok;
  throw Error(answer.prediction.infeasible_because, ExitCode::infeasible);
}

}  // namespace ironlaw
