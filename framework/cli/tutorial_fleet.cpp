#include "framework/cli/tutorial_fleet.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/report/units_text.hpp"

namespace ironlaw {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr int kNode = 8;  // devices; wall 18's devices_per_node

// A device at a precision, split so wide, and the fleet of it.
struct Fleet {
  std::vector<std::string> labels;
  YAML::Node plan;
  int tensor = 1;
  double replica_rate = 0;  // [1/s] that one replica serves within the limits; 0: none
  int needed_nodes = 0;     // for the demand, without spare ones
  int nodes = 0, gpus = 0, replicas = 0;
  double cost = kUnknown, energy = kUnknown, carbon = kUnknown, itl = kUnknown, ttft = kUnknown;
  double rate_after_loss = 0;
  std::string hardware, precision, why_not;
  std::vector<std::string> broken;  // limits

  bool is_refused = false;  // not understood, or no figure to work with

  bool is_possible() const { return replica_rate > 0; }
};

class FleetSizer {
 public:
  FleetSizer(const Lesson& lesson, const LessonPart& part, LessonBench& bench)
      : lesson_(lesson), part_(part), wanted_(*part.fleet), bench_(bench) {
    demand_ = parse_quantity("demand", wanted_.demand, "1/s");
    if (!wanted_.after_node_loss.empty())
      after_loss_ = parse_quantity("after_node_loss", wanted_.after_node_loss, "1/s");
    if (!wanted_.most_cost.empty()) most_cost_ = parse_quantity("most_cost", wanted_.most_cost, "USD");
    if (!wanted_.most_carbon.empty())
      most_carbon_ = parse_quantity("most_carbon", wanted_.most_carbon, "kgCO2e");
    choose_places();
  }

  FleetResult run() {
    std::vector<Fleet> fleets;
    for (const LessonCombination& c : combinations(part_, bench_.host())) fleets.push_back(best_split(c));
    const Fleet& chosen = *std::min_element(fleets.begin(), fleets.end(),
                                            [&](const Fleet& a, const Fleet& b) { return is_better(a, b); });
    FleetResult result;
    for (const Fleet& f : fleets) result.rows.push_back(row_of(f));
    result.tables.push_back(table(part_.title, fleets));
    const bool has_brief = most_cost_ || most_carbon_ || !places_.empty();
    if (!has_brief) return result;
    if (!chosen.is_possible()) throw Error(fmt::format("{}: no fleet can serve it.", lesson_.file));
    report(chosen, result);
    report_next(fleets, chosen, result);
    if (places_.size() > 1) result.tables.push_back(place_table(chosen, result));
    if (!wanted_.what_if.empty()) result.tables.push_back(what_if_table(chosen, result));
    return result;
  }

 private:
  struct Region {
    std::string name;  // as the lesson has it
    double carbon;     // intensity of its grid
  };

  // The cleanest first.
  void choose_places() {
    const char* const carbon = "carbon_intensity";
    for (const std::string& name : wanted_.places) {
      const Place& place = bench_.place(name);
      const PlaceFigure& figure = *place.figure(carbon, bench_.common_year(wanted_.places));
      places_.push_back({name, figure.value});
      bench_.note(fmt::format("{} of {} in {}: {}; {}.", carbon, place.name, figure.year, figure.text,
                              figure.source));
    }
    std::stable_sort(places_.begin(), places_.end(),
                     [](const Region& a, const Region& b) { return a.carbon < b.carbon; });
    if (!places_.empty() && static_cast<int>(places_.size()) < wanted_.regions)
      throw Error(fmt::format("{}: {} regions need as many places.", lesson_.file, wanted_.regions));
  }

  // Of the regions together, which have equal shares.
  double intensity() const {
    if (places_.empty()) return kUnknown;
    double sum = 0;
    for (int i = 0; i < wanted_.regions; ++i) sum += places_[static_cast<std::size_t>(i)].carbon;
    return sum / wanted_.regions;
  }

  YAML::Node plan_of(const YAML::Node& plan, int tensor, int replicas, double rate) const {
    YAML::Node said(YAML::NodeType::Map);
    said["parallelism"]["tp"] = tensor;
    said["parallelism"]["pp"] = 1;
    said["parallelism"]["dp"] = replicas;
    said["parameters"]["duration"] = "1 year";
    said["serving"]["arrival_rate"] = fmt::format("{}/s", rate);
    return merged(plan, said);
  }

  // The most requests a second that one replica takes within the limits.
  double most_rate(const YAML::Node& plan, int tensor, std::string& why_not) {
    constexpr double kLittle = 1e-3, kAlmost = 0.999;
    constexpr int kHalvings = 9;
    LessonScenario s = bench_.understand(plan_of(plan, tensor, 1, kLittle), lesson_.file);
    const auto with = [&](double rate) -> const LessonScenario& {
      s.request.scenario.given["arrival_rate"].value = rate;
      return s;
    };
    const LessonRow idle = bench_.evaluate(s, {"request_capacity"});
    if (!idle.is_feasible) {
      why_not = idle.why_not;
      return 0;
    }
    double high = kAlmost * idle.values.at("request_capacity").number;
    double low = std::min(kLittle, high);
    if (bench_.keeps_limits(with(high))) return high;
    if (!bench_.keeps_limits(with(low))) {
      why_not = "even a single request breaks a limit of the plan";
      return 0;
    }
    low = std::max(low, high / 64);  // a replica that must idle more than this is no candidate
    if (!bench_.keeps_limits(with(low))) {
      why_not = "it keeps the limits only at less than 1/64 of its capacity";
      return 0;
    }
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = std::sqrt(low * high);
      (bench_.keeps_limits(with(middle)) ? low : high) = middle;
    }
    return low;
  }

  Fleet best_split(const LessonCombination& c) {
    std::optional<Fleet> best;
    for (const int tensor : wanted_.tensor) {
      Fleet fleet;
      fleet.labels = c.labels;
      fleet.plan = c.plan;
      fleet.tensor = tensor;
      try {
        fleet.replica_rate = most_rate(c.plan, tensor, fleet.why_not);
        if (fleet.is_possible()) fill(fleet);
      } catch (const Error& e) {
        fleet.replica_rate = 0;
        fleet.is_refused = true;
        fleet.why_not = e.what();
      }
      if (!best || is_better(fleet, *best)) best.emplace(std::move(fleet));
    }
    return *best;
  }

  static double node_rate(const Fleet& fleet) {
    return fleet.replica_rate * std::max(1, kNode / fleet.tensor);
  }

  // Whole nodes, shared equally by the regions, each with its spare ones.
  void fill(Fleet& fleet) {
    const int in_node = std::max(1, kNode / fleet.tensor);
    fleet.needed_nodes = static_cast<int>(std::ceil(demand_ / node_rate(fleet)));
    const int in_region =
        static_cast<int>(std::ceil(static_cast<double>(fleet.needed_nodes) / wanted_.regions)) +
        wanted_.spare_nodes;
    fleet.nodes = in_region * wanted_.regions;
    fleet.replicas = fleet.nodes * in_node;
    fleet.gpus = fleet.replicas * fleet.tensor;
    fleet.rate_after_loss = (fleet.nodes - 1) * node_rate(fleet);

    LessonScenario s =
        bench_.understand(plan_of(fleet.plan, fleet.tensor, fleet.replicas, demand_), lesson_.file);
    const LessonRow row =
        bench_.evaluate(s, {"hardware", "precision", "run_cost", "run_energy", "itl", "ttft"});
    if (!row.is_feasible) throw Error(row.why_not);
    fleet.hardware = row.values.at("hardware").text;
    fleet.precision = row.values.at("precision").text;
    fleet.cost = row.values.at("run_cost").number;
    fleet.energy = row.values.at("run_energy").number;
    fleet.carbon = fleet.energy * intensity();
    fleet.itl = row.values.at("itl").number;
    fleet.ttft = row.values.at("ttft").number;
    // What is unknown is not known to keep a limit.
    if (most_cost_ && !(fleet.cost <= *most_cost_)) fleet.broken.emplace_back("cost");
    if (most_carbon_ && !(fleet.carbon <= *most_carbon_)) fleet.broken.emplace_back("carbon");
    if (after_loss_ && !(fleet.rate_after_loss >= *after_loss_)) fleet.broken.emplace_back("loss of a node");
  }

  bool is_better(const Fleet& a, const Fleet& b) const {
    if (a.is_possible() != b.is_possible()) return a.is_possible();
    if (a.broken.empty() != b.broken.empty()) return a.broken.empty();
    if (std::isnan(a.cost) != std::isnan(b.cost)) return std::isnan(b.cost);
    if (!std::isnan(a.cost) && a.cost != b.cost) return a.cost < b.cost;
    return a.gpus < b.gpus;
  }

  static LessonValue number(double value, const char* unit = "1") { return {value, unit}; }
  static LessonValue name(const std::string& text) { return {0, "", text}; }

  static std::string verdict(const Fleet& f) {
    if (f.is_refused) return "not known";
    if (!f.is_possible()) return "cannot serve";
    return f.broken.empty() ? "nothing" : fmt::format("{}", fmt::join(f.broken, ", "));
  }

  LessonRow row_of(const Fleet& f) const {
    LessonRow row{f.labels, {}, f.is_possible(), f.why_not};
    const auto add = [&](const char* what, double value, const char* unit = "1") {
      row.values[what] = number(f.is_possible() ? value : kUnknown, unit);
    };
    add("tensor", f.tensor);
    add("replica_rate", f.replica_rate, "1/s");
    add("nodes", f.nodes);
    add("gpus", f.gpus);
    add("itl", f.itl, "s");
    add("cost", f.cost, "USD");
    add("energy", f.energy, "J");
    add("carbon", f.carbon, "kgCO2e");
    return row;
  }

  LessonTable table(const std::string& title, const std::vector<Fleet>& fleets) const {
    // Pointers: to assign a YAML node changes what its copies refer to.
    std::vector<const Fleet*> sorted;
    sorted.reserve(fleets.size());
    for (const Fleet& f : fleets) sorted.push_back(&f);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const Fleet* x, const Fleet* y) { return is_better(*x, *y); });
    LessonTable t;
    t.title = title;
    for (const LessonAxis& axis : part_.axes) t.columns.push_back(axis.title);
    for (const char* column : {"TP", "a replica", "nodes", "GPUs", "ITL", "cost a year"})
      t.columns.emplace_back(column);
    if (!places_.empty()) t.columns.emplace_back("carbon a year");
    t.columns.emplace_back("breaks");
    t.percents.resize(t.columns.size());
    for (const Fleet* const f : sorted) {
      const LessonRow values = row_of(*f);
      auto& row = t.rows.emplace_back();
      for (const std::string& label : f->labels) row.push_back(name(label));
      for (const char* what : {"tensor", "replica_rate", "nodes", "gpus", "itl", "cost"})
        row.push_back(values.values.at(what));
      if (!places_.empty()) row.push_back(values.values.at("carbon"));
      row.push_back(name(verdict(*f)));
      if (!f->why_not.empty())
        t.remarks.push_back(fmt::format("{}: {}", fmt::join(f->labels, ", "), f->why_not));
    }
    return t;
  }

  // The limit that the fleet comes nearest to, as a share of it.
  std::pair<std::string, double> binding(const Fleet& f) {
    std::pair<std::string, double> tightest{"none", 0};
    const auto consider = [&](const std::string& limit, double share) {
      if (share > tightest.second) tightest = {limit, share};
    };
    if (most_cost_) consider("cost", f.cost / *most_cost_);
    if (most_carbon_) consider("carbon", f.carbon / *most_carbon_);
    if (after_loss_) consider("loss of a node", *after_loss_ / f.rate_after_loss);
    const LessonScenario s = bench_.understand(plan_of(f.plan, f.tensor, f.replicas, demand_), lesson_.file);
    for (const Assertion& a : s.request.assertions) {
      const LessonValue value = bench_.evaluate(s, {a.metric.text}).values.at(a.metric.text);
      if (a.max)
        consider(a.metric.text, value.number / parse_quantity(a.max->field, a.max->text, value.unit));
    }
    return tightest;
  }

  void report(const Fleet& f, FleetResult& result) {
    const auto [limit, share] = binding(f);
    const LessonScenario s = bench_.understand(plan_of(f.plan, f.tensor, f.replicas, demand_), lesson_.file);
    const LessonRow row = bench_.evaluate(s, {"binding_wall", "request_capacity", "request_rate"});
    auto& found = result.found;
    found["fleet_verdict"] = name(
        f.broken.empty() ? "It keeps every limit."
                         : fmt::format("It breaks a limit all the same: {}.", fmt::join(f.broken, ", ")));
    found["fleet_device"] = name(f.hardware);
    found["fleet_precision"] = name(f.precision);
    found["fleet_choice"] = name(fmt::format("{}", fmt::join(f.labels, ", ")));
    found["fleet_tensor"] = number(f.tensor);
    found["fleet_replicas"] = number(f.replicas);
    found["fleet_gpus"] = number(f.gpus);
    found["fleet_nodes"] = number(f.nodes);
    found["fleet_needed_nodes"] = number(f.needed_nodes);
    found["fleet_nodes_in_region"] = number(static_cast<double>(f.nodes) / wanted_.regions);
    found["fleet_replica_rate"] = number(f.replica_rate, "1/s");
    found["fleet_gpu_rate"] = number(f.replica_rate / f.tensor, "1/s");
    found["fleet_itl"] = number(f.itl, "s");
    found["fleet_ttft"] = number(f.ttft, "s");
    found["fleet_cost"] = number(f.cost, "USD");
    found["fleet_energy"] = number(f.energy, "J");
    found["fleet_carbon"] = number(f.carbon, "kgCO2e");
    found["fleet_region_rate"] = number(node_rate(f) * f.nodes / wanted_.regions, "1/s");
    found["fleet_rate_after_loss"] = number(f.rate_after_loss, "1/s");
    found["fleet_binding_limit"] = name(limit);
    found["fleet_binding_share"] = name(format_percent(share));
    found["fleet_binding_wall"] = row.values.at("binding_wall");
    std::vector<std::string> regions;
    for (int i = 0; i < wanted_.regions && !places_.empty(); ++i)
      regions.push_back(places_[static_cast<std::size_t>(i)].name);
    found["fleet_regions"] = name(fmt::format("{}", fmt::join(regions, " and ")));
  }

  // The best fleet of another device.
  void report_next(const std::vector<Fleet>& fleets, const Fleet& chosen, FleetResult& result) const {
    const Fleet* next = nullptr;
    for (const Fleet& f : fleets)
      if (f.hardware != chosen.hardware && f.is_possible() && (!next || is_better(f, *next))) next = &f;
    if (!next) return;
    result.found["next_choice"] = name(fmt::format("{}", fmt::join(next->labels, ", ")));
    result.found["next_gpus"] = number(next->gpus);
    result.found["next_cost"] = number(next->cost, "USD");
  }

  // All of it in one place, and how much of it could stand there with the rest in the cleanest.
  LessonTable place_table(const Fleet& f, FleetResult& result) const {
    LessonTable t;
    t.title = "Where that fleet may stand: its carbon in a year";
    t.columns = {"place", "grid", "all of it there", "share of it that may stand there"};
    t.percents = {false, false, false, true};
    for (const auto& [place, carbon] : places_) {
      const double all = f.energy * carbon;
      const double cleanest = f.energy * places_[0].carbon;
      double share = kUnknown;
      if (most_carbon_)
        share = all <= *most_carbon_ ? 1 : std::max(0.0, (*most_carbon_ - cleanest) / (all - cleanest));
      t.rows.push_back({name(place), number(carbon, "kgCO2e/J"), number(all, "kgCO2e"), number(share)});
      result.found["carbon_in_" + place] = number(all, "kgCO2e");
      result.found["share_in_" + place] = name(format_percent(share));
    }
    return t;
  }

  LessonTable what_if_table(const Fleet& chosen, FleetResult& result) {
    LessonTable t;
    t.title = fmt::format("What would relax it: {} again", fmt::join(chosen.labels, ", "));
    t.columns = {"what if", "TP", "nodes", "GPUs", "ITL", "cost a year", "breaks"};
    t.percents.resize(t.columns.size());
    for (const LessonCase& c : wanted_.what_if) {
      const Fleet f = best_split({{c.label}, merged(chosen.plan, c.plan)});
      const LessonRow values = row_of(f);
      auto& row = t.rows.emplace_back();
      row.push_back(name(c.label));
      for (const char* what : {"tensor", "nodes", "gpus", "itl", "cost"})
        row.push_back(values.values.at(what));
      row.push_back(name(verdict(f)));
      if (!f.why_not.empty()) t.remarks.push_back(fmt::format("{}: {}", c.label, f.why_not));
      result.found[fmt::format("cost if {}", c.label)] = values.values.at("cost");
      result.found[fmt::format("gpus if {}", c.label)] = values.values.at("gpus");
    }
    return t;
  }

  const Lesson& lesson_;
  const LessonPart& part_;
  const LessonFleet& wanted_;
  LessonBench& bench_;
  double demand_ = 0;
  std::optional<double> after_loss_, most_cost_, most_carbon_;
  std::vector<Region> places_;
};

}  // namespace

FleetResult size_fleet(const Lesson& lesson, const LessonPart& part, LessonBench& bench) {
  return FleetSizer(lesson, part, bench).run();
}

}  // namespace ironlaw
