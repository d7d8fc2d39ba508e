#include "framework/report/provenance.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

const ironlaw_spec* dense_spec(const ironlaw_hardware& hardware, std::string_view quantity) {
  for (std::uint32_t i = 0; i < hardware.n_specs; ++i) {
    const ironlaw_spec& spec = *hardware.specs[i];
    if (quantity == spec.quantity && !(spec.flags & IRONLAW_SPEC_SPARSE)) return &spec;
  }
  return nullptr;
}

Provenance of_spec(const ironlaw_spec& spec) {
  Provenance result{
      Source::datasheet, *spec.note ? fmt::format("{}; {}", spec.source, spec.note) : spec.source, {}, {}};
  result.is_unverified = (spec.flags & IRONLAW_SPEC_UNVERIFIED) != 0;
  return result;
}

// What the host makes of which choice.
struct HostColumn {
  const char* name;
  const char* from;
};
constexpr HostColumn kHostColumns[] = {
    {q::batch.name, "the batch that is asked for"},
    {q::configured_requests.name, "the batch that is asked for, of one replica"},
    {q::request_limit.name, "most requests that serving software runs where nobody configures it"},
    {q::prefill_tokens.name, "the usual limit of serving software, or --prefill-tokens"},
    {q::closed_loop.name, "the phase"},
    {q::has_prefill.name, "the phase"},
    {q::has_decode.name, "the phase"},
    {q::is_training.name, "the phase"},
    {q::stored_weight_bytes.name, "the model at its precision and split"},
    {q::kv_bytes_per_token.name, "the model at the precision of its cache, and the split"},
    {q::working_bytes.name, "the model's largest step"},
    {q::weight_bits.name, "the precision"},
    {q::kv_bits.name, "the precision of the cache"},
    {q::devices.name, "the split"},
    {q::replicas.name, "the split"},
    {q::beams.name, "the scenario"},
    {q::parameters.name, "the model"},
    {q::active_parameters.name, "the model"},
    {q::layers.name, "the model"},
    {q::hidden_size.name, "the model"},
};

const char* level_source(ironlaw_level level) {
  switch (level) {
    case IRONLAW_LEVEL_OPERATOR:
      return "the model, lowered";
    case IRONLAW_LEVEL_STEP:
      return "the step's operators";
    case IRONLAW_LEVEL_RUN:
      return "the steps, added up";
    default:
      return "all walls, composed";
  }
}

}  // namespace

Provenance Provenances::of(const ironlaw_port& port, ironlaw_level level, int slot) const {
  if (port.flags & IRONLAW_PORT_PARAMETER) return of_parameter(port, slot);
  if (const int input = case_.pipeline->input(port.name); input >= 0)
    return of_input(static_cast<std::size_t>(input));
  if (auto wall = of_wall(port.name, slot)) return *wall;
  return {Source::host, level_source(level), {}, {}};
}

std::optional<std::string> Provenances::forced(ironlaw_level level, int column, const char* name) const {
  const bool is_forced =
      std::any_of(case_.forced_columns.begin(), case_.forced_columns.end(),
                  [&](const ForcedColumn& f) { return f.level == level && f.column == column; });
  if (!is_forced) return std::nullopt;
  return case_.scenario.given.at(name).by;
}

std::optional<Provenance> Provenances::of_wall(const std::string& name, int slot) const {
  for (int l = 0; l < kLevels; ++l) {
    const auto level = static_cast<ironlaw_level>(l);
    for (const Call& call : case_.pipeline->stage(level).calls)
      for (std::size_t o = 0; o < call.out.size(); ++o) {
        if (name != call.function->outputs[o]->name) continue;
        if (const auto by = forced(level, call.out[o], name.c_str()))
          return Provenance{Source::given, *by, {}, {}};
        if (call.wall < 0)
          return Provenance{Source::datasheet, "the shape function of " + case_.pipeline->hardware(), {}, {}};
        const ironlaw_wall& wall = *case_.pipeline->walls()[static_cast<std::size_t>(call.wall)];
        std::string text = fmt::format("wall {} {}", wall.number, wall.id);
        const bool on_steps = level == IRONLAW_LEVEL_OPERATOR || level == IRONLAW_LEVEL_STEP;
        const std::uint32_t phase = on_steps ? bit_of(case_.slots[static_cast<std::size_t>(slot)].plan.phase)
                                             : bit_of(case_.scenario.task);
        if (!call.holds(phase, bit_of(case_.scenario.model->kind)))
          text += ", which does not hold here: its neutral value";
        return Provenance{Source::wall, std::move(text), {}, {}};
      }
  }
  return std::nullopt;
}

Provenance Provenances::of_input(std::size_t input) const {
  const ScenarioInput& what = case_.pipeline->inputs()[input];
  switch (case_.origins[input]) {
    case Origin::given:
      return {Source::given, case_.scenario.given.at(what.name).by, {}, {}};
    case Origin::datasheet:
      return of_spec(*dense_spec(*case_.scenario.hardware, what.name));
    case Origin::usual:
      return of_setting(*what.setting, case_.inputs[input]);
    case Origin::host:
      break;
  }
  if (auto figure = of_figure(what.name)) return *figure;
  return of_host(what.name);
}

Provenance Provenances::of_setting(const ironlaw_port& port, double value) const {
  if (std::isnan(value)) return {Source::usual, "nobody gives it, and there is no usual value", {}, {}};
  if (value != port.neutral) return {Source::host, "what this scenario implies", {}, {}};
  if (*port.source) return {Source::usual, port.source, {}, {}};
  return {Source::usual, *port.choices ? "nobody asks for another" : "off where nobody asks for it", {}, {}};
}

// A figure of the datasheet that the host reads.
std::optional<Provenance> Provenances::of_figure(const std::string& name) const {
  const Scenario& s = case_.scenario;
  std::string quantity = name;
  if (name == q::peak_flops.name) {
    quantity = fmt::format("peak_{}", name_of(s.precision));
    if (const auto given = s.given.find(quantity); given != s.given.end())
      return Provenance{Source::given, given->second.by, {}, {}};
  }
  if (const ironlaw_spec* spec = dense_spec(*s.hardware, quantity)) return of_spec(*spec);
  for (const char* figure : {q::memory_bandwidth.name, q::memory_capacity.name, q::scaleup_bandwidth.name,
                             q::network_bandwidth.name, q::scaleup_size.name})
    if (name == figure) return Provenance{Source::datasheet, "the datasheet does not say", {}, {}};
  return std::nullopt;
}

Provenance Provenances::of_host(const std::string& name) const {
  const Scenario& s = case_.scenario;
  for (const auto& [column, option, given] :
       {std::tuple{q::input_len.name, "--input-len", s.input_len.has_value()},
        {q::output_len.name, "--output-len", s.output_len.has_value()}})
    if (name == column) {
      if (given) return {Source::given, option, {}, {}};
      return {Source::usual, "the model's usual benchmark", {}, {}};
    }
  for (const HostColumn& column : kHostColumns)
    if (name == column.name) return {Source::host, column.from, {}, {}};
  return {Source::host, "the host", {}, {}};
}

Provenance Provenances::of_parameter(const ironlaw_port& port, int slot) const {
  if (const auto given = case_.scenario.given.find(port.name); given != case_.scenario.given.end())
    return {Source::given, given->second.by, {}, {}};
  if (parameters_.is_textbook())
    return {Source::parameter, "textbook: first principles, nothing fitted", {}, {}};
  const ScopeKey& key = case_.slots[static_cast<std::size_t>(slot)].key;
  Provenance result{Source::parameter, "", {}, {}};
  std::vector<std::string> named;
  for (const Term& t : parameters_.terms(port, key)) {
    const Effect& e = parameters_.effects()[static_cast<std::size_t>(t.effect)];
    result.terms.push_back({name_of(e.scope), e.level, t.share * e.value, t.share * e.sd, is_determined(e)});
    if (e.scope && e.scope != kFlatScope && e.scope != IRONLAW_SCOPE_GENERATION) named.push_back(e.level);
    if (!e.scope) named.emplace_back("all");
    if (e.scope == kFlatScope)
      named.push_back(fmt::format("to {:.0f}% of the fit that knows no levels", 100 * t.share));
  }
  const auto is_fitted = [](const FittedTerm& t) { return t.is_determined; };
  if (std::none_of(result.terms.begin(), result.terms.end(), is_fitted))
    result.text = "prior: the observations do not determine it";
  else
    result.text = fmt::format("fitted over {}", fmt::join(named, ", "));
  std::vector<std::string> unseen;
  for (const Unseen& u : parameters_.unseen(port, key))
    if (u.scope) unseen.push_back(fmt::format("{} {}", name_of(u.scope), u.level));
  if (!unseen.empty()) result.text += fmt::format("; never observed: {}", fmt::join(unseen, ", "));
  result.range = range_of(port, key, parameters_.resolve(port, key).value);
  return result;
}

Interval Provenances::range_of(const ironlaw_port& port, const ScopeKey& key, double value) const {
  const auto link = static_cast<ironlaw_link>(port.link);
  const double x = to_link(link, value);
  const double sd = std::sqrt(std::max(parameters_.variance(port, key), 0.0));
  return {from_link(link, x - sd), from_link(link, x + sd)};
}

}  // namespace ironlaw
