#include "framework/plugin/table_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string_view>

#include "ironlaw/hardware.hpp"

namespace ironlaw {
namespace {

// More than any honest plugin needs, and few enough that a wrong count cannot make the host walk far.
constexpr std::uint32_t kMostItems = 256, kMostFunctions = 64, kMostPorts = 64, kMostSpecs = 1024;
constexpr std::size_t kLongestName = 64, kLongestText = 4096;

bool is_lower(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_id(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '+';
}
// No control characters: texts are shown on terminals.
bool is_text(char c) {
  return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\n';
}

template <class Allowed>
bool is_string(const char* text, std::size_t least, std::size_t most, const Allowed& allowed) {
  if (!text) return false;
  const std::size_t length = strnlen(text, most + 1);
  return length >= least && length <= most && std::all_of(text, text + length, allowed);
}
bool is_quantity(const char* name) {
  return is_string(name, 1, kLongestName, is_lower);
}
bool is_unit(const char* unit) {
  return is_string(unit, 1, kLongestName, [](char c) { return is_text(c) && c != ' ' && c != '\n'; });
}
bool is_filled(const char* text) {
  return is_string(text, 1, kLongestText, is_text);
}
bool is_text_or_empty(const char* text) {
  return is_string(text, 0, kLongestText, is_text);
}

std::string_view shown(const char* name) {
  return is_string(name, 1, kLongestName, is_text) ? std::string_view(name) : std::string_view("(unnamed)");
}

// "spec 3 is null or cut short" for the first struct of an array that cannot be read.
template <class T, class Covers>
std::string array_defect(const char* what, const T* const* items, std::uint32_t n, std::uint32_t most,
                         const Covers& covers) {
  if (n > most) return fmt::format("it says that it has {} {}s; {} are the most", n, what, most);
  if (n > 0 && !items) return fmt::format("it says that it has {} {}s and gives none", n, what);
  for (std::uint32_t i = 0; i < n; ++i) {
    if (!items[i]) return fmt::format("{} {} is null", what, i + 1);
    if (!covers(items[i]))
      return fmt::format("{} {} is cut short: struct_size is {}", what, i + 1, items[i]->struct_size);
  }
  return {};
}

// ---- ports and functions -------------------------------------------------------------------------------

std::string parameter_defect(const ironlaw_port& p) {
  if (p.link > IRONLAW_LINK_LOGIT) return fmt::format("its link {} is not known", p.link);
  if (!(p.prior_sd > 0) || !std::isfinite(p.prior_sd)) return "its prior has no positive spread";
  if (!std::isfinite(p.prior_mean) || p.prior_mean < p.min || p.prior_mean > p.max)
    return fmt::format("its prior mean {} is outside its range", p.prior_mean);
  const bool is_on_scale = p.link == IRONLAW_LINK_LOG     ? p.prior_mean > 0
                           : p.link == IRONLAW_LINK_LOGIT ? p.prior_mean > 0 && p.prior_mean < 1
                                                          : true;
  if (!is_on_scale) return fmt::format("its prior mean {} is outside what its link can take", p.prior_mean);
  if (std::isnan(p.neutral)) return "it has no textbook value";
  return {};
}

std::string setting_defect(const ironlaw_port& p) {
  if (p.flags & IRONLAW_PORT_PARAMETER) return "it is both a setting and a parameter";
  if (!is_text_or_empty(p.source) || !is_text_or_empty(p.choices))
    return "its source or its choices are missing or not plain text";
  return {};
}

std::string output_defect(const ironlaw_port& p) {
  if (p.role < IRONLAW_ROLE_WORK || p.role > IRONLAW_ROLE_ACCOUNT)
    return fmt::format("its role {} is not known", p.role);
  if (p.flags & (IRONLAW_PORT_PARAMETER | IRONLAW_PORT_SETTING))
    return "an output cannot be a parameter or a setting";
  if (p.role == IRONLAW_ROLE_FACTOR && !is_quantity(p.target)) return "a factor that names no port to divide";
  if (p.role == IRONLAW_ROLE_FACTOR && std::string_view(p.unit) != "1")
    return fmt::format("a factor in {}; factors are plain numbers", p.unit);
  const bool is_time = p.role == IRONLAW_ROLE_BOUND || p.role == IRONLAW_ROLE_ADDEND;
  if (is_time && std::string_view(p.unit) != "s") return fmt::format("a time in {}; times are in s", p.unit);
  return {};
}

std::string port_defect(const ironlaw_port& p, bool is_output) {
  if (!is_unit(p.unit)) return "it has no unit";
  if (!is_text_or_empty(p.meaning)) return "its meaning is missing or not plain text";
  if (std::isnan(p.min) || std::isnan(p.max) || p.min > p.max)
    return fmt::format("its range [{}, {}] is not one", p.min, p.max);
  if (p.neutral < p.min || p.neutral > p.max)
    return fmt::format("its neutral value {} is outside its range [{}, {}]", p.neutral, p.min, p.max);
  if (is_output) return output_defect(p);
  if (p.flags & IRONLAW_PORT_SETTING) return setting_defect(p);
  return p.flags & IRONLAW_PORT_PARAMETER ? parameter_defect(p) : std::string();
}

std::string ports_defect(const char* what, const ironlaw_port* const* ports, std::uint32_t n,
                         bool is_output) {
  std::string defect =
      array_defect(what, ports, n, kMostPorts, [](const ironlaw_port* p) { return IRONLAW_HAS(p, choices); });
  if (!defect.empty()) return defect;
  std::set<std::string_view> seen;
  for (std::uint32_t i = 0; i < n; ++i) {
    const ironlaw_port& p = *ports[i];
    if (!is_quantity(p.name))
      return fmt::format("{} {}: its name is not made of a-z, 0-9 and _ ({} at the most)", what, i + 1,
                         kLongestName);
    if (!seen.insert(p.name).second) return fmt::format("{} {} is declared twice", what, p.name);
    defect = port_defect(p, is_output);
    if (!defect.empty()) return fmt::format("{} {}: {}", what, p.name, defect);
  }
  return {};
}

// Where a function does not hold, the host puts neutral values; an account then does not exist.
std::string support_defect(const ironlaw_function& f) {
  // Bits that this version does not know are of a later one, and no harm.
  constexpr std::uint32_t kKnownPhases = IRONLAW_PHASE_TRAIN | IRONLAW_PHASE_PREFILL | IRONLAW_PHASE_DECODE |
                                         IRONLAW_PHASE_OFFLINE | IRONLAW_PHASE_SERVE;
  constexpr std::uint32_t kKnownKinds = IRONLAW_KIND_DECODER | IRONLAW_KIND_ENCODER | IRONLAW_KIND_CONVNET;
  if ((f.phases & kKnownPhases) == 0 || (f.kinds & kKnownKinds) == 0)
    return "it holds for no phase or for no kind of model";
  if (!is_text_or_empty(f.supports)) return "what it supports is missing or not plain text";
  if (f.phases == IRONLAW_EVERY_PHASE && f.kinds == IRONLAW_EVERY_KIND) return {};
  if (!*f.supports) return "it does not hold for everything and does not say why";
  for (std::uint32_t o = 0; o < f.n_outputs; ++o)
    if (f.outputs[o]->role != IRONLAW_ROLE_ACCOUNT && std::isnan(f.outputs[o]->neutral))
      return fmt::format("output {} has no neutral value for what the function does not hold for",
                         f.outputs[o]->name);
  return {};
}

std::string example_defect(const ironlaw_example& e) {
  if (!IRONLAW_HAS(&e, outputs))
    return fmt::format("its example is cut short: struct_size is {}", e.struct_size);
  if (!is_filled(e.text) || !e.inputs || !e.outputs) return "its example has no text, inputs or outputs";
  return {};
}

std::string function_defect(const ironlaw_function& f) {
  if (f.level > IRONLAW_LEVEL_RESULT) return fmt::format("its level {} is not known", f.level);
  if (!is_text_or_empty(f.name)) return "its name is missing or not plain text";
  if (!f.eval || !f.eval_grad) return "eval or eval_grad is missing";
  if (f.n_outputs == 0) return "it has no output";
  std::string defect = ports_defect("input", f.inputs, f.n_inputs, false);
  if (defect.empty()) defect = ports_defect("output", f.outputs, f.n_outputs, true);
  if (defect.empty()) defect = support_defect(f);
  return defect.empty() && f.example ? example_defect(*f.example) : defect;
}

bool covers_function(const ironlaw_function* f) {
  // The size of the pointer is meant. NOLINTNEXTLINE(bugprone-sizeof-expression)
  return IRONLAW_HAS(f, example);
}

// ---- walls ---------------------------------------------------------------------------------------------

std::string wall_defect(const ironlaw_wall& w) {
  if (w.number == 0) return "its number is 0; the taxonomy begins at 1";
  for (const char* text : {w.title, w.domain, w.term, w.statement, w.equation, w.sources})
    if (!is_filled(text)) return "its title, domain, term, statement, equation or sources are missing";
  if (w.analyse && w.n_functions > 0) return "it is an analysis and has functions of its own";
  if (!w.analyse && w.n_functions == 0) return "it has no function";
  std::string defect = array_defect("function", w.functions, w.n_functions, kMostFunctions, covers_function);
  for (std::uint32_t i = 0; defect.empty() && i < w.n_functions; ++i) {
    defect = function_defect(*w.functions[i]);
    if (!defect.empty())
      defect = fmt::format("function {} ({}): {}", i + 1, shown(w.functions[i]->name), defect);
  }
  return defect;
}

// ---- hardware ------------------------------------------------------------------------------------------

constexpr std::string_view kSparseEnd = "_sparse";

std::string spec_defect(const ironlaw_spec& s) {
  if (!is_unit(s.unit)) return "it has no unit";
  for (const SpecName& known : spec::known)
    if (std::strcmp(known.quantity, s.quantity) == 0 && std::strcmp(known.unit, s.unit) != 0)
      return fmt::format("it is in {} and must be in {}", s.unit, known.unit);
  if (!std::isfinite(s.value) || s.value <= 0)
    return fmt::format("its value {} is not a positive number", s.value);
  if (!is_filled(s.source)) return "it has no source";
  if (!is_text_or_empty(s.note)) return "its note is missing or not plain text";
  // The name says it too, so that nobody who overlooks the flag takes a sparse peak for a dense one.
  const bool is_sparse = (s.flags & IRONLAW_SPEC_SPARSE) != 0;
  if (is_sparse != std::string_view(s.quantity).ends_with(kSparseEnd))
    return "a sparse figure is one that is flagged so and whose name ends in _sparse";
  return {};
}

std::string specs_defect(const ironlaw_hardware& h) {
  if (h.n_specs == 0) return "it has no figures";
  std::string defect = array_defect("spec", h.specs, h.n_specs, kMostSpecs,
                                    [](const ironlaw_spec* s) { return IRONLAW_HAS(s, note); });
  if (!defect.empty()) return defect;
  std::map<std::string_view, double> values;
  for (std::uint32_t i = 0; i < h.n_specs; ++i) {
    const ironlaw_spec& s = *h.specs[i];
    if (!is_quantity(s.quantity))
      return fmt::format("spec {}: its name is not made of a-z, 0-9 and _", i + 1);
    defect = spec_defect(s);
    if (!defect.empty()) return fmt::format("spec {}: {}", s.quantity, defect);
    if (!values.emplace(s.quantity, s.value).second)
      return fmt::format("spec {} is declared twice", s.quantity);
  }
  for (const auto& [name, value] : values) {
    if (!name.ends_with(kSparseEnd)) continue;
    const auto dense = values.find(name.substr(0, name.size() - kSparseEnd.size()));
    if (dense != values.end() && value < dense->second)
      return fmt::format("spec {} is below the dense {}", name, dense->first);
  }
  return {};
}

std::string shape_defect(const ironlaw_function& f) {
  if (!covers_function(&f)) return fmt::format("it is cut short: struct_size is {}", f.struct_size);
  std::string defect = function_defect(f);
  if (!defect.empty()) return defect;
  if (f.level != IRONLAW_LEVEL_OPERATOR) return "it does not work on operators";
  if (f.n_outputs != 1 || f.outputs[0]->role != IRONLAW_ROLE_FACTOR ||
      std::string_view(f.outputs[0]->target) != q::compute_time.name)
    return fmt::format("its one output must be a factor of {}", q::compute_time.name);
  return {};
}

std::string hardware_defect(const ironlaw_hardware& h) {
  for (const char* text : {h.vendor, h.family, h.kind})
    if (!is_filled(text)) return "its vendor, family or kind is missing";
  std::string defect = specs_defect(h);
  if (defect.empty() && h.shape) {
    defect = shape_defect(*h.shape);
    if (!defect.empty()) defect = "shape function: " + defect;
  }
  return defect;
}

}  // namespace

std::string table_defect(const ironlaw_plugin* plugin) {
  if (!plugin) return "there is no table";
  if (!IRONLAW_HAS(plugin, hardware))
    return fmt::format("the table is cut short: struct_size is {}", plugin->struct_size);
  if (!is_string(plugin->id, 1, kLongestName, is_id))
    return "the plugin's id is not made of A-Z, a-z, 0-9, _, ., + and -";
  if (!is_text_or_empty(plugin->version) || !is_text_or_empty(plugin->build))
    return "the plugin's version or build is missing or not plain text";
  if (plugin->n_walls == 0 && plugin->n_hardware == 0) return "it holds neither a wall nor a hardware target";

  std::string defect = array_defect("wall", plugin->walls, plugin->n_walls, kMostItems,
                                    [](const ironlaw_wall* w) { return IRONLAW_HAS(w, analyse); });
  if (!defect.empty()) return defect;
  std::set<std::string_view> ids;
  std::set<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < plugin->n_walls; ++i) {
    const ironlaw_wall& w = *plugin->walls[i];
    if (!is_quantity(w.id)) return fmt::format("wall {}: its id is not made of a-z, 0-9 and _", i + 1);
    if (!ids.insert(w.id).second) return fmt::format("wall {} is declared twice", w.id);
    if (!numbers.insert(w.number).second) return fmt::format("wall number {} is given twice", w.number);
    defect = wall_defect(w);
    if (!defect.empty()) return fmt::format("wall {}: {}", w.id, defect);
  }

  defect = array_defect("hardware target", plugin->hardware, plugin->n_hardware, kMostItems,
                        // The size of the pointer is meant. NOLINTNEXTLINE(bugprone-sizeof-expression)
                        [](const ironlaw_hardware* h) { return IRONLAW_HAS(h, shape); });
  if (!defect.empty()) return defect;
  for (std::uint32_t i = 0; i < plugin->n_hardware; ++i) {
    const ironlaw_hardware& h = *plugin->hardware[i];
    if (!is_string(h.id, 1, kLongestName, is_id))
      return fmt::format("hardware {}: its id is not made of A-Z, a-z, 0-9, _, ., + and -", i + 1);
    if (!ids.insert(h.id).second) return fmt::format("hardware {} is declared twice", h.id);
    defect = hardware_defect(h);
    if (!defect.empty()) return fmt::format("hardware {}: {}", h.id, defect);
  }
  return {};
}

}  // namespace ironlaw
