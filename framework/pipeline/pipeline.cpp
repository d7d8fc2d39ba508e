#include "framework/pipeline/pipeline.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

constexpr const char* kLevelNames[kLevels] = {"scenario", "operator", "step", "run"};

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
    for (const SourceColumn& s : sources)
      producers_[s.name] = {"the host", s.unit, static_cast<std::uint32_t>(s.level), -1};
  }

  void build() {
    if (pipeline_.walls_.size() > kMaxWalls)
      faults_.push_back(
          fmt::format("{} walls are loaded, at most {} work together.", pipeline_.walls_.size(), kMaxWalls));
    collect_outputs();
    collect_parameters();
    check_inputs();
    fail_if_faulty();
    for (std::uint32_t level = 0; level < kLevels; ++level) order(level);
    fail_if_faulty();
    for (std::uint32_t level = 0; level < kLevels; ++level) make_rule(level);
    fail_if_faulty();
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
      if (producer.level != f.table->level && producer.level != IRONLAW_LEVEL_SCENARIO)
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
    pipeline_.stages_[level].calls.push_back(std::move(call));
  }

  int column(std::uint32_t level, const std::string& name) {
    std::vector<std::string>& names = pipeline_.stages_[level].columns;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<int>(found - names.begin());
    names.push_back(name);
    return static_cast<int>(names.size() - 1);
  }

  // The column of an input; what comes from the scenario or is a parameter is imported into this level.
  int input_column(std::uint32_t level, const ironlaw_port& port) {
    const bool is_parameter = (port.flags & IRONLAW_PORT_PARAMETER) != 0;
    const bool is_outer = !is_parameter && producers_.at(port.name).level != level;
    const std::size_t before = pipeline_.stages_[level].columns.size();
    const int here = column(level, port.name);
    if (static_cast<std::size_t>(here) == before && (is_parameter || is_outer)) {
      const int source = is_outer ? column(IRONLAW_LEVEL_SCENARIO, port.name) : -1;
      const int parameter = is_parameter ? pipeline_.parameter(port.name) : -1;
      pipeline_.stages_[level].imports.push_back({here, source, parameter});
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
    else if (port.role == IRONLAW_ROLE_GATE && level != IRONLAW_LEVEL_STEP)
      what = fmt::format("a gate on {} rows", kLevelNames[level]);
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
    if (level == IRONLAW_LEVEL_RUN) {
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
    : walls_(walls.begin(), walls.end()), hardware_(hardware ? hardware->id : "") {
  Builder(*this, hardware, sources).build();
}

int Pipeline::column(ironlaw_level level, std::string_view name) const {
  const auto& names = stages_[level].columns;
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

int Pipeline::parameter(std::string_view name) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (name == parameters_[i].port->name) return static_cast<int>(i);
  return -1;
}

}  // namespace ironlaw
