#include "framework/report/evidence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/report/provenance.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kMoves = 1e-9;  // elasticity, or share of the memory, below which nothing follows a number

bool is_one_of(std::string_view name, std::initializer_list<const char*> list) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// What choices imply exactly: a phase, a split, a number format. No evidence is needed for them.
bool is_choice(std::string_view name) {
  return is_one_of(name, {q::closed_loop.name, q::has_prefill.name, q::has_decode.name, q::is_training.name,
                          q::weight_bits.name, q::kv_bits.name, q::devices.name, q::replicas.name});
}
bool is_asked(std::string_view name) {
  return is_one_of(name, {q::batch.name, q::configured_requests.name});
}
bool is_usual(std::string_view name) {
  return is_one_of(name, {q::request_limit.name, q::prefill_tokens.name, q::duration.name});
}

// What time and memory follow, for each input and each parameter of each slot.
class Slopes {
 public:
  Slopes(const Case& c, const ParameterSet& parameters) : n_parameters_(c.pipeline->parameters().size()) {
    CaseParameters values = resolve_parameters(c, parameters);
    value_ = values.value;
    // Seeds of the parameters' own size make elasticities of the derivatives.
    for (std::size_t i = 0; i < value_.size(); ++i) values.slope[i] = scale_of(value_[i]);
    // A service is evaluated beside the same machine at its limit.
    std::vector<Case> block;
    if (c.capacity_row >= 0) block.push_back(prepare(c.scenario, *c.pipeline));
    block.push_back(c);
    std::vector<const Case*> cases;
    cases.reserve(block.size());
    for (const Case& x : block) cases.push_back(&x);
    const std::vector<const CaseParameters*> all_values(block.size(), &values);
    std::vector<Outcome> outcomes(block.size());
    const std::size_t stride = Evaluator::gradient_stride(*c.pipeline);
    std::vector<double> gradients(block.size() * stride);
    Evaluator evaluator;
    evaluator.evaluate(cases, all_values, outcomes, gradients, {}, {.results = true, .input_seeds = true});

    const std::size_t row = block.size() - 1;
    parameter_.assign(gradients.end() - static_cast<std::ptrdiff_t>(stride), gradients.end());
    const std::vector<double> rate = partials(evaluator, c, q::request_rate.name, row);
    const std::vector<double> memory = partials(evaluator, c, q::least_headroom.name, row);
    const double rate_now = value(evaluator, c, q::request_rate.name, row);
    const int capacity = c.pipeline->input(q::memory_capacity.name);
    const double memory_now = capacity < 0 ? kNone : c.inputs[static_cast<std::size_t>(capacity)];
    const auto share_of_memory = [&](std::size_t seed, double scale) {
      return seed < memory.size() && memory_now > 0 ? memory[seed] * scale / memory_now : 0;
    };
    input_.reserve(c.inputs.size());
    memory_of_input_.reserve(c.inputs.size());
    memory_of_parameter_.reserve(value_.size());
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
      const double scale = scale_of(c.inputs[i]);
      const std::size_t seed = evaluator.input_seed(i);
      input_.push_back(seed < rate.size() ? -rate[seed] * scale / rate_now : 0);
      memory_of_input_.push_back(share_of_memory(seed, scale));
    }
    for (std::size_t i = 0; i < value_.size(); ++i) memory_of_parameter_.push_back(share_of_memory(i, 1));
  }

  double value_of_parameter(std::size_t slot, std::size_t p) const {
    return value_[slot * n_parameters_ + p];
  }
  double elasticity_of_parameter(std::size_t slot, std::size_t p) const {
    return value_of_parameter(slot, p) == 0 ? 0 : parameter_[slot * n_parameters_ + p];
  }
  bool moves_parameter(std::size_t slot, std::size_t p) const {
    const std::size_t i = slot * n_parameters_ + p;
    return is_felt(parameter_[i]) || is_felt(memory_of_parameter_[i]);
  }
  double elasticity_of_input(const Case& c, std::size_t i) const { return c.inputs[i] == 0 ? 0 : input_[i]; }
  bool moves_input(std::size_t i) const { return is_felt(input_[i]) || is_felt(memory_of_input_[i]); }

 private:
  static double scale_of(double value) { return value == 0 || !std::isfinite(value) ? 1 : value; }
  static bool is_felt(double slope) { return std::abs(slope) > kMoves; }

  static double value(const Evaluator& evaluator, const Case& c, const char* name, std::size_t row) {
    const int column = c.pipeline->column(IRONLAW_LEVEL_RESULT, name);
    return column < 0 ? kNone : evaluator.table(IRONLAW_LEVEL_RESULT).column(column)[row];
  }
  static std::vector<double> partials(const Evaluator& evaluator, const Case& c, const char* name,
                                      std::size_t row) {
    const Table& table = evaluator.table(IRONLAW_LEVEL_RESULT);
    const int column = c.pipeline->column(IRONLAW_LEVEL_RESULT, name);
    std::vector<double> result(table.seeds(), 0.0);
    if (column >= 0 && table.active(column)) table.add_partials(column, row, 1, result.data());
    return result;
  }

  std::size_t n_parameters_;
  std::vector<double> value_, parameter_, memory_of_parameter_;  // [slot * parameters + p]
  std::vector<double> input_, memory_of_input_;
};

// Does a function that holds for the case read this scenario column?
bool is_read(const Case& c, int scenario_column) {
  const std::uint32_t kind = bit_of(c.scenario.model->kind);
  std::uint32_t steps = 0;
  for (int slot = 0; slot < c.n_slots; ++slot)
    steps |= bit_of(c.slots[static_cast<std::size_t>(slot)].plan.phase);
  for (int l = 0; l < kLevels; ++l) {
    const auto level = static_cast<ironlaw_level>(l);
    const Stage& stage = c.pipeline->stage(level);
    int column = scenario_column;
    if (level != IRONLAW_LEVEL_SCENARIO) {
      const auto import = std::find_if(stage.imports.begin(), stage.imports.end(), [&](const Import& i) {
        return i.level == IRONLAW_LEVEL_SCENARIO && i.source == scenario_column && i.parameter < 0;
      });
      if (import == stage.imports.end()) continue;
      column = import->column;
    }
    const bool is_of_steps = level == IRONLAW_LEVEL_OPERATOR || level == IRONLAW_LEVEL_STEP;
    const std::uint32_t phases = is_of_steps ? steps : bit_of(c.scenario.task);
    for (const Call& call : stage.calls)
      if (call.holds(phases, kind) && std::find(call.in.begin(), call.in.end(), column) != call.in.end())
        return true;
  }
  return false;
}

EvidenceKind kind_of(const Provenance& from, const ScenarioInput& input, const ironlaw_hardware& hardware) {
  switch (from.source) {
    case Source::given:
      return EvidenceKind::given;
    case Source::datasheet:
      // Where the datasheet does not say how many devices are joined, each stands alone.
      if (input.name != q::peak_flops.name && std::isnan(figure(hardware, input.name)))
        return EvidenceKind::assumed;
      return from.is_unverified ? EvidenceKind::unverified : EvidenceKind::datasheet;
    case Source::host:
      if (is_asked(input.name)) return EvidenceKind::given;
      return input.setting || is_usual(input.name) ? EvidenceKind::assumed : EvidenceKind::model;
    default:
      return EvidenceKind::assumed;
  }
}

const char* name_of_step(const Slot& slot) {
  if (slot.is_draft) return "draft";
  return slot.plan.phase == Phase::train ? "train" : slot.plan.phase == Phase::prefill ? "prefill" : "decode";
}

class Collector {
 public:
  Collector(const Case& c, const ParameterSet& parameters)
      : case_(c), parameters_(parameters), provenances_(c, parameters), slopes_(c, parameters) {}

  Evidence collect() {
    for (std::size_t i = 0; i < case_.inputs.size(); ++i) add_input(i);
    for (std::size_t p = 0; p < case_.pipeline->parameters().size(); ++p) add_parameter(p);
    for (const ForcedColumn& forced : case_.forced_columns) add_forced(forced);
    std::stable_sort(result_.numbers.begin(), result_.numbers.end(),
                     [](const EvidenceNumber& a, const EvidenceNumber& b) { return rank(a) > rank(b); });
    result_.standing = standing_of(case_, parameters_.ranges);
    result_.warnings = warnings_of(case_, result_.standing);
    return std::move(result_);
  }

 private:
  static double rank(const EvidenceNumber& n) {
    return std::isnan(n.elasticity) ? -1 : std::abs(n.elasticity);
  }

  void add_input(std::size_t i) {
    const ScenarioInput& input = case_.pipeline->inputs()[i];
    const double value = case_.inputs[i];
    if (!std::isfinite(value) || is_choice(input.name)) return;
    const Provenance from = provenances_.of_input(i);
    const EvidenceKind kind = kind_of(from, input, *case_.scenario.hardware);
    // What nobody asks for is off, and what is off is no number.
    const bool is_off = from.source == Source::usual && input.setting && !*input.setting->source;
    // A batch that nobody configures is the walls' to find.
    if (is_off || (is_asked(input.name) && value == 0)) return;
    // What changes in steps has no derivative; somebody's word for it counts when it is read.
    const bool is_said = kind != EvidenceKind::model && kind != EvidenceKind::assumed;
    const bool moves = input.is_discrete ? is_said && is_read(case_, input.column) : slopes_.moves_input(i);
    if (moves)
      result_.numbers.push_back({name_of_input(input.name), input.unit, "", value, kind, false, from.text,
                                 input.is_discrete ? kNone : slopes_.elasticity_of_input(case_, i),
                                 std::nullopt});
    else if (is_read(case_, input.column))
      ++result_.others;
  }

  std::string name_of_input(const std::string& name) const {
    return name == q::peak_flops.name ? fmt::format("peak_{}", ironlaw::name_of(case_.scenario.precision))
                                      : name;
  }

  // One number where its steps read the same, else one for each.
  void add_parameter(std::size_t p) {
    const ironlaw_port& port = *case_.pipeline->parameters()[p].port;
    std::vector<EvidenceNumber> found;
    bool is_silent = false;
    for (int s = 0; s < case_.n_slots; ++s) {
      const auto slot = static_cast<std::size_t>(s);
      if (!slopes_.moves_parameter(slot, p)) {
        is_silent = true;
        continue;
      }
      EvidenceNumber n = parameter_of(port, s);
      n.value = slopes_.value_of_parameter(slot, p);
      n.elasticity = slopes_.elasticity_of_parameter(slot, p);
      n.step = name_of_step(case_.slots[slot]);
      const auto same = std::find_if(found.begin(), found.end(), [&](const EvidenceNumber& other) {
        return other.value == n.value && other.kind == n.kind && other.source == n.source;
      });
      if (same == found.end()) {
        found.push_back(std::move(n));
        continue;
      }
      same->elasticity += n.elasticity;
      same->step += fmt::format(", {}", n.step);
    }
    if (found.size() == 1 && !is_silent) found[0].step.clear();
    for (EvidenceNumber& n : found) result_.numbers.push_back(std::move(n));
  }

  EvidenceNumber parameter_of(const ironlaw_port& port, int slot) const {
    const Provenance from = provenances_.of(port, IRONLAW_LEVEL_STEP, slot);
    EvidenceNumber n{port.name, port.unit, "", 0, EvidenceKind::assumed, true, from.text, 0, from.range};
    if (from.source == Source::given) n.kind = EvidenceKind::given;
    if (from.source == Source::given || parameters_.is_textbook()) return n;
    std::vector<std::string> levels;  // that the data determine, the nearest first
    bool is_own = false;
    const bool varies = varies_by(port, IRONLAW_SCOPE_DEVICE) || varies_by(port, kModelScope);
    for (auto term = from.terms.rbegin(); term != from.terms.rend(); ++term) {
      if (!term->is_determined) continue;
      if (term->scope == ironlaw::name_of(kFlatScope)) {
        levels.emplace_back("the fit that knows no levels");
        continue;
      }
      const bool is_nearest = term->scope == ironlaw::name_of(IRONLAW_SCOPE_DEVICE) ||
                              term->scope == ironlaw::name_of(kModelScope);
      is_own = is_own || is_nearest || !varies;
      if (term->scope != ironlaw::name_of(IRONLAW_SCOPE_GENERATION))
        levels.push_back(term->level.empty() ? "all" : fmt::format("{} {}", term->scope, term->level));
      else if (levels.empty() || levels.back() != "software")
        levels.emplace_back("software");
    }
    std::vector<std::string> unseen;
    for (const Unseen& u : parameters_.unseen(port, case_.slots[static_cast<std::size_t>(slot)].key))
      if (u.scope) unseen.push_back(fmt::format("{} {}", ironlaw::name_of(u.scope), u.level));
    n.source = levels.empty() ? "its prior" : fmt::format("{}", fmt::join(levels, ", "));
    if (!unseen.empty()) n.source += fmt::format("; never fitted: {}", fmt::join(unseen, ", "));
    if (!levels.empty()) n.kind = is_own ? EvidenceKind::fitted : EvidenceKind::inherited;
    return n;
  }

  void add_forced(const ForcedColumn& forced) {
    for (const Call& call : case_.pipeline->stage(forced.level).calls)
      for (std::size_t o = 0; o < call.out.size(); ++o) {
        if (call.out[o] != forced.column) continue;
        const ironlaw_port& port = *call.function->outputs[o];
        result_.numbers.push_back({port.name, port.unit, "", forced.value, EvidenceKind::given, false,
                                   provenances_.forced(forced.level, forced.column, port.name).value_or(""),
                                   kNone, std::nullopt});
      }
  }

  const Case& case_;
  const ParameterSet& parameters_;
  Provenances provenances_;
  Slopes slopes_;
  Evidence result_;
};

}  // namespace

const char* name_of(EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::given:
      return "given";
    case EvidenceKind::model:
      return "model";
    case EvidenceKind::datasheet:
      return "datasheet";
    case EvidenceKind::unverified:
      return "unverified";
    case EvidenceKind::fitted:
      return "fitted";
    case EvidenceKind::inherited:
      return "inherited";
    case EvidenceKind::assumed:
      return "assumed";
  }
  return "";
}

int Evidence::count(EvidenceKind kind) const {
  return static_cast<int>(std::count_if(numbers.begin(), numbers.end(),
                                        [kind](const EvidenceNumber& n) { return n.kind == kind; }));
}

Evidence evidence_of(const Prediction& prediction, const ParameterSet& parameters) {
  return Collector(prediction.resolved, parameters).collect();
}

void require_support(const Prediction& prediction, const Evidence& evidence) {
  if (!evidence.standing.is_fitted) return;
  if (const std::string why = nothing_supports(prediction.resolved, evidence.standing); !why.empty())
    throw Error(why);
  // A few rows that decide little are still measurements of this device at such work.
  const Standing& standing = evidence.standing;
  if (standing.device != Support::never && standing.model != Support::never) return;
  std::vector<std::string> at_prior;
  for (const EvidenceNumber& n : evidence.numbers) {
    if (!n.is_parameter) continue;
    if (n.kind != EvidenceKind::assumed) return;
    at_prior.push_back(n.name);
  }
  if (at_prior.empty()) return;
  throw Error(fmt::format(
      "nothing that was measured supports this answer: every efficiency that it follows is at its prior "
      "({}). "
      "Import measurements (docs/your-data.md) and run `ironlaw calibrate`, say what they are (--set "
      "{}=...), or use --params textbook.",
      fmt::join(at_prior, ", "), at_prior.front()));
}

}  // namespace ironlaw
