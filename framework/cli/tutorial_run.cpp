#include "framework/cli/tutorial_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/tutorial_fleet.hpp"
#include "framework/predict/search.hpp"
#include "framework/predict/system.hpp"

namespace ironlaw {
namespace {

constexpr double kMostOfAField = 1 << 20;

std::vector<std::string> places_of(const std::vector<LessonCombination>& all) {
  std::vector<std::string> places;
  for (const LessonCombination& c : all) {
    const YAML::Node operations = c.plan["operations"];
    if (operations.IsDefined() && operations.IsMap() && operations["place"].IsDefined())
      places.push_back(operations["place"].Scalar());
  }
  return places;
}

// Works one part out.
class PartRun {
 public:
  PartRun(const Lesson& lesson, const LessonPart& part, LessonBench& bench)
      : lesson_(lesson), part_(part), bench_(bench) {
    for (const LessonColumn& column : part.show) add(column.output);
    for (const LessonFinding& finding : part.findings) {
      add(finding.output);
      if (!finding.over_output.empty()) add(finding.over_output);
    }
  }

  std::vector<LessonRow> rows() {
    const std::vector<LessonCombination> all = combinations(part_, bench_.host());
    compared_ = places_of(all);
    std::vector<LessonRow> result;
    for (const LessonCombination& c : all) {
      std::vector<LessonRow> some = rows_of(c);
      for (LessonRow& row : some) {
        row.labels.insert(row.labels.begin(), c.labels.begin(), c.labels.end());
        result.push_back(std::move(row));
      }
    }
    return result;
  }

 private:
  using Kind = LessonPart::Kind;

  void add(const std::string& output) {
    if (std::find(outputs_.begin(), outputs_.end(), output) == outputs_.end()) outputs_.push_back(output);
  }
  LessonScenario understand(const YAML::Node& plan) {
    return bench_.understand(plan, lesson_.file, compared_);
  }

  std::vector<LessonRow> rows_of(const LessonCombination& c) {
    switch (part_.kind) {
      case Kind::splits:
        return splits(c.plan);
      case Kind::solve_for:
        return {solve(c.plan)};
      case Kind::call:
        return {call(c.plan)};
      default:
        return {part_.largest.empty() ? plain(c.plan) : largest(c.plan)};
    }
  }

  // A device of the catalogue that cannot run the case is a row that says why; anything else is a mistake in
  // the lesson.
  LessonRow plain(const YAML::Node& plan) {
    const bool may_refuse = std::any_of(part_.axes.begin(), part_.axes.end(),
                                        [](const LessonAxis& axis) { return axis.is_every_device; });
    try {
      return bench_.evaluate(understand(plan), outputs_);
    } catch (const Error& e) {
      if (!may_refuse) throw;
      LessonRow row;
      row.is_feasible = false;
      row.why_not = e.what();
      for (const std::string& output : outputs_) row.values[output] = {std::nan(""), "1"};
      return row;
    }
  }

  // The largest whole number of the field that is feasible; feasibility is lost once as the field grows.
  LessonRow largest(const YAML::Node& plan) {
    const auto with = [&](double value) {
      return merged(plan, plan_saying(part_.largest, fmt::format("{:.0f}", value)));
    };
    const auto fits = [&](double value) { return bench_.evaluate(understand(with(value)), {}).is_feasible; };
    double low = 0;
    double high = 1;
    while (high < kMostOfAField && fits(high)) {
      low = high;
      high *= 2;
    }
    while (high - low > 1) {
      const double middle = std::floor((low + high) / 2);
      (fits(middle) ? low : high) = middle;
    }
    std::vector<std::string> others = outputs_;
    std::erase(others, "largest");
    LessonRow row = bench_.evaluate(understand(with(std::max(low, 1.0))), others);
    row.values["largest"] = {low, "1"};
    return row;
  }

  std::vector<LessonRow> splits(const YAML::Node& plan) {
    const LessonScenario s = understand(plan);
    const Scenario& scenario = s.request.scenario;
    std::vector<LessonRow> rows;
    for (const Candidate& c :
         search_splits(scenario, scenario.split.devices(), bench_.predictor(), *s.parameters)) {
      LessonRow row;
      const char* const recompute = c.recompute == Recompute::full ? ", recompute" : "";
      row.labels = {
          fmt::format("TP{} PP{} DP{}{}", c.split.tensor, c.split.pipeline, c.split.data, recompute)};
      row.is_feasible = c.refused.empty() && c.memory_headroom >= 0;
      row.why_not = c.refused;
      row.values = {{"time", {c.time, "s"}},
                    {"system_mfu", {c.mfu, "1"}},
                    {"memory_free", {c.memory_headroom, "B"}},
                    {"memory_lacking", {std::max(0.0, -c.memory_headroom), "B"}},
                    {"fits", {0, "", row.is_feasible ? "yes" : "no"}}};
      rows.push_back(std::move(row));
    }
    return rows;
  }

  LessonRow solve(const YAML::Node& plan) {
    const LessonScenario s = understand(plan);
    LessonRow row = bench_.evaluate(s, outputs_except(part_.input));
    ScenarioSystem system(bench_.predictor(), s.request.scenario, *s.parameters);
    const std::string unit = system.table().outputs[system.output(part_.output)]->unit;
    const double target = parse_quantity("target", part_.target, unit);
    const std::vector<Finding> findings = analyse(
        bench_.host().find_wall("synthesis"), system,
        {.output = part_.output, .input = part_.input, .target = target, .sense = part_.is_most ? -1 : 1});
    if (findings.empty()) throw Error(fmt::format("{} has no effect on {}.", part_.input, part_.output));
    row.values[part_.input] = {findings[0].value, findings[0].unit};
    return row;
  }

  // A function of a wall at inputs that stand in the plan.
  LessonRow call(const YAML::Node& inputs) {
    const ironlaw_function& f = function();
    std::vector<double> in(f.n_inputs);
    std::vector<double> out(f.n_outputs);
    std::vector<const double*> in_columns;
    std::vector<double*> out_columns;
    in_columns.reserve(in.size());
    out_columns.reserve(out.size());
    LessonRow row;
    for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
      const ironlaw_port& port = *f.inputs[i];
      const YAML::Node value = inputs[port.name];
      if (!value.IsDefined())
        throw Error(fmt::format("{}: {} needs {}.", lesson_.file, part_.function, port.name));
      in[i] = parse_quantity(port.name, value.Scalar(), port.unit);
      if (!(in[i] >= port.min && in[i] <= port.max))
        throw Error(fmt::format("{}: {} is {}; allowed is {} to {}.", lesson_.file, port.name, in[i],
                                port.min, port.max));
      row.values[port.name] = {in[i], port.unit};
      in_columns.push_back(&in[i]);
    }
    for (double& value : out) out_columns.push_back(&value);
    ironlaw_error error{};
    if (f.eval(in_columns.data(), out_columns.data(), 1, &error) != IRONLAW_OK) throw Error(error.message);
    for (std::uint32_t o = 0; o < f.n_outputs; ++o)
      row.values[f.outputs[o]->name] = {out[o], f.outputs[o]->unit};
    return row;
  }

  const ironlaw_function& function() const {
    const ironlaw_wall& wall = bench_.host().find_wall(part_.wall);
    std::vector<std::string> names;
    for (std::uint32_t f = 0; f < wall.n_functions; ++f) {
      if (part_.function == wall.functions[f]->name) return *wall.functions[f];
      names.emplace_back(wall.functions[f]->name);
    }
    throw Error(fmt::format("{}: wall {} has no function {}.{}", lesson_.file, wall.id, part_.function,
                            did_you_mean(part_.function, names)));
  }

  std::vector<std::string> outputs_except(const std::string& name) const {
    std::vector<std::string> result = outputs_;
    std::erase(result, name);
    return result;
  }

  const Lesson& lesson_;
  const LessonPart& part_;
  LessonBench& bench_;
  std::vector<std::string> outputs_, compared_;
};

// Looks findings up in the rows of their part.
class Finder {
 public:
  Finder(const Lesson& lesson, const std::vector<LessonRow>& rows) : lesson_(lesson), rows_(rows) {}

  LessonValue find(const LessonFinding& f) const {
    using Kind = LessonFinding::Kind;
    switch (f.kind) {
      case Kind::value:
        return value(row(f.at), f.output);
      case Kind::ratio:
        return {value(row(f.at), f.output).number / value(row(f.over), f.over_output).number, "1"};
      case Kind::saving:
        return {1 - value(row(f.at), f.output).number / value(row(f.over), f.over_output).number, "1"};
      case Kind::first:
        return first(f);
      case Kind::lowest:
      case Kind::highest:
        return best(f);
    }
    return {};
  }

 private:
  const LessonValue& value(const LessonRow& row, const std::string& output) const {
    const auto found = row.values.find(output);
    if (found == row.values.end())
      throw Error(fmt::format("{}: {} is no result of its part.", lesson_.file, output));
    return found->second;
  }

  const LessonRow& row(const std::vector<std::string>& labels) const {
    for (const LessonRow& row : rows_)
      if (row.labels == labels) return row;
    throw Error(fmt::format("{}: there is no row {}.", lesson_.file, fmt::join(labels, ", ")));
  }

  // The last label of the first row, among those that begin with `at`, whose output has the text.
  LessonValue first(const LessonFinding& f) const {
    for (const LessonRow& row : rows_)
      if (std::equal(f.at.begin(), f.at.end(), row.labels.begin()) && value(row, f.output).text == f.is)
        return labelled(row.labels.back());
    return {0, "", "none"};
  }

  // A label that is a number is one.
  static LessonValue labelled(const std::string& label) {
    double number = 0;
    const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
    const bool is_number = error == std::errc() && end == label.data() + label.size();
    return is_number ? LessonValue{number, "1"} : LessonValue{0, "", label};
  }

  LessonValue best(const LessonFinding& f) const {
    const LessonRow* found = nullptr;
    const double sign = f.kind == LessonFinding::Kind::lowest ? 1 : -1;
    for (const LessonRow& row : rows_) {
      const double x = sign * value(row, f.output).number;
      if (!row.is_feasible || std::isnan(x) || !std::equal(f.at.begin(), f.at.end(), row.labels.begin()))
        continue;
      if (!found || x < sign * value(*found, f.output).number) found = &row;
    }
    if (!found) return {0, "", "none"};
    const auto own = found->labels.begin() + static_cast<std::ptrdiff_t>(f.at.size());
    return {0, "", fmt::format("{}", fmt::join(own, found->labels.end(), ", "))};
  }

  const Lesson& lesson_;
  const std::vector<LessonRow>& rows_;
};

void keep(const std::string& file, FoundValues& found, const std::string& name, Found value) {
  if (!found.emplace(name, std::move(value)).second)
    throw Error(fmt::format("{}: {} is found twice.", file, name));
}

}  // namespace

std::vector<LessonCombination> combinations(const LessonPart& part, const PluginHost& host) {
  std::vector<LessonCombination> all = {{{}, merged(part.plan, YAML::Node())}};
  for (const LessonAxis& axis : part.axes) {
    std::vector<LessonCase> cases = axis.cases;
    if (axis.is_every_device)
      for (const ironlaw_hardware* hardware : host.hardware())
        cases.push_back({hardware->id, plan_saying("hardware.name", hardware->id)});
    std::vector<LessonCombination> longer;
    for (const LessonCombination& shorter : all)
      for (const LessonCase& c : cases) {
        LessonCombination next{shorter.labels, merged(shorter.plan, c.plan)};
        next.labels.push_back(c.label);
        longer.push_back(std::move(next));
      }
    all = std::move(longer);
  }
  return all;
}

LessonTable table_of(const LessonPart& part, const std::vector<LessonRow>& rows) {
  LessonTable table;
  table.title = part.title;
  for (const LessonAxis& axis : part.axes) table.columns.push_back(axis.title);
  if (part.kind == LessonPart::Kind::splits) table.columns.emplace_back("split");
  table.percents.resize(table.columns.size());
  for (const LessonColumn& column : part.show) {
    table.columns.push_back(column.title);
    table.percents.push_back(column.is_percent);
  }
  if (std::set<std::string>(table.columns.begin(), table.columns.end()).size() != table.columns.size())
    throw Error(fmt::format("{}: two columns have the same title.", part.title));
  const std::size_t most = part.splits_shown > 0 ? static_cast<std::size_t>(part.splits_shown) : rows.size();
  for (const LessonRow& row : rows) {
    if (table.rows.size() == most) break;
    auto& cells = table.rows.emplace_back();
    for (const std::string& label : row.labels) cells.push_back({0, "", label});
    for (const LessonColumn& column : part.show) {
      const auto value = row.values.find(column.output);
      if (value == row.values.end())
        throw Error(fmt::format("{}: nothing computes {}.", part.title, column.output));
      cells.push_back(value->second);
    }
    if (!row.why_not.empty())
      table.remarks.push_back(fmt::format("{}: {}", fmt::join(row.labels, ", "), row.why_not));
  }
  return table;
}

LessonResult work_out(const Lesson& lesson, LessonBench& bench) {
  LessonResult result;
  for (const LessonPart& part : lesson.parts) {
    std::vector<LessonRow> rows;
    if (part.fleet) {
      FleetResult fleet = size_fleet(lesson, part, bench);
      for (LessonTable& table : fleet.tables) result.tables.push_back(std::move(table));
      for (auto& [name, value] : fleet.found) keep(lesson.file, result.found, name, {std::move(value)});
      rows = std::move(fleet.rows);
    } else {
      rows = PartRun(lesson, part, bench).rows();
      result.tables.push_back(table_of(part, rows));
    }
    for (const LessonFinding& f : part.findings) {
      const bool is_percent = f.is_percent || f.kind == LessonFinding::Kind::saving;
      keep(lesson.file, result.found, f.name, {Finder(lesson, rows).find(f), is_percent});
    }
  }
  return result;
}

std::string filled(const std::string& prose, const FoundValues& found) {
  std::string text;
  for (std::size_t at = 0; at < prose.size();) {
    const std::size_t open = prose.find('{', at);
    text += prose.substr(at, open - at);
    if (open == std::string::npos) break;
    const std::size_t close = prose.find('}', open);
    const std::string name = prose.substr(open + 1, close - open - 1);
    const auto value = found.find(name);
    if (close == std::string::npos || value == found.end())
      throw Error(fmt::format("A lesson's text names {{{}}}, which none of its parts finds.", name));
    text += shown(value->second.value, value->second.is_percent);
    at = close + 1;
  }
  return text;
}

}  // namespace ironlaw
