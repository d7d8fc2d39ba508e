// What the checks look at: the candidate among the plugins that are installed.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "framework/conformance/points.hpp"
#include "framework/conformance/process_state.hpp"
#include "framework/conformance/result.hpp"
#include "framework/plugin/plugin_host.hpp"
#include "framework/predict/predictor.hpp"

namespace ironlaw::conformance {

// A function of the candidate, and how messages call it.
struct NamedFunction {
  const ironlaw_function* function;
  std::string who;  // "wall memory (traffic)", "the shape function of L40S"
};

class Subject {
 public:
  // `at` is told what is being done, before it is done: should it never end, that is where.
  Subject(std::filesystem::path path, const ironlaw_plugin& plugin, const SearchPath& search, bool is_quick,
          std::function<void(const std::string&)> at);

  const std::filesystem::path& path() const { return path_; }
  const ironlaw_plugin& plugin() const { return plugin_; }
  bool is_quick() const { return is_quick_; }
  void at(const std::string& what) const { at_(what); }

  bool has_walls() const { return plugin_.n_walls > 0; }
  std::span<const ironlaw_wall* const> own_walls() const { return {plugin_.walls, plugin_.n_walls}; }
  std::span<const ironlaw_hardware* const> own_hardware() const {
    return {plugin_.hardware, plugin_.n_hardware};
  }
  const std::vector<NamedFunction>& functions() const { return functions_; }

  // The installed plugins with the candidate, which hides others of its names.
  const PluginHost& with() const { return with_; }
  // The installed plugins; the candidate among them where its file lies in their folders.
  const PluginHost& without() const { return without_; }
  bool is_installed() const;
  // Targets that are not the candidate's, whatever file they come from.
  std::vector<const ironlaw_hardware*> catalogue() const;

  // The devices on which the candidate is tried: its own, or for walls a few different ones whose datasheets
  // say most.
  std::vector<const ironlaw_hardware*> devices() const;
  // A predictor over the walls with or without the candidate; throws Error when they do not fit together.
  Predictor& predictor_with();
  Predictor& predictor_without();

  // Rows that predictions have called a function with (see grid.hpp), at most as many as are worth keeping.
  void keep_row(const ironlaw_function* function, Row row);
  // Made rows and, behind them, those that were kept.
  std::vector<Row> rows(const ironlaw_function& function, int made) const;
  const std::vector<Row>& kept_rows(const ironlaw_function& function) const;

  // The process when the candidate and the others were loaded, before any of its functions was called; and
  // how much had been printed then.
  const ProcessState& before_calls() const { return before_calls_; }
  std::size_t printed_before_calls() const { return printed_before_calls_; }

  // How each target of the candidate compares (check_nearest).
  std::vector<Nearest>& nearest() { return nearest_; }

 private:
  std::filesystem::path path_;
  const ironlaw_plugin& plugin_;
  bool is_quick_;
  std::function<void(const std::string&)> at_;
  std::vector<NamedFunction> functions_;
  PluginHost with_, without_;
  std::unique_ptr<Predictor> predictor_with_, predictor_without_;
  std::map<const ironlaw_function*, std::vector<Row>> kept_;
  std::vector<Nearest> nearest_;
  ProcessState before_calls_;
  std::size_t printed_before_calls_;
};

}  // namespace ironlaw::conformance
