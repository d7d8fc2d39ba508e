#include "framework/pipeline/pipeline.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

constexpr const char* kLevelNames[kLevels] = {"scenario", "operator", "step", "run", "result"};

// Who provides a column.
struct Producer {
  std::string who;
  std::string unit;
  std::uint32_t level;
  int function = -1;  // index into Builder::functions; -1: the host
};

struct Function {
  const ironlaw_function* table;
  int wall;
  std::string who;  // "wall 2 memory (traffic)"
};

}  // namespace

// Builds a pipeline in the order of its checks; keeps every fault, so that an author sees all of them at
// once.
class Pipeline::Builder {
 public:
  Builder(Pipeline& pipeline, const ironlaw_hardware* hardware, std::span<const SourceColumn> sources)
      : pipeline_(pipeline) {
    for (std::size_t w = 0; w < pipeline.walls_.size(); ++w) {
      const ironlaw_wall& wall = *pipeline.walls_[w];
      for (std::uint32_t f = 0; f < wall.n_functions; ++f)
        functions_.push_back({wall.functions[f], static_cast<int>(w),
                              fmt::format("wall {} {} ({})", wall.number, wall.id, wall.functions[f]->name)});
    }
    if (hardware && hardware->shape)
      functions_.push_back({hardware->shape, -1, fmt::format("the shape function of {}", hardware->id)});
    for (const SourceColumn& s : sources) {
      producers_[s.name] = {"the host", s.unit, static_cast<std::uint32_t>(s.level), -1};
      if (s.level == IRONLAW_LEVEL_SCENARIO)
        pipeline.inputs_.push_back({s.name, s.unit, nullptr, "", false, -1});
      if (s.level == IRONLAW_LEVEL_RESULT) column(s.level, s.name);  // answers read them, whoever else does
    }
  }

  void build() {
    if (pipeline_.walls_.size() > kMaxWalls)
      faults_.push_back(
          fmt::format("{} walls are loaded, at most {} work together.", pipeline_.walls_.size(), kMaxWalls));
    collect_outputs();
    collect_parameters();
    collect_settings();
    check_inputs();
    fail_if_faulty();
    for (std::uint32_t level = 0; level < kLevels; ++level) order(level);
    fail_if_faulty();
    for (std::uint32_t level = 0; level < kLevels; ++level) make_rule(level);
    fail_if_faulty();
    describe_inputs();
  }

 private:
  void collect_outputs() {
    for (std::size_t f = 0; f < functions_.size(); ++f) {
      const ironlaw_function& table = *functions_[f].table;
      for (std::uint32_t o = 0; o < table.n_outputs; ++o) {
        const ironlaw_port& port = *table.outputs[o];
        const auto [other, is_new] = producers_.try_emplace(
            port.name, Producer{functions_[f].who, port.unit, table.level, static_cast<int>(f)});
        if (!is_new)
          faults_.push_back(fmt::format("'{}' is provided twice: by {} and by {}.", port.name,
                                        other->second.who, functions_[f].who));
      }
    }
  }

  void collect_parameters() {
    for_each_input([&](const Function& f, const ironlaw_port& port) {
      if (!(port.flags & IRONLAW_PORT_PARAMETER)) return;
      if (const auto producer = producers_.find(port.name); producer != producers_.end())
        faults_.push_back(fmt::format("'{}' is a parameter of {}, but {} provides it.", port.name, f.who,
                                      producer->second.who));
      const int known = pipeline_.parameter(port.name);
      if (known < 0) {
        pipeline_.parameters_.push_back({&port, f.who});
        return;
      }
      const ParameterPort& first = pipeline_.parameters_[static_cast<std::size_t>(known)];
      if (!agree(*first.port, port))
        faults_.push_back(
            fmt::format("parameter '{}' differs in unit, link, prior, scopes or textbook value between {} "
                        "and {}.",
                        port.name, first.owner, f.who));
    });
  }

  // A setting is a scenario column that the host fills with what the user, a place or a datasheet says.
  void collect_settings() {
    for_each_input([&](const Function& f, const ironlaw_port& port) {
      if (!(port.flags & IRONLAW_PORT_SETTING)) return;
      const int known = pipeline_.input(port.name);
      if (known < 0) {
        const auto [other, is_new] =
            producers_.try_emplace(port.name, Producer{"the host", port.unit, IRONLAW_LEVEL_SCENARIO, -1});
        if (!is_new)
          faults_.push_back(fmt::format("'{}' is a setting of {}, but {} provides it.", port.name, f.who,
                                        other->second.who));
        pipeline_.inputs_.push_back({port.name, port.unit, &port, f.who, false, -1});
        return;
      }
      const ScenarioInput& first = pipeline_.inputs_[static_cast<std::size_t>(known)];
      if (!first.setting)
        faults_.push_back(
            fmt::format("'{}' is a setting of {}, but the host provides it.", port.name, f.who));
      else if (!agree_as_settings(*first.setting, port))
        faults_.push_back(
            fmt::format("setting '{}' differs in unit, usual value or choices between {} and {}.", port.name,
                        first.owner, f.who));
    });
  }

  static bool agree_as_settings(const ironlaw_port& a, const ironlaw_port& b) {
    const bool same_value = a.neutral == b.neutral || (std::isnan(a.neutral) && std::isnan(b.neutral));
    return std::string_view(a.unit) == b.unit && same_value && std::string_view(a.choices) == b.choices;
  }

  // Where each scenario input stands, and whether it has derivatives.
  void describe_inputs() {
    for (ScenarioInput& input : pipeline_.inputs_) {
      input.column = pipeline_.column(IRONLAW_LEVEL_SCENARIO, input.name);
      bool is_read = false;
      bool is_smooth = false;
      for_each_input([&](const Function&, const ironlaw_port& port) {
        if (input.name != port.name) return;
        is_read = true;
        if (!(port.flags & IRONLAW_PORT_DISCRETE)) is_smooth = true;
      });
      input.is_discrete = is_read && !is_smooth;
    }
  }

  static bool agree(const ironlaw_port& a, const ironlaw_port& b) {
    return std::string_view(a.unit) == b.unit && a.link == b.link && a.scopes == b.scopes &&
           a.prior_mean == b.prior_mean && a.prior_sd == b.prior_sd && a.neutral == b.neutral;
  }

  void check_inputs() {
    for_each_input([&](const Function& f, const ironlaw_port& port) {
      if (port.flags & IRONLAW_PORT_PARAMETER) return;
      const auto found = producers_.find(port.name);
      if (found == producers_.end()) {
        std::vector<std::string> names;
        for (const auto& [name, producer] : producers_) names.push_back(name);
        faults_.push_back(fmt::format("{} reads '{}', which nothing provides.{}", f.who, port.name,
                                      did_you_mean(port.name, names)));
        return;
      }
      const Producer& producer = found->second;
      if (producer.unit != port.unit)
        faults_.push_back(fmt::format("{} reads '{}' in {}, but {} provides it in {}.", f.who, port.name,
                                      port.unit, producer.who, producer.unit));
      const bool is_run_on_result =
          f.table->level == IRONLAW_LEVEL_RESULT && producer.level == IRONLAW_LEVEL_RUN;
      if (producer.level != f.table->level && producer.level != IRONLAW_LEVEL_SCENARIO && !is_run_on_result)
        faults_.push_back(
            fmt::format("{} works on {} rows and cannot read '{}', which {} provides on {} rows.", f.who,
                        kLevelNames[f.table->level], port.name, producer.who, kLevelNames[producer.level]));
    });
  }

  // Kahn's algorithm; ties keep the order of the walls, so that two runs agree.
  void order(std::uint32_t level) {
    std::vector<std::size_t> waiting;
    for (std::size_t f = 0; f < functions_.size(); ++f)
      if (functions_[f].table->level == level) waiting.push_back(f);
    std::vector<bool> done(functions_.size(), false);
    const auto blocker = [&](std::size_t f) -> int {
      const ironlaw_function& table = *functions_[f].table;
      for (std::uint32_t i = 0; i < table.n_inputs; ++i) {
        if (table.inputs[i]->flags & IRONLAW_PORT_PARAMETER) continue;
        const Producer& p = producers_.at(table.inputs[i]->name);
        if (p.function >= 0 && p.level == level && !done[static_cast<std::size_t>(p.function)])
          return p.function;
      }
      return -1;
    };
    while (!waiting.empty()) {
      const auto ready =
          std::find_if(waiting.begin(), waiting.end(), [&](std::size_t f) { return blocker(f) < 0; });
      if (ready == waiting.end()) {
        report_cycle(waiting.front(), blocker);
        return;
      }
      add_call(level, *ready);
      done[*ready] = true;
      waiting.erase(ready);
    }
  }

  // Follows blockers until one repeats; what lies between is the cycle.
  template <class F>
  void report_cycle(std::size_t start, const F& blocker) {
    std::vector<std::size_t> path;
    for (std::size_t f = start; std::find(path.begin(), path.end(), f) == path.end();
         f = static_cast<std::size_t>(blocker(f)))
      path.push_back(f);
    const auto first = std::find(path.begin(), path.end(), static_cast<std::size_t>(blocker(path.back())));
    std::vector<std::string> names;
    for (auto it = first; it != path.end(); ++it) names.push_back(functions_[*it].who);
    names.push_back(functions_[*first].who);
    faults_.push_back(fmt::format("a cycle: {}.", fmt::join(names, " needs ")));
  }

  void add_call(std::uint32_t level, std::size_t f) {
    const Function& function = functions_[f];
    Call call{function.table, function.wall, {}, {}};
    for (std::uint32_t i = 0; i < function.table->n_inputs; ++i)
      call.in.push_back(input_column(level, *function.table->inputs[i]));
    for (std::uint32_t o = 0; o < function.table->n_outputs; ++o)
      call.out.push_back(column(level, function.table->outputs[o]->name));
    if (!call.holds_everywhere()) pipeline_.stages_[level].holds_everywhere = false;
    pipeline_.stages_[level].calls.push_back(std::move(call));
  }

  int column(std::uint32_t level, const std::string& name) {
    std::vector<std::string>& names = pipeline_.stages_[level].columns;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<int>(found - names.begin());
    names.push_back(name);
    return static_cast<int>(names.size() - 1);
  }

  // The column of an input; what comes from an outer level or is a parameter is imported into this one.
  int input_column(std::uint32_t level, const ironlaw_port& port) {
    const bool is_parameter = (port.flags & IRONLAW_PORT_PARAMETER) != 0;
    const std::uint32_t outer = is_parameter ? level : producers_.at(port.name).level;
    const std::size_t before = pipeline_.stages_[level].columns.size();
    const int here = column(level, port.name);
    if (static_cast<std::size_t>(here) == before && (is_parameter || outer != level)) {
      const int source = outer != level ? column(outer, port.name) : -1;
      const int parameter = is_parameter ? pipeline_.parameter(port.name) : -1;
      pipeline_.stages_[level].imports.push_back(
          {here, static_cast<ironlaw_level>(outer), source, parameter});
    }
    return here;
  }

  std::string_view term_of(const Function& f) const {
    return f.wall >= 0 ? pipeline_.walls_[static_cast<std::size_t>(f.wall)]->term : "mfu";
  }

  // What compose.hpp does not read would vanish from the answer without a word.
  void check_place(std::uint32_t level, const Function& f, const ironlaw_port& port) {
    const bool in_step = level == IRONLAW_LEVEL_OPERATOR || level == IRONLAW_LEVEL_STEP;
    const bool is_loss = term_of(f) == "goodput";
    std::string what;
    if (port.role == IRONLAW_ROLE_BOUND && !in_step)
      what = fmt::format("a bound on {} rows", kLevelNames[level]);
    else if (port.role == IRONLAW_ROLE_ADDEND && !(in_step && !is_loss) &&
             !(level == IRONLAW_LEVEL_RUN && is_loss))
      what = fmt::format("an addend on {} rows of a wall that binds {}", kLevelNames[level], term_of(f));
    else if (port.role == IRONLAW_ROLE_GATE && level != IRONLAW_LEVEL_STEP && level != IRONLAW_LEVEL_RESULT)
      what = fmt::format("a gate on {} rows", kLevelNames[level]);
    else if (port.role == IRONLAW_ROLE_ACCOUNT && in_step)
      what = fmt::format("an account on {} rows, of which a case has many", kLevelNames[level]);
    else if (port.role == IRONLAW_ROLE_FACTOR &&
             (level == IRONLAW_LEVEL_SCENARIO || level == IRONLAW_LEVEL_RESULT))
      what = fmt::format("a factor on {} rows", kLevelNames[level]);
    else
      return;
    faults_.push_back(
        fmt::format("{}: '{}' is {}, which has no place in the answer.", f.who, port.name, what));
  }

  void make_rule(std::uint32_t level) {
    Rule& rule = pipeline_.rules_[level];
    for_each_output(level, [&](const Function& f, const ironlaw_port& port) {
      check_place(level, f, port);
      if (port.role == IRONLAW_ROLE_BOUND) rule.bounds.push_back({column(level, port.name), f.wall, {}});
    });
    if (rule.bounds.size() > kMaxBounds)
      faults_.push_back(fmt::format("there are {} bounds on {} rows, at most {} are allowed.",
                                    rule.bounds.size(), kLevelNames[level], kMaxBounds));
    for_each_output(level, [&](const Function& f, const ironlaw_port& port) {
      const Contribution here{column(level, port.name), f.wall};
      const std::string_view term = term_of(f);
      if (port.role == IRONLAW_ROLE_ADDEND) {
        (term == "eta_scaling" ? rule.scaling_addends
         : term == "goodput"   ? rule.run_addends
                               : rule.replica_addends)
            .push_back(here);
      } else if (port.role == IRONLAW_ROLE_GATE) {
        rule.gates.push_back(here);
      } else if (port.role == IRONLAW_ROLE_SUPPLY && std::string_view(port.name) == "overlap_loss") {
        rule.overlap_loss = here.column;
        rule.overlap_wall = f.wall;
      } else if (port.role == IRONLAW_ROLE_FACTOR) {
        add_factor(level, rule, f, port, here);
      }
    });
  }

  void add_factor(std::uint32_t level, Rule& rule, const Function& f, const ironlaw_port& port,
                  Contribution here) {
    if (level != IRONLAW_LEVEL_OPERATOR && level != IRONLAW_LEVEL_STEP) {
      rule.run_factors.push_back(here);
      return;
    }
    for (Bound& bound : rule.bounds)
      if (pipeline_.stages_[level].columns[static_cast<std::size_t>(bound.column)] == port.target) {
        bound.factors.push_back(here);
        return;
      }
    faults_.push_back(
        fmt::format("{}: factor '{}' divides '{}', which no wall provides as a bound on {} rows.", f.who,
                    port.name, port.target, kLevelNames[level]));
  }

  template <class F>
  void for_each_input(const F& visit) {
    for (const Function& f : functions_)
      for (std::uint32_t i = 0; i < f.table->n_inputs; ++i) visit(f, *f.table->inputs[i]);
  }
  template <class F>
  void for_each_output(std::uint32_t level, const F& visit) {
    for (const Function& f : functions_)
      if (f.table->level == level)
        for (std::uint32_t o = 0; o < f.table->n_outputs; ++o) visit(f, *f.table->outputs[o]);
  }

  void fail_if_faulty() const {
    if (!faults_.empty())
      throw Error(fmt::format("the walls do not fit together:\n  {}", fmt::join(faults_, "\n  ")));
  }

  Pipeline& pipeline_;
  std::vector<Function> functions_;
  std::map<std::string, Producer> producers_;
  std::vector<std::string> faults_;
};

Pipeline::Pipeline(std::span<const ironlaw_wall* const> walls, const ironlaw_hardware* hardware,
                   std::span<const SourceColumn> sources)
    : hardware_(hardware ? hardware->id : "") {
  for (const ironlaw_wall* wall : walls)
    if (wall->n_functions > 0) walls_.push_back(wall);
  Builder(*this, hardware, sources).build();
}

int Pipeline::column(ironlaw_level level, std::string_view name) const {
  const auto& names = stages_[level].columns;
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

int Pipeline::input(std::string_view name) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    if (inputs_[i].name == name) return static_cast<int>(i);
  return -1;
}

int Pipeline::parameter(std::string_view name) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (name == parameters_[i].port->name) return static_cast<int>(i);
  return -1;
}

}  // namespace ironlaw
