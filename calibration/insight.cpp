#include "calibration/insight.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace ironlaw {
namespace {

constexpr double kTrendShown = 0.1;         // [log] of a doubling of the number of devices
constexpr double kTrendExplains = 0.3;      // of the variance of the errors
constexpr double kSubmittersExplain = 0.5;  // of the variance of the errors

std::string percent(double fraction) {
  return fmt::format("{:.0f}%", 100 * fraction);
}

// The most frequent text and its share.
std::pair<std::string, double> most(const std::map<std::string, int>& counts, std::size_t n) {
  const auto best = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == counts.end()) return {};
  return {best->first, static_cast<double>(best->second) / static_cast<double>(n)};
}

// Errors that follow the number of devices: what grows with it is missing or too strong.
std::string trend(std::span<const Missed> rows) {
  double sx = 0;
  double sy = 0;
  double sxx = 0;
  double sxy = 0;
  double syy = 0;
  for (const Missed& m : rows) {
    const double x = std::log2(static_cast<double>(*m.row->observation.accelerators));
    sx += x;
    sy += m.log_error;
    sxx += x * x;
    sxy += x * m.log_error;
    syy += m.log_error * m.log_error;
  }
  const double n = static_cast<double>(rows.size());
  const double vx = sxx / n - sx * sx / n / n;
  const double vy = syy / n - sy * sy / n / n;
  const double covariance = sxy / n - sx * sy / n / n;
  if (!(vx > 0) || !(vy > 0) || rows.size() < 6) return {};
  const double slope = covariance / vx;
  if (std::abs(slope) < kTrendShown || covariance * covariance / (vx * vy) < kTrendExplains) return {};
  return fmt::format(
      "the error moves by {:+.0f}% with each doubling of the devices: what grows with their number",
      100 * std::expm1(slope));
}

// Errors that are alike within a submitter and differ between them are about software nobody states.
std::string submitters(std::span<const Missed> rows) {
  std::map<std::string, std::vector<double>> errors;
  double mean = 0;
  for (const Missed& m : rows) {
    errors[m.row->observation.submitter].push_back(m.log_error);
    mean += m.log_error / static_cast<double>(rows.size());
  }
  if (errors.size() < 2 || rows.size() < 3 * errors.size()) return {};
  double all = 0;
  double between = 0;
  for (const auto& [name, values] : errors) {
    const double own =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    for (const double v : values) all += std::pow(v - mean, 2);
    between += static_cast<double>(values.size()) * std::pow(own - mean, 2);
  }
  if (!(all > 0) || between / all < kSubmittersExplain) return {};
  return fmt::format("{} of the scatter is between submitters: software or hosts that the rows do not state",
                     percent(between / all));
}

}  // namespace

Insight look_into(const Row& row, const ParameterSet& parameters, Evaluator& evaluator) {
  const Case* const c = &row.lowered;
  const CaseParameters values = resolve_parameters(*c, parameters);
  const CaseParameters* const v = &values;
  const auto walls = c->pipeline->walls();
  std::vector<double> gradient(Evaluator::gradient_stride(*c->pipeline));
  std::vector<double> shares(walls.size());
  Outcome out;
  evaluator.evaluate({&c, 1}, {&v, 1}, {&out, 1}, gradient, shares);

  Insight insight;
  const auto wall =
      static_cast<std::size_t>(std::distance(shares.begin(), std::max_element(shares.begin(), shares.end())));
  insight.wall = fmt::format("{} {}", walls[wall]->number, walls[wall]->id);
  insight.share = shares[wall] / out.time;
  const auto& ports = c->pipeline->parameters();
  int slot_of = 0;
  const ironlaw_port* port = nullptr;
  for (std::size_t p = 0; p < ports.size(); ++p) {
    double sum = 0;
    int slot_most = 0;
    double slot_slope = 0;
    for (int slot = 0; slot < c->n_slots; ++slot) {
      const double slope = gradient[static_cast<std::size_t>(slot) * ports.size() + p];
      sum += slope;
      if (std::abs(slope) > slot_slope) {
        slot_slope = std::abs(slope);
        slot_most = slot;
      }
    }
    if (std::abs(sum) <= insight.elasticity) continue;
    insight.elasticity = std::abs(sum);
    port = ports[p].port;
    slot_of = slot_most;
  }
  if (port) {
    insight.parameter = port->name;
    for (const Unseen& u : parameters.unseen(*port, c->slots[static_cast<std::size_t>(slot_of)].key))
      insight.inherited.emplace_back(name_of(u.scope));
  }
  const Observation& o = row.observation;
  if (row.precision_basis != "stated") insight.assumed.emplace_back("precision");
  if (!o.tp && !o.pp && *o.accelerators > 1) insight.assumed.emplace_back("split");
  if (o.suite == "inference" ? !o.batch : !o.global_batch) insight.assumed.emplace_back("batch");
  return insight;
}

std::vector<std::string> suspect(std::span<const Missed> rows) {
  std::map<std::string, int> walls;
  std::map<std::string, int> parameters;
  std::map<std::string, int> inherited;
  std::map<std::string, int> assumed;
  for (const Missed& m : rows) {
    ++walls[m.insight->wall];
    ++parameters[m.insight->parameter];
    for (const std::string& scope : m.insight->inherited) ++inherited[scope];
    for (const std::string& what : m.insight->assumed) ++assumed[what];
  }
  const auto [wall, wall_share] = most(walls, rows.size());
  const auto [parameter, parameter_share] = most(parameters, rows.size());
  double time = 0;
  for (const Missed& m : rows)
    if (m.insight->wall == wall) time += m.insight->share / wall_share / static_cast<double>(rows.size());
  std::vector<std::string> result;
  result.push_back(fmt::format("wall {} takes {} of the time in {} of the rows", wall, percent(time),
                               percent(wall_share)));
  if (!parameter.empty())
    result.push_back(fmt::format(
        "{} moves most of them{}", parameter,
        inherited.empty() ? std::string()
                          : fmt::format(", inherited for a new {}", most(inherited, rows.size()).first)));
  for (const std::string& clause : {trend(rows), submitters(rows)})
    if (!clause.empty()) result.push_back(clause);
  std::vector<std::string> unstated;
  for (const auto& [what, n] : assumed)
    if (2 * static_cast<std::size_t>(n) > rows.size()) unstated.push_back(what);
  if (!unstated.empty()) result.push_back(fmt::format("{} not stated", fmt::join(unstated, ", ")));
  return result;
}

}  // namespace ironlaw
