// Checks of what a plugin says of itself: sources, figures, worked examples, and the names it shares.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <sstream>

#include "framework/base/error.hpp"
#include "framework/conformance/checks.hpp"
#include "framework/conformance/evaluate.hpp"
#include "framework/conformance/units.hpp"
#include "framework/predict/scenario.hpp"

namespace ironlaw::conformance {
namespace {

// ---- sources ---------------------------------------------------------------------------------------------

// Words that stand where a source should.
bool says_nothing(std::string_view source) {
  std::string plain;
  for (const char c : source)
    if (std::isalnum(static_cast<unsigned char>(c)))
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::string_view kEmpty[] = {"",    "none", "todo",   "tbd",    "fixme",   "unknown",
                                         "xxx", "na",   "source", "nobody", "nowhere", "somewhere"};
  return std::find(std::begin(kEmpty), std::end(kEmpty), plain) != std::end(kEmpty);
}

void check_wall_sources(const ironlaw_wall& wall, Findings& findings) {
  if (says_nothing(wall.sources))
    findings.fail(fmt::format("wall {}: its sources are '{}'", wall.id, wall.sources));
  for (std::uint32_t f = 0; f < wall.n_functions; ++f)
    for (std::uint32_t i = 0; i < wall.functions[f]->n_inputs; ++i) {
      const ironlaw_port& port = *wall.functions[f]->inputs[i];
      const bool is_value = (port.flags & IRONLAW_PORT_SETTING) && std::isfinite(port.neutral) &&
                            port.neutral != 0 && port.neutral != 1 && !*port.choices;
      if (is_value && says_nothing(port.source))
        findings.warn(fmt::format("wall {}: setting {} is {:g} {} where nobody sets it, and does not say why",
                                  wall.id, port.name, port.neutral, port.unit));
    }
}

// ---- figures ---------------------------------------------------------------------------------------------

constexpr std::string_view kSparseEnd = "_sparse";

// Times the dense peak: 2:4 gains 2, and 4 with a narrower format beside it. Wafers skip every zero.
double most_sparse(const ironlaw_hardware& h) {
  constexpr double kStructured = 4;
  constexpr double kUnstructured = 10;
  return std::string_view(h.kind) == "wafer" ? kUnstructured : kStructured;
}

// A figure, or what is made of two; NaN where nobody published them.
struct Measure {
  std::string name, unit;
  double (*of)(const ironlaw_hardware&, const std::string& name);
};

double own_figure(const ironlaw_hardware& h, const std::string& name) {
  return figure(h, name);
}

std::vector<Measure> measures() {
  std::vector<Measure> result;
  for (const char* name : {"memory_bandwidth", "scaleup_bandwidth", "network_bandwidth"})
    result.push_back({name, "B/s", own_figure});
  result.push_back({"memory_capacity", "B", own_figure});
  result.push_back({"last_level_cache", "B", own_figure});
  result.push_back({"power", "J/s", own_figure});
  result.push_back({"price", "USD", own_figure});
  for (int p = 0; p < kPrecisions; ++p) {
    const std::string peak = fmt::format("peak_{}", ironlaw::name_of(static_cast<Precision>(p)));
    result.push_back({peak, "FLOP/s", own_figure});
    result.push_back(
        {peak + " over memory_bandwidth", "FLOP/B", [](const ironlaw_hardware& h, const std::string& name) {
           return figure(h, name.substr(0, name.find(' '))) / figure(h, "memory_bandwidth");
         }});
    result.push_back({peak + " over power", "FLOP/J", [](const ironlaw_hardware& h, const std::string& name) {
                        return figure(h, name.substr(0, name.find(' '))) / figure(h, "power");
                      }});
  }
  result.push_back({"memory_capacity over memory_bandwidth", "s", [](const ironlaw_hardware& h, const auto&) {
                      return figure(h, "memory_capacity") / figure(h, "memory_bandwidth");
                    }});
  return result;
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  int devices = 0;
};

Range range_of(const Measure& measure, const std::vector<const ironlaw_hardware*>& devices,
               std::optional<std::string_view> kind) {
  Range range;
  for (const ironlaw_hardware* h : devices) {
    if (kind && *kind != h->kind) continue;
    const double x = measure.of(*h, measure.name);
    if (std::isnan(x)) continue;
    range = {std::min(range.low, x), std::max(range.high, x), range.devices + 1};
  }
  return range;
}

// A figure ten times below the least or above the most of its kind is more often a slip than a record.
void check_against_catalogue(const ironlaw_hardware& h, const Subject& subject, Findings& findings) {
  constexpr int kEnough = 3;  // devices of a kind, to speak of a range
  constexpr double kFar = 10;
  const std::vector<const ironlaw_hardware*> catalogue = subject.catalogue();
  std::size_t compared = 0;
  for (const Measure& measure : measures()) {
    const double x = measure.of(h, measure.name);
    if (std::isnan(x)) continue;
    Range range = range_of(measure, catalogue, h.kind);
    std::string whose = fmt::format("devices of kind {}", h.kind);
    if (range.devices < kEnough) {
      range = range_of(measure, catalogue, std::nullopt);
      whose = "devices";
    }
    if (range.devices < kEnough) continue;
    ++compared;
    if (x < range.low / kFar || x > range.high * kFar)
      findings.warn(fmt::format("{}: {} is {:.4g} {}; the {} {} in the catalogue have {:.4g} to {:.4g}", h.id,
                                measure.name, x, measure.unit, range.devices, whose, range.low, range.high));
  }
  findings.note(fmt::format("{}: {} figures and ratios compared with the catalogue", h.id, compared));
}

void check_units(const ironlaw_hardware& h, Findings& findings) {
  for (std::uint32_t i = 0; i < h.n_specs; ++i) {
    const ironlaw_spec& s = *h.specs[i];
    const std::string_view quantity = s.quantity;
    if (!is_base_unit(s.unit))
      findings.fail(fmt::format("{}: {} is in {}, which is no base unit ({})", h.id, quantity, s.unit,
                                base_units_text()));
    else if (quantity.starts_with("peak_") && std::string_view(s.unit) != "FLOP/s")
      findings.fail(fmt::format("{}: {} is in {}; peaks are in FLOP/s", h.id, quantity, s.unit));
    if (!quantity.ends_with(kSparseEnd)) continue;
    const std::string dense(quantity.substr(0, quantity.size() - kSparseEnd.size()));
    const double peak = figure(h, dense);
    if (std::isnan(peak))
      findings.warn(fmt::format("{}: {} has no dense {} beside it", h.id, quantity, dense));
    else if (s.value > most_sparse(h) * peak)
      findings.fail(fmt::format("{}: {} is {:.3g} times the dense {}; sparsity gains {} at the most", h.id,
                                quantity, s.value / peak, dense, most_sparse(h)));
  }
}

void check_peaks(const ironlaw_hardware& h, Findings& findings) {
  if (precisions_of(h).empty())
    findings.warn(fmt::format("{}: it has no dense peak, and nothing can be predicted for it", h.id));
  for (const auto& [narrow, wide] : {std::pair{"peak_fp8", "peak_fp16"},
                                     {"peak_fp16", "peak_fp32"},
                                     {"peak_bf16", "peak_fp32"},
                                     {"peak_fp16", "peak_tf32"}})
    if (figure(h, narrow) < figure(h, wide))
      findings.warn(fmt::format("{}: {} {:.4g} is below {} {:.4g}", h.id, narrow, figure(h, narrow), wide,
                                figure(h, wide)));
  constexpr std::uint32_t kFirstYear = 2000;
  constexpr std::uint32_t kLastYear = 2035;
  if (h.year < kFirstYear || h.year > kLastYear)
    findings.warn(fmt::format("{}: its year is {}", h.id, h.year));
  for (const char* name : {"memory_bandwidth", "memory_capacity", "power"})
    if (std::isnan(figure(h, name)))
      findings.note(fmt::format("{}: no {}; the walls say what they cannot compute without it", h.id, name));
}

// ---- shared names ----------------------------------------------------------------------------------------

struct Use {
  std::string unit, who;
};
using Dictionary = std::map<std::string, Use, std::less<>>;

// Every name that the installed walls, the host and the datasheets use.
Dictionary dictionary_of(const Subject& subject) {
  Dictionary names;
  for (const SourceColumn& s : source_columns()) names.try_emplace(s.name, Use{s.unit, "the host"});
  for (const ironlaw_wall* wall : subject.without().walls())
    for (std::uint32_t f = 0; f < wall->n_functions; ++f) {
      const ironlaw_function& function = *wall->functions[f];
      for (const auto& [ports, n] :
           {std::pair{function.inputs, function.n_inputs}, {function.outputs, function.n_outputs}})
        for (std::uint32_t i = 0; i < n; ++i)
          names.try_emplace(ports[i]->name, Use{ports[i]->unit, fmt::format("wall {}", wall->id)});
    }
  for (const ironlaw_hardware* h : subject.catalogue())
    for (std::uint32_t i = 0; i < h->n_specs; ++i)
      names.try_emplace(h->specs[i]->quantity, Use{h->specs[i]->unit, h->id});
  return names;
}

void check_unit(const Dictionary& names, const std::string& who, const char* name, const char* unit,
                Findings& findings) {
  const auto found = names.find(name);
  if (found != names.end() && found->second.unit != unit)
    findings.fail(fmt::format("{}: {} is in {}; {} has it in {}", who, name, unit, found->second.who,
                              found->second.unit));
}

// One remark a fault of "the walls do not fit together:\n  a\n  b".
void fail_by_line(const std::string& message, Findings& findings) {
  std::istringstream lines(message);
  std::string first;
  std::getline(lines, first);
  bool has_more = false;
  for (std::string line; std::getline(lines, line); has_more = true)
    findings.fail(line.substr(std::min(line.find_first_not_of(' '), line.size())));
  if (!has_more) findings.fail(first);
}

}  // namespace

void check_sources(Subject& subject, Findings& findings) {
  std::size_t unverified = 0;
  std::size_t figures = 0;
  for (const ironlaw_wall* wall : subject.own_walls()) check_wall_sources(*wall, findings);
  for (const ironlaw_hardware* h : subject.own_hardware())
    for (std::uint32_t i = 0; i < h->n_specs; ++i) {
      const ironlaw_spec& s = *h->specs[i];
      const bool is_unverified = (s.flags & IRONLAW_SPEC_UNVERIFIED) != 0;
      ++figures;
      unverified += is_unverified;
      if (says_nothing(s.source))
        findings.fail(fmt::format("{}: the source of {} is '{}'", h->id, s.quantity, s.source));
      if (is_unverified && !*s.note)
        findings.warn(
            fmt::format("{}: {} is unverified, and no note says what is doubtful", h->id, s.quantity));
    }
  if (figures > 0)
    findings.note(fmt::format("{}, {} of them unverified", counted(figures, "figure"), unverified));
}

void check_figures(Subject& subject, Findings& findings) {
  if (subject.own_hardware().empty()) return findings.skip("it holds no hardware target");
  for (const ironlaw_hardware* h : subject.own_hardware()) {
    check_units(*h, findings);
    check_peaks(*h, findings);
    check_against_catalogue(*h, subject, findings);
  }
}

void check_ports(Subject& subject, Findings& findings) {
  const Dictionary names = dictionary_of(subject);
  for (const NamedFunction& f : subject.functions()) {
    for (std::uint32_t i = 0; i < f.function->n_inputs; ++i)
      check_unit(names, f.who, f.function->inputs[i]->name, f.function->inputs[i]->unit, findings);
    for (std::uint32_t o = 0; o < f.function->n_outputs; ++o)
      check_unit(names, f.who, f.function->outputs[o]->name, f.function->outputs[o]->unit, findings);
  }
  for (const ironlaw_hardware* h : subject.own_hardware())
    for (std::uint32_t i = 0; i < h->n_specs; ++i)
      check_unit(names, h->id, h->specs[i]->quantity, h->specs[i]->unit, findings);

  const std::vector<const ironlaw_hardware*> devices = subject.devices();
  if (subject.without().walls().empty())
    return findings.warn("no walls are installed: how it fits them was not looked at");
  for (const ironlaw_hardware* h : devices) try {
      subject.predictor_with().pipeline(*h);
    } catch (const Error& e) {
      fail_by_line(e.what(), findings);
    }
  for (const ShadowedPlugin& shadowed : subject.with().shadowed())
    if (shadowed.by == subject.path())
      findings.note(fmt::format("it hides {} of {}", shadowed.name, shadowed.path.string()));
  findings.note(fmt::format("together with {} installed walls", subject.without().walls().size()));
}

void check_examples(Subject& subject, Findings& findings) {
  constexpr double kDigits = 1e-3;  // as abi.h says
  if (subject.functions().empty())
    findings.skip(subject.has_walls() ? "an analysis has no function" : "it has no shape function");
  std::size_t worked = 0;
  for (const NamedFunction& named : subject.functions()) {
    const ironlaw_function& f = *named.function;
    if (!f.example) {
      if (subject.has_walls()) findings.warn(fmt::format("{} has no case worked by hand", named.who));
      continue;
    }
    ++worked;
    subject.at(named.who);
    const Row in(f.example->inputs, f.example->inputs + f.n_inputs);
    for (std::uint32_t i = 0; i < f.n_inputs; ++i)
      if (in[i] < f.inputs[i]->min || in[i] > f.inputs[i]->max)
        findings.fail(fmt::format("{}: the example's {} = {:g} is outside its range [{:g}, {:g}]", named.who,
                                  f.inputs[i]->name, in[i], f.inputs[i]->min, f.inputs[i]->max));
    const Evaluation result = evaluate(f, {in});
    if (result.out.empty()) {
      findings.fail(fmt::format("{}: the example fails: {}", named.who, result.message));
      continue;
    }
    for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
      const double wanted = f.example->outputs[o];
      const double got = result.out[0][o];
      if (!std::isnan(wanted) && !(std::abs(got - wanted) <= kDigits * std::abs(wanted)))
        findings.fail(fmt::format("{}: by hand {} is {:.6g}, computed {:.6g}", named.who, f.outputs[o]->name,
                                  wanted, got));
    }
  }
  if (worked > 0) findings.note(counted(worked, "example"));
  if (worked == 0 && !subject.functions().empty()) findings.skip("there is none");
}

}  // namespace ironlaw::conformance
