// Checks of whole answers with the candidate in place.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "framework/base/error.hpp"
#include "framework/conformance/checks.hpp"
#include "framework/conformance/grid.hpp"

namespace ironlaw::conformance {
namespace {

constexpr double kRounding = 1e-9;

// Keeps the rows with which an answer called the candidate's functions.
class RowKeeper {
 public:
  explicit RowKeeper(Subject& subject) : subject_(subject) {}

  void keep(const Case& c, const Evaluator& evaluator) {
    for (int level = 0; level < kLevels; ++level)
      for (const Call& call : c.pipeline->stage(static_cast<ironlaw_level>(level)).calls)
        if (is_own(call)) keep(c, evaluator, static_cast<ironlaw_level>(level), call);
  }

 private:
  bool is_own(const Call& call) const {
    const auto& own = subject_.functions();
    return std::any_of(own.begin(), own.end(), [&](const auto& f) { return f.function == call.function; });
  }

  void keep(const Case& c, const Evaluator& evaluator, ironlaw_level level, const Call& call) {
    const Table& table = evaluator.table(level);
    const bool on_steps = level == IRONLAW_LEVEL_OPERATOR || level == IRONLAW_LEVEL_STEP;
    const std::uint32_t kind = bit_of(c.scenario.model->kind);
    if (!on_steps) {
      if (call.holds(bit_of(c.scenario.task), kind)) keep_row(table, call, table.rows() - 1);
      return;
    }
    const std::size_t n_steps = evaluator.table(IRONLAW_LEVEL_STEP).rows();
    for (std::size_t s = 0; s < n_steps; ++s) {
      const Evaluator::StepFacts facts = evaluator.step(s);
      const Phase phase = c.slots[static_cast<std::size_t>(facts.slot)].plan.phase;
      if (!call.holds(bit_of(phase), kind)) continue;
      const bool is_step = level == IRONLAW_LEVEL_STEP;
      // A few operators of each step: most steps have the same ones.
      const std::size_t stride = is_step ? 1 : std::max<std::size_t>(1, (facts.last - facts.first) / 3);
      for (std::size_t row = is_step ? s : facts.first; row < (is_step ? s + 1 : facts.last); row += stride)
        keep_row(table, call, row);
    }
  }

  void keep_row(const Table& table, const Call& call, std::size_t row) {
    Row values;
    for (const int column : call.in) values.push_back(table.column(column)[row]);
    const bool is_known = std::none_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
    if (is_known) subject_.keep_row(call.function, std::move(values));
  }

  Subject& subject_;
};

// What is wrong with an answer; empty when nothing is.
std::string defect_of(const Prediction& p) {
  const Outcome& out = p.outcome;
  for (const auto& [name, x] : {std::pair{"time", out.time},
                                {"step time", out.step_time},
                                {"replica time", out.replica_time},
                                {"peak time", out.peak_time},
                                {"throughput", p.throughput}})
    if (!std::isfinite(x) || x <= 0) return fmt::format("its {} is {}", name, x);
  // Some operators run at another precision than the one that the peak is of, and that may be faster.
  double fastest = p.resolved.peak;
  for (const double peak : p.resolved.peaks) fastest = std::fmax(fastest, peak);
  const double mfu_limit = fastest / p.resolved.peak * (1 + kRounding);
  if (out.peak_time > out.replica_time * mfu_limit)
    return fmt::format("it takes {:.4g} s, and the peak alone {:.4g} s", out.replica_time, out.peak_time);
  for (const auto& [name, term] :
       {std::pair{"scaling efficiency", p.iron_law.eta_scaling}, std::pair{"goodput", p.iron_law.goodput}})
    if (term && !(*term > 0 && *term <= 1 + kRounding)) return fmt::format("its {} is {:.4g}", name, *term);
  for (const Account& a : p.accounts)
    if (std::isinf(a.value)) return fmt::format("its {} is infinite", a.name);
  return {};
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// A target as its datasheet alone describes it, and the installed walls.
class WithoutShape {
 public:
  WithoutShape(const Subject& subject, const ironlaw_hardware& device)
      : device_(device), predictor_({subject.with().walls().begin(), subject.with().walls().end()}) {
    device_.shape = nullptr;
  }
  WithoutShape(const WithoutShape&) = delete;
  WithoutShape& operator=(const WithoutShape&) = delete;
  Predictor& predictor() { return predictor_; }
  Scenario of(Scenario s) const {
    s.hardware = &device_;
    return s;
  }

 private:
  ironlaw_hardware device_;
  Predictor predictor_;
};

// Whose fault is it that this cannot be computed? Also without a chip's shape function, or without the wall:
// then a figure is missing, or the workload is none for this device.
bool fails_anyway(Subject& subject, const Scenario& s, const ParameterSet& parameters) try {
  if (!subject.has_walls()) {
    WithoutShape plain(subject, *s.hardware);
    plain.predictor().predict(plain.of(s), parameters);
  } else if (!subject.is_installed()) {
    subject.predictor_without().predict(s, parameters);
  }
  return false;
} catch (const Error&) {
  return true;
}

// Nothing to predict on, or no walls to predict with.
bool is_skipped(Subject& subject, Findings& findings) {
  if (subject.has_walls() && subject.functions().empty()) {
    findings.skip("an analysis takes no part in an answer");
  } else if (subject.without().walls().empty()) {
    findings.skip("no walls are installed to predict with");
  } else if (subject.devices().empty()) {
    findings.skip("no hardware is installed to predict on");
  } else {
    try {
      for (const ironlaw_hardware* device : subject.devices()) subject.predictor_with().pipeline(*device);
      return false;
    } catch (const Error&) {
      findings.skip("the walls do not fit together: see ports");
    }
  }
  return true;
}

Prediction textbook(Predictor& predictor, const Scenario& s) {
  return predictor.predict(s, ParameterSet::textbook());
}

// ---- monotone --------------------------------------------------------------------------------------------

// A scenario, and the same with something better.
struct Step {
  Scenario before, after;
  std::string what;
  bool is_batch;
};

std::vector<Step> steps_of(const Scenario& s, const Prediction& before) {
  std::vector<Step> steps;
  for (const char* name :
       {"memory_bandwidth", "peak_flops", "scaleup_bandwidth", "network_bandwidth", "memory_capacity"}) {
    const int input = before.resolved.pipeline->input(name);
    const double rate = input < 0 ? std::nan("") : before.resolved.inputs[static_cast<std::size_t>(input)];
    // More memory runs more requests at once, which need not suit a chip's tiles.
    const bool changes_work = std::string_view(name) == "memory_capacity" && is_closed_loop(s.task);
    if (std::isnan(rate) || changes_work) continue;
    Scenario better = s;
    better.given[name] = {2 * rate, "plugin check"};
    steps.push_back({s, std::move(better), fmt::format("twice the {}", name), false});
  }
  if (!is_closed_loop(s.task)) {
    Scenario larger = s;
    larger.batch *= 2;
    steps.push_back({s, std::move(larger), "twice the batch", true});
  }
  return steps;
}

// By how much the step goes the wrong way: 0.02 is 2%; negative or 0: it does not.
double wrong_way(Predictor& predictor, const Step& step) {
  const double before = time_per_request(textbook(predictor, step.before));
  const double after = time_per_request(textbook(predictor, step.after));
  return step.is_batch ? before / after - 1 : after / before - 1;
}

void check_step(Subject& subject, const Step& step, Findings& findings) {
  const double wrong = wrong_way(subject.predictor_with(), step);
  if (wrong <= kRounding) return;
  const std::string text =
      fmt::format("{} {} by {:.3g}%: {}", step.what, step.is_batch ? "shortens the step" : "makes it slower",
                  100 * wrong, described(step.before));
  if (!subject.has_walls()) {
    // Figures alone cannot do that: it is the shape function or the walls.
    WithoutShape plain(subject, *step.before.hardware);
    const Step bare{plain.of(step.before), plain.of(step.after), step.what, step.is_batch};
    if (wrong_way(plain.predictor(), bare) <= kRounding)
      findings.fail(text);
    else
      findings.warn(text + ", also without the shape function: a matter of the walls");
    return;
  }
  // A wall may model what a faster part costs elsewhere (heat, say): somebody should look at it.
  if (subject.is_installed() || wrong_way(subject.predictor_without(), step) <= kRounding)
    findings.warn(text);
}

// ---- neutral ---------------------------------------------------------------------------------------------

std::optional<double> neutral_of(std::uint32_t role) {
  switch (role) {
    case IRONLAW_ROLE_FACTOR:
      return 1;
    case IRONLAW_ROLE_BOUND:
    case IRONLAW_ROLE_ADDEND:
      return 0;
    case IRONLAW_ROLE_GATE:
      return std::numeric_limits<double>::infinity();
    default:
      return std::nullopt;
  }
}

// [s] With the candidate's walls switched off.
double time_without(Subject& subject, const Scenario& s) {
  const Pipeline& pipeline = subject.predictor_with().pipeline(*s.hardware);
  WallMask mask = kAllWalls;
  const auto own = subject.own_walls();
  for (std::size_t w = 0; w < pipeline.walls().size(); ++w)
    if (std::find(own.begin(), own.end(), pipeline.walls()[w]) != own.end()) mask &= ~(WallMask{1} << w);
  const Case c = prepare(s, pipeline);
  const CaseParameters values = resolve_parameters(c, ParameterSet::textbook());
  const Case* const one = &c;
  const CaseParameters* const its = &values;
  Outcome outcome;
  Evaluator evaluator;
  evaluator.evaluate({&one, 1}, {&its, 1}, {&outcome, 1}, {}, {}, {.mask = mask});
  return outcome.time;
}

}  // namespace

void check_grid(Subject& subject, Findings& findings) {
  if (is_skipped(subject, findings)) return;
  constexpr std::size_t kMost = 2000;
  constexpr std::size_t kQuick = 120;
  const std::vector<Scenario> grid = grid_of(subject, subject.is_quick() ? kQuick : kMost);
  RowKeeper keeper(subject);
  std::size_t answered = 0;
  std::size_t turn = 0;
  std::string missing;
  for (const Scenario& s : grid) {
    subject.at(described(s));
    // Plain values, and by turns with every derivative.
    const ParameterSet parameters = ++turn % 2 ? ParameterSet::textbook() : ParameterSet::prior();
    try {
      const Prediction p = subject.predictor_with().predict(s, parameters);
      ++answered;
      if (const std::string defect = defect_of(p); !defect.empty())
        findings.fail(fmt::format("{}: {}", described(s), defect));
      keeper.keep(p.resolved, subject.predictor_with().evaluator());
    } catch (const Error& e) {
      if (!fails_anyway(subject, s, parameters))
        findings.fail(fmt::format("{}: {}", described(s), first_line(e.what())));
      else if (missing.empty())
        missing = first_line(e.what());
    }
  }
  findings.note(fmt::format("{} of {} workloads answered", answered, grid.size()));
  if (!missing.empty()) findings.note(fmt::format("others cannot be: {}", missing));
  if (answered == 0) findings.warn("no workload can be answered");
}

void check_monotone(Subject& subject, Findings& findings) {
  if (is_skipped(subject, findings)) return;
  constexpr std::size_t kMost = 150;
  constexpr std::size_t kQuick = 20;
  std::size_t compared = 0;
  for (const Scenario& s : grid_of(subject, subject.is_quick() ? kQuick : kMost)) {
    if (s.task == Task::serve) continue;  // a faster machine has fewer requests to run at once
    subject.at(described(s));
    try {
      for (const Step& step : steps_of(s, textbook(subject.predictor_with(), s))) {
        check_step(subject, step, findings);
        ++compared;
      }
    } catch (const Error&) {
      continue;  // the grid has said why this cannot be answered
    }
  }
  if (compared == 0) return findings.skip("no workload can be answered");
  findings.note(fmt::format("{} pairs of answers compared", compared));
}

void check_neutral(Subject& subject, Findings& findings) {
  if (!subject.has_walls()) return findings.skip("hardware cannot be switched off");
  for (const NamedFunction& f : subject.functions())
    for (std::uint32_t o = 0; o < f.function->n_outputs; ++o) {
      const ironlaw_port& port = *f.function->outputs[o];
      const std::optional<double> wanted = neutral_of(port.role);
      if (wanted && port.neutral != *wanted)
        findings.fail(fmt::format("{}: the neutral value of {} is {:g}; of its role it is {:g}", f.who,
                                  port.name, port.neutral, *wanted));
    }
  if (is_skipped(subject, findings)) return;
  const auto& shadowed = subject.with().shadowed();
  const bool is_replacing = std::any_of(shadowed.begin(), shadowed.end(),
                                        [&](const auto& other) { return other.by == subject.path(); });
  if (subject.is_installed() || is_replacing)
    return findings.note("other walls build on it: an answer without it cannot be made");
  constexpr std::size_t kWorkloads = 40;
  std::size_t compared = 0;
  for (const Scenario& s : grid_of(subject, kWorkloads)) {
    if (s.task == Task::serve) continue;
    subject.at(described(s));
    try {
      const double off = time_without(subject, s);
      const double absent = textbook(subject.predictor_without(), s).outcome.time;
      ++compared;
      if (std::abs(off / absent - 1) > kRounding)
        findings.fail(fmt::format("switched off, it changes the time of {} from {:.6g} s to {:.6g} s",
                                  described(s), absent, off));
    } catch (const Error&) {
      continue;  // the grid has said why this cannot be answered
    }
  }
  findings.note(fmt::format("{} answers compared with those without it", compared));
}

}  // namespace ironlaw::conformance
