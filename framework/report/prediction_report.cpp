#include "framework/report/prediction_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "framework/report/evidence_report.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

// A term of the Iron Law as the reports show it.
struct Term {
  const char* name;
  std::optional<double> value;
  const char* unit;
  const char* meaning;
};

std::array<Term, 6> terms_of(const IronLaw& law) {
  return {Term{"flops", law.flops, "FLOP", "useful work: what the model's mathematics needs"},
          Term{"n", law.n, "1", "devices"},
          Term{"peak", law.peak, "FLOP/s", "dense peak of one device at this precision"},
          Term{"mfu", law.mfu, "1", "share of the peak that a replica turns into useful work"},
          Term{"eta_scaling", law.eta_scaling, "1", "what communication and pipeline bubbles leave of it"},
          Term{"goodput", law.goodput, "1", "what failures, restarts and waiting leave of that"}};
}

std::vector<std::string> not_modelled(const IronLaw& law) {
  std::vector<std::string> names;
  for (const Term& term : terms_of(law))
    if (!term.value) names.emplace_back(term.name);
  return names;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Requests, samples or (Offline) what runs at once; of all replicas.
double batch_of(const Prediction& p) {
  const Scenario& s = p.resolved.scenario;
  return s.batch > 0 && s.task != Task::serve ? s.batch : p.outcome.requests * p.resolved.replicas;
}

std::string split_of(const Parallelism& split) {
  std::string text = fmt::format("{} device{}", split.devices(), split.devices() == 1 ? "" : "s");
  if (split.devices() == 1) return text;
  text += fmt::format(" (TP {} x PP {} x DP {}", split.tensor, split.pipeline, split.data);
  if (split.context > 1) text += fmt::format(", CP {}", split.context);
  if (split.expert > 1) text += fmt::format(", EP {}", split.expert);
  return text + ")";
}

std::string lengths_of(const Case& c) {
  const Scenario& s = c.scenario;
  if (!is_transformer(s.model->kind)) return "";
  if (c.output_len == 0) return fmt::format("{} tokens each", format_number(c.input_len));
  return fmt::format("{} tokens in, {} out", format_number(c.input_len), format_number(c.output_len));
}

std::string second_line(const Prediction& p) {
  const Case& c = p.resolved;
  const Scenario& s = c.scenario;
  std::vector<std::string> second = {split_of(s.split), std::string(name_of(s.precision))};
  if (s.model->kind == ModelKind::decoder && s.task != Task::train)
    second.back() += fmt::format(" (KV cache {})", name_of(c.slots[0].plan.kv));
  if (std::string lengths = lengths_of(c); !lengths.empty()) second.push_back(std::move(lengths));
  if (s.task == Task::train)
    second.push_back(fmt::format("micro-batch {}, ZeRO {}", s.micro_batch, s.zero_stage));
  return fmt::format("{}\n", fmt::join(second, ", "));
}

std::string result_lines(const Prediction& p) {
  TextTable table({Align::left, Align::left});
  if (p.feasible) {
    std::string time = fmt::format("{}  {}", format_time(p.outcome.time), p.time_is);
    table.add({"Time", std::move(time)});
    if (p.interval90)
      table.add({"", fmt::format("90% interval {} to {}", format_time(p.interval90->low),
                                 format_time(p.interval90->high))});
    table.add({"Throughput", fmt::format("{} {}", format_number(p.throughput), p.throughput_unit)});
  } else {
    table.add({"Time", p.outcome.memory_headroom < 0
                           ? "none: it does not fit. What follows is for a device with memory enough."
                           : "none: it cannot work like this. What follows is as if it did."});
  }
  if (p.binding) {
    const LedgerEntry& wall = p.ledger[*p.binding];
    table.add({"Binding wall", fmt::format("{} {}: {} of the time follows it", wall.number, wall.name,
                                           format_percent(wall.elasticity))});
  }
  return table.text("  ");
}

std::array<std::pair<const char*, double>, 5> parts_of(const MemoryUse& use) {
  return {std::pair{"weights", use.weights},
          {"KV cache", use.kv},
          {"activations", use.activations},
          {"gradients and optimizer", use.states},
          {"runtime", use.reserve}};
}

Json memory_json(const Prediction& p) {
  Json json{{"headroom_bytes", json_number(p.outcome.memory_headroom)}};
  if (!p.memory) return json;
  json["capacity_bytes"] = p.memory->capacity;
  json["weight_bytes"] = p.memory->weights;
  json["kv_bytes"] = p.memory->kv;
  json["activation_bytes"] = p.memory->activations;
  json["state_bytes"] = p.memory->states;
  json["reserve_bytes"] = p.memory->reserve;
  return json;
}

// By name; unknown values are null, and say what is missing.
Json results_json(const Prediction& p) {
  Json json = Json::object();
  for (const Account& a : p.accounts)
    json[a.name] = {
        {"value", json_number(a.value)}, {"unit", a.unit},      {"wall", a.number}, {"meaning", a.meaning},
        {"headline", a.is_headline},     {"unknown", a.unknown}};
  return json;
}

std::string term_lines(const Prediction& p) {
  TextTable table({Align::left, Align::right, Align::left});
  for (const Term& term : terms_of(p.iron_law))
    table.add({term.name, term.value ? format_si(*term.value, term.unit) : "-",
               term.value ? term.meaning : "not modelled: no loaded wall binds it"});
  return table.text("  ");
}

// The terms multiplied out with the digits shown, so that a reader can check them.
std::string product_line(const Prediction& p) {
  const IronLaw& law = p.iron_law;
  const auto digits = [](double value) { return fmt::format("{:.4g}", value); };
  std::vector<std::string> factors;
  double product = 1;
  for (const auto& value :
       {std::optional(law.n), std::optional(law.peak), law.mfu, law.eta_scaling, law.goodput})
    if (value) {
      factors.push_back(digits(*value));
      product *= *value;
    }
  std::string line = fmt::format("  check: {} / ({}) = {}", digits(law.flops), fmt::join(factors, " x "),
                                 format_time(law.flops / product));
  if (const auto missing = not_modelled(law); !missing.empty())
    line += fmt::format(", without {}", fmt::join(missing, ", "));
  return line + "\n";
}

std::string ledger_lines(const Prediction& p) {
  constexpr double kBarWidth = 24;
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  const auto delivers = [&](double seconds) { return format_si(p.iron_law.flops / seconds, "FLOP/s"); };
  const auto bar = [&](double seconds) {
    const double length = std::round(kBarWidth * std::clamp(std::abs(seconds) / p.outcome.time, 0.0, 1.0));
    return std::string(static_cast<std::size_t>(length), seconds < 0 ? '-' : '#');
  };
  table.add({"wall", "adds", "running", "delivers", "elasticity", ""});
  table.add({"at peak", "", format_time(p.peak_seconds), delivers(p.peak_seconds), "", bar(p.peak_seconds)});
  double running = p.peak_seconds;
  std::vector<std::string> idle;
  for (const LedgerEntry& entry : p.ledger) {
    if (!entry.in_time) continue;
    running += entry.seconds;
    if (entry.seconds == 0 && entry.elasticity == 0) {
      idle.push_back(fmt::format("{} {}", entry.number, entry.name));
      continue;
    }
    table.add({fmt::format("{} {}", entry.number, entry.name), format_time(entry.seconds),
               format_time(running), delivers(running), format_percent(entry.elasticity),
               bar(entry.seconds)});
  }
  std::string text = table.text("  ");
  if (!idle.empty())
    text += "  " + wrap(fmt::format("without effect here: {}", fmt::join(idle, ", ")), kPageWidth, "  ", 2) +
            "\n";
  return text;
}

// What belongs on the first page: latencies, cost, energy, carbon, water.
std::string account_lines(const Prediction& p) {
  TextTable table({Align::left, Align::right, Align::left});
  for (const Account& a : p.accounts) {
    if (!a.is_headline || (std::isnan(a.value) && a.unknown.empty())) continue;
    table.add(
        {a.name, std::isnan(a.value) ? "-" : format_quantity(a.value, a.unit),
         std::isnan(a.value) ? fmt::format("unknown: needs {}", fmt::join(a.unknown, ", ")) : a.meaning});
  }
  return table.text("  ", kPageWidth);
}

std::string memory_line(const Prediction& p) {
  const double headroom = p.outcome.memory_headroom;
  if (headroom < 0) return p.infeasible_because;
  if (!std::isfinite(headroom)) return "It fits as far as anyone can tell: no loaded wall checks the memory.";
  std::string text = fmt::format("It fits: {} to spare on the tightest device", format_bytes(headroom));
  if (p.memory) {
    std::vector<std::string> parts;
    for (const auto& [name, bytes] : parts_of(*p.memory))
      if (bytes > 0) parts.push_back(fmt::format("{} {}", name, format_bytes(bytes)));
    text += fmt::format(" of {} ({})", format_bytes(p.memory->capacity), fmt::join(parts, ", "));
  }
  return text + ".";
}

std::string closing_lines(const Answer& answer) {
  const Prediction& p = answer.prediction;
  TextTable table({Align::left, Align::left});
  table.add({"Memory", memory_line(p)});
  if (!p.feasible && p.outcome.memory_headroom >= 0) table.add({"Limit", p.infeasible_because});
  for (const Remedy& r : answer.remedies)
    table.add({"Works with", fmt::format("{}: {}", r.change, r.option)});
  for (const auto& [name, text] : answer.set) table.add({"Set", fmt::format("{} = {}", name, text)});
  for (const auto& [label, text] : rests_on(answer)) table.add({label, text});
  for (const auto* notes : {&answer.notes, &p.notes})
    for (const std::string& note : *notes) table.add({"Note", note});
  return table.text("  ", kPageWidth);
}

// Every scalar of a tree of objects, as path and value.
void flatten(const Json& json, const std::string& path, std::vector<std::string>& names,
             std::vector<std::string>& values) {
  for (const auto& [key, value] : json.items()) {
    const std::string name = path.empty() ? key : fmt::format("{}.{}", path, key);
    if (value.is_object()) {
      flatten(value, name, names, values);
    } else if (!value.is_array()) {
      names.push_back(name);
      values.push_back(value.is_null() ? "" : value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

}  // namespace

Json scenario_json(const Prediction& p) {
  const Case& c = p.resolved;
  const Scenario& s = c.scenario;
  Json json;
  json["model"] = s.model->id;
  json["hardware"] = s.hardware->id;
  json["phase"] = name_of(s.task);
  json["batch"] = json_number(batch_of(p));
  json["input_len"] = json_number(c.input_len);
  json["output_len"] = json_number(c.output_len);
  json["precision"] = name_of(s.precision);
  json["kv_precision"] = name_of(c.slots[0].plan.kv);
  json["gpus"] = s.split.devices();
  json["tp"] = s.split.tensor;
  json["pp"] = s.split.pipeline;
  json["dp"] = s.split.data;
  json["cp"] = s.split.context;
  json["ep"] = s.split.expert;
  return json;
}

std::string scenario_text(const Prediction& p, std::string (*heading)(std::string_view)) {
  const Scenario& s = p.resolved.scenario;
  return heading(fmt::format("{} on {}: {}, {} {}", s.model->title, s.hardware->id, name_of(s.task),
                             is_closed_loop(s.task) ? "running" : "batch", format_number(batch_of(p), 6))) +
         "\n" + second_line(p);
}

Json prediction_json(const Answer& answer) {
  const Prediction& p = answer.prediction;
  Json json = scenario_json(p);
  json["params"] = answer.parameters;
  json["evidence"] = answer.evidence ? evidence_json(*answer.evidence, answer.explain) : Json(nullptr);
  json["time_s"] = p.feasible ? Json(p.outcome.time) : Json(nullptr);
  json["time_is"] = p.time_is;
  json["throughput"] = p.feasible ? Json(p.throughput) : Json(nullptr);
  json["throughput_unit"] = p.throughput_unit;
  Json& law = json["iron_law"];
  law["flops"] = p.iron_law.flops;
  law["n"] = json_number(p.iron_law.n);
  law["peak"] = p.iron_law.peak;
  law["mfu"] = or_null(p.iron_law.mfu);
  law["eta_scaling"] = or_null(p.iron_law.eta_scaling);
  law["goodput"] = or_null(p.iron_law.goodput);
  json["not_modelled"] = not_modelled(p.iron_law);
  json["binding_wall"] = p.binding ? Json(p.ledger[*p.binding].name) : Json(nullptr);
  json["feasible"] = p.feasible;
  json["infeasible_because"] = p.feasible ? Json(nullptr) : Json(p.infeasible_because);
  json["remedies"] = Json::array();
  for (const Remedy& r : answer.remedies)
    json["remedies"].push_back({{"change", r.change}, {"option", r.option}});
  json["interval90"] =
      p.feasible && p.interval90 ? Json{p.interval90->low, p.interval90->high} : Json(nullptr);
  json["peak_time_s"] = p.peak_seconds;
  json["ledger"] = Json::array();
  for (const LedgerEntry& entry : p.ledger)
    if (entry.in_time)
      json["ledger"].push_back({{"number", entry.number},
                                {"name", entry.name},
                                {"seconds", entry.seconds},
                                {"elasticity", entry.elasticity}});
  json["memory"] = memory_json(p);
  json["results"] = results_json(p);
  json["set"] = answer.set;
  json["notes"] = answer.notes;
  for (const std::string& note : p.notes) json["notes"].push_back(note);
  return json;
}

std::string prediction_csv(const Answer& answer) {
  std::vector<std::string> names;
  std::vector<std::string> values;
  Json json = prediction_json(answer);
  // An array in JSON, two scalars here: a column must not come and go.
  const Json interval = json["interval90"];
  json["remedies"] = Json::array();
  for (const Remedy& r : answer.remedies)
    json["remedies"].push_back({{"change", r.change}, {"option", r.option}});
  json["interval90"] = {{"low", interval.is_null() ? Json(nullptr) : interval[0]},
                        {"high", interval.is_null() ? Json(nullptr) : interval[1]}};
  flatten(json, "", names, values);
  return csv_line(names) + csv_line(values);
}

std::string prediction_text(const Answer& answer, std::string (*heading)(std::string_view)) {
  const Prediction& p = answer.prediction;
  std::string text = scenario_text(p, heading) + "\n" + result_lines(p) + "\n";
  text += heading("Iron Law: time = flops / (n x peak x mfu x eta_scaling x goodput)") + "\n";
  text += term_lines(p) + product_line(p) + "\n";
  text += heading("From the peak to the prediction, wall by wall") + "\n" + ledger_lines(p) + "\n";
  if (const std::string accounts = account_lines(p); !accounts.empty())
    text += heading("What it means for those who wait and pay") + "\n" + accounts + "\n";
  if (answer.explain && answer.evidence)
    text += heading("Every number that it rests on, the one that the time follows most first") + "\n" +
            evidence_list_text(*answer.evidence) + "\n";
  return text + closing_lines(answer);
}

std::vector<std::pair<std::string, std::string>> rests_on(const Answer& answer) {
  if (answer.evidence) return evidence_rows(*answer.evidence, answer.parameters);
  return {{"Rests on", answer.parameters}};
}

}  // namespace ironlaw
