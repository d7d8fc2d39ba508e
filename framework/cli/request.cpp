#include "framework/cli/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "calibration/stored_fit.hpp"
#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/facts.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plan.hpp"
#include "framework/cli/plan_quantities.hpp"
#include "framework/predict/search.hpp"
#include "framework/predict/split.hpp"
#include "framework/report/port_text.hpp"
#include "ironlaw/hardware.hpp"
#include "ironlaw/quantities.hpp"
#include "registry/model_file.hpp"

namespace ironlaw {
namespace {

constexpr int kMostDevices = 1'000'000;
constexpr int kMostMicroBatch = 1'000'000, kHighestZero = 3, kMostInterleave = 64;

// The options of scenario_options() that are one value each.
class Sayings {
 public:
  explicit Sayings(const Ask& ask) : said_(ask.said) {}

  const Said* find(const char* option) const {
    const auto found = said_.find(option);
    return found == said_.end() ? nullptr : &found->second;
  }
  const Said& required(const char* option, const char* what) const {
    if (const Said* said = find(option)) return *said;
    throw Error(fmt::format("{} is missing: {}.", option, what));
  }
  std::optional<double> positive(const char* option) const {
    const Said* said = find(option);
    return said ? std::optional(parse_positive(said->field, said->text)) : std::nullopt;
  }
  std::optional<double> count(const char* option) const {
    const Said* said = find(option);
    return said ? std::optional(parse_count(said->field, said->text)) : std::nullopt;
  }
  std::optional<int> integer(const char* option, int low, int high) const {
    const Said* said = find(option);
    return said ? std::optional(parse_integer(said->field, said->text, low, high)) : std::nullopt;
  }

 private:
  const std::map<std::string, Said>& said_;
};

Recompute parse_recompute(const Said& said) {
  const std::string name = one_of(said.field, said.text, choices_of_option("recompute"));
  return name == "full" ? Recompute::full : name == "selective" ? Recompute::selective : Recompute::none;
}

// "2025-09": the month when software came out; compared as text.
std::string parse_generation(const Said& said) {
  const std::string& given = said.text;
  const auto digits = [&](std::size_t from, std::size_t to) {
    return std::all_of(given.begin() + static_cast<std::ptrdiff_t>(from),
                       given.begin() + static_cast<std::ptrdiff_t>(to),
                       [](char c) { return c >= '0' && c <= '9'; });
  };
  constexpr std::size_t kLength = 7, kDash = 4;
  const bool is_month = given.size() == kLength && given[kDash] == '-' && digits(0, kDash) &&
                        digits(kDash + 1, kLength) && given.substr(kDash + 1) >= "01" &&
                        given.substr(kDash + 1) <= "12";
  if (!is_month) throw Error(fmt::format("{} is '{}'; it must be a month, as 2025-09.", said.field, given));
  return given;
}

// The split as far as it is given; what is not is 0.
Parallelism parse_split(const Sayings& said, int& devices) {
  const auto degree = [&](const char* option) { return said.integer(option, 1, kMostDevices).value_or(0); };
  Parallelism wanted;
  wanted.tensor = degree("tp");
  wanted.pipeline = degree("pp");
  wanted.data = degree("dp");
  wanted.context = std::max(degree("cp"), 1);
  wanted.interleave = said.integer("interleave", 1, kMostInterleave).value_or(1);
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

double parse_setting(const Pipeline& pipeline, const std::string& name, const Said& said) {
  const int input = pipeline.input(name);
  const ironlaw_port* const port =
      input < 0 ? nullptr : pipeline.inputs()[static_cast<std::size_t>(input)].setting;
  if (port && *port->choices) {
    if (const auto index = choice_of(*port, said.text)) return *index;
    one_of(said.field, said.text, choice_names(*port));  // throws
  }
  const std::string unit = unit_of(pipeline, name);
  // A name that nothing knows is refused with suggestions when the scenario is prepared.
  const double value = parse_quantity(said.field, said.text, unit.empty() ? "1" : unit);
  if (port && (value < port->min || value > port->max))
    throw Error(fmt::format("{} is {}; allowed is {} to {} [{}].", said.field, said.text, port->min,
                            port->max, port->unit));
  return value;
}

void apply_settings(const Ask& ask, const Pipeline& pipeline, Request& request) {
  for (const auto& [name, said] : ask.set) {
    if (unit_of(pipeline, name).empty()) {
      std::vector<std::string> known;
      for (const ScenarioInput& input : pipeline.inputs()) known.push_back(input.name);
      for (const ParameterPort& p : pipeline.parameters()) known.emplace_back(p.port->name);
      throw Error(
          fmt::format("{}: there is no quantity '{}'.{}", said.field, name, did_you_mean(name, known)));
    }
    request.scenario.given[name] = {parse_setting(pipeline, name, said), said.field};
    request.set_text[name] = said.text;
  }
}

void set_facts(const Sayings& said, const Pipeline& pipeline, Request& request) {
  const std::optional<int> year = said.integer("year", kFirstYear, kLastYear);
  if (const Said* place = said.find("place"))
    set_place(*place, year, pipeline, request);
  else if (year)
    throw Error(fmt::format("{} is given without a place (--place NAME).", said.find("year")->field));
  if (const Said* rental = said.find("rental")) set_rental(*rental, pipeline, request);
}

// Does what a plan sets stand where it belongs?
void check_blocks(const Ask& ask, const PluginHost& host) {
  const auto is_of_plan = [](const auto& set) { return !set.second.block.empty(); };
  if (std::any_of(ask.set.begin(), ask.set.end(), is_of_plan)) check_blocks(ask, plan_quantities(host));
}

void set_lengths_and_precisions(const Sayings& said, Request& request) {
  Scenario& s = request.scenario;
  s.task = s.model->kind == ModelKind::decoder ? Task::decode : Task::prefill;
  if (const Said* given = said.find("phase"))
    s.task = parse_task(one_of(given->field, given->text, choices_of_option("phase")));
  // In a closed loop 0 leaves the batch to the walls that know how many requests run at once.
  s.batch = said.count("batch").value_or(is_closed_loop(s.task) ? 0 : 1);
  s.input_len = said.positive("input-len");
  s.output_len = said.positive("output-len");
  s.prefill_tokens = said.positive("prefill-tokens").value_or(s.prefill_tokens);
  if (const Said* given = said.find("precision")) {
    s.precision = parse_precision(given->field.c_str(), given->text.c_str());
  } else {
    s.precision = usual_precision(*s.hardware);
    request.notes.push_back(fmt::format("No --precision was given: {} is assumed.", name_of(s.precision)));
  }
  if (const Said* given = said.find("weight-precision")) {
    if (s.task == Task::train)
      throw Error(
          fmt::format("{} is for inference: training keeps its weights in --precision.", given->field));
    s.weight_precision = parse_precision(given->field.c_str(), given->text.c_str());
  }
  if (const Said* given = said.find("kv-precision"))
    s.kv_precision = parse_precision(given->field.c_str(), given->text.c_str());
  s.micro_batch = said.integer("micro-batch", 1, kMostMicroBatch).value_or(s.micro_batch);
  if (const Said* given = said.find("recompute")) s.recompute = parse_recompute(*given);
  s.zero_stage = said.integer("zero", 0, kHighestZero).value_or(s.zero_stage);
  if (const Said* given = said.find("generation")) s.generation = parse_generation(*given);
}

void set_split(const Sayings& said, Request& request, Predictor& predictor, const ParameterSet& parameters) {
  Scenario& s = request.scenario;
  int devices = 0;
  const Parallelism wanted = parse_split(said, devices);
  const Said* const how = said.find("split");
  if (!how || one_of(how->field, how->text, choices_of_option("split")) == "smallest") {
    s.split = complete_split(s, devices, wanted);
    return;
  }
  if (wanted.tensor || wanted.pipeline || wanted.data)
    throw Error(
        fmt::format("{} is fastest, which chooses --tp, --pp and --dp: give --gpus only.", how->field));
  s.split.interleave = wanted.interleave;
  const Candidate best = search_splits(s, devices, predictor, parameters).front();
  if (!best.refused.empty()) throw Error(best.refused);
  s.split = best.split;
  s.recompute = best.recompute;
}

}  // namespace

std::vector<Option> scenario_options() {
  return {
      {"phase", "PHASE",
       "train, prefill, decode, offline or serve; decode where the model has it, else prefill"},
      {"batch", "N", "requests or samples of all replicas together; 1 (offline, serve: as many as run)"},
      {"input-len", "N", "tokens of a prompt or training sample; the model's usual benchmark"},
      {"output-len", "N", "tokens generated for a request; the model's usual benchmark"},
      {"prefill-tokens", "N", "offline, serve: most prompt tokens in one prefill step; 8192"},
      {"precision", "P", "fp32, tf32, bf16, fp16, fp8, int8, fp4 or int4; bf16 where the device has it"},
      {"weight-precision", "P", "inference: of the stored weights, where it is not --precision"},
      {"kv-precision", "P", "of the KV cache; fp8 where the precision is 8 bits or fewer, else fp16"},
      {"gpus", "N", "devices; 1, or what the split says"},
      {"split", "HOW", "smallest replica that fits, or fastest (tries them all); smallest"},
      {"tp", "N", "tensor parallel degree"},
      {"pp", "N", "pipeline stages"},
      {"dp", "N", "replicas"},
      {"cp", "N", "training: ranks that share a sequence; 1"},
      {"ep", "N", "expert parallel degree"},
      {"interleave", "N", "model chunks of a pipeline stage; 1"},
      {"micro-batch", "N", "training: samples of a micro-batch; 1"},
      {"recompute", "HOW", "training: none, selective or full activation recomputation; none"},
      {"zero", "N", "training: ZeRO stage, 0 to 3; 1"},
      {"draft", "MODEL", "draft model of speculative decoding"},
      {"generation", "YYYY-MM", "of the software; the newest that was fitted"},
      {"params", "SET",
       "calibrated (fitted, with an error bar) or textbook (every efficiency at its first-principles value); "
       "calibrated"},
      {"place", "NAME",
       "whose electricity it runs on: carbon_intensity and what else `ironlaw places` knows"},
      {"year", "YYYY", "of the place's figures; the newest"},
      {"rental", "WHERE",
       "rent the devices: from a provider or region, at a kind of price (on-demand, reserved, "
       "savings-plan, spot), or both: \"AWS reserved\""},
      {"set", "NAME=VALUE", "override any quantity or parameter: memory_bandwidth=8TB/s; may be repeated",
       true},
  };
}

std::vector<std::string> choices_of_option(std::string_view option) {
  std::vector<std::string> names;
  if (option == "phase")
    for (const Task task : kTasks) names.emplace_back(name_of(task));
  if (option == "precision" || option == "weight-precision" || option == "kv-precision")
    for (int p = 0; p < kPrecisions; ++p) names.emplace_back(name_of(static_cast<Precision>(p)));
  if (option == "split") names = {"smallest", "fastest"};
  if (option == "recompute") names = {"none", "selective", "full"};
  if (option == "params") names = {"calibrated", "textbook"};
  return names;
}

Ask ask_of(const Arguments& arguments) {
  Ask ask;
  for (const Option& option : scenario_options()) {
    if (option.is_repeatable) continue;
    if (const auto given = arguments.text(option.name))
      ask.said[option.name] = {*given, fmt::format("--{}", option.name)};
  }
  for (const std::string& given : arguments.all("set")) {
    const std::size_t equals = given.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == given.size())
      throw Error(fmt::format("--set is '{}'; it must be NAME=VALUE, as memory_bandwidth=8TB/s.", given));
    const std::string name = given.substr(0, equals);
    if (!ask.set.emplace(name, Said{given.substr(equals + 1), fmt::format("--set {}", name)}).second)
      throw Error(fmt::format("--set {} is given twice.", name));
  }
  return ask;
}

Ask with_plan(Ask plan, const Ask& on_top) {
  for (const auto& [option, said] : on_top.said) plan.said[option] = said;
  for (const auto& [name, said] : on_top.set) plan.set[name] = said;
  return plan;
}

Ask ask_of_names(const Arguments& arguments, std::size_t first) {
  const auto& names = arguments.names();
  Ask ask = ask_of(arguments);
  if (names.size() == first + 1 && is_plan(names[first])) return with_plan(load_plan(names[first]), ask);
  if (names.size() < first + 2)
    throw Error("MODEL and HARDWARE are needed, or the file of a plan, whose name ends in .yaml or .yml.");
  ask.said["model"] = {names[first], "MODEL"};
  ask.said["hardware"] = {names[first + 1], "HARDWARE"};
  return ask;
}

bool is_plan(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

ParameterSet parameters_of(const Ask& ask, const PluginHost& host) {
  const auto said = ask.said.find("params");
  if (said != ask.said.end() &&
      one_of(said->second.field, said->second.text, choices_of_option("params")) == "textbook")
    return ParameterSet::textbook();
  return load_calibrated(database_path(), host.walls(), host.hardware());
}

std::optional<double> choice_of(const ironlaw_port& port, std::string_view name) {
  const std::vector<std::string> names = choice_names(port);
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<double>(found - names.begin()));
}

std::string unit_of(const Pipeline& pipeline, std::string_view name) {
  if (const int input = pipeline.input(name); input >= 0)
    return pipeline.inputs()[static_cast<std::size_t>(input)].unit;
  if (const int parameter = pipeline.parameter(name); parameter >= 0)
    return pipeline.parameters()[static_cast<std::size_t>(parameter)].port->unit;
  for (int p = 0; p < kPrecisions; ++p)
    if (name == fmt::format("peak_{}", name_of(static_cast<Precision>(p)))) return spec::peak_bf16.unit;
  for (int level = 0; level < kLevels; ++level)
    for (const Call& call : pipeline.stage(static_cast<ironlaw_level>(level)).calls)
      for (std::uint32_t o = 0; o < call.function->n_outputs; ++o)
        if (name == call.function->outputs[o]->name) return call.function->outputs[o]->unit;
  for (const SourceColumn& source : source_columns())
    if (name == source.name && source.level == IRONLAW_LEVEL_RESULT) return source.unit;
  return {};
}

Request understand(const Ask& ask, const PluginHost& host, Predictor& predictor,
                   const ParameterSet& parameters) {
  const Sayings said(ask);
  Request request;
  request.title = ask.title;
  request.assertions = ask.assertions;
  check_blocks(ask, host);
  Scenario& s = request.scenario;
  const ResolvedModel model = resolve_model(said.required("model", "which model is asked about").text);
  s.model = model.spec;
  request.notes.assign(model.notes.begin(), model.notes.end());
  s.hardware = &host.find_hardware(said.required("hardware", "on which accelerator").text);
  set_lengths_and_precisions(said, request);
  if (const Said* draft = said.find("draft")) s.draft = resolve_model(draft->text).spec;
  apply_settings(ask, predictor.pipeline(*s.hardware), request);
  set_facts(said, predictor.pipeline(*s.hardware), request);
  set_split(said, request, predictor, parameters);
  return request;
}

}  // namespace ironlaw
