#include "framework/report/probe_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "datasets/records.hpp"
#include "framework/report/text_table.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

using Heading = std::string (*)(std::string_view);
constexpr double kKibi = 1024;

std::string binary(double bytes) {
  if (bytes >= kKibi * kKibi * kKibi)
    return fmt::format("{} GiB", format_number(bytes / (kKibi * kKibi * kKibi)));
  if (bytes >= kKibi * kKibi) return fmt::format("{} MiB", format_number(bytes / (kKibi * kKibi)));
  return fmt::format("{} KiB", format_number(bytes / kKibi));
}

std::string plural(int n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string machine_text(const Machine& m) {
  std::string text = fmt::format("  {}, {}, {}", plural(m.sockets, "socket"), plural(m.cores, "core"),
                                 plural(m.threads, "thread"));
  if (m.usable_threads != m.threads) text += fmt::format(" of which {} may be used", m.usable_threads);
  if (m.cpu_quota) text += fmt::format(" (container: {} CPUs)", format_number(*m.cpu_quota));
  if (m.frequency > 0) text += fmt::format(", {}", format_si(m.frequency, "Hz"));
  if (m.is_virtual) text += ", virtual";
  text += "\n";
  std::vector<std::string> caches;
  for (const Cache& c : m.caches)
    if (c.type != "Instruction")
      caches.push_back(fmt::format("L{} {}{}", c.level, binary(static_cast<double>(c.bytes)),
                                   c.threads > 1 ? fmt::format(" for {} threads", c.threads) : ""));
  text += fmt::format("  caches: {}; memory: {}\n",
                      caches.empty() ? "not known" : fmt::format("{}", fmt::join(caches, ", ")),
                      m.memory_bytes > 0 ? format_bytes(static_cast<double>(m.memory_bytes)) : "not known");
  return text + fmt::format("  {}; {}\n", m.kernel.empty() ? "kernel not known" : m.kernel, m.compiler);
}

std::string size_text(const Measurement& m) {
  return fmt::format("{} x {} x {}", m.m, m.n, m.k);
}

std::string products_text(const ProbeResult& r) {
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right});
  table.add({"", "m x n x k", "best", "median", "spread", "matrices B"});
  std::map<std::string, std::set<std::string>> precisions_by_how;
  for (const Measurement& m : r.rows) {
    if (m.what != measured::matmul) continue;
    table.add({m.precision, size_text(m), format_si(m.value, m.unit), format_si(m.median, m.unit),
               format_percent(m.spread), m.matrices > 1 ? std::to_string(m.matrices) : ""});
    precisions_by_how[m.how].insert(m.precision);
  }
  std::string text = table.text("  ");
  for (const auto& [how, precisions] : precisions_by_how)
    text += fmt::format("  {}: {}\n", fmt::join(precisions, ", "), how);
  return text +
         "  with several matrices B in turn: the weights of layers that follow each other, not in a cache\n";
}

std::string streams_text(const ProbeResult& r) {
  std::map<int, std::map<std::string, const Measurement*>, std::greater<>> by_threads;
  const std::vector<std::string> names = {measured::read, measured::copy, measured::scale, measured::add,
                                          measured::triad};
  std::string how;
  double widest = 0;
  for (const Measurement& m : r.rows) {
    if (std::find(names.begin(), names.end(), m.what) == names.end()) continue;
    by_threads[m.threads][m.what] = &m;
    how = m.how;
    widest = std::max(widest, m.spread);
  }
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right});
  std::vector<std::string> header = {"threads"};
  header.insert(header.end(), names.begin(), names.end());
  table.add(std::move(header));
  for (const auto& [threads, rows] : by_threads) {
    std::vector<std::string> cells = {std::to_string(threads)};
    for (const std::string& name : names)
      cells.push_back(rows.contains(name) ? format_si(rows.at(name)->value, "B/s") : "-");
    table.add(std::move(cells));
  }
  return table.text("  ") +
         fmt::format("  best of each; {}; the widest spread is {}\n", how, format_percent(widest));
}

std::string ladder_text(const ProbeResult& r) {
  std::map<double, std::pair<const Measurement*, const Measurement*>> by_set;
  for (const Measurement& m : r.rows) {
    if (m.what == measured::cache_read) by_set[m.bytes].first = &m;
    if (m.what == measured::cache_latency) by_set[m.bytes].second = &m;
  }
  TextTable table({Align::right, Align::right, Align::right, Align::right});
  table.add({"working set", "read", "latency", "spread of it"});
  for (const auto& [bytes, rows] : by_set)
    table.add({binary(bytes), rows.first ? format_si(rows.first->value, "B/s") : "-",
               rows.second ? format_si(rows.second->value, "s") : "-",
               rows.second ? format_percent(rows.second->spread) : "-"});
  return table.text("  ");
}

std::string launch_text(const ProbeResult& r) {
  const Measurement* m = r.fastest(measured::launch);
  if (!m) return "  not measured\n";
  return fmt::format("  {} best, {} median (spread {}): {}\n", format_time(m->value), format_time(m->median),
                     format_percent(m->spread), m->how);
}

std::string row_name(const Measurement& m) {
  if (m.what == measured::matmul) return fmt::format("{} {}", m.precision, size_text(m));
  if (m.what == measured::mlp)
    return fmt::format("MLP of a layer, {} tokens, {} -> {} -> {}, {}", m.m, m.k, m.n, m.k, m.precision);
  return m.what;
}

std::string predicted_text(const ProbeReport& report) {
  TextTable table({Align::left, Align::right, Align::right, Align::right, Align::left});
  table.add({"", "measured", "predicted", "ratio", ""});
  for (const PredictedRow& row : report.predicted.rows)
    table.add({row_name(*row.row), format_time(row.measured), format_time(row.predicted),
               format_number(row.ratio(), 3), row.is_anchor ? "* its figure" : ""});
  const PredictedProbe& p = report.predicted;
  std::string text = table.text("  ");
  text += fmt::format(
      "  without the rows marked *, of which the target's figures were made: median error {}, 90% are within "
      "{}\n",
      format_percent(p.median_error), format_percent(p.p90_error));
  return text + fmt::format("  {} parameters; a launch takes the {} measured\n", report.parameters,
                            format_time(p.launch_latency));
}

std::string figures_text(const HardwareProject& target) {
  TextTable table({Align::left, Align::right, Align::left});
  for (const ProjectFigure& f : target.figures) table.add({f.quantity, format_si(f.value, f.unit), f.note});
  return table.text("  ", kPageWidth);
}

Json measurement_json(const Measurement& m) {
  Json json = {{"what", m.what}};
  if (!m.precision.empty()) json["precision"] = m.precision;
  if (m.m > 0) json.update({{"m", m.m}, {"n", m.n}, {"k", m.k}});
  if (m.bytes > 0) json["bytes"] = json_number(m.bytes);
  json.update({{"threads", m.threads},
               {"value", json_number(m.value)},
               {"median", json_number(m.median)},
               {"unit", m.unit},
               {"spread", json_number(m.spread)},
               {"samples", m.samples},
               {"how", how_of(m)}});
  return json;
}

Json machine_json(const Machine& m) {
  const auto count = [](std::int64_t n) { return n > 0 ? Json(n) : Json(nullptr); };
  Json caches = Json::array();
  for (const Cache& c : m.caches)
    caches.push_back({{"level", c.level}, {"type", c.type}, {"bytes", c.bytes}, {"threads", c.threads}});
  return {{"identity", m.identity()},
          {"cpu", m.cpu},
          {"vendor", m.vendor},
          {"stepping", m.stepping},
          {"architecture", m.architecture},
          {"sockets", m.sockets},
          {"cores", m.cores},
          {"threads", m.threads},
          {"usable_threads", m.usable_threads},
          {"cpu_quota", m.cpu_quota ? Json(*m.cpu_quota) : Json(nullptr)},
          {"frequency_hz", m.frequency > 0 ? json_number(m.frequency) : Json(nullptr)},
          {"caches", caches},
          {"last_level_cache_bytes", count(m.last_level_cache())},
          {"memory_bytes", count(m.memory_bytes)},
          {"virtual", m.is_virtual},
          {"kernel", m.kernel},
          {"compiler", m.compiler}};
}

Json target_json(const HardwareProject& t) {
  Json figures = Json::array();
  for (const ProjectFigure& f : t.figures)
    figures.push_back({{"quantity", f.quantity},
                       {"unit", f.unit},
                       {"value", json_number(f.value)},
                       {"source", f.source},
                       {"note", f.note}});
  return {{"name", t.id},   {"vendor", t.vendor}, {"family", t.family},
          {"kind", t.kind}, {"year", t.year},     {"figures", figures}};
}

Json predicted_json(const ProbeReport& report) {
  const PredictedProbe& p = report.predicted;
  Json rows = Json::array();
  for (const PredictedRow& row : p.rows) {
    Json json = {{"name", row_name(*row.row)},
                 {"what", row.row->what},
                 {"measured_s", json_number(row.measured)},
                 {"predicted_s", json_number(row.predicted)},
                 {"ratio", json_number(row.ratio())},
                 {"figure_made_of_it", row.is_anchor}};
    rows.push_back(std::move(json));
  }
  return {{"parameters", report.parameters},
          {"launch_latency_s", json_number(p.launch_latency)},
          {"rows", rows},
          {"median_error", json_number(p.median_error)},
          {"p90_error", json_number(p.p90_error)},
          {"notes", p.notes}};
}

ProbeRecord record_of(const ProbeResult& r, const Measurement& m) {
  const auto size = [](std::int64_t x) { return x > 0 ? std::optional(x) : std::nullopt; };
  ProbeRecord record;
  record.machine = r.machine.identity();
  record.device = r.device.name;
  if (r.device.cores > 0) record.cores = r.device.cores;
  if (r.device.memory_bytes > 0) record.memory_bytes = r.device.memory_bytes;
  record.kernel = r.machine.kernel;
  record.compiler = r.machine.compiler;
  record.date = r.date;
  record.what = m.what;
  record.precision = m.precision;
  record.m = size(m.m);
  record.n = size(m.n);
  record.k = size(m.k);
  if (m.bytes > 0) record.bytes = m.bytes;
  record.threads = m.threads;
  record.value = m.value;
  record.median = m.median;
  record.unit = m.unit;
  record.spread = m.spread;
  record.samples = m.samples;
  record.how = how_of(m);
  return record;
}

// A field of a record as CSV has it.
struct CellWriter {
  std::vector<std::string>& cells;
  void operator()(const char*, const std::string& value) const { cells.push_back(value); }
  template <class Number>
  void operator()(const char*, const std::optional<Number>& value) const {
    cells.push_back(value ? fmt::format("{}", *value) : "");
  }
  void operator()(const char*, double value) const { cells.push_back(fmt::format("{}", value)); }
  void operator()(const char*, std::int64_t value) const { cells.push_back(fmt::format("{}", value)); }
};

}  // namespace

Json probe_json(const ProbeReport& report) {
  const ProbeResult& r = report.result;
  Json measurements = Json::array();
  for (const Measurement& m : r.rows) measurements.push_back(measurement_json(m));
  return {
      {"machine", machine_json(r.machine)},
      {"device", r.device.name},
      {"date", r.date},
      {"quick", r.is_quick},
      {"seconds", json_number(r.seconds)},
      {"measurements", measurements},
      {"notes", r.notes},
      {"target", target_json(report.target)},
      {"predicted", predicted_json(report)},
      {"stored", report.stored},
      {"project",
       {{"folder", report.folder.empty() ? Json(nullptr) : Json(report.folder)}, {"files", report.files}}}};
}

std::string probe_text(const ProbeReport& report, Heading heading) {
  const ProbeResult& r = report.result;
  std::string text = heading(fmt::format("{} (machine {})", r.device.name, r.machine.identity()));
  text += fmt::format("\n{}", machine_text(r.machine));
  const auto section = [&](std::string_view title, const std::string& body) {
    text += fmt::format("\n{}\n{}", heading(title), body);
  };
  section("Matrix products", products_text(r));
  section("Streams through memory", streams_text(r));
  if (r.fastest(measured::cache_latency)) section("Ladder of caches, one thread", ladder_text(r));
  section("Launch", launch_text(r));
  section(fmt::format("As a hardware target: {}", report.target.id), figures_text(report.target));
  section("Predicted against measured", predicted_text(report));
  std::string notes;
  for (const auto* list : {&r.notes, &report.predicted.notes})
    for (const std::string& note : *list) notes += fmt::format("  {}\n", wrap(note, kPageWidth, "    ", 2));
  if (!notes.empty()) section("Notes", notes);
  text += fmt::format("\n{}; measured in {:.1f} s\n", report.stored, r.seconds);
  if (!report.folder.empty())
    text += fmt::format("project written: {} ({})\n", report.folder, fmt::join(report.files, ", "));
  return text;
}

std::string probe_csv(const ProbeResult& result) {
  std::vector<std::string> header;
  const ProbeRecord any;
  visit_probe_columns(any, [&](const char* column, const auto&) { header.emplace_back(column); });
  std::string text = csv_line(header);
  for (const Measurement& m : result.rows) {
    std::vector<std::string> cells;
    const ProbeRecord record = record_of(result, m);
    visit_probe_columns(record, CellWriter{cells});
    text += csv_line(cells);
  }
  return text;
}

}  // namespace ironlaw
